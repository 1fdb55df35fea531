"""What humans said of pairs of records, in SQLite; what contradicts is decided in `ledger.judgement`."""

import base64
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from ledger.entry import (
    JudgementEntry,
    JudgementResult,
    NewJudgement,
    PlacedJudgement,
    Status,
    Verdict,
    VersionConflict,
)
from ledger.identity import entity_id
from ledger.judgement import contradiction
from ledger.ledgers.sqlite.transaction import Transaction
from resolvers.domain import RecordKey
from resolvers.errors import ConflictingJudgement

_ENTRY = """
SELECT j.id, l.source, l.source_id, r.source, r.source_id, j.verdict, j.version, j.author, j.reason,
  j.sequence, e.recorded_at, j.weight, j.reopened
FROM judgement j JOIN record l ON l.number = j.left_record JOIN record r ON r.number = j.right_record
JOIN entry e ON e.sequence = j.sequence"""
_IN_FORCE = f"{_ENTRY} WHERE j.in_force = 1"
_BINDING = (
    "SELECT left_record, right_record, verdict = 'same' FROM judgement"
    " WHERE in_force = 1 AND verdict IN ('same', 'different') AND"
)
_TOUCHING = f"""
{_BINDING} left_record IN (SELECT value FROM carray(?1))
UNION {_BINDING} right_record IN (SELECT value FROM carray(?1))"""
_PLACED = f"""
SELECT p.*, j.left_record, j.right_record, a.entity, b.entity FROM ({_IN_FORCE}) p
JOIN judgement j ON j.sequence = p.sequence
JOIN membership a ON a.record = j.left_record JOIN membership b ON b.record = j.right_record
ORDER BY j.sequence"""

Pair = tuple[int, int]


