"""Persons, and the records and events that speak of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import Absent
from app.messages import (
    Attribute,
    EntityView,
    EventView,
    ParticipantView,
    RecordsView,
    RecordView,
    Value,
)
from app.projector import entities_of
from app.queries.how import explained
from app.queries.identity import is_staff, live_entity, members
from app.queries.moment import holding, knowing
from app.wiring import Kith
from ledger.entry import StoredRecord
from ledger.event import EventKey
from ledger.ledger import Session
from resolvers.domain import RecordKey, Scalar
from resolvers.survivorship import GoldenRecord, golden

HIDDEN = frozenset({"ethnicity"})
"""Attributes (and features of the same name) taken for comparison alone, never shown."""


@dataclass(frozen=True, slots=True)
class When:
    """As known at an instant or a sequence, and as it held on a day or at an instant; None = now, ever."""

    known_at: str | None = None
    valid_at: str | None = None


NOW = When()


def entity(kith: Kith, entity_id: str, when: When = NOW) -> EntityView:
    """Return a person: golden record, each value with its records, and findings.

    Raises: Absent, Merged, Erased, Problem (a moment that is none).
    """
    with knowing(kith, when.known_at) as session:
        live_entity(session, entity_id)
        rows = members(session, entity_id)
        best = golden_of(session, entity_id)
        weakest = explained(session, rows, kith.pipeline.model(session)).weakest
        return EntityView(
            entity_id=entity_id,
            display_name=best.display_name or NO_NAME,
            staff=is_staff(rows),
            record_count=len(rows),
            weakest_match_weight=None if weakest is None else weakest.weight,
            attributes=[
                Attribute(name=name, values=values, conflict=name in best.conflicts)
                for name, values in _values(best, when.valid_at).items()
            ],
            findings=[row["id"] for row in session.findings.about([entity_id])],
            sequence=session.sequence(),
        )


NO_NAME = "(no name)"


def records(kith: Kith, entity_id: str, when: When = NOW) -> RecordsView:
    """Return the live records of a person, by record key. Raises: as `entity`."""
    with knowing(kith, when.known_at) as session:
        live_entity(session, entity_id)
        rows = members(session, entity_id)
    items = [record_view(row, entity_id, when.valid_at) for row in rows]
    return RecordsView(entity_id=entity_id, items=items)


def record(kith: Kith, key: RecordKey, when: When = NOW) -> RecordView:
    """Return a live record. Raises: Absent, Erased, Problem (a moment that is none)."""
    with knowing(kith, when.known_at) as session:
        row = session.records.get(key)
        if row is None or row.record is None:
            raise Absent
        entity_id = session.identity.entity_of([row.number]).get(row.number)
        return record_view(row, entity_id, when.valid_at)


def event(kith: Kith, key: EventKey) -> EventView:
    """Return a live event with the persons that took part. Raises: Absent, Erased."""
    with kith.ledger.look() as session:
        row = session.events.get(key)
        if row is None or row.event is None:
            raise Absent
        said = row.event
        persons = entities_of(session, {part.record for part in said.participants})
        return EventView(
            number=row.number,
            source=key.source,
            event_id=key.event_id,
            version=row.version,
            sequence=row.sequence,
            recorded_at=row.recorded_at,
            kind=said.kind,
            start=said.start,
            end=said.end,
            place=dict(said.place),
            attributes=dict(said.attributes),
            participants=[
                ParticipantView(
                    source=part.record.source,
                    source_id=part.record.source_id,
                    role=part.role,
                    entity_id=persons.get(part.record),
                )
                for part in said.participants
            ],
        )


def golden_of(session: Session, entity_id: str) -> GoldenRecord:
    """Return the golden record of a live entity."""
    rows = sorted(members(session, entity_id), key=lambda row: row.number)
    return golden([(row.record, row.recorded_at) for row in rows if row.record is not None])


def record_view(row: StoredRecord, entity_id: str | None, valid_at: str | None = None) -> RecordView:
    """Return a live record as a message; with `valid_at`, the values that hold then."""
    said = row.record.attributes if row.record is not None else {}
    return RecordView(
        number=row.number,
        source=row.key.source,
        source_id=row.key.source_id,
        version=row.version,
        sequence=row.sequence,
        first_recorded_at=row.first_recorded_at,
        recorded_at=row.recorded_at,
        content_hash=row.content_hash,
        attributes={
            name: [dict(parts) for parts in holding(values, valid_at)]
            for name, values in sorted(said.items())
            if name not in HIDDEN
        },
        entity_id=entity_id,
    )


def display(parts: Mapping[str, Scalar]) -> str:
    """Return a value as it is read: a name in its usual order, else its parts."""
    if "full" in parts:
        return str(parts["full"])
    if {"given", "family"} & parts.keys():
        said = [str(parts[part]) for part in ("given", "middle", "family", "suffix") if part in parts]
        return " ".join(said) + (" (former)" if parts.get("former") else "")
    shown = {name: value for name, value in parts.items() if name not in {"valid_from", "valid_to", "type"}}
    return ", ".join(str(value) for value in shown.values())


def _values(best: GoldenRecord, valid_at: str | None) -> dict[str, list[Value]]:
    """Return the values of each attribute; with `valid_at`, of those that have one which holds then."""
    found = {
        name: [
            Value(
                parts=dict(value.parts),
                display=display(value.parts),
                sources=[str(key) for key in value.sources],
                valid_from=value.valid_from,
                valid_to=value.valid_to,
            )
            for value in values
            if holding([{"valid_from": value.valid_from, "valid_to": value.valid_to}], valid_at)
        ]
        for name, values in best.attributes.items()
        if name not in HIDDEN
    }
    return {name: values for name, values in found.items() if values}
