"""Read CSV, JSON lines and Parquet as chunks of text columns, each row with its line number."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from app.ingest.problem import FileError, Problem

_BLOCK = 1 << 22

csv.field_size_limit(2**31 - 1)
"""A field too long is refused with its row and its field's name, like any other value."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of one file as text columns (null = absent), with the line and the row number of each.

    `malformed` are rows that could not be cut into fields: (line, what is wrong, the text of the row).
    """

    frame: pl.DataFrame
    lines: list[int]
    rows: list[int]
    malformed: tuple[tuple[int, Problem, str], ...] = ()


class SourceFile(Protocol):
    """A file that is known to be readable: its columns, and its rows in file order."""

    path: Path
    columns: tuple[str, ...]

    def chunks(self, wanted: tuple[str, ...], size: int) -> Iterator[Chunk]:
        """Yield the wanted columns, `size` rows at a time."""
        ...


def open_file(path: Path) -> SourceFile:
    """Return a reader for the file, by its extension.

    Raises: FileError if it is absent, empty, truncated, not UTF-8, or of an unknown kind.
    """
    if not path.is_file():
        raise FileError(f"{path.name}: there is no such file; check the path")
    if path.stat().st_size == 0:
        raise FileError(f"{path.name}: the file is empty; export it again")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise FileError(
            f"{path.name}: files are read as {', '.join(sorted(_READERS))}; convert it to one of these"
        )
    return reader(path)


class CsvFile:
    """A comma-separated file in UTF-8 with a header line."""

    def __init__(self, path: Path) -> None:
        _check_text(path, quoted=True)
        self.path = path
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = [name.strip() for name in next(csv.reader(file), [])]
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            raise FileError(f"{path.name}: the header names {', '.join(twice)} twice; rename one of them")
        self.columns = tuple(header)

    def chunks(self, wanted: tuple[str, ...], size: int) -> Iterator[Chunk]:
        """Yield the wanted columns; a row with too many or too few fields is malformed."""
        places = [self.columns.index(name) for name in wanted]
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            next(reader)
            numbered = enumerate(self._rows(reader), 1)
            while batch := list(islice(numbered, size)):
                yield self._chunk(batch, wanted, places)

    def _rows(self, reader: Any) -> Iterator[tuple[int, list[str]]]:
        """Yield each row with the line it begins on; blank lines are no rows."""
        line = reader.line_num + 1
        for fields in reader:
            if fields:
                yield line, fields
            line = reader.line_num + 1

    def _chunk(
        self, batch: list[tuple[int, tuple[int, list[str]]]], wanted: tuple[str, ...], places: list[int]
    ) -> Chunk:
        width = len(self.columns)
        whole = [(row, line, fields) for row, (line, fields) in batch if len(fields) == width]
        malformed = tuple(
            (line, _wrong_width(len(fields), width), ",".join(fields))
            for _, (line, fields) in batch
            if len(fields) != width
        )
        values = {
            name: [fields[place] for _, _, fields in whole]
            for name, place in zip(wanted, places, strict=True)
        }
        return Chunk(
            _frame(values, wanted), [line for _, line, _ in whole], [row for row, _, _ in whole], malformed
        )


class JsonLinesFile:
    """A file with one JSON object a line, in UTF-8; nested objects have dotted column names."""

    def __init__(self, path: Path) -> None:
        _check_text(path, quoted=False)
        self.path = path
        names: dict[str, None] = {}
        for _, _, fields, _ in self._objects():
            names.update(dict.fromkeys(fields or ()))
        self.columns = tuple(names)

    def chunks(self, wanted: tuple[str, ...], size: int) -> Iterator[Chunk]:
        """Yield the wanted columns; a line that is no flat JSON object is malformed."""
        objects = self._objects()
        while batch := list(islice(objects, size)):
            whole = [(row, line, fields) for row, line, fields, _ in batch if fields is not None]
            malformed = tuple((line, problem, "") for _, line, _, problem in batch if problem is not None)
            values = {name: [fields.get(name) for _, _, fields in whole] for name in wanted}
            yield Chunk(
                _frame(values, wanted),
                [line for _, line, _ in whole],
                [row for row, _, _ in whole],
                malformed,
            )

    def _objects(self) -> Iterator[tuple[int, int, dict[str, str] | None, Problem | None]]:
        row = 0
        with self.path.open(encoding="utf-8-sig") as file:
            for line, text in enumerate(file, 1):
                if not text.strip():
                    continue
                row += 1
                try:
                    yield row, line, flatten(json.loads(text, object_pairs_hook=unique_keys)), None
                except (ValueError, RecursionError):
                    yield row, line, None, _NOT_AN_OBJECT


class ParquetFile:
    """A Parquet file; typed columns are read as their canonical text."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise FileError(
                f"{path.name}: is no complete Parquet file (its footer cannot be read); copy it again"
            ) from error
        self.columns = tuple(self._file.schema_arrow.names)
        if self._file.metadata.num_rows == 0:
            raise FileError(f"{path.name}: the file has no rows; export it again")

    def chunks(self, wanted: tuple[str, ...], size: int) -> Iterator[Chunk]:
        """Yield the wanted columns as text; the line is the row number."""
        row = 1
        try:
            for batch in self._file.iter_batches(batch_size=size, columns=list(wanted)):
                frame = pl.DataFrame(pl.from_arrow(batch)).select(
                    *(_as_text(pl.Series(name, batch.column(name)), self.path) for name in wanted)
                )
                numbers = list(range(row, row + batch.num_rows))
                row += batch.num_rows
                yield Chunk(frame, numbers, numbers)
        except (pa.ArrowException, OSError) as error:
            raise FileError(f"{self.path.name}: is damaged after row {row - 1}; copy it again") from error


