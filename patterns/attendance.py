"""Duties beside their traces: how much of each shift no door, radio or log-in shows, for all at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from patterns.frames import SEGMENT_SCHEMA, USER_ROLE, Frames
from patterns.roster import Labels, owners_of, record_codes

_SHIFT = (
    "source",
    "record_source",
    "record_id",
    "place_id",
    "duty_role",
    "basis",
    "duty_date",
    "start",
    "end",
)
_TRACE = ("source", "record_source", "record_id", "role", "start", "end")
_ROWS = (
    "source", "event_id", "kind", "record_source", "record_id", "role", "place_id", "duty_role", "basis",
    "duty_date", "start", "end", "reference",
)  # fmt: skip
_TIMES = {name: SEGMENT_SCHEMA[name] for name in ("duty_date", "start", "end")}
_ORDINARY = {"planned", "swap_in", ""}
CLAIMED = "overtime"
"""The basis of a shift that is paid beyond the rota."""

_SPAN = 1 << 26
"""Minutes from 1970 to 2097: one person's times on the common line of all."""
_MINUTE = 60_000_000
_DAY = 24 * 60

Ints = npt.NDArray[np.int64]
_DUTY = {
    "person": pl.Int32(), "place": pl.Int32(), "role": pl.Int32(), "day": pl.Int32(), "start": pl.Int64(),
    "end": pl.Int64(), "claim": pl.Boolean(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attendance:
    """Every duty worked, with the minutes of it that nothing shows.

    `duties`: person, place and role (codes of the labels), day (since 1970), start and end (minutes since
    1970, UTC), claim (overtime; else on the rota), untraced (minutes).
    """

    duties: pl.DataFrame
    persons: tuple[str, ...]
    places: tuple[str, ...]
    roles: tuple[str, ...]


def read_attendance(
    frames: Frames,
    *,
    start: str | None = None,
    end: str | None = None,
    sources: Collection[str] | None = None,
    around: int = 30,
) -> Attendance:
    """Return the duties of all and what of them is traced by presence (a door, a radio) or by look-ups.

    A look-up, and a presence without an end, shows its person for `around` minutes before and after. Duties
    without a start or an end, or longer than a day, are left out; `start`/`end` are half-open on the duty
    date.
    """
    labels = {name: Labels() for name in ("record", "place", "role")}
    rows = [_duties(table, labels, sources) for table in frames.chunks("shift", _SHIFT)]
    duties = pl.concat([pl.DataFrame(schema=_DUTY), *rows])
    traces = [
        _traces(table, kind, labels["record"], sources, around)
        for kind in ("presence", "look_up")
        for table in frames.chunks(kind, _TRACE)
    ]
    persons, owner = owners_of(frames, labels["record"].found)
    duties = duties.with_columns(person=pl.Series(owner[duties["person"].to_numpy()]))
    epoch = date(1970, 1, 1)
    since, until = ((date.fromisoformat(text) - epoch).days if text else None for text in (start, end))
    duties = duties.filter(pl.col("person") >= 0)
    duties = duties if since is None else duties.filter(pl.col("day") >= since)
    duties = duties if until is None else duties.filter(pl.col("day") < until)
    duties = duties.unique().sort("person", "start", "end", "place", "claim")
    who, began, ended = (np.concatenate(column) for column in zip(_NONE, *traces, strict=True))
    known = owner[who] >= 0
    line = _Line.of(owner[who][known], began[known], ended[known])
    mine = duties["person"].to_numpy().astype(np.int64) * _SPAN
    shown = line.before(mine + duties["end"].to_numpy()) - line.before(mine + duties["start"].to_numpy())
    untraced = duties["end"].to_numpy() - duties["start"].to_numpy() - shown
    names = (tuple(word for _, word in labels[name].found) for name in ("place", "role"))
    return Attendance(duties.with_columns(untraced=pl.Series(untraced)), persons, *names)


_NONE: tuple[Ints, Ints, Ints] = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))


