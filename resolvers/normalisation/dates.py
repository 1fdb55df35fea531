"""Read dates that may be partial: a day, a month, a year, or the years of birth that an age allows."""

import re
from datetime import date

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_PLACEHOLDERS = frozenset(
    {"0001-01-01", "1111-11-11", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01"}
    | {"1901-01-01", "1970-01-01", "2099-12-31", "2999-12-31", "9999-12-31", "9999-01-01"}
)


def partial_date(value: object) -> str | None:
    """Return `YYYY-MM-DD`, `YYYY-MM` or `YYYY`; `None` for an impossible date or a placeholder."""
    text = str(value).strip()
    found = _ISO.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    if year is None or not 1000 <= year < 2200:
        return None
    if month is None:
        return f"{year:04d}"
    if not 1 <= month <= 12:
        return None
    if day is None:
        return f"{year:04d}-{month:02d}"
    try:
        text = date(year, month, day).isoformat()
    except ValueError:
        return None
    return None if text in _PLACEHOLDERS else text


def birth_years(age: object, on: object) -> str | None:
    """Return the years of birth, `YYYY/YYYY`, that an age in whole years at a (partial) date allows.

    `None` where the age is not 1 to 110 (0 and 999 are what systems write for "unknown").
    """
    day = partial_date(on)
    try:
        years = int(float(str(age)))
    except (ValueError, OverflowError):
        return None
    if day is None or not 1 <= years <= 110:
        return None
    year = int(day[:4])
    return f"{year - years - 1:04d}/{year - years:04d}"
