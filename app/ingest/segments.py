"""Columnar segments: bulk events (shift, look_up, presence) as polars frames, one row a participant.

The schema is `SEGMENT_SCHEMA`, in this order; what the ledger keeps as Parquet and what patterns read:

| column | type | meaning |
|---|---|---|
| source, event_id | text | the event's key |
| version | integer | 1 where the source gives none |
| kind | text | shift, look_up or presence |
| start, end | UTC instant (µs) | half-open; null start = unknown, null end = open |
| place_type, place_id | text | such as station and its id, or terminal |
| record_source, record_id, role | text | who took part, as which: worker; user, subject |
| basis | text | planned, overtime, swap_in, swap_out, leave, sick, training |
| team, duty_role | text | the team that works, and as what |
| duty_date | date | the local day the duty counts for |
| reference | text | the task, incident or case a look-up or duty was for |
| attributes | text | the rest as a JSON object with sorted keys |
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from app.ingest.events import participant_series, source_of, span_of, word_column
from app.ingest.mapping import EventMapping, Mapping
from app.ingest.problem import DUPLICATE, NOBODY, Problem
from app.ingest.records import source_column, version_column
from app.ingest.sheet import Sheet
from app.ingest.vocabulary import BASES
from ledger.event import Event
from patterns.frames import SEGMENT_SCHEMA

_COLUMNS = ("basis", "team", "duty_role", "reference")
"""Attributes with a column of their own, beside `duty_date`."""


class Seen:
    """Which event keys came before, as 64-bit hashes in a few sorted runs: 8 bytes a key."""

    def __init__(self) -> None:
        self._runs: list[npt.NDArray[np.uint64]] = []

    def repeated(self, keys: pl.DataFrame) -> pl.Series:
        """Return which rows repeat a key of this frame or of one before it, and remember them all."""
        hashes = keys.hash_rows(seed=7)
        values = hashes.to_numpy()
        repeated = ~hashes.is_first_distinct().to_numpy()
        for run in self._runs:
            places = np.searchsorted(run, values).clip(max=len(run) - 1)
            repeated |= run[places] == values
        self._add(np.sort(values))
        return pl.Series(repeated)

    def _add(self, run: npt.NDArray[np.uint64]) -> None:
        while self._runs and len(self._runs[-1]) <= len(run):
            run = np.sort(np.concatenate((self._runs.pop(), run)))
        if len(run):
            self._runs.append(run)


def segment_of(
    sheet: Sheet,
    mapping: Mapping,
    section: EventMapping,
    stem: str,
    repeated: Callable[[pl.DataFrame], pl.Series],
) -> pl.DataFrame:
    """Return the section's rows of a sheet as a segment; rows with a problem are noted and left out."""
    frame = _event_columns(sheet, mapping, section, stem)
    people = [
        participant_series(sheet, mapping, part, stem, alone=len(section.participants) == 1)
        for part in section.participants
    ]
    nobody = pl.DataFrame([pl.Series(str(at), ids.is_null()) for at, (_, ids, _) in enumerate(people)])
    sheet.refuse(nobody.select(pl.all_horizontal(pl.all())).to_series(), NOBODY)
    sheet.refuse(repeated(frame.select("source", "event_id", "version")), DUPLICATE)
    chosen = sheet.where(section.where)
    for place in (~chosen).arg_true():
        sheet.problems.pop(place, None)
    bad = list(sheet.problems)
    kept = pl.Series([True]).new_from_index(0, sheet.height).scatter(bad, False) & chosen
    rows = [
        frame.with_columns(record_source=sources, record_id=ids, role=roles).filter(kept & ids.is_not_null())
        for sources, ids, roles in people
    ]
    return (
        pl.concat(rows)
        .sort("row", maintain_order=True)
        .select(pl.col(name).cast(kind) for name, kind in SEGMENT_SCHEMA.items())
    )


def _event_columns(sheet: Sheet, mapping: Mapping, section: EventMapping, stem: str) -> pl.DataFrame:
    span = span_of(sheet, section)
    texts = {name: sheet.text(ref, name) for name, ref in section.attributes.items() if name != "duty_date"}
    places = {name: sheet.text(ref, f"place.{name}") for name, ref in section.place.items()}
    blank = pl.Series([None], dtype=pl.String).new_from_index(0, sheet.height)
    duty_date = section.attributes.get("duty_date")
    day = (
        span.day
        if duty_date is None
        else sheet.date(duty_date, "duty_date").str.to_date("%Y-%m-%d", strict=False)
    )
    if "basis" in texts:
        wrong = ~texts["basis"].is_in(BASES)
        sheet.refuse(
            wrong, Problem("basis", "wrong_word", "is no basis of a shift", f"use one of {', '.join(BASES)}")
        )
    rest = {name: column for name, column in texts.items() if name not in _COLUMNS}
    return pl.DataFrame(
        {
            "row": sheet.chunk.rows,
            "source": source_column(sheet, source_of(section, mapping), stem),
            "event_id": sheet.identifier(section.id, "id"),
            "version": pl.Series(version_column(sheet, section.version), dtype=pl.Int64).fill_null(1),
            "kind": word_column(sheet, section.kind, "kind"),
            "start": span.start,
            "end": span.end,
            "place_type": places.get("type", blank),
            "place_id": places.get("id", blank),
            **{name: texts.get(name, blank) for name in _COLUMNS},
            "duty_date": day,
            "attributes": _json(rest, sheet.height),
        }
    )


def _json(columns: dict[str, pl.Series], height: int) -> pl.Series:
    if not columns:
        return pl.Series(["{}"]).new_from_index(0, height)
    names = sorted(columns)
    rows = zip(*(columns[name].to_list() for name in names), strict=True)
    objects = (
        {name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows
    )
    return pl.Series([json.dumps(fields, ensure_ascii=False) for fields in objects], dtype=pl.String)


def rows_of(event: Event, version: int) -> Iterator[tuple[object, ...]]:
    """Yield the rows that a single push of a bulk event would have in a file, a row a participant."""
    start, end = (None if text is None else datetime.fromisoformat(text) for text in (event.start, event.end))
    texts = {name: str(value) for name, value in event.attributes.items()}
    duty_date = texts.pop("duty_date", None) or (event.start or "")[:10]
    day = date.fromisoformat(duty_date) if duty_date else None
    basis, team, duty_role, reference = (texts.pop(name, None) for name in _COLUMNS)
    rest = json.dumps(texts, ensure_ascii=False, sort_keys=True)
    place = event.place.get("type"), event.place.get("id")
    for part in event.participants:
        yield (
            *(event.key.source, event.key.event_id, version, event.kind, start, end, *place),
            *(part.record.source, part.record.source_id, part.role),
            *(basis, team, duty_role, day, reference, rest),
        )
