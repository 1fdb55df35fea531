"""Say why a body was refused: field, problem, remedy, and never a value or a name that the sender chose."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.ingest.problem import Problem
from app.ingest.vocabulary import (
    ATTRIBUTES,
    DATE_PATTERN,
    EXTRAS,
    INSTANT_PATTERN,
    SOURCE_PATTERN,
    TEXT_PATTERN,
    WORD_PATTERN,
)

_OWN_NAMES = frozenset(
    [
        "attributes",
        "participants",
        "place",
        "version",
        "kind",
        "from",
        "to",
        "source",
        "source_id",
        "id",
        "role",
    ]
    + ["name", "type", "value", "valid_from", "valid_to", EXTRAS, *ATTRIBUTES]
    + [part for parts in ATTRIBUTES.values() for part in parts]
)
"""Steps of a path that may be shown; anything else is the sender's own."""

_PATTERNS: Mapping[str, tuple[str, str, str]] = {
    TEXT_PATTERN: (
        "forbidden_character",
        "holds a control character or a bidirectional override",
        "remove it",
    ),
    DATE_PATTERN: ("wrong_format", "is no date", "write YYYY-MM-DD, YYYY-MM or YYYY"),
    INSTANT_PATTERN: ("wrong_format", "is no instant with an offset", "write YYYY-MM-DDTHH:MM:SSZ"),
    WORD_PATTERN: ("wrong_word", "is no word", "use lower-case letters, digits and underscores"),
    SOURCE_PATTERN: (
        "wrong_source",
        "is no name of a source",
        "use letters, digits, dots, dashes, underscores",
    ),
}

_KINDS: tuple[tuple[str, tuple[str, str, str]], ...] = (
    (
        "extra_forbidden",
        ("unknown_field", "has a field that is not known here", "remove it; see the source's schema"),
    ),
    ("missing", ("absent", "is absent", "add it")),
    ("string_unicode", ("forbidden_character", "holds a lone surrogate", "send valid Unicode text")),
    ("string_too_short", ("absent", "is empty", "leave it out or fill it in")),
    ("string_too_long", ("too_long", "is too long", "shorten it")),
    ("too_long", ("too_long", "has too many entries", "send fewer")),
    ("too_short", ("absent", "is empty", "leave it out or fill it in")),
    ("finite_number", ("wrong_type", "is not finite", "send a finite number")),
    ("greater_than", ("out_of_range", "is too small", "correct it")),
    ("less_than", ("out_of_range", "is too large", "correct it")),
    ("union_tag", ("wrong_word", "has an unknown or absent type", "see the source's schema")),
    ("literal_error", ("wrong_word", "is none of the allowed words", "see the source's schema")),
)


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """Return the problems of a refused body, one a field, in the order of the body; at most 20."""
    found: dict[str, Problem] = {}
    for detail in error.errors(include_url=False, include_input=False):
        problem = _problem(detail)
        if problem.field not in found or found[problem.field].code == "wrong_type":
            found[problem.field] = problem
    return tuple(found.values())[:20]


def _problem(detail: ErrorDetails) -> Problem:
    field = (
        ".".join(_step(step) for step in detail["loc"] if isinstance(step, int) or step in _OWN_NAMES)
        or "body"
    )
    kind = detail["type"]
    if kind == "impossible_date":
        return Problem(field, kind, detail["msg"], "correct it")
    if kind == "string_pattern_mismatch":
        context: Mapping[str, Any] = detail.get("ctx", {})
        return Problem(field, *_PATTERNS[context["pattern"]])
    for prefix, words in _KINDS:
        if kind.startswith(prefix):
            return Problem(field, *words)
    expected = _EXPECTED.get(kind.removesuffix("_type").removesuffix("_parsing"), "what the schema says")
    return Problem(field, "wrong_type", f"is not {expected}", "send the JSON type the schema names")


_EXPECTED = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "dict": "an object",
    "model": "an object",
    "model_attributes": "an object",
}


def _step(step: int | str) -> str:
    return str(step)
