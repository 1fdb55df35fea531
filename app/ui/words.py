"""The words of the page: what a state, a severity, an outcome or a field is called; never accusing."""

import re
from datetime import date

from app.messages import Attribute, EvidenceView, ExplanationView
from patterns.words import counted

STATES = {
    "provisional": "Provisional",
    "new": "New",
    "in_review": "In review",
    "need_info": "Needs information",
    "innocent": "Innocent explanation",
    "wrong_data": "Wrong data",
    "escalated": "Escalated",
    "not_reviewed": "Not reviewed",
    "withdrawn": "Withdrawn",
}
OPEN = ("provisional", "new", "in_review", "need_info")

SEVERITIES = {
    "note": ("Note", 1),
    "look": ("Worth a look", 2),
    "review": ("Look soon", 3),
    "urgent": ("Look today", 4),
}
"""Severity → word and steps of its meter, 1 to 4."""

OUTCOMES = {
    "passed": "Explains it",
    "not_checkable": "Cannot be checked from the data",
    "failed": "Does not explain it",
}

WEIGHTS = {"makes": "makes the pattern", "supports": "supporting", "context": "context"}

DECISIONS = (
    ("innocent", "Innocent explanation", "Close it, and tell the pattern why."),
    ("wrong_data", "Wrong data or wrong person", "Close it, and send the records to be put right."),
    ("need_info", "Need more information", "Keep it open; say who is asked for what."),
    ("escalated", "Escalate", "Hand it to a case."),
)
"""The decisions on a finding in the order they are offered: innocent first, none selected."""

VERDICTS = {
    "same": "The same person",
    "different": "Different people",
    "unsure": "Not sure",
    "withdrawn": "Taken back",
}
"""What a human said of a pair, in words."""

_FIELDS = {"date_of_birth": "Date of birth", "age_at": "Age", "birth_place": "Place of birth", "uprn": "UPRN"}
_ORDER = (
    *("name", "date_of_birth", "age_at", "sex", "staff_number", "warrant_number", "collar_number"),
    *("rank", "unit", "employer", "address", "phone", "email", "vehicle", "account"),
)
_INITIALS = {"hr": "HR", "cctv": "CCTV", "id": "id", "ni": "NI", "dvla": "DVLA"}
_DAY = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-([0-3]\d))?)?(?:T|$)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def title(name: str) -> str:
    """Return a field, source or relationship name as words: `LIVES_AT` → `Lives at`."""
    if name in _FIELDS:
        return _FIELDS[name]
    first, *rest = name.replace("_", " ").lower().split() or [""]
    return " ".join([_INITIALS.get(first, first.capitalize()), *(_INITIALS.get(word, word) for word in rest)])


def day(value: str | None) -> str:
    """Return an ISO date, month, year or instant as a day: `2024-05-03T06:00:00Z` → `3 May 2024`.

    None and what is no date come back as they are, None as a dash.
    """
    if value is None:
        return "–"
    found = _DAY.match(value)
    if found is None:
        return value
    year, month, number = found.groups()
    name = _MONTHS[int(month) - 1] if month else ""
    return " ".join(part for part in ((number or "").lstrip("0"), name, year) if part)


def moment(value: str | None) -> str:
    """Return an ISO instant to the minute: `3 May 2024, 06:00`; a plain date as a day."""
    if value is None or "T" not in value:
        return day(value)
    return f"{day(value)}, {value[11:16]}"


def span(start: str | None, end: str | None) -> str:
    """Return a half-open span in words; an absent end is open, an absent start unknown."""
    if start is None and end is None:
        return "no dates"
    if start is not None and end is not None and start[:10] == end[:10]:
        return day(start)
    if end is None:
        return f"since {day(start)}"
    return f"until {day(end)}" if start is None else f"{day(start)} – {day(end)}"


def when(fact: EvidenceView) -> str:
    """Return when a fact held; an event without an end is a moment."""
    if fact.origin == "event" and fact.valid_to is None:
        return moment(fact.valid_from)
    return span(fact.valid_from, fact.valid_to)


def bits(value: float) -> str:
    """Return a weight in bits, always with its sign: `+7.1`, `−2.7`, `0.0`."""
    text = f"{abs(value):.1f}"
    if text == "0.0":
        return text
    return ("+" if value > 0 else "−") + text


def rule(name: str) -> str:
    """Return a blocking rule in words: `day:birth + family:name` → `day of birth and family name`."""
    parts = (part.partition(":") for part in name.split(" + "))
    return " and ".join(
        _RULES.get(f"{function}:{column}", title(column).lower()) for function, _, column in parts
    )


_RULES = {
    "day:birth": "day of birth",
    "month:birth": "month of birth",
    "year:birth": "year of birth",
    "family:name": "family name",
    "given:name": "given name",
    "middle:name": "middle initial",
    "initial:name": "initial",
    "initials:name": "initials",
    "names:name": "whole name",
    "sound:name": "sound of the family name",
    "forms:name": "forms of the given name",
    "postcode:address": "postcode",
    "street:address": "street and number",
    "town:address": "town",
    "local:email": "e-mail name",
}


def differences(value: str, other: str) -> list[tuple[str, bool]]:
    """Return a value in parts, each with whether the other value lacks it; together they are the value."""
    there = {word.strip(",.;").casefold() for word in other.split()}
    parts: list[tuple[str, bool]] = []
    for piece in re.findall(r"\s+|\S+", value):
        differs = not piece.isspace() and piece.strip(",.;").casefold() not in there
        parts.append((piece, differs))
    return parts


def share(value: float) -> str:
    """Return a share in per cent with the digits that matter: `75 %`, `0.004 %`."""
    return f"{value * 100:.2g} %" if value < 0.995 else f"{value * 100:.4g} %"


def probability(value: float) -> str:
    """Return a match probability with the digits that matter: 0.992, > 0.9999, < 0.0001."""
    if value > 0.9999:
        return "> 0.9999"
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}".rstrip("0").ljust(3, "0")


def percent(share: float) -> str:
    """Return a share in whole per cent: `27 %`."""
    return f"{round(100 * share)} %"


def months(start: date, end: date) -> str:
    """Return a length in words: days under two months, else whole months."""
    days = (end - start).days
    return counted(days, "day") if days < 60 else counted(round(days / 30.44), "month")


def in_order(attributes: list[Attribute]) -> list[Attribute]:
    """Return attributes as a reader looks for them: who, then how to find them, then the rest by name."""
    rank = {name: place for place, name in enumerate(_ORDER)}
    return sorted(attributes, key=lambda attribute: (rank.get(attribute.name, len(rank)), attribute.name))


def first_to_check(explanations: list[ExplanationView]) -> list[ExplanationView]:
    """Return the explanations that hold first, then those a human must check, then those that failed."""
    order = list(OUTCOMES)
    return sorted(explanations, key=lambda view: order.index(view.outcome))
