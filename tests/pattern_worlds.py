"""Small worlds for patterns: records and events as sources give them, in a real store and real frames."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import polars as pl

from app.ingest.segments import rows_of
from graph_schema.projection import project_event, project_person
from graph_schema.relationships import Patch
from graph_schema.store import GraphStore
from graph_schema.views import EventView, ParticipantView, PersonView, RecordRow
from ledger.event import BULK_KINDS, Event, EventKey, Participant
from patterns.frames import SEGMENT_SCHEMA, Frames
from patterns.pattern import View
from resolvers.domain import RecordKey

SECRET = b"a secret for tests only"


@dataclass(frozen=True)
class World:
    """`records` are {person, source, id, attribute: value …}, one entity a `person`.

    `events` are {source, id, kind, from, to, place, attributes, participants: [[source, id, role]]}.
    A record's number is its `number`, or its place.
    """

    records: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, *parts: Mapping[str, Any]) -> "World":
        """Return what the parts say, in order; a later record of a key replaces the earlier one."""
        records: dict[RecordKey, dict[str, Any]] = {}
        events: list[dict[str, Any]] = []
        for part in parts:
            repeated = [row for repeat in part.get("repeated_records", ()) for row in _repeat(repeat)]
            records.update({_key(row): dict(row) for row in [*part.get("records", ()), *repeated]})
            events += [dict(row) for row in part.get("events", ())]
            events += [row for repeat in part.get("repeated_events", ()) for row in _repeat(repeat)]
            events += [row for roster in part.get("rosters", ()) for row in _rostered(roster)]
        return cls(list(records.values()), events)

    def load(self, store: GraphStore) -> View:
        """Put the world into a cleared store and return the view of it."""
        store.clear()
        store.apply(self.patches(), 1)
        return View(graph=store, frames=self.frames(), sequence=1)

    def entity_of(self) -> dict[RecordKey, str]:
        return {_key(row): entity(row["person"]) for row in self.records}

    def patches(self) -> list[Patch]:
        """Return persons first, then the events that the graph holds."""
        people: dict[str, list[RecordRow]] = {}
        for place, row in enumerate(self.records):
            number = row.get("number", place + 1)
            people.setdefault(row["person"], []).append(RecordRow(number, _key(row), _attributes(row)))
        patches = [project_person(_person(name, rows), SECRET) for name, rows in sorted(people.items())]
        latest = {event.key: event for event, _ in sorted(self._events(bulk=False), key=lambda pair: pair[1])}
        return patches + [project_event(self._view(event), SECRET) for event in latest.values()]

    def frames(self) -> Frames:
        """Return the bulk events as frames."""
        rows = [(key.source, key.source_id, person) for key, person in sorted(self.entity_of().items())]
        names = ["record_source", "record_id", "entity_id"]
        membership = pl.DataFrame(rows, schema={name: pl.String() for name in names}, orient="row")
        pushed = [row for event, version in self._events(bulk=True) for row in rows_of(event, version)]
        return Frames([], pl.DataFrame(pushed, schema=SEGMENT_SCHEMA, orient="row"), membership)

    def _events(self, *, bulk: bool) -> list[tuple[Event, int]]:
        """Return events with their versions."""
        return [
            (_event(row), row.get("version", 1)) for row in self.events if (row["kind"] in BULK_KINDS) == bulk
        ]

    def _view(self, event: Event) -> EventView:
        entities = self.entity_of()
        participants = tuple(
            ParticipantView(entities.get(p.record), p.role, p.record) for p in event.participants
        )
        return EventView(
            number=crc32(str(event.key).encode()),
            source=event.key.source,
            event_id=event.key.event_id,
            kind=event.kind,
            start=event.start,
            end=event.end,
            participants=participants,
            place=event.place,
            attributes=event.attributes,
        )


def entity(person: str) -> str:
    """Return the entity id of a person of a world."""
    return f"e{person}"


def _key(row: Mapping[str, Any]) -> RecordKey:
    return RecordKey(row["source"], str(row["id"]))


def _attributes(row: Mapping[str, Any]) -> dict[str, tuple[dict[str, Any], ...]]:
    values = {name: value for name, value in row.items() if name not in {"person", "source", "id", "number"}}
    return {
        name: tuple(_parts(name, v) for v in (value if isinstance(value, list) else [value]))
        for name, value in values.items()
    }


def _parts(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {part: str(said) for part, said in value.items()}
    if name == "name":
        given, _, family = str(value).rpartition(" ")
        return {"given": given, "family": family}
    return {"value": str(value)}


def _person(name: str, rows: list[RecordRow]) -> PersonView:
    newest = sorted(rows, key=lambda row: row.number, reverse=True)
    named = next((value for row in newest for value in row.attributes.get("name", ())), {})
    return PersonView(
        entity_id=entity(name),
        founding_record=min(row.number for row in rows),
        records=tuple(rows),
        display_name=" ".join(filter(None, (named.get("given"), named.get("family")))) or None,
        given_name=named.get("given"),
        family_name=named.get("family"),
    )


def _event(row: Mapping[str, Any]) -> Event:
    return Event(
        key=EventKey(row["source"], str(row["id"])),
        kind=row["kind"],
        start=_instant(row.get("from")),
        end=_instant(row.get("to")),
        participants=tuple(
            Participant(RecordKey(s, str(i)), role) for s, i, role in row.get("participants", ())
        ),
        place=row.get("place", {}),
        attributes={name: str(value) for name, value in row.get("attributes", {}).items()},
    )


def _instant(value: Any) -> str | None:
    if value is None:
        return None
    return str(value) if len(str(value)) > 10 else f"{value}T00:00:00Z"


def _repeat(row: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield the row for each of its `times`, with `#` in its texts replaced by the count from 1."""
    for count in range(1, row["times"] + 1):
        yield {name: _numbered(value, count) for name, value in row.items() if name != "times"}


_HOURS = {"E": ("06", "14"), "L": ("14", "22"), "N": ("21", "23")}


def _rostered(roster: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield a shift for each of the `slots` ("03E 17N": day of the month and band) of a `worker` (hr id)."""
    for slot in str(roster["slots"]).split():
        day = f"{roster.get('month', '2024-01')}-{slot[:2]}"
        first, last = _HOURS[slot[2]]
        yield {
            "source": "roster",
            "id": f"{roster['worker']}{roster['basis']}{roster.get('month', '')}{slot}",
            "kind": "shift",
            "from": f"{day}T{first}:00:00Z",
            "to": f"{day}T{last}:00:00Z",
            "place": {"type": "station", "id": roster.get("place", "ST1")},
            "attributes": {"basis": roster["basis"], "team": roster.get("team", "A"), "duty_date": day},
            "participants": [["hr", roster["worker"], "worker"]],
        }


def _numbered(value: Any, count: int) -> Any:
    if isinstance(value, str):
        return value.replace("##", f"{count:02d}").replace("#", str(count))
    if isinstance(value, list):
        return [_numbered(item, count) for item in value]
    return (
        {name: _numbered(item, count) for name, item in value.items()}
        if isinstance(value, Mapping)
        else value
    )
