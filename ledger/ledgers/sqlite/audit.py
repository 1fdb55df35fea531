"""The audit chain in SQLite: its head is read and moved inside the transaction that appends."""

import hmac
import json
from collections.abc import Sequence
from typing import Any

from ledger.audit import AuditEntry, AuditRow
from ledger.chain import START, audit_entry, audit_text, link, seal
from ledger.ledgers.sqlite.identity import stood_for
from ledger.ledgers.sqlite.transaction import Transaction
from ledger.secret import derive


class SqliteAudit:
    """The facet `Audit`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction
        self._key = derive(transaction.secret, "audit")

    def append(self, entry: AuditEntry) -> int:
        """Append one look at somebody and return its position."""
        last, before = self._tx.one("SELECT position, mac FROM audit ORDER BY position DESC LIMIT 1") or (
            0,
            START,
        )
        position: int = last + 1
        text = audit_text(entry)
        mac = link(self._key, before, position, self._tx.instant, text)
        self._tx.run("INSERT INTO audit VALUES (?, ?, ?, ?)", position, self._tx.instant, text, mac)
        self._tx.run_many(
            "INSERT INTO audit_object (object, position) VALUES (?, ?)",
            [(object_, position) for object_ in _objects(text)],
        )
        self._tx.run(
            "INSERT INTO audit_head (only, position, seal) VALUES (1, ?, ?)"
            " ON CONFLICT (only) DO UPDATE SET position = excluded.position, seal = excluded.seal",
            *(position, seal(self._key, position, mac)),
        )
        return position

    def about(self, entity_id: str, limit: int = 200) -> Sequence[AuditRow]:
        """Return looks at an object, or at an entity and those merged into it; newest first."""
        sql = (
            "SELECT position, recorded_at, body, mac FROM audit"
            " WHERE position IN (SELECT position FROM audit_object"
            " WHERE object IN (SELECT value FROM json_each(?))) ORDER BY position DESC LIMIT ?"
        )
        return [_row(row) for row in self._tx.rows(sql, json.dumps(stood_for(self._tx, [entity_id])), limit)]

    def recent(self, after: int = 0, limit: int = 200) -> Sequence[AuditRow]:
        """Return the rows above a position, ascending."""
        sql = (
            "SELECT position, recorded_at, body, mac FROM audit WHERE position > ? ORDER BY position LIMIT ?"
        )
        return [_row(row) for row in self._tx.rows(sql, after, limit)]

    def last(self) -> AuditRow | None:
        """Return the row at the end of the chain, None for an empty one."""
        row = self._tx.one(
            "SELECT position, recorded_at, body, mac FROM audit ORDER BY position DESC LIMIT 1"
        )
        return None if row is None else _row(row)

    def verify(self) -> int | None:
        """Return the first bad position of the chain, None when it holds: rows, their objects, and the end.

        A copy of the whole folder put back is not seen here: that takes a head kept elsewhere.
        """
        mac, expected = START, 1
        sql = (
            "SELECT position, recorded_at, body, mac, (SELECT json_group_array(object) FROM audit_object o"
            " WHERE o.position = audit.position) FROM audit ORDER BY position"
        )
        for position, recorded_at, text, kept, objects in self._tx.connection.execute(sql):
            mac = link(self._key, mac, expected, recorded_at, text)
            if position != expected or not hmac.compare_digest(mac, kept):
                return expected
            if sorted(json.loads(objects)) != _objects(text):
                return expected
            expected += 1
        head = self._tx.one("SELECT position, seal FROM audit_head")
        whole = (expected - 1, seal(self._key, expected - 1, mac)) if expected > 1 else None
        return None if head == whole else expected


def _objects(text: str) -> list[str]:
    return sorted(set(json.loads(text)["objects"]))


def _row(row: tuple[Any, ...]) -> AuditRow:
    position, recorded_at, text, mac = row
    return AuditRow(position, recorded_at, audit_entry(text), mac.hex())
