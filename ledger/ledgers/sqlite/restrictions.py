"""Restrictions in SQLite: which records and findings are withheld, and why."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ledger.entry import LedgerError
from ledger.ledgers.sqlite.transaction import Transaction
from ledger.restriction import REASONS, Restriction, restriction_id

_SELECT = """
SELECT r.id, r.sequence, b.recorded_at, b.actor, r.reason,
  (SELECT count(*) FROM restricted_record w WHERE w.restriction = r.id), l.recorded_at, l.actor
FROM restriction r JOIN entry b USING (sequence) LEFT JOIN entry l ON l.sequence = r.lifted"""
_KIN = """
SELECT DISTINCT r.restriction, kin.record FROM restricted_record r
JOIN membership own ON own.record = r.record JOIN membership kin ON kin.entity = own.entity
WHERE r.reach = 'person' AND NOT EXISTS (SELECT 1 FROM restricted_record named
  WHERE named.record = kin.record AND named.restriction = r.restriction AND named.reach <> 'kin')"""
_OF = """
SELECT DISTINCT r.id, r.sequence FROM restricted_record w JOIN restriction r ON r.id = w.restriction
WHERE w.record IN (SELECT value FROM carray(?1)) ORDER BY r.sequence"""


class SqliteRestrictions:
    """The facet `Restrictions`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def begin(
        self, records: Collection[int], persons: Collection[int], reason: str, actor: str
    ) -> Restriction:
        """Withhold records, and whole persons by their records. Raises: LedgerError."""
        if reason not in REASONS:
            raise LedgerError(f"reason: must be one of {', '.join(REASONS)}")
        sequence = self._tx.sequence() + 1
        id_ = restriction_id(sequence)
        alone = sorted(set(records) - set(persons))
        detail = {"reason": reason, "records": alone, "persons": sorted(persons)}
        self._tx.append("restriction.begin", id_, actor, detail)
        self._tx.run("INSERT INTO restriction (sequence, id, reason) VALUES (?, ?, ?)", sequence, id_, reason)
        self._tx.run_many(
            "INSERT INTO restricted_record VALUES (?, ?, ?)",
            [
                *((number, id_, "record") for number in alone),
                *((number, id_, "person") for number in sorted(persons)),
            ],
        )
        begun = self.get(id_)
        assert begun is not None
        return begun

    def lift(self, id_: str, actor: str) -> Sequence[int]:
        """End a restriction; return the records it withheld. Raises: KeyError."""
        if self._tx.one("SELECT 1 FROM restriction WHERE id = ? AND lifted IS NULL", id_) is None:
            raise KeyError(id_)
        withheld = self._tx.rows(
            "SELECT record FROM restricted_record WHERE restriction = ? ORDER BY record", id_
        )
        sequence = self._tx.append("restriction.lift", id_, actor, {})
        self._tx.run("UPDATE restriction SET lifted = ? WHERE id = ?", sequence, id_)
        self._tx.run("DELETE FROM restricted_record WHERE restriction = ?", id_)
        self._tx.run("DELETE FROM restricted_finding WHERE restriction = ?", id_)
        return [number for (number,) in withheld]

    def rests_on(self, id_: str) -> Sequence[str]:
        """Return the findings that a restriction withholds, sorted."""
        rows = self._tx.rows("SELECT finding FROM restricted_finding WHERE restriction = ? ORDER BY 1", id_)
        return [finding for (finding,) in rows]

    def extend(self) -> Mapping[str, Collection[int]]:
        """Let restrictions of persons reach the records these have now; return what that changed."""
        if self._tx.one("SELECT 1 FROM restricted_record WHERE reach = 'person'") is None:
            return {}
        before = set(self._tx.rows("SELECT restriction, record FROM restricted_record WHERE reach = 'kin'"))
        after = set(self._tx.rows(_KIN))
        self._tx.run_many(
            "DELETE FROM restricted_record WHERE restriction = ? AND record = ?", sorted(before - after)
        )
        self._tx.run_many(
            "INSERT INTO restricted_record (restriction, record, reach) VALUES (?, ?, 'kin')",
            sorted(after - before),
        )
        changed: defaultdict[str, set[int]] = defaultdict(set)
        for id_, number in before ^ after:
            changed[id_].add(number)
        return changed

    def set_aside(self, id_: str, finding_ids: Collection[str]) -> None:
        """Withhold findings too."""
        self._tx.run_many(
            "INSERT INTO restricted_finding (finding, restriction) VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET cleared = NULL",
            [(finding, id_) for finding in sorted(finding_ids)],
        )

    def clear(self, finding_ids: Collection[str]) -> None:
        """Show these findings again."""
        self._tx.run_many(
            "UPDATE restricted_finding SET cleared = (SELECT updated FROM finding WHERE id = ?1)"
            " WHERE finding = ?1 AND cleared IS NULL",
            [(finding,) for finding in sorted(finding_ids)],
        )

    def withheld(self, numbers: Collection[int]) -> frozenset[int]:
        """Return those of these records that are withheld."""
        sql = "SELECT record FROM restricted_record WHERE record IN (SELECT value FROM carray(?1))"
        return frozenset(number for (number,) in self._tx.rows_in(sql, numbers))

    def findings_withheld(self, finding_ids: Collection[str]) -> frozenset[str]:
        """Return those of these findings that are withheld."""
        rows = self._tx.rows("SELECT DISTINCT finding FROM restricted_finding WHERE cleared IS NULL")
        return frozenset(finding for (finding,) in rows).intersection(finding_ids)

    def since(self, sequence: int) -> bool:
        """Return whether any restriction began after a ledger sequence."""
        return self._tx.one("SELECT 1 FROM restriction WHERE sequence > ?", sequence) is not None

    def of(self, numbers: Collection[int]) -> Sequence[str]:
        """Return the restrictions that withhold one of these records, oldest first."""
        return [id_ for id_, _ in self._tx.rows_in(_OF, numbers)]

    def get(self, id_: str) -> Restriction | None:
        """Return one restriction."""
        found = self._restrictions(f"{_SELECT} WHERE r.id = ?", id_)
        return found[0] if found else None

    def all(self) -> Sequence[Restriction]:
        """Return every restriction, oldest first."""
        return self._restrictions(f"{_SELECT} ORDER BY r.sequence")

    def _restrictions(self, sql: str, *values: Any) -> list[Restriction]:
        return [Restriction(*row) for row in self._tx.rows(sql, *values)]
