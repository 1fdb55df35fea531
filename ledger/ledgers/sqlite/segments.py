"""Columnar segments: Parquet files beside the ledger, each durable before its entry commits."""

import hashlib
import hmac
import io
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import polars as pl

from ledger.event import EventKey
from ledger.ledgers.sqlite.erased import ErasedKeys
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
        frame, digest = self._without_erased(frame), keyed_hash(frame, self._tx.secret)
        if self._tx.one("SELECT 1 FROM segment WHERE rows_hash = ?", digest) is not None:
            return None
        sequence = self._tx.append(
            "segment", "", actor, {"rows": frame.height, "hash": digest.hex(), "columns": frame.columns}
        )
        name = f"{sequence}.parquet"
        file_hash = self._write(frame, name)
        self._tx.run(
            "INSERT INTO segment VALUES (?, ?, ?, ?, ?)", sequence, frame.height, digest, file_hash, name
        )
        self._count(frame)
        return sequence

    def paths(self) -> Sequence[str]:
        """Return the paths of committed segments, by sequence."""
        return [str(path) for path in self._files().values()]

    def of_events(self, keys: Collection[EventKey], sequence: int) -> pl.DataFrame:
        """Return the rows of these events with the sequence of their segment, by that sequence."""
        wanted = pl.LazyFrame(
            [(key.source, key.event_id) for key in sorted(set(keys))],
            schema={"source": pl.String, "event_id": pl.String},
            orient="row",
        )
        paths = {str(path): number for number, path in self._files().items() if number <= sequence}
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
        found = self._tx.rows("SELECT sequence, file_hash, file FROM segment ORDER BY sequence")
        for sequence, file_hash, name in found:
            path = self._folder / name
            if not path.exists():
                yield f"segment {sequence}: file missing; restore {FOLDER}/{path.name} from a backup"
            elif _file_hash(path) != file_hash:
                yield f"segment {sequence}: file damaged; restore {FOLDER}/{path.name} from a backup"

    def erase(self, keys: Collection[tuple[str, str]], sequence: int) -> int:
        """Write each segment anew that has rows of these records, without them; return how many rows went.

        The new file has a name of its own: until the commit the old one is what the ledger means, and
        `orphans` names it afterwards.
        """
        rows = sorted(keys)
        wanted = pl.LazyFrame(rows, schema=["record_source", "record_id"], orient="row")
        gone = 0
        for number, path in self._files().items():
            kept = pl.scan_parquet(path)
            if not {"record_source", "record_id"} <= set(kept.collect_schema()):
                continue
            found = kept.join(wanted, on=["record_source", "record_id"], how="semi")
            lost = found.collect()
            if lost.is_empty():
                continue
            left = kept.join(wanted, on=["record_source", "record_id"], how="anti").collect()
            name = f"{number}-{sequence}.parquet"
            self._tx.run(
                "UPDATE segment SET rows = ?, file_hash = ?, file = ? WHERE sequence = ?",
                *(left.height, self._write(left, name), name, number),
            )
            self._count(lost, -1)
            gone += lost.height
        return gone

    def orphans(self) -> list[Path]:
        """Return the files that no entry means: left by a crash, or by an erasure."""
        if not self._folder.exists():
            return []
        meant = {path.name for path in self._files().values()}
        return sorted(path for path in self._folder.iterdir() if path.name not in meant)

    def _files(self) -> dict[int, Path]:
        """Return the file of each committed segment, by sequence."""
        found = self._tx.rows("SELECT sequence, file FROM segment ORDER BY sequence")
        return {sequence: self._folder / name for sequence, name in found}

    def _without_erased(self, frame: pl.DataFrame) -> pl.DataFrame:
        if not {"record_source", "record_id"} <= set(frame.columns):
            return frame
        keys = frame.select("record_source", "record_id").drop_nulls().unique().rows()
        erased = sorted(ErasedKeys(self._tx, "record").among(keys))
        if not erased:
            return frame
        gone = pl.DataFrame(erased, schema=["record_source", "record_id"], orient="row")
        return frame.join(gone, on=["record_source", "record_id"], how="anti")

    def _write(self, frame: pl.DataFrame, name: str) -> bytes:
        """Write the file under a passing name, sync it, name it, sync the name; return its hash."""
        if not self._folder.exists():
            self._folder.mkdir(mode=0o700)
            sync_folder(self._folder.parent)
        content = io.BytesIO()
        frame.write_parquet(content, compression="zstd")
        passing = self._folder / f".{name}.{os.getpid()}"
        try:
            with open(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content.getbuffer())
                file.flush()
                os.fsync(file.fileno())
            os.replace(passing, self._folder / name)
        finally:
            passing.unlink(missing_ok=True)
        sync_folder(self._folder)
        return hashlib.sha256(content.getbuffer()).digest()

    def _count(self, frame: pl.DataFrame, sign: int = 1) -> None:
        """Add the rows to the source they come from (or take them off), where the frame names it."""
        if "source" in frame.columns:
            counts = frame.group_by("source").len().sort("source").rows()
            self._tx.run_many(
                "INSERT INTO source (name, rows, last_recorded_at) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET rows = rows + excluded.rows,"
                " last_recorded_at = excluded.last_recorded_at",
                ((source, sign * rows, self._tx.instant) for source, rows in counts if source is not None),
            )


def rows_hash(frame: pl.DataFrame) -> bytes:
    """Return the SHA-256 of the rows as sorted JSON lines: the same for every order of rows and columns."""
    text = frame.select(sorted(frame.columns)).write_ndjson()
    return hashlib.sha256("\n".join(sorted(text.splitlines())).encode()).digest()


def keyed_hash(frame: pl.DataFrame, secret: bytes) -> bytes:
    """Return the keyed hash by which the same rows are known again; it tells nobody what they are."""
    return hmac.digest(secret, rows_hash(frame), "sha256")


def _file_hash(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
