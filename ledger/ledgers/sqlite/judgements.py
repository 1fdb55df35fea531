"""Must-link and cannot-link in SQLite; what contradicts is decided in `ledger.judgement`."""

import base64
from collections.abc import Collection, Sequence
from typing import Any

from ledger.entry import JudgementEntry
from ledger.judgement import contradiction
from ledger.ledgers.sqlite.transaction import Transaction
from resolvers.domain import RecordKey
from resolvers.errors import ConflictingJudgement

_ENTRY = """
SELECT j.id, l.source, l.source_id, r.source, r.source_id, j.same, j.version, j.author, j.reason, j.sequence,
  e.recorded_at
FROM judgement j JOIN record l ON l.number = j.left_record JOIN record r ON r.number = j.right_record
JOIN entry e ON e.sequence = j.sequence WHERE j.in_force = 1"""
_TOUCHING = """
SELECT left_record, right_record, same FROM judgement
WHERE in_force = 1 AND left_record IN (SELECT value FROM carray(?1))
UNION SELECT left_record, right_record, same FROM judgement
WHERE in_force = 1 AND right_record IN (SELECT value FROM carray(?1))"""


class SqliteJudgements:
    """The facet `Judgements`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def put(self, left: RecordKey, right: RecordKey, same: bool, author: str, reason: str) -> JudgementEntry:
        """Record a judgement; the same word of the same author for the same reason is not written twice.

        Raises: KeyError (a record not known), ValueError (a record and itself), ConflictingJudgement.
        """
        left, right = sorted((left, right))
        if left == right:
            raise ValueError("judgement: name two different records")
        pair = self._number(left), self._number(right)
        self._refuse_contradiction(pair, same)
        former = self._in_force(pair)
        if former is not None and (former.same, former.author, former.reason) == (same, author, reason):
            return former
        version = 1 if former is None else former.version + 1
        detail: dict[str, object] = {"left": pair[0], "right": pair[1], "same": same, "version": version}
        sequence = self._tx.sequence() + 1
        id_ = _judgement_id(sequence) if former is None else former.id
        self._tx.append("judgement", id_, author, detail)
        self._tx.run("UPDATE judgement SET in_force = 0 WHERE left_record = ? AND right_record = ?", *pair)
        self._tx.run(
            "INSERT INTO judgement VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
            *(sequence, id_, *pair, same, version, author, reason),
        )
        return JudgementEntry(id_, left, right, same, version, author, reason, sequence, self._tx.instant)

    def of(self, keys: Collection[RecordKey]) -> Sequence[JudgementEntry]:
        """Return the judgements in force about any of these records, oldest first."""
        numbers = [n for key in keys if (n := self._known(key)) is not None]
        one_end = "(SELECT value FROM carray(?1))"
        sql = f"{_ENTRY} AND (j.left_record IN {one_end} OR j.right_record IN {one_end}) ORDER BY j.sequence"
        return [_judgement(row) for row in self._tx.rows_in(sql, numbers)]

    def all(self) -> Sequence[JudgementEntry]:
        """Return every judgement in force, oldest first."""
        return [_judgement(row) for row in self._tx.rows(f"{_ENTRY} ORDER BY j.sequence")]

    def _in_force(self, pair: tuple[int, int]) -> JudgementEntry | None:
        row = self._tx.one(f"{_ENTRY} AND j.left_record = ? AND j.right_record = ?", *pair)
        return None if row is None else _judgement(row)

    def _known(self, key: RecordKey) -> int | None:
        number: int | None = self._tx.value(
            "SELECT number FROM record WHERE source = ? AND source_id = ?", key.source, key.source_id
        )
        return number

    def _number(self, key: RecordKey) -> int:
        number = self._known(key)
        if number is None:
            raise KeyError("judgement: a record it names is not known; push the record first")
        return number

    def _refuse_contradiction(self, pair: tuple[int, int], same: bool) -> None:
        def others(numbers: Collection[int], wanted: bool) -> list[tuple[int, int]]:
            links = judged(self._tx, numbers)
            return [(a, b) for a, b, is_same in links if is_same is wanted and (a, b) != pair]

        chain = contradiction(pair, same, lambda n: others(n, True), lambda n: others(n, False))
        if chain is None:
            return
        rows = self._tx.rows_in(
            "SELECT number, source, source_id FROM record, carray(?1) WHERE number = value", chain
        )
        name = {number: str(RecordKey(source, source_id)) for number, source, source_id in rows}
        raise ConflictingJudgement(
            "the judgement contradicts those in force along the chain named: change one of them first",
            tuple(name[number] for number in chain),
        )


def judged(transaction: Transaction, numbers: Collection[int]) -> list[tuple[int, int, bool]]:
    """Return the judgements in force with an end among these records: (left, right, same) by record key."""
    return [(left, right, bool(same)) for left, right, same in transaction.rows_in(_TOUCHING, numbers)]


def _judgement_id(sequence: int) -> str:
    return "j" + base64.b32encode(sequence.to_bytes(5, "big")).decode().lower()


def _judgement(row: tuple[Any, ...]) -> JudgementEntry:
    id_, left_source, left_id, right_source, right_id, same, version, author, reason, sequence, at = row
    left, right = RecordKey(left_source, left_id), RecordKey(right_source, right_id)
    return JudgementEntry(id_, left, right, bool(same), version, author, reason, sequence, at)
