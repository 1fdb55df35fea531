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

    def sizes(self, entity_ids: Collection[str]) -> Mapping[str, int]:
        """Return how many live records each of these persons has."""
        numbers = [number for id_ in entity_ids if (number := entity_number(id_)) is not None]
        sql = (
            "SELECT entity, count(*) FROM membership WHERE entity IN (SELECT value FROM carray(?1))"
            " GROUP BY entity"
        )
        return {entity_id(entity): size for entity, size in self._tx.rows_in(sql, numbers)}

    def findings(self, entity_ids: Collection[str], states: Collection[str]) -> Mapping[str, int]:
        """Return how many findings in these states name each of these persons."""
        return dict(self._tx.rows(_FINDINGS, json.dumps(sorted(entity_ids)), json.dumps(sorted(states))))
