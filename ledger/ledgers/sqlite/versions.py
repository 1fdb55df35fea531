"""Versioned puts and tombstones, the same for records and events: look up, decide, write down."""

import hmac
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.content import content_hash
from ledger.entry import Erased, PutResult, Status, VersionConflict
from ledger.ledgers.sqlite.erased import ErasedKeys
from ledger.ledgers.sqlite.transaction import Transaction
from ledger.version import Held, decide

SourceKey = tuple[str, str]
"""(source, id in that source)."""


@dataclass(frozen=True, slots=True)
class Push:
    """One content to be put, as canonical text; None is a tombstone."""

    key: SourceKey
    text: str | None
    version: int | None


class Versions:
    """The `record` or the `event` table: the version in force of each key, and every payload."""

    def __init__(self, transaction: Transaction, table: str) -> None:
        self._tx = transaction
        self._table = table
        self._erased = ErasedKeys(transaction, table)

    def held(self, keys: Collection[SourceKey]) -> dict[SourceKey, Held]:
        """Return the version in force of each known key; an erased one has its certificate."""
        found = self._held(keys)
        tokens = self._erased.tokens([key for key in keys if key not in found])
        gone = self._held(tokens.values())
        return found | {key: gone[token] for key, token in tokens.items() if token in gone}

    def _held(self, keys: Iterable[SourceKey]) -> dict[SourceKey, Held]:
        sql = (
            "SELECT source, source_id, number, version, sequence, first_sequence, live, content_hash,"
            f" certificate FROM {self._table} WHERE source = ? AND source_id = ?"
        )
        return {
            (source, source_id): Held(number, version, sequence, first, bool(live), digest, certificate)
            for source, source_id, number, version, sequence, first, live, digest, certificate in (
                self._tx.connection.executemany(sql, keys)
            )
        }

    def said(self, key: SourceKey, sequence: int) -> tuple[Any, ...] | None:
        """Return (number, version, sequence, recorded_at, text) of the last content by this sequence.

        Raises: Erased.
        """
        held = self.held([key]).get(key)
        if held is not None and held.certificate is not None:
            raise Erased(held.certificate)
        sql = (
            "SELECT p.number, e.detail ->> '$.version', p.sequence, e.recorded_at, p.body"
            f" FROM {self._table}_payload p JOIN entry e USING (sequence)"
            " WHERE p.number = ? AND p.sequence <= ? AND p.body IS NOT NULL ORDER BY p.sequence DESC LIMIT 1"
        )
        return None if held is None else self._tx.one(sql, held.number, sequence)

    def live_ids(self, source: str, up_to: int | None, condition: str = "") -> list[str]:
        """Return the ids of a source's live rows, of those last said by sequence `up_to` if given."""
        sql = (
            f"SELECT source_id FROM {self._table} WHERE source = ?1 AND live = 1 {condition}"
            " AND (?2 IS NULL OR sequence <= ?2) ORDER BY source_id"
        )
        return [source_id for (source_id,) in self._tx.rows(sql, source, up_to)]

    def put(self, pushes: Sequence[Push], actor: str) -> list[PutResult | VersionConflict | Erased]:
        """Put contents and tombstones in order; a later push sees what an earlier one of the same call did.

        Raises: KeyError for a tombstone without a version of a key never known. ValueError as `decide`.
        """
        held = self.held({push.key for push in pushes})
        batch = _Batch(
            number=self._tx.value(f"SELECT coalesce(max(number), 0) + 1 FROM {self._table}"),
            sequence=self._tx.sequence() + 1,
        )
        results = [self._put_one(push, held, batch) for push in pushes]
        self._write(batch, held, actor)
        return results

    def _put_one(
        self, push: Push, held: dict[SourceKey, Held], batch: "_Batch"
    ) -> PutResult | VersionConflict | Erased:
        before = held.get(push.key)
        if before is None and push.text is None and push.version is None:
            raise KeyError(f"no such {self._table}: nothing was ever put under this key")
        digest = b"" if push.text is None else content_hash(push.text)
        try:
            status, version = decide(before, push.version, digest)
        except (VersionConflict, Erased) as refusal:
            return refusal
        if status is not Status.ACCEPTED:
            assert before is not None
            return PutResult(status, before.number, before.version, before.sequence)
        number = before.number if before is not None else batch.new_number()
        sequence = batch.sequence + len(batch.entries)
        first = before.first_sequence if before is not None else sequence
        self._count(batch, push, before)
        held[push.key] = Held(number, version, sequence, first, push.text is not None, digest)
        batch.changed[push.key] = None
        detail: dict[str, object] = {"version": version}
        if push.text is not None:
            detail["content"] = hmac.digest(self._tx.secret, push.text.encode(), "sha256").hex()
        batch.payloads.append((sequence, number, push.text))
        verb = "delete" if push.text is None else "put"
        batch.entries.append((f"{self._table}.{verb}", str(number), detail))
        return PutResult(status, number, version, sequence)

    def _count(self, batch: "_Batch", push: Push, before: Held | None) -> None:
        was = before is not None and before.live
        batch.live[push.key[0]] += int(push.text is not None) - int(was)

    def _write(self, batch: "_Batch", held: Mapping[SourceKey, Held], actor: str) -> None:
        if not batch.entries:
            return
        self._tx.append_many(batch.entries, actor)
        self._tx.run_many(
            f"INSERT INTO {self._table}_payload (sequence, number, body) VALUES (?, ?, ?)", batch.payloads
        )
        self._tx.run_many(
            f"INSERT INTO {self._table} (number, source, source_id, version, sequence, first_sequence, live,"
            " content_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET"
            " version = excluded.version, sequence = excluded.sequence, live = excluded.live,"
            " content_hash = excluded.content_hash",
            ((now.number, *key, *_columns(now)) for key in batch.changed if (now := held[key])),
        )
        column = f"{self._table}s"
        self._tx.run_many(
            f"INSERT INTO source (name, {column}, last_recorded_at) VALUES (?, ?, ?)"
            f" ON CONFLICT (name) DO UPDATE SET {column} = {column} + excluded.{column},"
            " last_recorded_at = excluded.last_recorded_at",
            ((source, change, self._tx.instant) for source, change in sorted(batch.live.items())),
        )


def _columns(held: Held) -> tuple[int, int, int, bool, bytes]:
    return held.version, held.sequence, held.first_sequence, held.live, held.content_hash


class _Batch:
    """What one call will write: entries in order, payloads, the keys changed, live counts by source."""

    def __init__(self, number: int, sequence: int) -> None:
        self.sequence = sequence
        self.entries: list[tuple[str, str, Mapping[str, object]]] = []
        self.payloads: list[tuple[int, int, str | None]] = []
        self.changed: dict[SourceKey, None] = {}
        self.live: Counter[str] = Counter()
        self._number = number

    def new_number(self) -> int:
        """Return the next record or event number."""
        self._number += 1
        return self._number - 1
