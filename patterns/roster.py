"""The duty roster as arrays of codes: who was where on which day and band, and on what basis."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from patterns.frames import Frames

WINDOW = 28
"""Days within which demand and people's lives are taken as even; four weeks, beginning on a Monday."""
BANDS = 3
SLOTS = WINDOW * BANDS
VOLUNTARY, PLANNED, AWAY = 0, 1, 2
"""What a row is to the null: taken by choice, planned duty, or away from it (leave, sickness, training)."""

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_START, _END, _REST = np.array([7, 15, 22]), np.array([16, 24, 31]), 11
"""Usual hours of the bands E, L, N: rest between shifts of two days follows from them."""


@dataclass(frozen=True, slots=True)
class Roster:
    """Rows of one roster, one a person, day and duty; `place`, `team` and `person` are codes of the labels.

    `day` counts from the Monday that begins the first window, an even week; `team` tells teams of one role.
    """

    person: Codes
    place: Codes
    team: Codes
    role: Codes
    day: Codes
    band: npt.NDArray[np.int8]
    basis: npt.NDArray[np.int8]
    persons: tuple[str, ...]
    places: tuple[str, ...]
    teams: tuple[str, ...]
    first_day: int
    """The epoch day of `day` 0."""

    @property
    def windows(self) -> int:
        return int(self.day.max(initial=0)) // WINDOW + 1

    @property
    def years(self) -> float:
        """Return the years from the first to the last row."""
        if not len(self.day):
            return 0.0
        return float(self.day.max() - self.day.min() + 1) / 365.25


_COLUMNS = (
    "source", "record_source", "record_id", "place_id", "team", "duty_role", "basis", "duty_date", "start"
)  # fmt: skip
_BASES = {"overtime": VOLUNTARY, "swap_in": VOLUNTARY, "planned": PLANNED, "": PLANNED}
VOLUNTARY_BASES = frozenset(basis for basis, code in _BASES.items() if code == VOLUNTARY)
BAND_NAMES = ("early", "late", "night")
_HOUR = 3_600_000_000
_BAND_OF_HOUR = np.array([2] * 5 + [0] * 7 + [1] * 8 + [2] * 4, dtype=np.int8)
_EPOCH = date(1970, 1, 1)
_MONDAY = 4
"""Epoch day of a Monday."""
_BASES |= dict.fromkeys(("swap_out", "leave", "sick", "training"), AWAY)


def read_roster(
    frames: Frames,
    *,
    start: date | None = None,
    end: date | None = None,
    sources: Collection[str] | None = None,
    utc_offset: float = 0,
) -> Roster:
    """Return the live shifts as a roster; rows without a day, a place, or a start on duty are left out.

    Bands are by local start (E from 5, L from 12, N from 20), which is UTC plus `utc_offset` hours. `start`
    and `end` are half-open on the duty date.
    """
    labels = {name: Labels() for name in ("record", "place", "team", "role")}
    parts = [_coded(table, labels, sources, utc_offset) for table in frames.chunks("shift", _COLUMNS)]
    empty = [np.empty(0, dtype=np.int32)] * 7
    record, place, team, role, day, band, basis = (
        np.concatenate(column) for column in (zip(*parts, strict=True) if parts else zip(empty))
    )
    persons, owner = owners_of(frames, labels["record"].found)
    person = owner[record]
    kept = person >= 0
    if start is not None:
        kept &= day >= (start - _EPOCH).days
    if end is not None:
        kept &= day < (end - _EPOCH).days
    columns = person, place, team, role, day, band, basis
    if not kept.all():
        columns = tuple(column[kept] for column in columns)
    person, place, team, role, day, band, basis = columns
    first = int(day.min()) if len(day) else 0
    monday = first - (first - _MONDAY) % WINDOW
    return Roster(
        person=person,
        place=place,
        team=team,
        role=role,
        day=day - np.int32(monday),
        band=band,
        basis=basis,
        persons=persons,
        places=tuple(place for _, place in labels["place"].found),
        teams=tuple(team for _, team in labels["team"].found),
        first_day=monday,
    )


def band_of(hour: pl.Expr, utc_offset: float) -> pl.Expr:
    """Return the band of an hour in UTC."""
    local = (hour + round(utc_offset)) % 24
    return local.replace_strict(dict(enumerate(_BAND_OF_HOUR.tolist())), default=None, return_dtype=pl.Int64)


def rows_of(frames: Frames, persons: Collection[str]) -> pl.DataFrame:
    """Return the live shifts of a few people: source, event_id, person, place, team, basis, day, hour (UTC).

    Sorted by day, source, event and person.
    """
    keys = frames.records_of(persons)
    ids = set(keys["record_id"])
    wanted = ("source", "event_id", *_COLUMNS[1:])
    parts = [pl.from_arrow(table) for table in frames.chunks("shift", wanted, ids)]
    texts = [name for name in wanted if name not in ("duty_date", "start")]
    rows = pl.concat([pl.DataFrame(part).with_columns(pl.col(texts).cast(pl.String)) for part in parts])
    return (
        rows.join(keys, on=["record_source", "record_id"])
        .drop_nulls(["duty_date", "place_id"])
        .select(
            "source",
            "event_id",
            person="entity_id",
            place="place_id",
            team=pl.col("team").fill_null(""),
            basis=pl.col("basis").fill_null("planned"),
            day="duty_date",
            hour=pl.col("start").dt.hour().cast(pl.Int64),
        )
        .unique()
        .sort("day", "source", "event_id", "person")
    )


