"""Read files through a mapping: records, events and segments as streams, refused rows beside them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

import polars as pl

from app.ingest.events import Guests, events_of, guests_of
from app.ingest.files import SourceFile, open_file
from app.ingest.mapping import EventMapping, Mapping, matches, participant_columns
from app.ingest.problem import DUPLICATE, FileError, Rejected
from app.ingest.records import features_of, records_of
from app.ingest.segments import Seen, segment_of
from app.ingest.sheet import Sheet
from app.ingest.vocabulary import SOURCE_PATTERN
from ledger.event import Event
from resolvers.domain import Record, RecordKey
from resolvers.features import Values

CHUNK_ROWS = 10_000
BULK_ROWS = 100_000
"""Rows of a bulk kind that are converted at once."""

_Item = TypeVar("_Item")
_Key = tuple[str, str, int | None]


@dataclass(slots=True)
class Reading:
    """What files say, read through a mapping; nothing is held but the chunk in hand and the refused rows.

    `records`, `events` and `segments` come in file order; iterating appends to `rejected` and `warnings` and
    counts `rows`. A caller may clear `rejected` after each chunk.
    """

    files: tuple[SourceFile, ...]
    mapping: Mapping
    warnings: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    rows: int = 0

    @property
    def records(self) -> Iterator[list[tuple[Record, int | None]]]:
        """Yield chunks of (record, version), version None where the source has none."""
        mapping, seen = self.mapping, set[_Key]()
        if not mapping.holds_records:
            return
        for file in self.files:
            if mapping.reads_records_of(file.path.name):
                for sheet in self._sheets(file, mapping.record_columns(), "record"):
                    rows = records_of(sheet, mapping, file.path.stem)
                    kept = self._keep(sheet, file, "record", rows, seen, _record_key)
                    if kept:
                        yield kept

    @property
    def features(self) -> Iterator[tuple[list[RecordKey], dict[str, list[Values]]]]:
        """Yield the same chunks as (keys, features in columns), without a record's dress, for a whole set."""
        mapping, seen = self.mapping, set[_Key]()
        for file in self.files if mapping.holds_records else ():
            if mapping.reads_records_of(file.path.name):
                for sheet in self._sheets(file, mapping.record_columns(), "record"):
                    keys, columns = features_of(sheet, mapping, file.path.stem)
                    kept = self._keep(sheet, file, "record", enumerate(enumerate(keys)), seen, itemgetter(1))
                    places = [place for place, _ in kept]
                    if len(places) < len(keys):
                        columns = {name: [said[at] for at in places] for name, said in columns.items()}
                    if places:
                        yield [RecordKey(source, source_id) for _, (source, source_id, _) in kept], columns

    @property
    def events(self) -> Iterator[list[tuple[Event, int | None]]]:
        """Yield chunks of (event, version) of the kinds that are not bulk."""
        seen: set[_Key] = set()
        for number, section in enumerate(self.mapping.events, 1):
            if section.bulk:
                continue
            label = f"events[{number}]"
            guests = self._guests(section, label)
            met: set[str] = set()
            for file in self._event_files(section):
                for sheet in self._sheets(file, self.mapping.event_columns(section), label):
                    rows = events_of(sheet, self.mapping, section, file.path.stem, guests)
                    kept = self._keep(sheet, file, label, rows, seen, _event_key)
                    met.update(event.key.event_id for event, _ in kept)
                    if kept:
                        yield kept
            lost = len(guests.keys() - met)
            if lost:
                self.warnings.append(
                    f"{label}: participants of {lost} events were left out; no row of the event was kept"
                )

    @property
    def segments(self) -> Iterator[pl.DataFrame]:
        """Yield frames of at most 10,000 rows of bulk events (`SEGMENT_SCHEMA`), a row a participant."""
        for number, section in enumerate(self.mapping.events, 1):
            if not section.bulk:
                continue
            seen, label = Seen(), f"events[{number}]"
            for file in self._event_files(section):
                for sheet in self._sheets(file, self.mapping.event_columns(section), label, BULK_ROWS):
                    frame = segment_of(sheet, self.mapping, section, file.path.stem, seen.repeated)
                    self._reject(sheet, file, label)
                    yield from frame.iter_slices(CHUNK_ROWS)

    def _sheets(
        self, file: SourceFile, columns: Iterable[str], section: str, size: int = CHUNK_ROWS
    ) -> Iterator[Sheet]:
        placeholders = frozenset(word.strip().lower() for word in self.mapping.placeholders)
        needed = frozenset(columns)
        wanted = tuple(name for name in file.columns if name in needed)
        source = self.mapping.source.value or file.path.stem
        shortened: Counter[str] = Counter()
        for chunk in file.chunks(wanted, size):
            self.rows += len(chunk.rows) + len(chunk.malformed)
            self.rejected += [
                Rejected(source, file.path.name, line, section, (problem,), {"row": text})
                for line, problem, text in chunk.malformed
            ]
            sheet = Sheet(chunk, placeholders, self.mapping.timezone)
            yield sheet
            shortened.update(sheet.shortened)
        for name, count in sorted(shortened.items()):
            self.warnings.append(f"{file.path.name}: {name}: {count} impossible dates kept only their year")

    def _keep(
        self,
        sheet: Sheet,
        file: SourceFile,
        section: str,
        rows: Iterable[tuple[int, _Item]],
        seen: set[_Key],
        key_of: Callable[[_Item], _Key],
    ) -> list[_Item]:
        """Return the items without a problem; the second of a key in the files is refused."""
        kept = []
        for place, item in rows:
            if place in sheet.problems:
                continue
            key = key_of(item)
            if key in seen:
                sheet.problems[place] = [DUPLICATE]
            else:
                seen.add(key)
                kept.append(item)
        self._reject(sheet, file, section)
        return kept

    def _reject(self, sheet: Sheet, file: SourceFile, section: str) -> None:
        source = self.mapping.source
        for place in sorted(sheet.problems):
            fields = sheet.fields(place)
            said = source.value or (
                fields.get(source.column or "", "").strip() if source.column else file.path.stem
            )
            problems = tuple(dict.fromkeys(sheet.problems[place]))
            line = sheet.chunk.lines[place]
            self.rejected.append(
                Rejected(said or file.path.stem, file.path.name, line, section, problems, fields)
            )

    def _event_files(self, section: EventMapping) -> Iterator[SourceFile]:
        for file in self.files:
            if self.mapping.reads_events_of(section, file.path.name):
                yield file

    def _guests(self, section: EventMapping, label: str) -> Guests:
        """Return the participants that stand in files of their own, by event id."""
        guests: Guests = {}
        for participant in section.participants:
            for file in self.files:
                if matches(participant.file, file.path.name):
                    for sheet in self._sheets(file, participant_columns(participant), label):
                        guests_of(sheet, self.mapping, participant, file.path.stem, guests)
                        self._reject(sheet, file, label)
        return guests