def unique_keys(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of JSON pairs; raise ValueError if a key comes twice."""
    pairs = list(pairs)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("an object names a key twice")
    return fields


def flatten(given: Any, prefix: str = "") -> dict[str, str]:
    """Return a JSON object as text columns, nested objects under dotted names.

    Raises: ValueError if it is no object, or holds a list, a number that is not finite or a lone surrogate.
    """
    if not isinstance(given, dict):
        raise ValueError("not an object")
    fields: dict[str, str] = {}
    for name, value in given.items():
        if isinstance(value, dict):
            fields |= flatten(value, f"{prefix}{name}.")
        elif isinstance(value, list) or value in (float("inf"), float("-inf")) or value != value:
            raise ValueError("not a scalar")
        elif value is not None:
            fields[prefix + name] = _scalar_text(value)
    "".join((*fields, *fields.values())).encode()
    return fields


def _scalar_text(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


_NOT_AN_OBJECT = Problem(
    "row",
    "malformed",
    "the line is no flat JSON object",
    "write one object a line, with text, numbers or objects in it",
)


def _wrong_width(found: int, width: int) -> Problem:
    return Problem(
        "row",
        "malformed",
        f"the row has {found} fields, the header {width}",
        "quote fields that hold a comma",
    )


def _frame(values: dict[str, Any], wanted: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(values, schema=dict.fromkeys(wanted, pl.String))


def _as_text(column: pl.Series, path: Path) -> pl.Series:
    kind = column.dtype
    if kind == pl.String:
        return column
    if isinstance(kind, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S" + ("%:z" if kind.time_zone else ""))
    if kind.is_float():
        whole = (column == column.round()) & column.is_finite()
        return (
            pl.select(
                pl.when(whole)
                .then(column.cast(pl.Int64, strict=False).cast(pl.String))
                .otherwise(column.cast(pl.String))
            )
            .to_series()
            .alias(column.name)
        )
    if kind.is_nested() or kind == pl.Binary:
        raise FileError(
            f"{path.name}: column {column.name} holds lists or bytes; a mapped column holds one value a row"
        )
    return column.cast(pl.String)


def _check_text(path: Path, *, quoted: bool) -> None:
    """Read the file once: it must be UTF-8 without NUL, and its quotes must be in pairs.

    Raises: FileError before any row is taken, so that nothing is half-applied.
    """
    quotes = lines = 0
    rest = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            cut = block.rfind(b"\n") + 1
            whole, rest = (rest + block[:cut], block[cut:]) if cut else (b"", rest + block)
            _check_block(path, whole, lines)
            quotes += whole.count(b'"')
            lines += whole.count(b"\n")
    _check_block(path, rest, lines)
    if quoted and (quotes + rest.count(b'"')) % 2:
        raise FileError(f"{path.name}: a quoted field never ends; look for a single double quote")


def _check_block(path: Path, block: bytes, lines: int) -> None:
    try:
        block.decode("utf-8")
        place = block.find(b"\0")
    except UnicodeDecodeError as error:
        place = error.start
    if place >= 0:
        line = lines + block.count(b"\n", 0, place) + 1
        raise FileError(f"{path.name}: line {line} is not UTF-8 text; save the file as UTF-8 and try again")


_READERS: dict[str, Callable[[Path], SourceFile]] = {
    ".csv": CsvFile,
    ".jsonl": JsonLinesFile,
    ".ndjson": JsonLinesFile,
    ".parquet": ParquetFile,
}
