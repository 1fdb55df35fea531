"""Columnar segments: Parquet files beside the ledger, each durable before its entry commits."""

import hashlib
import io
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import polars as pl

from ledger.event import EventKey
from ledger.ledgers.sqlite.transaction import Transaction
from ledger.secret import sync_folder

FOLDER = "segments"
MOST_ROWS = 10_000


class SqliteSegments:
    """The facet `Segments`. A file without a row in the ledger is an orphan of a crash and is ignored."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction
        self._folder = transaction.folder / FOLDER

    def append(self, frame: pl.DataFrame, actor: str) -> int | None:
        """Write one frame; None when the same rows, in any order, are there already.

        Raises: ValueError when the frame has more rows than a segment may hold, or none.
        """
        if not 0 < frame.height <= MOST_ROWS:
            raise ValueError(f"frame: a segment holds 1 to {MOST_ROWS} rows; cut the load into chunks")
        digest = rows_hash(frame)
        if self._tx.one("SELECT 1 FROM segment WHERE rows_hash = ?", digest) is not None:
            return None
        sequence = self._tx.append(
            "segment", "", actor, {"rows": frame.height, "hash": digest.hex(), "columns": frame.columns}
        )
        file_hash = self._write(frame, sequence)
        self._tx.run("INSERT INTO segment VALUES (?, ?, ?, ?)", sequence, frame.height, digest, file_hash)
        self._count(frame)
        return sequence

    def paths(self) -> Sequence[str]:
        """Return the paths of committed segments, by sequence."""
        return [str(self._path(sequence)) for sequence in self._sequences()]

    def of_events(self, keys: Collection[EventKey], sequence: int) -> pl.DataFrame:
        """Return the rows of these events with the sequence of their segment, by that sequence."""
        wanted = pl.LazyFrame(
            [(key.source, key.event_id) for key in sorted(set(keys))],
            schema={"source": pl.String, "event_id": pl.String},
            orient="row",
        )
        paths = {str(self._path(number)): number for number in self._sequences() if number <= sequence}
        if not paths or not keys:
            return pl.DataFrame(schema={"source": pl.String, "event_id": pl.String, "segment": pl.Int64})
        rows = pl.scan_parquet(list(paths), include_file_paths="segment", glob=False)
        return (
            rows.join(wanted, on=["source", "event_id"], how="semi")
            .with_columns(pl.col("segment").replace_strict(paths, return_dtype=pl.Int64))
            .sort("segment", maintain_order=True)
            .collect()
        )

    def rows(self) -> int:
        """Return how many rows all segments hold."""
        number: int = self._tx.value("SELECT coalesce(sum(rows), 0) FROM segment")
        return number

    def problems(self) -> Iterator[str]:
        """Yield the segments whose file is missing or is not what was committed."""
        for sequence, file_hash in self._tx.rows("SELECT sequence, file_hash FROM segment ORDER BY sequence"):
            path = self._path(sequence)
            if not path.exists():
                yield f"segment {sequence}: file missing; restore {FOLDER}/{path.name} from a backup"
            elif _file_hash(path) != file_hash:
                yield f"segment {sequence}: file damaged; restore {FOLDER}/{path.name} from a backup"

    def _sequences(self) -> list[int]:
        found = self._tx.rows("SELECT sequence FROM segment ORDER BY sequence")
        return [sequence for (sequence,) in found]

    def _write(self, frame: pl.DataFrame, sequence: int) -> bytes:
        """Write the file under a passing name, sync it, name it, sync the name; return its hash."""
        if not self._folder.exists():
            self._folder.mkdir(mode=0o700)
            sync_folder(self._folder.parent)
        content = io.BytesIO()
        frame.write_parquet(content, compression="zstd")
        passing = self._folder / f".{sequence}.{os.getpid()}"
        try:
            with open(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content.getbuffer())
                file.flush()
                os.fsync(file.fileno())
            os.replace(passing, self._path(sequence))
        finally:
            passing.unlink(missing_ok=True)
        sync_folder(self._folder)
        return hashlib.sha256(content.getbuffer()).digest()

    def _count(self, frame: pl.DataFrame) -> None:
        """Add the rows to the source they come from, where the frame names it."""
        if "source" in frame.columns:
            counts = frame.group_by("source").len().sort("source").rows()
            self._tx.run_many(
                "INSERT INTO source (name, rows, last_recorded_at) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET rows = rows + excluded.rows,"
                " last_recorded_at = excluded.last_recorded_at",
                ((source, rows, self._tx.instant) for source, rows in counts if source is not None),
            )

    def _path(self, sequence: int) -> Path:
        return self._folder / f"{sequence}.parquet"


def rows_hash(frame: pl.DataFrame) -> bytes:
    """Return the SHA-256 of the rows as sorted JSON lines: the same for every order of rows and columns."""
    text = frame.select(sorted(frame.columns)).write_ndjson()
    return hashlib.sha256("\n".join(sorted(text.splitlines())).encode()).digest()


def _file_hash(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
