"""Ledger time: UTC instants as text with milliseconds, which sort as they follow."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the time in UTC; tests pass their own."""


def utc_clock() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)


def instant(moment: datetime) -> str:
    """Return a moment as `YYYY-MM-DDTHH:MM:SS.mmmZ`, cut to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def following(before: str) -> str:
    """Return the instant a millisecond after another, the nearest that can be written."""
    return instant(datetime.fromisoformat(before) + timedelta(milliseconds=1))


def later(start: str, seconds: int) -> str:
    """Return the instant `seconds` after another."""
    return instant(datetime.fromisoformat(start) + timedelta(seconds=seconds))