def _duties(table: pa.Table, labels: dict[str, Labels], sources: Collection[str] | None) -> pl.DataFrame:
    table = _said_by(table, sources)
    dated = pc.and_(pc.is_valid(table["duty_date"]), pc.is_valid(table["record_id"]))
    timed = pc.and_(pc.is_valid(table["start"]), pc.is_valid(table["end"]))
    table = table.filter(pc.and_(dated, timed))
    basis = pl.DataFrame(pl.from_arrow(table.select(["basis"])))["basis"].cast(pl.String).fill_null("")
    start, end = (_minutes(table[name]) for name in ("start", "end"))
    day = table["duty_date"].cast(pa.int32()).combine_chunks().to_numpy(zero_copy_only=False)
    rows = pl.DataFrame(
        {
            "person": record_codes(table, labels["record"]),
            "place": labels["place"].codes(table["place_id"], absent=""),
            "role": labels["role"].codes(table["duty_role"], absent=""),
            "day": day,
            "start": start,
            "end": end,
            "claim": basis == CLAIMED,
        },
        schema=_DUTY,
    )
    length = pl.col("end") - pl.col("start")
    return rows.filter(
        pl.Series(basis.is_in([CLAIMED, *sorted(_ORDINARY)])) & (length > 0) & (length <= _DAY)
    )


def _traces(
    table: pa.Table, kind: str, labels: Labels, sources: Collection[str] | None, around: int
) -> tuple[Ints, Ints, Ints]:
    """Return record, first and last minute of what shows a person; of a look-up, who did it."""
    table = _said_by(table, sources)
    table = table.filter(pc.and_(pc.is_valid(table["start"]), pc.is_valid(table["record_id"])))
    if kind == "look_up":
        table = table.filter(pc.equal(pc.cast(table["role"], pa.string()), USER_ROLE))
    start, end = _minutes(table["start"]), _minutes(table["end"], absent=0)
    point = end <= start
    began, ended = np.where(point, start - around, start), np.where(point, start + around, end)
    return record_codes(table, labels).astype(np.int64), began, np.minimum(ended, start + _DAY)


def _said_by(table: pa.Table, sources: Collection[str] | None) -> pa.Table:
    if sources is None:
        return table
    return table.filter(
        pc.is_in(pc.cast(table["source"], pa.string()), pa.array(sorted(sources), pa.string()))
    )


def _minutes(column: pa.ChunkedArray, absent: int | None = None) -> Ints:
    values = column.cast(pa.int64()).combine_chunks()
    values = values if absent is None else values.fill_null(absent)
    minutes: Ints = values.to_numpy(zero_copy_only=False) // _MINUTE
    return minutes


@dataclass(frozen=True, slots=True)
class _Line:
    """When anybody is shown: the times of all people one after another on one line, no two spans touching."""

    start: Ints
    end: Ints
    shown: Ints
    """Minutes shown before each span."""

    @classmethod
    def of(cls, person: npt.NDArray[np.integer[Any]], start: Ints, end: Ints) -> "_Line":
        base = person.astype(np.int64) * _SPAN
        order = np.argsort(base + start, kind="stable")
        first, last = (base + start)[order], np.maximum.accumulate((base + end)[order])
        new = np.ones(len(first), dtype=bool)
        new[1:] = first[1:] > last[:-1]
        closes = np.append(new[1:], True) if len(new) else new
        begin, done = first[new], last[closes]
        return cls(
            begin, done, np.concatenate([[0], np.cumsum(done - begin)[:-1]]).astype(np.int64)[: len(begin)]
        )

    def before(self, when: Ints) -> Ints:
        """Return the minutes shown before each time."""
        if not len(self.start):
            return np.zeros(len(when), dtype=np.int64)
        at = np.searchsorted(self.start, when, side="right") - 1
        here = np.maximum(at, 0)
        into = np.minimum(when, self.end[here]) - self.start[here]
        return np.where(at < 0, 0, self.shown[here] + into)


def rows_of(frames: Frames, kind: str, persons: Collection[str]) -> pl.DataFrame:
    """Return the live rows of a kind that name a few people, with `person`, sorted by start and event."""
    keys = frames.records_of(persons)
    texts = [name for name in _ROWS if name not in _TIMES]
    parts = [
        pl.DataFrame(pl.from_arrow(table)).with_columns(pl.col(texts).cast(pl.String))
        for table in frames.chunks(kind, _ROWS, set(keys["record_id"]))
    ]
    if not parts:
        return pl.DataFrame(schema={**dict.fromkeys((*_ROWS, "person"), pl.String), **_TIMES})
    rows = pl.concat(parts).join(keys, on=["record_source", "record_id"]).drop_nulls("start")
    return rows.rename({"entity_id": "person"}).unique().sort("start", "source", "event_id", "person")
