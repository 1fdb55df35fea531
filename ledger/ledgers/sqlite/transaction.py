"""One transaction over the ledger's file: what every facet shares of it."""

import json
from array import array
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import apsw

from ledger.content import canonical_json
from ledger.entry import Entry


@dataclass(frozen=True, slots=True)
class Transaction:
    """A snapshot or the unit of work: its connection, its instant, the folder and the secret.

    All entries of one transaction have one instant: it becomes known as a whole.
    """

    connection: apsw.Connection
    instant: str
    folder: Path
    secret: bytes

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row of a query, None where there is none."""
        return self.connection.execute(sql, values).fetchone()

    def value(self, sql: str, *values: Any) -> Any:
        """Return the one value of a query, None where there is no row."""
        row = self.one(sql, *values)
        return row[0] if row is not None else None

    def run(self, sql: str, *values: Any) -> None:
        """Run a statement that answers nothing."""
        self.connection.execute(sql, values)

    def run_many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Run a statement once for each row of values."""
        self.connection.executemany(sql, rows)

    def changes(self) -> int:
        """Return how many rows the last statement changed."""
        return self.connection.changes()

    def rows_in(self, sql: str, numbers: Collection[int], *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a query that reads `numbers` as `carray(?1)`; none for no numbers."""
        if not numbers:
            return []
        return self.connection.execute(sql, (apsw.carray(array("q", numbers)), *values)).fetchall()

    def run_in(self, sql: str, numbers: Collection[int], *values: Any) -> None:
        """Run a statement that reads `numbers` as `carray(?1)`."""
        if numbers:
            self.connection.execute(sql, (apsw.carray(array("q", numbers)), *values))

    def sequence(self) -> int:
        """Return the last ledger sequence visible here."""
        last: int = self.value("SELECT coalesce(max(sequence), 0) FROM entry")
        return last

    def append(self, kind: str, subject: str, actor: str, detail: Mapping[str, object]) -> int:
        """Append one entry and return its sequence."""
        return self.append_many([(kind, subject, detail)], actor)

    def append_many(self, entries: Iterable[tuple[str, str, Mapping[str, object]]], actor: str) -> int:
        """Append (kind, subject, detail) entries in order; return the sequence of the first."""
        first = self.sequence() + 1
        self.run_many(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)",
            (
                (sequence, self.instant, kind, subject, actor, canonical_json(detail))
                for sequence, (kind, subject, detail) in enumerate(entries, first)
            ),
        )
        return first


def entry_of(row: tuple[Any, ...]) -> Entry:
    """Return the entry of a row (sequence, recorded_at, kind, subject, actor, detail)."""
    sequence, recorded_at, kind, subject, actor, detail = row
    return Entry(sequence, recorded_at, kind, subject, actor, json.loads(detail))


def chunks(rows: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """Yield lists of at most `size` rows, in order."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk
