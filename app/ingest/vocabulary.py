"""The attributes a record may have, the types of their parts, and what is never taken."""

import re
from collections.abc import Mapping
from typing import Literal

PartType = Literal["text", "date", "integer", "flag"]
ExtraType = Literal["identifier", "date", "number", "category", "text"]

VALUE: Mapping[str, PartType] = {"value": "text"}

ATTRIBUTES: Mapping[str, Mapping[str, PartType]] = {
    "name": {"full": "text", "given": "text", "middle": "text", "family": "text", "suffix": "text",
             "former": "flag"},
    "date_of_birth": {"value": "date"},
    "age_at": {"age": "integer", "date": "date"},
    "sex": VALUE,
    "ethnicity": VALUE,
    "national_id": VALUE,
    "staff_number": VALUE,
    "warrant_number": VALUE,
    "collar_number": {"value": "text", "scope": "text"},
    "email": VALUE,
    "phone": VALUE,
    "address": {"line": "text", "flat": "text", "number": "text", "street": "text", "town": "text",
                "postcode": "text", "uprn": "text", "country": "text"},
    "vehicle": VALUE,
    "account": VALUE,
    "employer": VALUE,
    "rank": VALUE,
    "unit": VALUE,
    "birth_place": VALUE,
    "occupation": VALUE,
    "relation": {"kind": "text", "name": "text", "date_of_birth": "date", "source": "text",
                 "source_id": "text"},
}  # fmt: skip
"""Attribute → its parts and their types. Each value may also have `valid_from` and `valid_to` (dates)."""

REQUIRED_PARTS: Mapping[str, tuple[str, ...]] = {
    **{name: ("value",) for name, parts in ATTRIBUTES.items() if "value" in parts},
    "age_at": ("age", "date"),
}
"""Parts without which a value says nothing; an attribute not named here needs any one part."""

EXTRAS = "extras"
"""The attribute that holds a mapping's typed extras: name, type, value."""

DATE_PATTERN = r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"
"""A canonical date: a day, or only a month or a year where no more is known."""

INSTANT_PATTERN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$"
"""A canonical instant as it is pushed; kept as UTC and cut to the second."""

MAXIMUM_TEXT = 1_000
MAXIMUM_ID = 200
SOURCE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
WORD_PATTERN = r"^[a-z][a-z0-9_]{0,63}$"
"""Names of kinds, roles, attributes and extras."""

FORBIDDEN_CHARACTERS = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F\u202A-\u202E\u2066-\u2069]"
"""Control characters and bidirectional overrides; joiners stay, real names need them."""

TEXT_PATTERN = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F\u202A-\u202E\u2066-\u2069]*$"

BASES = ("planned", "overtime", "swap_in", "swap_out", "leave", "sick", "training")
"""What a shift stands on."""

_SPECIAL = {
    "religion": ("religion", "religious", "faith"),
    "health": ("health", "medical", "disability", "disabilities", "diagnosis", "illness"),
    "trade union membership": ("union", "unions"),
    "sexual life": ("sexual", "sexuality", "orientation"),
}


def special_category(name: str) -> str | None:
    """Return the special category that a column or attribute name speaks of, or None.

    Source: UK GDPR art. 9, DPA 2018 s. 35; ethnicity is apart, since it may be taken with a lawful basis.
    """
    words = set(re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()))
    return next((category for category, signs in _SPECIAL.items() if words.intersection(signs)), None)
