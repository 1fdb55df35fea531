"""When: what was known at a past moment, and what was said to hold on a day."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from app.errors import Problem
from app.wiring import Kith
from ledger.instant import instant
from ledger.ledger import Session

Parts = TypeVar("Parts", bound=Mapping[str, Any])

_LATEST = "9999"


@contextmanager
def knowing(kith: Kith, known_at: str | None) -> Iterator[Session]:
    """Open a snapshot of the present, or of what was known at an instant or a ledger sequence.

    Raises: Problem malformed when it is neither, or still to come.
    """
    if known_at is None:
        with kith.ledger.look() as session:
            yield session
        return
    with kith.ledger.read() as session:
        moment = session.moment(_known(known_at))
    if moment is None:
        raise Problem("malformed", "`known_at` is still to come; name a past instant or sequence")
    with kith.ledger.look(moment) as session:
        yield session


def holding(values: Iterable[Parts], valid_at: str | None) -> list[Parts]:
    """Return the values that hold at some time of a day (or at an instant); those without dates always do.

    Intervals are half-open. Raises: Problem malformed.
    """
    if valid_at is None:
        return list(values)
    start, end = _span(valid_at)
    return [parts for parts in values if _overlaps(parts, start, end)]


def _overlaps(parts: Mapping[str, Any], start: str, end: str) -> bool:
    since, until = parts.get("valid_from"), parts.get("valid_to")
    return (since is None or _from(str(since)) < end) and (until is None or _from(str(until)) > start)


def _from(text: str) -> str:
    """Return the instant at which a date begins, or an instant as it is, in one form."""
    moment = datetime.fromisoformat(text)
    return instant(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))


def _span(text: str) -> tuple[str, str]:
    """Return the half-open interval of a day, or the instant and the next one."""
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            following = _LATEST if day == date.max else (day + timedelta(days=1)).isoformat()
            return _from(text), following if following == _LATEST else _from(following)
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise Problem("malformed", "`valid_at` is a date (YYYY-MM-DD) or an instant with its zone") from error
    if start.tzinfo is None:
        raise Problem("malformed", "`valid_at` is an instant without a zone; end it with Z")
    return instant(start), instant(start + timedelta(milliseconds=1))


def _known(text: str) -> int | str:
    if text.isdecimal() and len(text) <= 15:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Problem("malformed", "`known_at` is an instant with its zone, or a sequence") from error
    if moment.tzinfo is None:
        raise Problem("malformed", "`known_at` is an instant without a zone; end it with Z")
    return instant(moment)
