"""Columnar segments: Parquet files beside the ledger, each durable before its entry commits."""

import hashlib
import hmac
import io
import os
import secrets
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from ledger.erasure import Ended
from ledger.event import EventKey
from ledger.ledgers.sqlite.erased import ErasedKeys
from ledger.ledgers.sqlite.transaction import Transaction
from ledger.retention import ANY
from ledger.secret import sync_folder

FOLDER = "segments"
_RECORD = ["record_source", "record_id"]
_DATED = ["source", "kind", "start", "end"]
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
        """Write each segment anew that has rows of these records, without them; return how many rows went."""
        wanted = pl.LazyFrame(sorted(keys), schema=_RECORD, orient="row")
        return sum(
            self._rewrite(
                number,
                rows.join(wanted, on=_RECORD, how="semi"),
                rows.join(wanted, on=_RECORD, how="anti"),
                sequence,
            )
            for number, rows in self._scans(_RECORD)
        )

    def erase_before(self, ended: Collection[Ended], sequence: int) -> int:
        """The same for rows of events that ended."""
        old = _ended(ended)
        return sum(
            self._rewrite(number, rows.filter(old), rows.filter(~old), sequence)
            for number, rows in self._scans(_DATED)
        )

    def any_before(self, ended: Collection[Ended]) -> bool:
        """Return whether there are rows of events that ended."""
        scans = self._scans(_DATED) if ended else ()
        return any(not rows.filter(_ended(ended)).head(1).collect().is_empty() for _, rows in scans)

    def named(self) -> set[tuple[str, str]]:
        """Return the keys of every record that a row names."""
        return {
            key
            for _, rows in self._scans(_RECORD)
            for key in rows.select(_RECORD).drop_nulls().unique().collect().rows()
        }

    def _scans(self, columns: Sequence[str]) -> Iterator[tuple[int, pl.LazyFrame]]:
        """Yield the rows of each segment that has these columns, by sequence."""
        for number, path in self._files().items():
            rows = pl.scan_parquet(path)
            if set(columns) <= set(rows.collect_schema()):
                yield number, rows

    def _rewrite(self, number: int, lost: pl.LazyFrame, left: pl.LazyFrame, sequence: int) -> int:
        """Put `left` in the place of a segment, if anything is lost; return how many rows are.

        The new file has a name of its own: until the commit the old one is what the ledger means, and
        `orphans` names it afterwards.
        """
        gone = lost.collect()
        if gone.is_empty():
            return 0
        kept = left.collect()
        name = f"{number}-{sequence}-{secrets.token_hex(4)}.parquet"
        self._tx.run(
            "UPDATE segment SET rows = ?, file_hash = ?, file = ? WHERE sequence = ?",
            *(kept.height, self._write(kept, name), name, number),
        )
        self._count(gone, -1)
        return gone.height

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
        if not set(_RECORD) <= set(frame.columns):
            return frame
        keys = frame.select(_RECORD).drop_nulls().unique().rows()
        erased = sorted(ErasedKeys(self._tx, "record").among(keys))
        if not erased:
            return frame
        gone = pl.DataFrame(erased, schema=_RECORD, orient="row")
        return frame.join(gone, on=_RECORD, how="anti")

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


def _ended(ended: Collection[Ended]) -> pl.Expr:
    """Return the rows whose event ended (began, where it has no end) before the instant of its kind."""
    at = pl.coalesce("end", "start")
    return pl.any_horizontal(
        ((pl.col("source") == source) | (source == ANY))
        & (pl.col("kind") == kind)
        & (at < datetime.fromisoformat(before))
        for source, kind, before in ended
    ).fill_null(False)


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
