"""How long what a source says is kept, by kind: the rules, and what is older than they allow."""

from collections.abc import Sequence

from ledger.event import BULK_KINDS
from ledger.instant import later
from ledger.ledgers.sqlite.transaction import Transaction
from ledger.retention import RECORD, Rule

_DAY = 86_400
_RECORDS = """
SELECT number FROM record JOIN entry e USING (sequence)
WHERE certificate IS NULL AND ?1 IN (source, '*') AND e.recorded_at < ?2 ORDER BY number"""
_EVENTS = """
SELECT v.number FROM event v JOIN event_payload p ON p.sequence = (
  SELECT max(sequence) FROM event_payload q WHERE q.number = v.number AND q.body IS NOT NULL)
JOIN entry e ON e.sequence = p.sequence
WHERE v.certificate IS NULL AND ?1 IN (v.source, '*') AND p.body ->> '$.kind' = ?3
  AND coalesce(p.body ->> '$.to', p.body ->> '$.from', e.recorded_at) < ?2 ORDER BY v.number"""


class SqliteRetention:
    """The facet `Retention`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def put(self, rule: Rule, actor: str) -> None:
        """Set a rule, in the place of the one for the same source and kind."""
        if rule in self.all():
            return
        self._tx.append("retention.set", rule.source, actor, {"kind": rule.kind, "days": rule.days})
        self._tx.run("INSERT OR REPLACE INTO retention VALUES (?, ?, ?)", rule.source, rule.kind, rule.days)

    def drop(self, source: str, kind: str, actor: str) -> None:
        """Take a rule back. Raises: KeyError."""
        if self._tx.one("SELECT 1 FROM retention WHERE source = ? AND kind = ?", source, kind) is None:
            raise KeyError(kind)
        self._tx.append("retention.drop", source, actor, {"kind": kind})
        self._tx.run("DELETE FROM retention WHERE source = ? AND kind = ?", source, kind)

    def all(self) -> Sequence[Rule]:
        """Return the rules, by source and kind."""
        return [Rule(*row) for row in self._tx.rows("SELECT * FROM retention ORDER BY source, kind")]

    def due(self, now: str) -> tuple[Sequence[int], Sequence[int]]:
        """Return the records and the events that a rule no longer lets stay, ascending."""
        records: set[int] = set()
        events: set[int] = set()
        for rule in self.all():
            before = later(now, -rule.days * _DAY)
            if rule.kind == RECORD:
                records.update(number for (number,) in self._tx.rows(_RECORDS, rule.source, before))
            else:
                found = self._tx.rows(_EVENTS, rule.source, before, rule.kind)
                events.update(number for (number,) in found)
        return sorted(records), sorted(events)

    def due_rows(self, now: str) -> Sequence[tuple[str, str, str]]:
        """Return (source, kind, instant): rows of segments of these that ended before it may not stay."""
        rules = [rule for rule in self.all() if rule.kind in BULK_KINDS]
        return [(rule.source, rule.kind, later(now, -rule.days * _DAY)) for rule in rules]
