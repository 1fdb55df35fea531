"""Read phone numbers as E.164."""

from functools import lru_cache

import phonenumbers


@lru_cache(maxsize=500_000)
def phone(value: str) -> str | None:
    """Return the E.164 form of a phone number, British where it has no country code; `None` if it is none.

    One digit repeated at the end (0000000, 9999999) is a placeholder.
    """
    try:
        number = phonenumbers.parse(str(value), "GB")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    text: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None if len(set(text[-6:])) == 1 else text
