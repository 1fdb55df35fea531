"""Take records and events out of the ledger for good: what they said goes, decisions stay."""

import hmac
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ledger.content import canonical_json, content_hash, event_of, event_text
from ledger.entry import LedgerError
from ledger.erasure import REASONS, Ended, Erasure, Token, certificate_id
from ledger.event import EventKey
from ledger.ledgers.sqlite.erased import ErasedKeys, scalars
from ledger.ledgers.sqlite.events import without
from ledger.ledgers.sqlite.segments import SqliteSegments
from ledger.ledgers.sqlite.transaction import Transaction
from resolvers.domain import RecordKey

_SELECT = """
SELECT x.certificate, x.sequence, e.recorded_at, e.actor, x.reason, x.counts, x.purged_at, x.graph_at
FROM erasure x JOIN entry e USING (sequence)"""
_FORGET = """
UPDATE {} SET source_id = ?, live = 0, content_hash = x'', certificate = ? WHERE number = ?"""
_NAMING = """
SELECT number, body -> '$.participants' FROM event_payload WHERE body IS NOT NULL AND number IN (
  SELECT event FROM participation t, json_each(?1) wanted
  WHERE t.source = wanted.value ->> 0 AND t.source_id = wanted.value ->> 1
  UNION SELECT p.number FROM event_payload p JOIN event v ON v.number = p.number, json_each(?1) wanted
  WHERE p.sequence != v.sequence AND instr(p.body, json_quote(wanted.value ->> 1)))"""
"""Former versions have no participation: whoever may be named in one is looked at."""
_AMONG = "IN (SELECT value FROM carray(?1))"


