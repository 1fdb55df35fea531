"""Rosters read in columns: the same rows as the frames give one by one, and what leaves a slot open."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from patterns.frames import SEGMENT_SCHEMA, Frames
from patterns.roster import AWAY, PLANNED, VOLUNTARY, Roster, open_slots, read_roster, rows_of

MEMBERS = pl.DataFrame(
    [("roster", "1", "ea"), ("roster", "2", "eb"), ("hr", "1", "eb")],
    schema=["record_source", "record_id", "entity_id"],
    orient="row",
)
BASIS = {"overtime": VOLUNTARY, "swap_in": VOLUNTARY, "planned": PLANNED, "leave": AWAY}
HOURS = {6: 0, 13: 1, 21: 2}


def row(event: int, version: int, kind: str | None = "shift", **said: Any) -> dict[str, Any]:
    """Return a row of a segment; `kind` None is a tombstone."""
    at = datetime(2024, 1, 1, said.get("hour", 6), tzinfo=UTC) + timedelta(days=said.get("day", 0))
    values = {
        "source": "roster",
        "event_id": f"S{event}",
        "version": version,
        "kind": kind,
        "start": at,
        "place_id": said.get("place", "ST1"),
        "record_source": said.get("source", "roster"),
        "record_id": said.get("record", "1"),
        "role": "worker",
        "basis": said.get("basis", "overtime"),
        "team": said.get("team"),
        "duty_date": at.date(),
    }
    if kind is None:
        values = {name: values[name] for name in ("source", "event_id", "version", "kind")}
    return {name: values.get(name) for name in SEGMENT_SCHEMA}


ROWS = st.builds(
    row,
    st.integers(0, 6),
    st.integers(1, 2),
    st.sampled_from(["shift", "shift", "shift", "look_up", None]),
    hour=st.sampled_from(sorted(HOURS)),
    day=st.integers(0, 40),
    basis=st.sampled_from(sorted(BASIS)),
    place=st.sampled_from(["ST1", "ST2"]),
    record=st.sampled_from(["1", "2", "9"]),
    source=st.sampled_from(["roster", "hr"]),
    team=st.sampled_from([None, "A", "B"]),
)


def one_content_a_version(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the first row of each event's version, as the ledger does."""
    first: dict[tuple[str, int], dict[str, Any]] = {}
    for one in rows:
        first.setdefault((one["event_id"], one["version"]), one)
    return list(first.values())


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SEGMENT_SCHEMA, orient="row")


def said(roster: Roster) -> set[tuple[Any, ...]]:
    """Return the roster's rows in words."""
    return {
        (roster.persons[p], roster.places[at], roster.teams[t], int(d) + roster.first_day, int(b), int(k))
        for p, at, t, d, b, k in zip(
            roster.person, roster.place, roster.team, roster.day, roster.band, roster.basis, strict=True
        )
    }


@settings(deadline=None, max_examples=25)
@given(st.lists(ROWS, max_size=12).map(one_content_a_version), st.integers(0, 12), st.integers(0, 12))
def test_columns_and_rows_say_the_same(
    tmp_path_factory: Any, rows: list[dict[str, Any]], cut: int, push: int
) -> None:
    """Segments and pushes, changed and deleted events, unknown records: as `Frames.shifts` has them."""
    folder = tmp_path_factory.mktemp("segments")
    paths = []
    for at, part in enumerate((rows[:cut], rows[cut : cut + push])):
        if part:
            paths.append(str(folder / f"{at}.parquet"))
            frame(part).write_parquet(paths[-1])
    frames = Frames(paths, frame(rows[cut + push :]), MEMBERS)
    shifts = frames.shifts()
    expected = {
        (person, place, team or "", (day - date(1970, 1, 1)).days, HOURS[at.hour], BASIS[basis])
        for person, place, team, day, at, basis in shifts.select(
            "person", "station", "team", "duty_date", "start", "basis"
        ).iter_rows()
    }
    assert said(read_roster(frames)) == expected
    cited = rows_of(frames, {"eb"}) if expected else pl.DataFrame(schema={"event_id": pl.String})
    assert set(cited["event_id"]) == set(shifts.filter(pl.col("person") == "eb")["event_id"])


def test_an_older_version_in_a_segment_does_not_count(tmp_path: Path) -> None:
    """What the fast way must not miss: the segment's only row of the event is not its last word."""
    frame([row(1, 1, day=3), row(2, 1, day=4)]).write_parquet(tmp_path / "0.parquet")
    frames = Frames([str(tmp_path / "0.parquet")], frame([row(1, 2, day=9)]), MEMBERS)
    assert sorted(day for *_, day, _, _ in said(read_roster(frames))) == [19727, 19732]


def roster(*rows: tuple[int, int, int]) -> Roster:
    """Return the roster of one person: (day, band, basis)."""
    columns = np.array(rows, dtype=np.int32).T
    zero = np.zeros(len(rows), dtype=np.int32)
    return Roster(zero, zero, zero, zero, columns[0], columns[1].astype(np.int8),
                  columns[2].astype(np.int8), ("ea",), ("ST1",), ("A",), 4)  # fmt: skip


def test_a_slot_is_open_off_duty_and_eleven_hours_from_the_next_shift() -> None:
    open_ = open_slots(roster((5, 2, PLANNED), (10, 0, AWAY), (15, 1, VOLUNTARY)))[0]
    assert not open_[5].any()
    assert open_[6].tolist() == [False, False, True]
    assert open_[4].tolist() == [True, True, True]
    assert not open_[10].any()
    assert open_[9].all()
    assert open_[11].all()
    assert open_[14:17].all()
