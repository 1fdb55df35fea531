"""What a searcher typed, read as a record: the same words, dates and numbers that resolution reads."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.errors import Problem
from app.messages import SearchRequest
from resolvers.domain import Record, RecordKey, Scalar
from resolvers.features import Features, extract, read_value

_YEAR = re.compile(r"(?:19|20)\d{2}(?:-\d{2}(?:-\d{2})?)?")
_BRITISH_DATE = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.]((?:19|20)\d{2})")
_POSTCODE = re.compile(r"\b[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}\b")
_PHONE = re.compile(r"\+?[\d ()-]{9,20}")

_COLUMN = {"date_of_birth": "birth"}
"""Attribute → the column of its features, where it has another name."""

_NUMBERS = ("staff_number", "warrant_number", "collar_number", "national_id", "account", "vehicle")
"""What a bare number in free text may be."""

_SHORTEST_PART = 3
"""Signs that a part of a text must have to be taken for a number by itself."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The features of what was typed, how each field was read, and when a collar number was held.

    `guesses` are the attributes that a number in free text may be: that it is none of them says nothing.
    """

    features: Features
    read_as: Mapping[str, str]
    on: str | None
    guesses: frozenset[str]


def read(request: SearchRequest) -> Reading:
    """Return what a search says.

    Raises: Problem when it says nothing, or a date is none.
    """
    said: dict[str, tuple[Mapping[str, Scalar], ...]] = {}
    given = [*_fields(request), *(_free(request.text) if request.text else ())]
    if not given:
        raise Problem(
            "invalid", "a search needs at least one field; give a name, a number, a date or an address"
        )
    on = _day(request.on)
    for attribute, parts in given:
        said[attribute] = (*said.get(attribute, ()), _held(attribute, parts, on))
    features = extract(Record(RecordKey("search", "input"), said))
    read_as = {attribute: _as_read(features, attribute) for attribute in said}
    if on is not None:
        read_as["on"] = on
    named = {attribute for attribute, _ in _fields(request)}
    return Reading(features, read_as, on, frozenset(_NUMBERS) - named)


def _fields(request: SearchRequest) -> Iterator[tuple[str, Mapping[str, Scalar]]]:
    for attribute, part, value in (
        ("name", "full", request.name),
        ("date_of_birth", "value", request.date_of_birth),
        ("staff_number", "value", request.staff_number),
        ("warrant_number", "value", request.warrant_number),
        ("collar_number", "value", request.collar_number),
        ("phone", "value", request.phone),
        ("email", "value", request.email),
        ("national_id", "value", request.national_id),
        ("account", "value", request.account),
        ("vehicle", "value", request.vehicle),
        ("address", "line", request.address),
    ):
        if value is not None and value.strip():
            yield attribute, {part: value}


def _free(text: str) -> Iterator[tuple[str, Mapping[str, Scalar]]]:
    """Yield what free text may say: an address, a phone, else words by their looks."""
    if _POSTCODE.search(text):
        yield "address", {"line": text}
        return
    if _PHONE.fullmatch(text.strip()) and sum(sign.isdigit() for sign in text) >= 9:
        yield from _readable(("phone", *_NUMBERS), text)
        return
    if _is_code(text):
        yield from _readable(_NUMBERS, text)
        if " " not in text.strip():
            return
    words = []
    for word in text.replace(",", " , ").split():
        british = _BRITISH_DATE.fullmatch(word)
        if british is not None:
            day, month, year = british.groups()
            yield "date_of_birth", {"value": f"{year}-{int(month):02d}-{int(day):02d}"}
        elif _YEAR.fullmatch(word):
            yield "date_of_birth", {"value": word}
        elif "@" in word:
            yield "email", {"value": word}
        elif any(sign.isdigit() for sign in word):
            if len(word) >= _SHORTEST_PART:
                yield from _readable(_NUMBERS, word)
        else:
            words.append(word)
    name = " ".join(words).replace(" ,", ",").strip(" ,")
    if name:
        yield "name", {"full": name}


def _is_code(text: str) -> bool:
    """Say whether a text looks like one number written in groups (WX 20417, ZZ19 ABC); dates do not."""
    words = text.split()
    return any(sign.isdigit() for sign in text) and all(
        (len(word) <= 3 and word.isalpha())
        or (word.isalnum() and any(sign.isdigit() for sign in word) and not _YEAR.fullmatch(word))
        for word in words
    )


def _readable(attributes: Sequence[str], value: str) -> Iterator[tuple[str, Mapping[str, Scalar]]]:
    """Yield those attributes that the value can be; the first of them where it can be none."""
    parts = {"value": value}
    for attribute in [name for name in attributes if read_value(name, parts)] or attributes[:1]:
        yield attribute, parts


def _held(attribute: str, parts: Mapping[str, Scalar], on: str | None) -> Mapping[str, Scalar]:
    """Return a collar number (`force/number`, or a bare one of any force) as held on the day asked for."""
    if attribute != "collar_number":
        return parts
    scope, _, number = str(parts["value"]).rpartition("/")
    return {"value": number, "scope": scope, **(_spell(on) if on is not None else {})}


def _day(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        errors = [{"field": "body.on", "problem": "no date; write YYYY-MM-DD"}]
        raise Problem("invalid", "`on` is no date", errors=errors) from error


def _spell(on: str) -> Mapping[str, Scalar]:
    """Return the spell of one day."""
    day = date.fromisoformat(on)
    following = day + timedelta(days=1) if day < date.max else day
    return {"valid_from": on, "valid_to": following.isoformat()}


def _as_read(features: Features, attribute: str) -> str:
    values = features.column(_COLUMN.get(attribute, attribute))
    texts = [value if isinstance(value, str) else " ".join(filter(None, value)) for value in values]
    if attribute == "collar_number":
        texts = [text.removeprefix("/") for text in texts]
    return ", ".join(texts) or f"not readable as {attribute.replace('_', ' ')}"
