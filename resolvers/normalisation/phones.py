"""Read phone numbers as E.164."""

import re
from functools import lru_cache

import phonenumbers

_PLAIN = re.compile(r"(?:\+44 ?|0)([1-9](?:[ -]?[0-9]){9})")
"""A British number as most are written; of ten digits after the 0 all are possible."""


@lru_cache(maxsize=50_000)
def phone(value: str) -> str | None:
    """Return the E.164 form of a phone number, British where it has no country code; `None` if it is none.

    One digit repeated at the end (0000000, 9999999) is a placeholder.
    """
    plain = _PLAIN.fullmatch(str(value))
    text = any_phone(value) if plain is None else "+44" + plain[1].replace(" ", "").replace("-", "")
    return None if text is None or len(set(text[-6:])) == 1 else text


def any_phone(value: str) -> str | None:
    """Return the E.164 form of a phone number however it is written, placeholder or not."""
    try:
        number = phonenumbers.parse(str(value), "GB")
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number(number)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) if possible else None