def read(files: Iterable[Path | str], mapping: Mapping) -> Reading:
    """Open files for reading through a mapping, in the order given; no row is read yet.

    Every file is checked as a whole first: readable, with each mapped column; unmapped ones are a warning.
    Raises: FileError naming file, column and remedy.
    """
    opened = tuple(open_file(Path(file)) for file in files)
    if not opened:
        raise FileError("no files are given; name at least one")
    reading = Reading(opened, mapping)
    if all(mapping.columns_of(file.path.name) is None for file in opened):
        named = " or ".join(mapping.file_names())
        raise FileError(f"the mapping reads none of these files, only {named}; give one, or correct `file`")
    for file in opened:
        reading.warnings += _checked(file, mapping)
    return reading


def _checked(file: SourceFile, mapping: Mapping) -> list[str]:
    """Return the warnings of one file; raise FileError where it lacks a mapped column."""
    name = file.path.name
    needed = mapping.columns_of(name)
    if needed is None:
        return [f"{name}: no section of the mapping reads it"]
    absent = sorted(needed - set(file.columns))
    if absent:
        raise FileError(
            f"{name}: lacks the mapped columns {', '.join(absent)}; correct the file or the mapping"
        )
    if mapping.source.file_stem and re.match(SOURCE_PATTERN, file.path.stem) is None:
        raise FileError(
            f"{name}: its stem cannot name a source; rename it, or give the mapping a source value"
        )
    extra = sorted(set(file.columns) - needed - set(mapping.ignore))
    return [f"{name}: columns that are not mapped: {', '.join(extra)}"] if extra else []


def _record_key(item: tuple[Record, int | None]) -> _Key:
    record, version = item
    return record.key.source, record.key.source_id, version


def _event_key(item: tuple[Event, int | None]) -> _Key:
    event, version = item
    return event.key.source, event.key.event_id, version


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a load would do: counts, problems by section, field and code, the first of them, and warnings."""

    rows: int
    records: int
    events: int
    segment_rows: int
    rejected: int
    problems: tuple[tuple[str, int], ...]
    examples: tuple[str, ...]
    warnings: tuple[str, ...]


def dry_run(files: Iterable[Path | str], mapping: Mapping, examples: int = 20) -> DryRun:
    """Read everything, keep nothing, and report; the report holds no personal value.

    Raises: FileError as `read` does.
    """
    reading = read(files, mapping)
    records = sum(len(chunk) for chunk in reading.records)
    events = sum(len(chunk) for chunk in reading.events)
    rows = sum(frame.height for frame in reading.segments)
    found = [(row, problem) for row in reading.rejected for problem in row.problems]
    counts = Counter(f"{row.section} {problem.field}: {problem.code}" for row, problem in found)
    return DryRun(
        rows=reading.rows,
        records=records,
        events=events,
        segment_rows=rows,
        rejected=len(reading.rejected),
        problems=tuple(sorted(counts.items())),
        examples=tuple(f"{row.file} line {row.line}: {problem}" for row, problem in found[:examples]),
        warnings=tuple(reading.warnings),
    )