class Labels:
    """Codes for labels, each with the namespace it is in, by order of first sight."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], int] = {}

    @property
    def found(self) -> list[tuple[str, str]]:
        return list(self._codes)

    def codes(self, column: pa.ChunkedArray, space: str = "", *, absent: str | None = None) -> Codes:
        """Return the code of each row's label, that of `absent` (−1 where that is None) for a null."""
        words = _dictionary(column)
        known = [
            self._codes.setdefault((space, word), len(self._codes)) for word in words.dictionary.to_pylist()
        ]
        null = -1 if absent is None else self._codes.setdefault((space, absent), len(self._codes))
        return np.array([*known, null], dtype=np.int32)[_indices(words)]


def _dictionary(column: pa.ChunkedArray) -> pa.DictionaryArray:
    return column.unify_dictionaries().combine_chunks().dictionary_encode()


def _indices(words: pa.DictionaryArray) -> npt.NDArray[np.int64]:
    """Return the place of each row's word in the dictionary, −1 for a null."""
    found: npt.NDArray[np.int64] = words.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return found


def _coded(
    table: pa.Table, labels: dict[str, Labels], sources: Collection[str] | None, utc_offset: float
) -> tuple[npt.NDArray[Any], ...]:
    """Return record, place, team, role, day, band and basis of the rows that can be placed."""
    if sources is not None:
        table = table.filter(
            pc.is_in(pc.cast(table["source"], pa.string()), pa.array(sorted(sources), pa.string()))
        )
    if table["duty_date"].null_count or table["record_id"].null_count:
        table = table.filter(pc.and_(pc.is_valid(table["duty_date"]), pc.is_valid(table["record_id"])))
    said = _dictionary(table["basis"])
    basis_of = [_BASES.get(word, -1) for word in said.dictionary.to_pylist()] + [PLANNED]
    basis = np.array(basis_of, dtype=np.int8)[_indices(said)]
    place = labels["place"].codes(table["place_id"])
    kept = (basis >= 0) & (place >= 0)
    began = table["start"].cast(pa.int64()).combine_chunks()
    if began.null_count:
        kept &= began.is_valid().to_numpy(zero_copy_only=False) | (basis == AWAY)
        began = began.fill_null(0)
    hour = began.to_numpy() // _HOUR + round(utc_offset)
    columns = (
        record_codes(table, labels["record"]),
        place,
        labels["team"].codes(table["team"], absent=""),
        labels["role"].codes(table["duty_role"], absent=""),
        table["duty_date"].cast(pa.int32()).combine_chunks().to_numpy(zero_copy_only=False),
        _BAND_OF_HOUR[hour % 24],
        basis,
    )
    return columns if kept.all() else tuple(column[kept] for column in columns)


def record_codes(table: pa.Table, labels: Labels) -> Codes:
    """Return codes of records: source and id."""
    sources = _dictionary(table["record_source"])
    names, which = sources.dictionary.to_pylist(), _indices(sources)
    if len(names) == 1:
        return labels.codes(table["record_id"], names[0])
    codes = np.full(len(which), -1, dtype=np.int32)
    for at, name in enumerate(names):
        rows = np.flatnonzero(which == at)
        codes[rows] = labels.codes(table["record_id"].take(pa.array(rows)), name)
    return codes


def owners_of(frames: Frames, records: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], Codes]:
    """Return the entities of the records, sorted, and the code of each record's entity, −1 for none."""
    asked = pl.DataFrame(records, schema={"record_source": pl.String, "record_id": pl.String}, orient="row")
    entity = {(source, id_): entity for source, id_, entity in frames.owners(asked).iter_rows()}
    persons = sorted(set(entity.values()))
    code = {person: at for at, person in enumerate(persons)}
    owner = [code[entity[record]] if record in entity else -1 for record in records]
    return tuple(persons), np.array([*owner, -1], dtype=np.int32)


def open_slots(roster: Roster) -> Flags:
    """Return persons × days × bands: whether planned duty, absence and rest leave the slot open."""
    days = roster.windows * WINDOW
    busy = np.zeros((len(roster.persons), days + 2), dtype=np.uint8)
    for bit in range(BANDS + 1):
        away = roster.basis == AWAY
        rows = np.flatnonzero(away if bit == BANDS else (roster.basis == PLANNED) & (roster.band == bit))
        busy[roster.person[rows], roster.day[rows] + 1] |= np.uint8(1 << bit)
    today, before, after = busy[:, 1:-1], busy[:, :-2], busy[:, 2:]
    idle = today == 0
    bits = 1 << np.arange(BANDS)
    result = np.empty((*idle.shape, BANDS), dtype=bool)
    for band in range(BANDS):
        tired = int(bits[_START[band] + 24 - _END < _REST].sum())
        early = int(bits[_START + 24 - _END[band] < _REST].sum())
        result[:, :, band] = idle & ((before & tired) == 0) & ((after & early) == 0)
    return result


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one place where people can meet."""

    place: int
    rows: npt.NDArray[np.int64]


def blocks(roster: Roster) -> Iterator[Block]:
    """Yield the places of the roster, by code."""
    order = np.argsort(
        roster.place.astype(np.uint16) if len(roster.places) < 2**16 else roster.place, kind="stable"
    )
    starts = np.flatnonzero(np.diff(roster.place[order], prepend=-1))
    for first, last in pairwise([*starts.tolist(), len(order)]):
        yield Block(int(roster.place[order[first]]), order[first:last])
