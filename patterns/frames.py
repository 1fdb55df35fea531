"""Columnar reading of bulk kinds (shifts, look-ups): segments and single pushes as one frame of live rows."""

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import Any, Protocol, TypeVar

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SEGMENT_SCHEMA: dict[str, pl.DataType] = {
    "source": pl.String(),
    "event_id": pl.String(),
    "version": pl.Int64(),
    "kind": pl.String(),
    "start": pl.Datetime("us", "UTC"),
    "end": pl.Datetime("us", "UTC"),
    "place_type": pl.String(),
    "place_id": pl.String(),
    "record_source": pl.String(),
    "record_id": pl.String(),
    "role": pl.String(),
    "basis": pl.String(),
    "team": pl.String(),
    "duty_role": pl.String(),
    "duty_date": pl.Date(),
    "reference": pl.String(),
    "attributes": pl.String(),
}
"""One row a participant. A row whose `kind` is null is a tombstone of its event; `attributes` is JSON."""

USER_ROLE = "user"
"""The role of whoever did the look-up; every other participant was looked at."""

T = TypeVar("T")

_TEXTS = [
    name
    for name, kind in SEGMENT_SCHEMA.items()
    if kind == pl.String() and name not in ("event_id", "attributes")
]
"""Columns read as dictionaries: few words, many rows."""
_EVENT = ["source", "event_id"]
_RECORD = ["record_source", "record_id"]
_NO_ROWS = pl.DataFrame(schema=SEGMENT_SCHEMA)
_ANSWERS_KEPT = 8
"""Questions about persons whose rows are kept: the patterns of a run ask the same one after another."""

_NOTHING = pl.DataFrame(schema={**SEGMENT_SCHEMA, "person": pl.String()})
_NO_LOOKUPS = pl.DataFrame(
    schema={name: pl.String() for name in (*_EVENT, "at", "user", "subject", "reference")}
    | {"at": SEGMENT_SCHEMA["start"]}
)


class FramesError(ValueError):
    """A frame given to `Frames` lacks what it needs; the message names the column and the remedy."""


