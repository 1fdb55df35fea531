"""From ids given by a client to what lives under them now."""

from collections.abc import Collection, Iterable

from app.errors import Absent, Merged
from graph_schema.projection import STAFF_ATTRIBUTES
from ledger.entry import Erased, StoredRecord
from ledger.ledger import Session
from resolvers.domain import RecordKey


def live_entity(session: Session, entity_id: str) -> str:
    """Return the id if a living entity has it.

    Raises: Merged (naming the one it became part of), Absent, Erased.
    """
    now = current_entity(session, entity_id)
    if now != entity_id:
        raise Merged(now)
    return now


def current_entity(session: Session, entity_id: str) -> str:
    """Return the living entity an id stands for, merged ones followed. Raises: Absent, Erased."""
    certificate = session.identity.certificate(entity_id)
    if certificate is not None:
        raise Erased(certificate)
    now = session.identity.follow(entity_id)
    if now is None:
        raise Absent
    return now


def members(session: Session, entity_id: str) -> list[StoredRecord]:
    """Return the live records of an entity, by record key; of the past, those that were not erased since.

    Raises: Erased when none of them is left.
    """
    numbers = session.identity.members([entity_id]).get(entity_id, ())
    rows = sorted(session.records.by_number(numbers).values(), key=lambda row: row.key)
    said = [row for row in rows if row.record is not None]
    if rows and not said:
        raise Erased(rows[0].certificate or "")
    return said


def is_staff(rows: Iterable[StoredRecord]) -> bool:
    """Return whether a record says that the person is staff, as the graph labels it."""
    return any(
        row.record is not None and not STAFF_ATTRIBUTES.isdisjoint(row.record.attributes) for row in rows
    )


def staff_among(session: Session, entity_ids: Collection[str]) -> frozenset[str]:
    """Return those of the living entities that are staff."""
    numbers = session.identity.members(entity_ids)
    rows = session.records.by_number([number for of_one in numbers.values() for number in of_one])
    return frozenset(
        entity_id for entity_id, of_one in numbers.items() if is_staff(rows[number] for number in of_one)
    )


def record_key(text: str) -> RecordKey:
    """Return the record key written as `source|source_id`. Raises: Absent when it is not one."""
    source, bar, source_id = text.partition("|")
    if not bar or not source or not source_id:
        raise Absent
    return RecordKey(source, source_id)


def stored_record(session: Session, text: str) -> StoredRecord:
    """Return the live record of a `source|source_id`. Raises: Absent."""
    row = session.records.get(record_key(text))
    if row is None or row.record is None:
        raise Absent
    return row