class SqliteErasures:
    """The facet `Erasures`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def begin(self, reason: str, actor: str) -> str:
        """Write the entry of an erasure and return the id of its certificate. Raises: LedgerError."""
        if reason not in REASONS:
            raise LedgerError(f"reason: must be one of {', '.join(REASONS)}")
        sequence = self._tx.sequence() + 1
        certificate = certificate_id(sequence)
        self._tx.append("erase", certificate, actor, {"reason": reason})
        self._tx.run(
            "INSERT INTO erasure (sequence, certificate, reason, counts) VALUES (?, ?, ?, '{}')",
            *(sequence, certificate, reason),
        )
        return certificate

    def erase_records(self, certificate: str, numbers: Collection[int]) -> Mapping[str, int]:
        """Erase records that resolution no longer knows, every version, and what was said of them.

        Returns how many went of each: records, versions, judgements, segment rows, quarantined rows.
        """
        keys = {(source, source_id): number for number, source, source_id in self._keys("record", numbers)}
        rows = SqliteSegments(self._tx).erase(keys, self._sequence(certificate)) if keys else 0
        counts = {
            "records": len(keys),
            "versions": self._forget("record", keys, certificate),
            "judgements": self._delete(
                f"DELETE FROM judgement WHERE left_record {_AMONG} OR right_record {_AMONG}", keys.values()
            ),
            "segment_rows": rows,
            "quarantined": sum(self._forget_quarantined(*key) for key in sorted(keys)),
        }
        self._tx.run_many("DELETE FROM participation WHERE source = ? AND source_id = ?", sorted(keys))
        self._tx.run_in(f"DELETE FROM restricted_record WHERE record {_AMONG}", list(keys.values()))
        return counts

    def erase_events(self, certificate: str, numbers: Collection[int]) -> Mapping[str, int]:
        """Erase events, every version; return how many."""
        keys = {(source, source_id): number for number, source, source_id in self._keys("event", numbers)}
        versions = self._forget("event", keys, certificate)
        self._delete(f"DELETE FROM participation WHERE event {_AMONG}", keys.values())
        return {"events": len(keys), "versions": versions}

    def redact_events(
        self, certificate: str, keys: Collection[tuple[str, str]], kept: Collection[int], actor: str
    ) -> int:
        """Take these records out of every version of these events; return how many events it changed.

        The keyed hash of what is left becomes an entry, so that a later change still shows.
        """
        changed = set()
        for sequence, number, body in self._tx.rows_in(
            f"SELECT sequence, number, body FROM event_payload WHERE body IS NOT NULL AND number {_AMONG}",
            kept,
        ):
            event = without(event_of(EventKey("", ""), body), keys)
            text = event_text(event)
            if text == body:
                continue
            mac = hmac.digest(self._tx.secret, text.encode(), "sha256").hex()
            detail = {"of": sequence, "content": mac, "certificate": certificate}
            redacted = self._tx.append("event.redact", str(number), actor, detail)
            self._tx.run(
                "UPDATE event_payload SET body = ?, redacted = ? WHERE sequence = ?", text, redacted, sequence
            )
            self._tx.run("UPDATE event SET content_hash = ? WHERE sequence = ?", content_hash(text), sequence)
            changed.add(number)
        return len(changed)

    def mentioning(self, keys: Collection[RecordKey]) -> tuple[Sequence[int], Sequence[int]]:
        """Return the events that name these records and nobody else, and those that others share; ascending.

        Every version counts, deleted events too.
        """
        wanted = {(key.source, key.source_id) for key in keys}
        listed = json.dumps(sorted(wanted))
        said: defaultdict[int, set[tuple[str, str]]] = defaultdict(set)
        for number, participants in self._tx.rows(_NAMING, listed):
            said[number].update((part["source"], part["source_id"]) for part in json.loads(participants))
        named = {number: keys for number, keys in said.items() if keys & wanted}
        alone = sorted(number for number, keys in named.items() if keys <= wanted)
        return alone, sorted(named.keys() - set(alone))

    def certify(self, certificate: str, counts: Mapping[str, int], *, graph: bool) -> None:
        """Write down what went; `graph` = another server's graph holds bytes of it still."""
        self._tx.run(
            "UPDATE erasure SET counts = ?, graph_at = ? WHERE certificate = ?",
            *(canonical_json(dict(counts)), None if graph else self._tx.instant, certificate),
        )

    def finish(self, certificates: Collection[str], *, graph: bool) -> None:
        """Write down that the bytes are overwritten: in the data folder, or in another server's graph."""
        column = "graph_at" if graph else "purged_at"
        self._tx.run_many(
            f"UPDATE erasure SET {column} = coalesce({column}, ?) WHERE certificate = ?",
            ((self._tx.instant, certificate) for certificate in sorted(certificates)),
        )

    def since(self, sequence: int) -> bool:
        """Return whether anything was erased after a ledger sequence."""
        return self._tx.one("SELECT 1 FROM erasure WHERE sequence > ?", sequence) is not None

    def get(self, certificate: str) -> Erasure | None:
        """Return one erasure."""
        found = self._erasures(f"{_SELECT} WHERE x.certificate = ?", certificate)
        return found[0] if found else None

    def all(self) -> Sequence[Erasure]:
        """Return every erasure, oldest first."""
        return self._erasures(f"{_SELECT} ORDER BY x.sequence")

    def erase_rows(self, certificate: str, ended: Collection[Ended]) -> int:
        """Take out of segments the rows of events that ended; return how many."""
        return SqliteSegments(self._tx).erase_before(ended, self._sequence(certificate)) if ended else 0

    def mentioned(self, key: RecordKey, actor: str) -> int | None:
        """Return the number of a record that never came but that events name, given to it now; else None."""
        pair = (key.source, key.source_id)
        named = self._tx.one("SELECT 1 FROM participation WHERE source = ? AND source_id = ?", *pair)
        if named is None and pair not in SqliteSegments(self._tx).named():
            return None
        return self._expect(pair, actor)

    def recall(
        self, tokens: Collection[Token], actor: str
    ) -> tuple[Sequence[int], Sequence[int], Sequence[Token]]:
        """Return the records and events that stand here and were erased elsewhere, and the keys not here."""
        left = set(tokens) - set(self.tokens())
        found: dict[str, list[int]] = {"record": [], "event": []}
        for table, numbers in found.items():
            token = ErasedKeys(self._tx, table).token
            rows = self._tx.rows(f"SELECT number, source, source_id FROM {table} WHERE certificate IS NULL")
            for number, source, source_id in rows if left else ():
                mine = (table, *token(source, source_id))
                if mine in left:
                    left.discard(mine)
                    numbers.append(number)
        token = ErasedKeys(self._tx, "record").token
        named = set(self._tx.rows("SELECT DISTINCT source, source_id FROM participation")) if left else set()
        for key in sorted(named | SqliteSegments(self._tx).named()) if left else ():
            if ("record", *token(*key)) in left:
                left.discard(("record", *token(*key)))
                found["record"].append(self._expect(key, actor))
        return sorted(found["record"]), sorted(found["event"]), sorted(left)

    def forbid(self, certificate: str, tokens: Collection[Token]) -> None:
        """Refuse from now on keys that were erased elsewhere and never came here."""
        sequence = self._sequence(certificate)
        for table, source, token in sorted(tokens):
            self._bare(table, (source, token), sequence, certificate)

    def _expect(self, key: tuple[str, str], actor: str) -> int:
        number: int = self._tx.value("SELECT coalesce(max(number), 0) + 1 FROM record")
        return self._bare("record", key, self._tx.append("record.expect", str(number), actor, {}), None)

    def _bare(self, table: str, key: tuple[str, str], sequence: int, certificate: str | None) -> int:
        """Give a number to a key of which nothing was said."""
        number: int = self._tx.value(f"SELECT coalesce(max(number), 0) + 1 FROM {table}")
        self._tx.run(
            f"INSERT INTO {table} (number, source, source_id, version, sequence, first_sequence, live,"
            " content_hash, certificate) VALUES (?, ?, ?, 0, ?, ?, 0, x'', ?)",
            *(number, *key, sequence, sequence, certificate),
        )
        return number

    def tokens(self) -> Sequence[Token]:
        """Return what stands for each key that was erased, sorted."""
        return [
            (table, source, token)
            for table in ("event", "record")
            for source, token in self._tx.rows(
                f"SELECT source, source_id FROM {table} WHERE certificate IS NOT NULL ORDER BY 1, 2"
            )
        ]

    def _erasures(self, sql: str, *values: Any) -> list[Erasure]:
        return [
            Erasure(certificate, sequence, at, actor, reason, json.loads(counts), purged, graph)
            for certificate, sequence, at, actor, reason, counts, purged, graph in self._tx.rows(sql, *values)
        ]

    def _sequence(self, certificate: str) -> int:
        sequence: int = self._tx.value("SELECT sequence FROM erasure WHERE certificate = ?", certificate)
        return sequence

    def _keys(self, table: str, numbers: Collection[int]) -> list[tuple[int, str, str]]:
        sql = f"SELECT number, source, source_id FROM {table} WHERE certificate IS NULL AND number {_AMONG}"
        return [(number, source, source_id) for number, source, source_id in self._tx.rows_in(sql, numbers)]

    def _forget(self, table: str, keys: Mapping[tuple[str, str], int], certificate: str) -> int:
        """Empty the rows of these keys and every version; return how many versions went."""
        live = self._tx.rows_in(
            f"SELECT source FROM {table} WHERE live = 1 AND number {_AMONG}", keys.values()
        )
        self._tx.run_many(f"UPDATE source SET {table}s = {table}s - 1 WHERE name = ?", live)
        gone = self._delete(f"DELETE FROM {table}_payload WHERE number {_AMONG}", keys.values())
        token = ErasedKeys(self._tx, table).token
        self._tx.run_many(
            _FORGET.format(table),
            ((token(*key)[1], certificate, number) for key, number in sorted(keys.items())),
        )
        return gone

    def _delete(self, sql: str, numbers: Collection[int]) -> int:
        if not numbers:
            return 0
        self._tx.run_in(sql, numbers)
        return self._tx.changes()

    def _forget_quarantined(self, source: str, source_id: str) -> int:
        """Empty the quarantined rows of a source that name this id."""
        rows = self._tx.rows(
            "SELECT number, payload FROM quarantine WHERE source = ? AND payload NOT NULL", source
        )
        named = [(number,) for number, payload in rows if source_id in scalars(payload)]
        self._tx.run_many("UPDATE quarantine SET payload = NULL WHERE number = ?", named)
        return len(named)
