"""Possible matches between persons, in SQLite."""

import json
from collections.abc import Collection, Mapping, Sequence

from ledger.entry import DoubtfulLink
from ledger.identity import entity_id, entity_number
from ledger.ledgers.sqlite.transaction import Transaction

_LINKS = """
SELECT left_record, right_record, weight, a.entity, b.entity FROM edge
JOIN membership a ON a.record = left_record JOIN membership b ON b.record = right_record
WHERE weight >= ? AND a.entity <> b.entity"""
_FINDINGS = """
SELECT entity_id, count(DISTINCT finding) FROM finding_subject JOIN finding ON id = finding
WHERE into_finding IS NULL AND state IN (SELECT value FROM json_each(?2))
AND entity_id IN (SELECT value FROM json_each(?1)) GROUP BY entity_id"""

_LARGE = "SELECT entity, count(*) FROM membership GROUP BY entity HAVING count(*) > ? ORDER BY entity"
_CHANGED = "SELECT max(sequence) FROM entry WHERE subject = ? AND substr(kind, 1, 9) = 'identity.'"
_JUDGED = """
SELECT max(sequence) FROM judgement WHERE in_force = 1
AND left_record IN (SELECT record FROM membership WHERE entity = ?1)
AND right_record IN (SELECT record FROM membership WHERE entity = ?1)"""


class SqliteDoubts:
    """The facet `Doubts`. It reads the whole table of links: pushes are many, looks at the queue few."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def links(self, least: float) -> Sequence[DoubtfulLink]:
        """Return the strongest pair of each two persons, of at least so many bits, ascending by number."""
        strongest: dict[tuple[int, int], tuple[float, int, int, int, int]] = {}
        for left, right, weight, one, other in self._tx.connection.execute(_LINKS, (least,)):
            persons = (one, other) if one < other else (other, one)
            found = (weight, -left, -right, one, other)
            if persons not in strongest or found > strongest[persons]:
                strongest[persons] = found
        return sorted(
            (
                DoubtfulLink(-left, -right, weight, entity_id(one), entity_id(other))
                for weight, left, right, one, other in strongest.values()
            ),
            key=lambda link: (link.left, link.right),
        )

    def scored(self, bits: Sequence[float]) -> Sequence[int]:
        """Return how many scored pairs have at least each of these weights, in one pass."""
        sums = ", ".join("coalesce(sum(weight >= ?), 0)" for _ in bits)
        return list(self._tx.rows(f"SELECT {sums} FROM edge", *bits)[0]) if bits else []

    def sizes(self, entity_ids: Collection[str]) -> Mapping[str, int]:
        """Return how many live records each of these persons has."""
        numbers = [number for id_ in entity_ids if (number := entity_number(id_)) is not None]
        sql = (
            "SELECT entity, count(*) FROM membership WHERE entity IN (SELECT value FROM carray(?1))"
            " GROUP BY entity"
        )
        return {entity_id(entity): size for entity, size in self._tx.rows_in(sql, numbers)}

    def large(self, most: int) -> Sequence[str]:
        """Return the persons of more live records than that whom nobody has judged since they changed."""
        found = []
        for entity, _ in self._tx.rows(_LARGE, most):
            changed = self._tx.value(_CHANGED, entity_id(entity))
            judged = self._tx.value(_JUDGED, entity)
            if judged is None or judged < changed:
                found.append(entity_id(entity))
        return found

    def findings(self, entity_ids: Collection[str], states: Collection[str]) -> Mapping[str, int]:
        """Return how many findings in these states name each of these persons."""
        return dict(self._tx.rows(_FINDINGS, json.dumps(sorted(entity_ids)), json.dumps(sorted(states))))
