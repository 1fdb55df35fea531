"""Work that waits, durable in SQLite: the outbox to another graph, and the detections to be run again."""

from collections.abc import Collection, Iterable, Sequence

from ledger.ledgers.sqlite.transaction import Transaction


class SqliteOutbox:
    """The facet `Outbox`. An owner put again gets a new position: finishing the old one does not lose it."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def put(self, owners: Iterable[str], gone: Iterable[str] = ()) -> None:
        """Remember that these owners must be projected again, and that the `gone` are to be removed."""
        now = self._tx.sequence()
        turns = [*((owner, 0, now) for owner in owners), *((owner, 1, now) for owner in gone)]
        self._tx.run_many(
            "INSERT OR REPLACE INTO outbox (owner, gone, since)"
            " VALUES (?1, ?2, coalesce((SELECT since FROM outbox WHERE owner = ?1), ?3))",
            turns,
        )

    def take(self, limit: int) -> Sequence[tuple[int, str]]:
        """Return the oldest (position, owner) without removing them, the gone after all others."""
        found = self._tx.rows("SELECT position, owner FROM outbox ORDER BY gone, position LIMIT ?", limit)
        return [(position, owner) for position, owner in found]

    def done(self, positions: Collection[int]) -> None:
        """Remove what has been projected."""
        self._tx.run_in("DELETE FROM outbox WHERE position IN (SELECT value FROM carray(?1))", positions)

    def failed(self, position: int) -> int:
        """Count one more try that failed; return how many there were."""
        sql = "UPDATE outbox SET tries = tries + 1 WHERE position = ? RETURNING tries"
        return self._tx.value(sql, position) or 0

    def oldest(self) -> int | None:
        """Return the ledger sequence since which something waits, None when nothing does."""
        since: int | None = self._tx.value("SELECT min(since) FROM outbox")
        return since

    def length(self) -> int:
        """Return how many owners wait."""
        length: int = self._tx.value("SELECT count(*) FROM outbox")
        return length


class SqliteDetections:
    """The facet `Detections`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def put(self, entity_ids: Iterable[str], since: int | None = None) -> None:
        """Remember that the live patterns must be run about these entities."""
        sequence = self._tx.sequence()
        since = sequence if since is None else since
        self._tx.run_many(
            "INSERT OR REPLACE INTO detection (entity_id, sequence, since)"
            " VALUES (?1, ?2, min(?3, coalesce((SELECT since FROM detection WHERE entity_id = ?1), ?3)))",
            ((entity_id, sequence, since) for entity_id in entity_ids),
        )

    def take(self, limit: int) -> Sequence[str]:
        """Return waiting entity ids, oldest first, without removing them."""
        found = self._tx.rows("SELECT entity_id FROM detection ORDER BY position LIMIT ?", limit)
        return [entity_id for (entity_id,) in found]

    def done(self, entity_ids: Collection[str], seen: int | None = None) -> None:
        """Remove what has been looked at; with `seen`, only what was put up to that ledger sequence."""
        last = self._tx.sequence() if seen is None else seen
        self._tx.run_many(
            "DELETE FROM detection WHERE entity_id = ? AND sequence <= ?",
            ((entity_id, last) for entity_id in entity_ids),
        )

    def failed(self, entity_id: str) -> int:
        """Count one more try that failed; return how many there were."""
        sql = "UPDATE detection SET tries = tries + 1 WHERE entity_id = ? RETURNING tries"
        return self._tx.value(sql, entity_id) or 0

    def oldest(self) -> int | None:
        """Return the ledger sequence since which somebody waits, None when nobody does."""
        since: int | None = self._tx.value("SELECT min(since) FROM detection")
        return since

    def length(self) -> int:
        """Return how many entities wait."""
        length: int = self._tx.value("SELECT count(*) FROM detection")
        return length