class SqliteJudgements:
    """The facet `Judgements`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def put(self, new: NewJudgement) -> JudgementResult:
        """Record a judgement; the same word of the same author for the same reason is not written twice.

        Raises: KeyError (a record not known), ValueError (a record and itself, a version below 1),
        ConflictingJudgement, VersionConflict.
        """
        if new.left == new.right:
            raise ValueError("judgement: name two different records")
        if new.version is not None and new.version < 1:
            raise ValueError("judgement: a version is 1 or more")
        left, right = sorted((new.left, new.right))
        new = replace(new, left=left, right=right)
        if new.version is None:
            return self._decide(new, (self._number(left), self._number(right)))
        pair = self._expect(left, new.author), self._expect(right, new.author)
        same_version = self._version(pair, new.version)
        former = self._in_force(pair)
        if same_version is not None and former is not None:
            if not _says(same_version, new):
                raise VersionConflict("this version of the judgement was given before, with another word")
            return JudgementResult(
                Status.DUPLICATE if same_version.version == former.version else Status.STALE, former
            )
        written = self._write(new, pair, new.version, former)
        if former is not None and former.version > new.version:
            return JudgementResult(Status.STALE, former)
        return JudgementResult(Status.ACCEPTED, written)

    def get(self, judgement_id: str) -> JudgementEntry | None:
        """Return the judgement in force of an id, None if unknown."""
        return _only(self._tx.one(f"{_IN_FORCE} AND j.id = ?", judgement_id))

    def history(self, judgement_id: str) -> Sequence[JudgementEntry]:
        """Return every version of a judgement, lowest first."""
        return [
            _judgement(row)
            for row in self._tx.rows(f"{_ENTRY} WHERE j.id = ? ORDER BY j.version", judgement_id)
        ]

    def of(self, keys: Collection[RecordKey]) -> Sequence[JudgementEntry]:
        """Return the judgements in force about any of these records, oldest first."""
        numbers = [n for key in keys if (n := self._known(key)) is not None]
        one_end = "(SELECT value FROM carray(?1))"
        sql = (
            f"{_IN_FORCE} AND (j.left_record IN {one_end} OR j.right_record IN {one_end}) ORDER BY j.sequence"
        )
        return [_judgement(row) for row in self._tx.rows_in(sql, numbers)]

    def all(self) -> Sequence[JudgementEntry]:
        """Return every judgement in force, oldest first."""
        return [_judgement(row) for row in self._tx.rows(f"{_IN_FORCE} ORDER BY j.sequence")]

    def placed(self) -> Sequence[PlacedJudgement]:
        """Return the judgements in force between live records with the persons they are of, oldest first."""
        return [
            PlacedJudgement(_judgement(row), left, right, entity_id(one), entity_id(other))
            for *row, left, right, one, other in self._tx.rows(_PLACED)
        ]

    def count_by(self, author: str) -> int:
        """Return how many judgements an author has given."""
        number: int = self._tx.value("SELECT count(*) FROM judgement WHERE author = ?", author)
        return number

    def reopen(self, judgement_id: str, weight: float, actor: str) -> int:
        """Note that new evidence speaks against the judgement in force."""
        sequence = self._tx.append("judgement.reopen", judgement_id, actor, {"weight": weight})
        self._tx.run(
            "UPDATE judgement SET reopened = ? WHERE id = ? AND in_force = 1", sequence, judgement_id
        )
        return sequence

    def _decide(self, new: NewJudgement, pair: Pair) -> JudgementResult:
        """Take a judgement made on what is in force here: it becomes the pair's next version."""
        if new.verdict.binds:
            self._refuse_contradiction(pair, new.verdict is Verdict.SAME)
        former = self._in_force(pair)
        repeated = former is not None and _says(former, new) and former.reopened is None
        if former is not None and repeated and new.verdict is not Verdict.UNSURE:
            return JudgementResult(Status.DUPLICATE, former)
        version = 1 if former is None else former.version + 1
        return JudgementResult(Status.ACCEPTED, self._write(new, pair, version, former))

    def _write(
        self, new: NewJudgement, pair: Pair, version: int, former: JudgementEntry | None
    ) -> JudgementEntry:
        """Write one version of a pair; it is in force if no higher one is there."""
        sequence = self._tx.sequence() + 1
        id_ = _judgement_id(sequence) if former is None else former.id
        in_force = former is None or version > former.version
        detail: dict[str, object] = {
            "left": pair[0],
            "right": pair[1],
            "verdict": new.verdict.value,
            "version": version,
        }
        self._tx.append("judgement", id_, new.author, detail)
        if in_force:
            self._tx.run(
                "UPDATE judgement SET in_force = 0 WHERE left_record = ? AND right_record = ?", *pair
            )
        self._tx.run(
            "INSERT INTO judgement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            *(sequence, id_, *pair, new.verdict.value, version, new.author, new.reason, new.weight, in_force),
        )
        return JudgementEntry(
            *(id_, new.left, new.right, new.verdict, version, new.author, new.reason, sequence),
            recorded_at=self._tx.instant,
            weight=new.weight,
        )

    def _in_force(self, pair: Pair) -> JudgementEntry | None:
        return _only(self._tx.one(f"{_IN_FORCE} AND j.left_record = ? AND j.right_record = ?", *pair))

    def _version(self, pair: Pair, version: int) -> JudgementEntry | None:
        sql = f"{_ENTRY} WHERE j.left_record = ? AND j.right_record = ? AND j.version = ?"
        return _only(self._tx.one(sql, *pair, version))

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

    def _expect(self, key: RecordKey, actor: str) -> int:
        """Return the number of a record that may not have come yet: it is given one, as by a tombstone."""
        number = self._known(key)
        if number is not None:
            return number
        new: int = self._tx.value("SELECT coalesce(max(number), 0) + 1 FROM record")
        sequence = self._tx.append("record.expect", str(new), actor, {})
        self._tx.run(
            "INSERT INTO record (number, source, source_id, version, sequence, first_sequence, live,"
            " content_hash) VALUES (?, ?, ?, 0, ?, ?, 0, x'')",
            *(new, key.source, key.source_id, sequence, sequence),
        )
        return new

    def _refuse_contradiction(self, pair: Pair, same: bool) -> None:
        """Raise where the others in force say otherwise; suspended must-links say nothing."""
        overruled = {(one.left_number, one.right_number) for one in self.placed() if one.suspended}

        def others(numbers: Collection[int], wanted: bool) -> list[Pair]:
            links = judged(self._tx, numbers)
            left_out = {pair, *overruled}
            return [(a, b) for a, b, is_same in links if is_same is wanted and (a, b) not in left_out]

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
    """Return the must-links (True) and cannot-links in force with an end among these records."""
    return [(left, right, bool(same)) for left, right, same in transaction.rows_in(_TOUCHING, numbers)]


def _says(entry: JudgementEntry, new: NewJudgement) -> bool:
    return (entry.verdict, entry.author, entry.reason) == (new.verdict, new.author, new.reason)


def _judgement_id(sequence: int) -> str:
    return "j" + base64.b32encode(sequence.to_bytes(5, "big")).decode().lower()


def _only(row: tuple[Any, ...] | None) -> JudgementEntry | None:
    return None if row is None else _judgement(row)


def _judgement(row: Sequence[Any]) -> JudgementEntry:
    id_, left_source, left_id, right_source, right_id, verdict, version, author, reason, *rest = row
    left, right = RecordKey(left_source, left_id), RecordKey(right_source, right_id)
    return JudgementEntry(id_, left, right, Verdict(verdict), version, author, reason, *rest)