class Membership(Protocol):
    """Which entity a record belongs to, as frames of record_source, record_id, entity_id."""

    def of_entities(self, entity_ids: Collection[str]) -> pl.DataFrame:
        """Return the rows of these entities."""

    def of_records(self, records: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of these records (distinct record_source, record_id); unknown ones are left out."""


class MembershipFrame:
    """Membership held as one frame."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self._rows = _columns(rows, {name: pl.String() for name in (*_RECORD, "entity_id")}, "membership")

    def of_entities(self, entity_ids: Collection[str]) -> pl.DataFrame:
        return self._rows.filter(pl.col("entity_id").is_in(sorted(entity_ids)))

    def of_records(self, records: pl.DataFrame) -> pl.DataFrame:
        return self._rows.join(records, on=_RECORD, how="semi")


Pushed = Callable[[Collection[str] | None], pl.DataFrame | None]
"""Gives the rows of single pushes, of these persons at least (None = of everybody); None = there are none."""


class KeptRows:
    """Rows of segments kept in memory from one `Frames` to the next, for fast questions about few people.

    Segments never change, so only those not seen yet are read. Safe for threads.
    """

    def __init__(self, kinds: Collection[str] = ("look_up",)) -> None:
        self._kinds = frozenset(kinds)
        self._lock = Lock()
        self._rows: dict[str, tuple[frozenset[str], pl.DataFrame]] = {}

    def rows(self, kind: str, segments: Sequence[str]) -> pl.LazyFrame:
        """Return the rows of a kind, and tombstones, in these segments; kinds not kept are read each time."""
        if kind not in self._kinds:
            return _read(segments, kind)
        with self._lock:
            seen, rows = self._rows.get(kind, (frozenset(), pl.DataFrame(schema=SEGMENT_SCHEMA)))
            if not seen.issubset(segments):
                seen, rows = frozenset(), rows.clear()
            fresh = [path for path in segments if path not in seen]
            if fresh:
                rows = pl.concat([rows, _read(fresh, kind).collect()])
                self._rows[kind] = frozenset(segments), rows
            return rows.lazy()


class Frames:
    """Live rows of bulk kinds with the entities that take part in them.

    `segments` are paths of Parquet files in `SEGMENT_SCHEMA`; `pushed` are the rows of single pushes in the
    same columns, tombstones among them, or what gives them for a question. The highest version of an event
    holds, whole; equal rows count once. Reads are lazy: nothing is read until asked, and a question about
    few people reads only their events. `kept` shares what was read with other frames of the same ledger.
    """

    def __init__(
        self,
        segments: Sequence[str],
        pushed: pl.DataFrame | Pushed | None,
        membership: Membership | pl.DataFrame,
        kept: KeptRows | None = None,
    ) -> None:
        self._segments = list(segments)
        self._kept = KeptRows(()) if kept is None else kept
        self._ask = pushed if callable(pushed) else _always(pushed)
        self._membership = MembershipFrame(membership) if isinstance(membership, pl.DataFrame) else membership
        self._whole: dict[str, pl.DataFrame] = {}
        self._made: dict[Hashable, Any] = {}
        self._about = lru_cache(_ANSWERS_KEPT)(self._events_of)
        self._pushed = lru_cache(_ANSWERS_KEPT)(self._ask_for)

    def shifts(
        self, persons: Collection[str] | None = None, *, start: str | None = None, end: str | None = None
    ) -> pl.DataFrame:
        """Return shifts: source, event_id, start, end, station, basis, team, duty_role, duty_date, person.

        One row a shift and person, sorted by duty date, event and person; shifts of unknown records are
        left out. `start`/`end` are ISO dates, half-open on the duty date.
        """
        rows = _between(self._kind("shift", persons), pl.col("duty_date"), start, end)
        return (
            _of(persons, rows, "person")
            .select(
                *_EVENT,
                "start",
                "end",
                pl.col("place_id").alias("station"),
                "basis",
                "team",
                "duty_role",
                "duty_date",
                "person",
            )
            .sort("duty_date", *_EVENT, "person")
        )

    def lookups(
        self, persons: Collection[str] | None = None, *, start: str | None = None, end: str | None = None
    ) -> pl.DataFrame:
        """Return look-ups: source, event_id, at, user, subject, reference ("" = none given).

        One row a look-up and person looked at, sorted by time, event and subject; those of unknown records
        and of unknown time are left out. With `persons`, those that one of them did or that looked at one of
        them. `start`/`end` are ISO dates.
        """
        known = self._kind("look_up", persons)
        if known.is_empty():
            return _NO_LOOKUPS
        rows = _between(known.drop_nulls("start"), pl.col("start").dt.date(), start, end)
        user = pl.col("role") == USER_ROLE
        users = rows.filter(user).select(*_EVENT, "start", "reference", pl.col("person").alias("user"))
        subjects = rows.filter(~user).select(*_EVENT, pl.col("person").alias("subject")).unique()
        return (
            _of(persons, users.join(subjects, on=_EVENT), "user", "subject")
            .select(
                *_EVENT,
                pl.col("start").alias("at"),
                "user",
                "subject",
                pl.col("reference").fill_null("").str.strip_chars().alias("reference"),
            )
            .sort("at", *_EVENT, "user", "subject")
        )

    def chunks(
        self, kind: str, columns: Sequence[str], ids: Collection[str] | None = None
    ) -> Iterator[pa.Table]:
        """Yield the live rows of a kind, text as dictionaries; for scans of everybody's rows.

        A row a participant, in the order of the segments; equal rows may come twice. Rows of events that were
        pushed, changed or deleted come last. With `ids`, of records that have one of these ids, whatever
        their source.
        """
        contested, wanted = self._contested(kind), None if ids is None else pa.array(sorted(ids), pa.string())
        named = sorted({*columns, "kind", "record_id", *(_EVENT if contested.height else ())})
        for path in self._segments:
            file = pq.ParquetFile(path, read_dictionary=_TEXTS)
            missing = SEGMENT_SCHEMA.keys() - set(file.schema_arrow.names)
            if missing:
                raise FramesError(f"a segment lacks the column {min(missing)}: rebuild the segments")
            for group in range(file.num_row_groups):
                if wanted is not None and not _names(file.read_row_group(group, ["record_id"]), wanted):
                    continue
                table = _chosen(file.read_row_group(group, named), kind, wanted)
                if contested.height:
                    events = pl.DataFrame(
                        {name: pl.Series(table[name].to_pylist(), dtype=pl.String) for name in _EVENT}
                    )
                    kept = events.with_row_index("row").join(contested, on=_EVENT, how="anti")
                    table = table.take(kept["row"].sort().to_arrow())
                yield table.select(list(columns))
        if contested.height:
            rows = pl.concat([_read(self._segments, kind), _of_kind(self._pushed(None).lazy(), kind)])
            live = _live(rows.join(contested.lazy(), on=_EVENT, how="semi"))
            table = _chosen(live.to_arrow(compat_level=pl.CompatLevel.oldest()), kind, wanted)
            yield table.select(list(columns))

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` gives, made once for these frames and this key."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def records_of(self, persons: Collection[str]) -> pl.DataFrame:
        """Return record_source, record_id, entity_id of these persons' records."""
        return self._membership.of_entities(persons)

    def owners(self, records: pl.DataFrame) -> pl.DataFrame:
        """Return record_source, record_id, entity_id of these records; unknown ones are left out."""
        return self._membership.of_records(records)

    def _contested(self, kind: str) -> pl.DataFrame:
        """Return the events that have another version than the first, or a tombstone, or were pushed."""
        again = pl.col("kind").is_null() | (pl.col("version") != 1)
        parts = [_of_kind(self._pushed(None).lazy(), kind).select(_EVENT)]
        if self._segments:
            parts.append(pl.scan_parquet(self._segments).filter(again).select(_EVENT))
        return pl.concat([part.collect(engine="streaming") for part in parts]).unique()

    def _kind(self, kind: str, persons: Collection[str] | None) -> pl.DataFrame:
        """Return live rows of a kind with `person`, whole events; kept for the next question.

        With `persons`, of the events of which any version names one of them.
        """
        if persons is not None:
            return self._about(kind, frozenset(persons))
        if kind not in self._whole:
            self._whole[kind] = self._with_person(_live(self._stored(kind, self._pushed(None))))
        return self._whole[kind]

    def _events_of(self, kind: str, persons: frozenset[str]) -> pl.DataFrame:
        pushed = self._pushed(persons)
        if not self._segments and pushed.is_empty():
            return _NOTHING
        rows = self._stored(kind, pushed)
        records = self._membership.of_entities(persons).lazy().select(_RECORD)
        events = rows.join(records, on=_RECORD, how="semi").select(_EVENT).unique().collect()
        if events.is_empty():
            return _NOTHING
        return self._with_person(_live(rows.join(events.lazy(), on=_EVENT, how="semi")))

    def _stored(self, kind: str, pushed: pl.DataFrame) -> pl.LazyFrame:
        return pl.concat([self._kept.rows(kind, self._segments), _of_kind(pushed.lazy(), kind)])

    def _ask_for(self, persons: frozenset[str] | None) -> pl.DataFrame:
        """Return the single pushes that matter to a question about these persons."""
        rows = self._ask(persons)
        return _NO_ROWS if rows is None else _columns(rows, SEGMENT_SCHEMA, "pushed")

    def _with_person(self, rows: pl.DataFrame) -> pl.DataFrame:
        members = self._membership.of_records(rows.select(_RECORD).unique())
        entity = members.select(*_RECORD, pl.col("entity_id").alias("person"))
        return rows.join(entity, on=_RECORD).unique([*_EVENT, "person", "role"], maintain_order=False)


def _always(pushed: pl.DataFrame | None) -> Pushed:
    rows = None if pushed is None else _columns(pushed, SEGMENT_SCHEMA, "pushed")
    return lambda persons: rows


def _read(segments: Sequence[str], kind: str) -> pl.LazyFrame:
    """Return the rows of a kind, and tombstones. Raises: FramesError for a lacking column."""
    if not segments:
        return pl.LazyFrame(schema=SEGMENT_SCHEMA)
    stored = pl.scan_parquet(list(segments))
    missing = SEGMENT_SCHEMA.keys() - stored.collect_schema().names()
    if missing:
        raise FramesError(f"a segment lacks the column {min(missing)}: rebuild the segments")
    return _of_kind(stored, kind).select([pl.col(name).cast(type_) for name, type_ in SEGMENT_SCHEMA.items()])


def _of_kind(rows: pl.LazyFrame, kind: str) -> pl.LazyFrame:
    return rows.filter((pl.col("kind") == kind) | pl.col("kind").is_null())


def _live(rows: pl.LazyFrame) -> pl.DataFrame:
    """Return the rows of the highest version of each event, tombstones and repeats left out."""
    latest = rows.filter(pl.col("version") == pl.col("version").max().over(_EVENT))
    return latest.drop_nulls("kind").unique([*_EVENT, *_RECORD, "role"]).collect()


def _between(rows: pl.DataFrame, day: pl.Expr, start: str | None, end: str | None) -> pl.DataFrame:
    if start is not None:
        rows = rows.filter(day >= date.fromisoformat(start))
    return rows if end is None else rows.filter(day < date.fromisoformat(end))


def _of(persons: Collection[str] | None, rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Return the rows that have one of the persons in one of the columns."""
    if persons is None:
        return rows
    return rows.filter(pl.any_horizontal(pl.col(*columns).is_in(sorted(persons))))


def _columns(frame: pl.DataFrame, schema: dict[str, pl.DataType], name: str) -> pl.DataFrame:
    for column in schema:
        if column not in frame.columns:
            raise FramesError(f"the {name} frame lacks the column {column}: add it")
    return frame.select([pl.col(column).cast(type_) for column, type_ in schema.items()])


def _names(table: pa.Table, wanted: pa.Array) -> bool:
    """Return whether a record of a row group has a wanted id, from its dictionaries alone."""
    words = (chunk.dictionary for chunk in table["record_id"].chunks)
    return any(pc.any(pc.is_in(pc.cast(word, pa.string()), wanted)).as_py() for word in words)


def _chosen(table: pa.Table, kind: str, wanted: pa.Array | None) -> pa.Table:
    """Return the rows of the kind and of the wanted ids."""
    one = pa.types.is_dictionary(table["kind"].type) and all(
        chunk.null_count == 0 and chunk.dictionary.to_pylist() == [kind] for chunk in table["kind"].chunks
    )
    if not one:
        table = table.filter(pc.equal(pc.cast(table["kind"], pa.string()), kind))
    if wanted is not None:
        table = table.filter(pc.is_in(pc.cast(table["record_id"], pa.string()), wanted))
    return table
