"""The keys that were erased, known again by their keyed hashes alone."""

import json
from collections.abc import Collection, Iterable

from ledger.erasure import erased_id
from ledger.ledgers.sqlite.transaction import Transaction
from ledger.secret import derive

_ANY = "SELECT 1 FROM erasure LIMIT 1"


class ErasedKeys:
    """What stands for erased keys of the `record` or `event` table; free before the first erasure."""

    def __init__(self, transaction: Transaction, table: str) -> None:
        self._tx = transaction
        self._table = table

    def tokens(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
        """Return the key that would stand for each of these if it were erased; none before any erasure."""
        if not keys or self._tx.one(_ANY) is None:
            return {}
        return {key: self.token(*key) for key in keys}

    def among(self, keys: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """Return those of these keys that were erased."""
        tokens = self.tokens(frozenset(keys))
        sql = f"SELECT 1 FROM {self._table} WHERE source = ? AND source_id = ? AND certificate IS NOT NULL"
        return frozenset(key for key, token in tokens.items() if self._tx.one(sql, *token) is not None)

    def token(self, source: str, source_id: str) -> tuple[str, str]:
        """Return the key that stands for this one once it is erased."""
        key = derive(self._tx.secret, "erased")
        return source, erased_id(key, self._table, source, source_id)

    def named_by(self, source: str, payload: str | None) -> bool:
        """Return whether a quarantined row (JSON object) of a source names an erased id."""
        return any(self.among((source, value) for value in scalars(payload)))


def scalars(payload: str | None) -> list[str]:
    """Return every value of a row kept as a JSON object, as text; a row that is no JSON is one value."""
    if payload is None:
        return []
    try:
        return sorted(set(_texts(json.loads(payload))))
    except ValueError:
        return [payload]


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
    elif value is not None:
        yield str(value)
