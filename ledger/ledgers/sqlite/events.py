"""Events, and who takes part in them, in SQLite."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ledger.content import content_hash, event_of, event_text
from ledger.entry import Erased, PutResult, StoredEvent
from ledger.event import BULK_KINDS, Event, EventKey
from ledger.ledgers.sqlite.erased import ErasedKeys
from ledger.ledgers.sqlite.records import only
from ledger.ledgers.sqlite.transaction import Transaction, chunks
from ledger.ledgers.sqlite.versions import Push, Versions
from resolvers.domain import RecordKey

_AT_ONCE = 10_000
_STORED = """
SELECT v.number, v.source, v.source_id, v.version, v.sequence, e.recorded_at, v.content_hash, p.body
FROM {rows} JOIN entry e ON e.sequence = v.sequence LEFT JOIN event_payload p ON p.sequence = v.sequence"""
_BY_NUMBER = _STORED.format(rows="carray(?1) n JOIN event v ON v.number = n.value") + " ORDER BY v.number"
_BY_KEY = _STORED.format(rows="event v") + " WHERE v.source = ? AND v.source_id = ?"
_LIVE = (
    _STORED.format(rows="event v")
    + " WHERE v.number > ? AND v.live = 1 AND v.bulk = ? ORDER BY v.number LIMIT ?"
)

_KIND_UNKNOWN = """
UPDATE event SET bulk = 1 WHERE number = ?1 AND NOT EXISTS (
  SELECT 1 FROM event_payload WHERE number = ?1 AND body IS NOT NULL)"""
"""An event known by its tombstone alone may be of a bulk kind: then it hides rows of a segment."""


class SqliteEvents:
    """The facet `Events`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction
        self._versions = Versions(transaction, "event")
        self._erased = ErasedKeys(transaction, "record")

    def put(self, event: Event, version: int | None, actor: str) -> PutResult:
        """Put one event. Raises: VersionConflict, Erased."""
        return only(self.put_many([(event, version)], actor))

    def put_many(
        self, rows: Iterable[tuple[Event, int | None]], actor: str
    ) -> Sequence[PutResult | Exception]:
        """Put many, a result or the refusal of each, in order; who was erased takes part in none."""
        results: list[PutResult | Exception] = []
        for some in chunks(rows, _AT_ONCE):
            chunk = self._without_erased(some)
            pushes = [
                Push((event.key.source, event.key.event_id), event_text(event), version)
                for event, version in chunk
            ]
            done = self._versions.put(pushes, actor)
            self._take_part(
                {
                    result.number: event
                    for (event, _), result in zip(chunk, done, strict=True)
                    if isinstance(result, PutResult) and result.changed
                }
            )
            results.extend(done)
        return results

    def delete(self, key: EventKey, version: int | None, actor: str) -> PutResult:
        """Write a tombstone. Raises: KeyError, VersionConflict, Erased."""
        result = only(self._versions.put([Push((key.source, key.event_id), None, version)], actor))
        if result.changed:
            self._tx.run("DELETE FROM participation WHERE event = ?", result.number)
            self._tx.run(_KIND_UNKNOWN, result.number)
        return result

    def get(self, key: EventKey) -> StoredEvent | None:
        """Return an event as last said. Raises: Erased."""
        row = self._tx.one(_BY_KEY, key.source, key.event_id)
        if row is not None:
            return _stored(row)
        held = self._versions.held([(key.source, key.event_id)])
        for erased in held.values():
            raise Erased(erased.certificate or "")
        return None

    def said(self, key: EventKey, sequence: int) -> StoredEvent | None:
        """Return what had last been said of an event by this sequence. Raises: Erased."""
        row = self._versions.said((key.source, key.event_id), sequence)
        if row is None:
            return None
        number, version, at, recorded_at, body = row
        return StoredEvent(number, version, at, recorded_at, content_hash(body).hex(), event_of(key, body))

    def by_number(self, numbers: Collection[int]) -> Mapping[int, StoredEvent]:
        """Return the events of these numbers, by number."""
        return {row[0]: _stored(row) for row in self._tx.rows_in(_BY_NUMBER, numbers)}

    def keys(self, numbers: Collection[int]) -> Mapping[int, EventKey]:
        """Return the keys of known events, live or not, by number."""
        sql = "SELECT number, source, source_id FROM event WHERE number IN (SELECT value FROM carray(?1))"
        return {number: EventKey(source, id_) for number, source, id_ in self._tx.rows_in(sql, numbers)}

    def of_records(self, keys: Collection[RecordKey], *, bulk: bool = False) -> Sequence[int]:
        """Return the numbers of live events these records are in: of bulk kinds, or of all the others."""
        sql = (
            "SELECT t.event FROM participation t JOIN event v ON v.number = t.event"
            " WHERE t.source = ? AND t.source_id = ? AND v.bulk = ?"
        )
        found = self._tx.connection.executemany(sql, [(key.source, key.source_id, bulk) for key in keys])
        return sorted({number for (number,) in found})

    def live(self, after: int = 0, limit: int = 10_000, *, bulk: bool = False) -> Sequence[StoredEvent]:
        """Return live events above `after`, ascending: of bulk kinds, or of all the others."""
        return [_stored(row) for row in self._tx.rows(_LIVE, after, bulk, limit)]

    def bulk_tombstones(self) -> Sequence[tuple[str, str, int]]:
        """Return (source, event id, version) of each deleted event of a bulk kind, by number."""
        sql = (
            "SELECT source, source_id, version FROM event WHERE bulk = 1 AND live = 0"
            " AND certificate IS NULL ORDER BY number"
        )
        return list(self._tx.rows(sql))

    def live_ids(self, source: str, up_to: int | None = None) -> Sequence[str]:
        """Return the ids of a source's live events that are not of a bulk kind."""
        return self._versions.live_ids(source, up_to, "AND bulk = 0")

    def count(self) -> int:
        """Return how many events are live."""
        number: int = self._tx.value("SELECT coalesce(sum(events), 0) FROM source")
        return number

    def _without_erased(self, rows: Sequence[tuple[Event, int | None]]) -> list[tuple[Event, int | None]]:
        keys = (
            (part.record.source, part.record.source_id) for event, _ in rows for part in event.participants
        )
        erased = self._erased.among(keys)
        if not erased:
            return list(rows)
        return [(without(event, erased), version) for event, version in rows]

    def _take_part(self, events: Mapping[int, Event]) -> None:
        """Write down who takes part in these events now, by number."""
        self._tx.run_many(
            "UPDATE event SET bulk = ? WHERE number = ?",
            ((event.kind in BULK_KINDS, number) for number, event in events.items()),
        )
        self._tx.run_in("DELETE FROM participation WHERE event IN (SELECT value FROM carray(?1))", events)
        self._tx.run_many(
            "INSERT INTO participation (source, source_id, event) VALUES (?, ?, ?)",
            (
                (record.source, record.source_id, number)
                for number, event in events.items()
                for record in {participant.record: None for participant in event.participants}
            ),
        )


def without(event: Event, erased: Collection[tuple[str, str]]) -> Event:
    """Return the event without the participants of these keys."""
    left = (p for p in event.participants if (p.record.source, p.record.source_id) not in erased)
    return replace(event, participants=tuple(left))


def _stored(row: tuple[Any, ...]) -> StoredEvent:
    number, source, event_id, version, sequence, recorded_at, digest, body = row
    event = None if body is None else event_of(EventKey(source, event_id), body)
    return StoredEvent(number, version, sequence, recorded_at, digest.hex(), event)
