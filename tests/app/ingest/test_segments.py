"""Bulk events as columnar segments: their schema, their times, and what is refused."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from app.ingest import Reading, load_mapping, read
from app.ingest import reading as reading_module
from app.ingest.canonical import parse_event
from app.ingest.segments import Seen, rows_of
from patterns.frames import SEGMENT_SCHEMA

ROSTER = """
mapping: 1
source: {value: roster}
timezone: Europe/London
events:
  - kind: shift
    id: shift
    start: {columns: {date: day, time: from}}
    end: {columns: {date: day, time: to}}
    place: {type: {value: station}, id: base}
    attributes: {basis: code, team: team, duty_role: role, note: note}
    participants: [{id: worker, role: worker}]
"""
LOG = """
mapping: 1
source: {value: log}
timezone: Europe/London
events:
  - kind: look_up
    id: n
    start: at
    attributes: {reference: task}
    participants:
      - {id: user, role: user}
      - {source: {column: system}, id: subject, role: subject}
"""
HEADER = "shift,worker,day,from,to,base,code,team,role,note"


def load(tmp_path: Path, mapping: str, text: str) -> Reading:
    path = tmp_path / "rows.csv"
    path.write_text(text, encoding="utf-8")
    return read([path], load_mapping(mapping))


def test_a_night_shift_ends_on_the_next_day_and_counts_for_the_first(tmp_path: Path) -> None:
    reading = load(tmp_path, ROSTER, f"{HEADER}\n1,W1,2024-05-03,22:00,07:00,ST1,overtime,T3,response,x\n")
    (frame,) = reading.segments
    assert frame.schema == SEGMENT_SCHEMA
    row = frame.row(0, named=True)
    assert row["start"] == datetime(2024, 5, 3, 21, tzinfo=UTC)
    assert row["end"] == datetime(2024, 5, 4, 6, tzinfo=UTC)
    assert (row["duty_date"], row["version"], row["attributes"]) == (date(2024, 5, 3), 1, '{"note": "x"}')
    assert (row["place_type"], row["place_id"], row["basis"], row["team"]) == (
        "station",
        "ST1",
        "overtime",
        "T3",
    )
    assert (row["record_source"], row["record_id"], row["role"]) == ("roster", "W1", "worker")


def test_one_row_a_participant_and_nobody_is_made_up(tmp_path: Path) -> None:
    rows = ("1,2024-05-03T10:00,T9,u1,custody,N1", "2,2024-05-03T10:00,,u1,custody,")
    text = "\n".join(("n,at,task,user,system,subject", *rows))
    (frame,) = load(tmp_path, LOG, text).segments
    assert frame.select("event_id", "record_source", "record_id", "role", "reference").rows() == [
        ("1", "log", "u1", "user", "T9"),
        ("1", "custody", "N1", "subject", "T9"),
        ("2", "log", "u1", "user", None),
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("2,,2024-05-03,06:00,14:00,ST1,planned,T,r,", "no_participant"),
        ("2,W1,2024-05-03,06:00,14:00,ST1,beer,T,r,", "wrong_word"),
        ("2,W1,2024-02-30,06:00,14:00,ST1,planned,T,r,", "impossible_date"),
        ("1,W1,2024-05-03,06:00,14:00,ST1,planned,T,r,", "duplicate_key"),
    ],
)
def test_a_bad_row_is_refused(tmp_path: Path, row: str, code: str) -> None:
    reading = load(tmp_path, ROSTER, f"{HEADER}\n1,W1,2024-05-03,06:00,14:00,ST1,planned,T,r,\n{row}\n")
    assert [frame["event_id"].to_list() for frame in reading.segments] == [["1"]]
    assert [(refused.line, refused.problems[0].code) for refused in reading.rejected] == [(3, code)]


def test_frames_are_small_and_keys_are_remembered_across_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_module, "BULK_ROWS", 4)
    monkeypatch.setattr(reading_module, "CHUNK_ROWS", 3)
    rows = "".join(f"{n % 8},W1,2024-05-03,06:00,14:00,ST1,planned,T,r,\n" for n in range(10))
    reading = load(tmp_path, ROSTER, f"{HEADER}\n{rows}")
    frames = list(reading.segments)
    assert max(frame.height for frame in frames) <= 3
    assert pl.concat(frames)["event_id"].to_list() == [str(n) for n in range(8)]
    assert [refused.line for refused in reading.rejected] == [10, 11]


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), max_size=12), max_size=8))
def test_seen_keys_are_those_that_came_before(batches: list[list[int]]) -> None:
    seen, before = Seen(), set[int]()
    for batch in batches:
        told = seen.repeated(pl.DataFrame({"key": batch}, schema={"key": pl.Int64})).to_list()
        expected = []
        for key in batch:
            expected.append(key in before)
            before.add(key)
        assert told == expected


@pytest.mark.parametrize("said", [{}, {"duty_date": "2024-05-03"}], ids=["by its start", "by duty date"])
def test_single_pushes_have_the_rows_that_a_file_would_have(tmp_path: Path, said: dict[str, str]) -> None:
    (from_file,) = load(
        tmp_path, ROSTER, f"{HEADER}\n1,W1,2024-05-03,06:00,14:00,ST1,planned,T3,response,x\n"
    ).segments
    event, _ = parse_event(
        "roster",
        "1",
        {
            "kind": "shift",
            "from": "2024-05-03T05:00:00Z",
            "to": "2024-05-03T13:00:00Z",
            "place": {"type": "station", "id": "ST1"},
            "attributes": {"basis": "planned", "team": "T3", "duty_role": "response", "note": "x"} | said,
            "participants": [{"source": "roster", "source_id": "W1", "role": "worker"}],
        },
    )
    assert_frame_equal(pl.DataFrame(list(rows_of(event, 1)), schema=SEGMENT_SCHEMA, orient="row"), from_file)
