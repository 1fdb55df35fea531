"""Half-open spans of days, as sources give them: an unknown start, an open end, dates of any precision."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import inf


@dataclass(frozen=True, slots=True)
class Interval:
    """Days [start, end) as proleptic ordinals; start None = unknown, end None = open."""

    start: int | None
    end: int | None

    @property
    def earliest(self) -> float:
        """Return the first day it may hold."""
        return -inf if self.start is None else self.start

    @property
    def latest(self) -> float:
        """Return the first day after it, infinite when open."""
        return inf if self.end is None else self.end


@dataclass(frozen=True, slots=True)
class Overlap:
    """How two intervals lie to each other.

    `days` is the shared time (infinite when open, None when a start is unknown and they may touch), `gap`
    the days between them (0 when they touch), `start`/`end` the shared window.
    """

    days: float | None
    gap: float
    start: float
    end: float

    @property
    def apart(self) -> bool:
        """Return whether the two certainly share no day."""
        return self.gap > 0 or self.days == 0


def interval(valid_from: object, valid_to: object) -> Interval:
    """Read an interval from ISO dates or instants; a year or month is its first day, as an end its last.

    Anything that is not ISO text counts as absent.
    """
    return Interval(day(valid_from), day(valid_to, last=True))


def day(text: object, *, last: bool = False) -> int | None:
    """Return the ordinal of an ISO date, instant, year or month; with `last` the end of a year or month."""
    if not isinstance(text, str) or not text:
        return None
    parts = [int(part) for part in text[:10].split("-")]
    if len(parts) == 1:
        parts += [12, 31] if last else [1, 1]
    elif len(parts) == 2:
        parts.append(calendar.monthrange(*parts)[1] if last else 1)
    return date(*parts).toordinal()


def iso(ordinal: float) -> str | None:
    """Return the ISO date of an ordinal, None for an infinite one."""
    return None if ordinal in (inf, -inf) else date.fromordinal(int(ordinal)).isoformat()


def overlap(left: Interval, right: Interval) -> Overlap:
    """Return how two intervals overlap."""
    start, end = max(left.earliest, right.earliest), min(left.latest, right.latest)
    if end < start:
        return Overlap(0.0, start - end, start, end)
    known = left.start is not None and right.start is not None
    return Overlap(float(end - start) if known or end == start else None, 0.0, start, end)


def occupancy(holders: Iterable[Iterable[Interval]], window: Overlap) -> int:
    """Return the largest number of holders present at one time within the window.

    An unknown start counts as present. At least 2: the pair the window comes from.
    """
    changes: list[tuple[float, int]] = []
    for intervals in holders:
        spans = sorted((max(i.earliest, window.start), min(i.latest, window.end)) for i in intervals)
        for start, end in _merged(span for span in spans if span[0] < span[1]):
            changes += [(start, 1), (end, -1)]
    present = most = 0
    for _, change in sorted(changes):
        present += change
        most = max(most, present)
    return max(most, 2)


def _merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
