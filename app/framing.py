"""The columnar frames of a ledger session: segments, single pushes, and who the records belong to."""

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from app.ingest.segments import rows_of
from ledger.event import Event
from ledger.ledger import Session
from patterns.frames import SEGMENT_SCHEMA, Frames, KeptRows
from resolvers.domain import RecordKey

_MEMBERSHIP = {"record_source": pl.String(), "record_id": pl.String(), "entity_id": pl.String()}


def frames_of(session: Session, kept: KeptRows | None = None) -> Frames:
    """Return the frames of a session; a question about persons reads only their single pushes.

    `kept` holds rows of segments in memory from one question to the next.
    """

    def pushed(persons: Collection[str] | None) -> pl.DataFrame | None:
        rows = list(_pushed(session, persons))
        return pl.DataFrame(rows, schema=SEGMENT_SCHEMA, orient="row") if rows else None

    return Frames(session.segments.paths(), pushed, LedgerMembership(session), kept)


class LedgerMembership:
    """Which entity a record belongs to, read from the ledger as far as it is asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of_entities(self, entity_ids: Collection[str]) -> pl.DataFrame:
        """Return record_source, record_id, entity_id of these entities."""
        members = self._session.identity.members(entity_ids)
        entity = {number: id_ for id_, numbers in members.items() for number in numbers}
        entity = self._shown(entity)
        return self._frame(self._session.resolution.record_keys(entity), entity)

    def of_records(self, records: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of these records; unknown and deleted ones are left out."""
        keys = [RecordKey(*row) for row in records.iter_rows()]
        numbers = self._session.records.numbers(keys)
        entity = self._shown(self._session.identity.entity_of(list(numbers.values())))
        return self._frame({number: key for key, number in numbers.items()}, entity)

    def _shown(self, entity: Mapping[int, str]) -> dict[int, str]:
        """Leave out withheld records: no pattern counts what they did."""
        withheld = self._session.restrictions.withheld(entity)
        return {number: id_ for number, id_ in entity.items() if number not in withheld}

    @staticmethod
    def _frame(keys: Mapping[int, RecordKey], entity: Mapping[int, str]) -> pl.DataFrame:
        rows = [
            (key.source, key.source_id, entity[number]) for number, key in keys.items() if number in entity
        ]
        return pl.DataFrame(rows, schema=_MEMBERSHIP, orient="row")


def _pushed(session: Session, about: Collection[str] | None) -> Iterator[tuple[object, ...]]:
    """Yield single pushes of bulk kinds, a row a participant, and tombstones (kind None) of deleted ones."""
    for source, event_id, version in session.events.bulk_tombstones():
        yield (source, event_id, version, *(None for _ in range(len(SEGMENT_SCHEMA) - 3)))
    for event, version in _bulk_events(session, about):
        yield from rows_of(event, version)


def _bulk_events(session: Session, about: Collection[str] | None) -> Iterator[tuple[Event, int]]:
    if about is not None:
        numbers = [n for members in session.identity.members(about).values() for n in members]
        keys = list(session.resolution.record_keys(numbers).values())
        stored = session.events.by_number(session.events.of_records(keys, bulk=True))
        yield from ((row.event, row.version) for row in stored.values() if row.event is not None)
        return
    after = 0
    while rows := session.events.live(after, bulk=True):
        after = rows[-1].number
        yield from ((row.event, row.version) for row in rows if row.event is not None)
