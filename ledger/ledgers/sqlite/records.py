"""Person records in SQLite."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ledger.content import content_hash, record_of, record_text
from ledger.entry import Erased, PutResult, StoredRecord
from ledger.ledgers.sqlite.transaction import Transaction, chunks
from ledger.ledgers.sqlite.versions import Push, Versions
from resolvers.domain import Record, RecordKey

_AT_ONCE = 10_000
_STORED = """
SELECT r.number, r.source, r.source_id, r.version, r.sequence, f.recorded_at, e.recorded_at, r.content_hash,
  p.body, r.certificate
FROM {rows} JOIN entry f ON f.sequence = r.first_sequence JOIN entry e ON e.sequence = r.sequence
LEFT JOIN record_payload p ON p.sequence = r.sequence"""
_BY_NUMBER = _STORED.format(rows="carray(?1) n JOIN record r ON r.number = n.value") + " ORDER BY r.number"
_LIVE = _STORED.format(rows="record r") + " WHERE r.number > ? AND r.live = 1 ORDER BY r.number LIMIT ?"


class SqliteRecords:
    """The facet `Records`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction
        self._versions = Versions(transaction, "record")

    def put(self, record: Record, version: int | None, actor: str) -> PutResult:
        """Put one record. Raises: VersionConflict, Erased."""
        return only(self.put_many([(record, version)], actor))

    def put_many(
        self, rows: Iterable[tuple[Record, int | None]], actor: str
    ) -> Sequence[PutResult | Exception]:
        """Put many, a result or the refusal of each, in order."""
        results: list[PutResult | Exception] = []
        for chunk in chunks(rows, _AT_ONCE):
            pushes = [
                Push((record.key.source, record.key.source_id), record_text(record), version)
                for record, version in chunk
            ]
            results.extend(self._versions.put(pushes, actor))
        return results

    def delete(self, key: RecordKey, version: int | None, actor: str) -> PutResult:
        """Write a tombstone. Raises: KeyError, VersionConflict, Erased."""
        return only(self._versions.put([Push((key.source, key.source_id), None, version)], actor))

    def get(self, key: RecordKey) -> StoredRecord | None:
        """Return a record as last said. Raises: Erased."""
        held = self._versions.held([(key.source, key.source_id)]).get((key.source, key.source_id))
        if held is None:
            return None
        if held.certificate is not None:
            raise Erased(held.certificate)
        return self.by_number([held.number])[held.number]

    def said(self, key: RecordKey, sequence: int) -> StoredRecord | None:
        """Return what had last been said of a record by this sequence. Raises: Erased."""
        row = self._versions.said((key.source, key.source_id), sequence)
        if row is None:
            return None
        number, version, at, recorded_at, body = row
        first = self.by_number([number])[number].first_recorded_at
        digest = content_hash(body).hex()
        return StoredRecord(number, key, version, at, first, recorded_at, digest, record_of(key, body))

    def by_number(self, numbers: Collection[int]) -> Mapping[int, StoredRecord]:
        """Return the records of these numbers, by number."""
        return {row[0]: _stored(row) for row in self._tx.rows_in(_BY_NUMBER, numbers)}

    def numbers(self, keys: Collection[RecordKey]) -> Mapping[RecordKey, int]:
        """Return the numbers of known keys."""
        held = self._versions.held([(key.source, key.source_id) for key in keys])
        return {RecordKey(*key): version.number for key, version in held.items()}

    def live(self, after: int = 0, limit: int = 10_000) -> Sequence[StoredRecord]:
        """Return live records with a number above `after`, ascending."""
        return [_stored(row) for row in self._tx.rows(_LIVE, after, limit)]

    def live_ids(self, source: str, up_to: int | None = None) -> Sequence[str]:
        """Return the ids of a source's live records."""
        return self._versions.live_ids(source, up_to)

    def count(self) -> int:
        """Return how many records are live."""
        number: int = self._tx.value("SELECT coalesce(sum(records), 0) FROM source")
        return number


def only(results: Sequence[PutResult | Exception]) -> PutResult:
    """Return the one result, or raise the one refusal."""
    result = results[0]
    if isinstance(result, Exception):
        raise result
    return result


def _stored(row: tuple[Any, ...]) -> StoredRecord:
    number, source, source_id, version, sequence, first, last, digest, body, certificate = row
    key = RecordKey(source, source_id)
    record = None if body is None else record_of(key, body)
    return StoredRecord(number, key, version, sequence, first, last, digest.hex(), record, certificate)
