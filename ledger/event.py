"""Something that happened: an interval, a place, and who took part in which role."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from resolvers.domain import RecordKey, Scalar

BULK_KINDS = frozenset({"shift", "look_up", "presence"})
"""Kinds that come by the million: they live in columnar segments and frames, not in the graph."""


@dataclass(frozen=True, slots=True, order=True)
class EventKey:
    """Name an event as its source does."""

    source: str
    event_id: str

    def __str__(self) -> str:
        return f"{self.source}|{self.event_id}"


@dataclass(frozen=True, slots=True)
class Participant:
    """A person record in a role; the record may arrive later than the event."""

    record: RecordKey
    role: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event in canonical form.

    `start`/`end` are UTC instants (`YYYY-MM-DDTHH:MM:SSZ`), half-open; None start = unknown, None end = open.
    `place` is {"type": …, "id": …} (or address parts), or empty.
    """

    key: EventKey
    kind: str
    start: str | None
    end: str | None
    participants: tuple[Participant, ...]
    place: Mapping[str, Scalar] = field(default_factory=dict)
    attributes: Mapping[str, Scalar] = field(default_factory=dict)
