"""Known sources in SQLite, with what was last said by each."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from ledger.ledgers.sqlite.transaction import Transaction

_FRESHNESS = """
SELECT name, records, events, rows, last_recorded_at,
  (SELECT count(*) FROM quarantine WHERE source = name AND resolved_at IS NULL)
FROM source ORDER BY name"""
_FIELDS = ("source", "records", "events", "rows", "last_recorded_at", "quarantined")


class SqliteSources:
    """The facet `Sources`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def register(self, source: str, mapping: str | None, actor: str) -> None:
        """Make a source known, or give it another mapping; what is registered so already is not written."""
        if self.known(source) and self.mapping(source) == mapping:
            return
        digest = None if mapping is None else hashlib.sha256(mapping.encode()).hexdigest()
        self._tx.append("source.register", source, actor, {"mapping": digest})
        self._tx.run(
            "INSERT INTO source (name, mapping, registered) VALUES (?, ?, 1)"
            " ON CONFLICT (name) DO UPDATE SET mapping = excluded.mapping, registered = 1",
            *(source, mapping),
        )

    def known(self, source: str) -> bool:
        """Return whether the source was registered."""
        return self._tx.one("SELECT 1 FROM source WHERE name = ? AND registered = 1", source) is not None

    def mapping(self, source: str) -> str | None:
        """Return the text of its mapping, None where it has none."""
        text: str | None = self._tx.value("SELECT mapping FROM source WHERE name = ?", source)
        return text

    def freshness(self) -> Sequence[Mapping[str, Any]]:
        """Return what each source has live, when it last said something, and what waits in quarantine."""
        return [dict(zip(_FIELDS, row, strict=True)) for row in self._tx.rows(_FRESHNESS)]
