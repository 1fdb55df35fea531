"""Rows that could not be taken, in SQLite; their payload is kept until resolved, and never logged."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.ledgers.sqlite.erased import ErasedKeys
from ledger.ledgers.sqlite.transaction import Transaction

_FIELDS = ("number", "source", "line", "field", "code", "message", "payload", "recorded_at")


class SqliteQuarantine:
    """The facet `Quarantine`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def put(self, row: Mapping[str, Any], actor: str) -> int:
        """Keep a row and return its number; of a record that was erased, without its fields.

        A row that waits already, from an earlier try of the same load, is kept once.
        """
        payload = row.get("payload")
        if ErasedKeys(self._tx, "record").named_by(row["source"], payload):
            payload = None
        same = (
            "SELECT number FROM quarantine WHERE resolved_at IS NULL AND source = ? AND line IS ?"
            " AND message = ? AND payload IS ?"
        )
        known = self._tx.value(same, row["source"], row.get("line"), row["message"], payload)
        if known is not None:
            return int(known)
        self._tx.run(
            "INSERT INTO quarantine (source, line, field, code, message, payload, recorded_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(
                row["source"],
                row.get("line"),
                row.get("field"),
                row["code"],
                row["message"],
                payload,
            ),
            self._tx.instant,
        )
        number = self._tx.connection.last_insert_rowid()
        detail = {name: row.get(name) for name in ("source", "code", "field", "line")}
        self._tx.append("quarantine.put", str(number), actor, detail)
        return number

    def page(self, source: str | None, after: int, limit: int) -> Sequence[Mapping[str, Any]]:
        """Return open rows with a number above `after`, ascending; of one source, or of all."""
        sql = (
            f"SELECT {', '.join(_FIELDS)} FROM quarantine WHERE resolved_at IS NULL AND number > ?1"
            " AND (?2 IS NULL OR source = ?2) ORDER BY number LIMIT ?3"
        )
        return [dict(zip(_FIELDS, row, strict=True)) for row in self._tx.rows(sql, after, source, limit)]

    def get(self, number: int) -> Mapping[str, Any] | None:
        """Return an open row with its payload, None when there is none."""
        row = self._tx.one(
            f"SELECT {', '.join(_FIELDS)} FROM quarantine WHERE resolved_at IS NULL AND number = ?", number
        )
        return None if row is None else dict(zip(_FIELDS, row, strict=True))

    def resolve(self, number: int, actor: str, reason: str) -> None:
        """Close a row and forget its payload. Raises: KeyError when it is not open."""
        open_ = "SELECT 1 FROM quarantine WHERE number = ? AND resolved_at IS NULL"
        if self._tx.one(open_, number) is None:
            raise KeyError(number)
        self._tx.append("quarantine.resolve", str(number), actor, {})
        self._tx.run(
            "UPDATE quarantine SET resolved_at = ?, reason = ?, payload = NULL WHERE number = ?",
            *(self._tx.instant, reason, number),
        )

    def count(self, source: str | None = None) -> int:
        """Return how many rows are open; of one source, or of all."""
        sql = "SELECT count(*) FROM quarantine WHERE resolved_at IS NULL AND (?1 IS NULL OR source = ?1)"
        number: int = self._tx.value(sql, source)
        return number
