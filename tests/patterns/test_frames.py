"""Frames: live rows of bulk kinds from segments and single pushes, with the entities that take part."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterns.frames import SEGMENT_SCHEMA, Frames, FramesError, KeptRows

MEMBERS = pl.DataFrame(
    {
        "record_source": ["hr", "hr", "hr", "custody"],
        "record_id": ["1", "2", "9", "7"],
        "entity_id": ["eana", "ebo", "eana", "ecy"],
    }
)


def row(event_id: str, record_id: str, role: str = "user", **other: Any) -> dict[str, Any]:
    """Return one row of a look-up on 3 January 2024; the record id 7 is custody's, any other HR's."""
    at = datetime(2024, 1, 3, 10, tzinfo=UTC)
    values = {
        "source": "access",
        "event_id": event_id,
        "version": 1,
        "kind": "look_up",
        "start": at,
        "end": at,
        "record_source": "custody" if record_id == "7" else "hr",
        "record_id": record_id,
        "role": role,
        "duty_date": at.date(),
    }
    return {**dict.fromkeys(SEGMENT_SCHEMA), **values, **other}


def shift(event_id: str, record_id: str, **other: Any) -> dict[str, Any]:
    return row(event_id, record_id, "worker", kind="shift", source="roster", place_id="ST1", **other)


def tombstone(event_id: str, version: int) -> dict[str, Any]:
    return {**dict.fromkeys(SEGMENT_SCHEMA), "source": "access", "event_id": event_id, "version": version}


def frame(rows: Collection[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SEGMENT_SCHEMA)


def frames(
    folder: Path, *segments: list[dict[str, Any]], pushed: list[dict[str, Any]] | None = None
) -> Frames:
    paths = []
    for rows in segments:
        paths.append(str(folder / f"{len(list(folder.iterdir()))}.parquet"))
        frame(rows).write_parquet(paths[-1])
    return Frames(paths, None if pushed is None else frame(pushed), MEMBERS)


def pairs(found: pl.DataFrame) -> list[tuple[str, str, str]]:
    return [(r["event_id"], r["user"], r["subject"]) for r in found.iter_rows(named=True)]


def test_lookups_pair_the_user_with_each_person_looked_at(tmp_path: Path) -> None:
    read = frames(
        tmp_path, [row("L1", "1", reference=" CAD-1 "), row("L1", "2", "subject"), row("L1", "7", "subject")]
    )
    found = read.lookups()
    assert pairs(found) == [("L1", "eana", "ebo"), ("L1", "eana", "ecy")]
    assert found["reference"].to_list() == ["CAD-1", "CAD-1"]


def test_a_lookup_of_unknown_time_is_left_out(tmp_path: Path) -> None:
    timeless = [row("L1", "1", start=None), row("L1", "2", "subject", start=None)]
    assert frames(tmp_path, timeless).lookups().is_empty()
    assert frames(tmp_path, pushed=timeless).lookups({"eana"}).is_empty()


def test_shifts_carry_station_basis_and_person(tmp_path: Path) -> None:
    read = frames(tmp_path, [shift("S1", "1", basis="overtime", team="T3"), shift("S2", "404")])
    assert read.shifts().select("event_id", "station", "basis", "team", "duty_date", "person").rows() == [
        ("S1", "ST1", "overtime", "T3", date(2024, 1, 3), "eana")
    ]


def test_the_highest_version_of_an_event_holds_whole(tmp_path: Path) -> None:
    """A version that no longer names a person takes that person out, whichever came first."""
    old = [row("L1", "1"), row("L1", "2", "subject")]
    new = [row("L1", "1", version=2), row("L1", "7", "subject", version=2)]
    for read in (frames(tmp_path, old, new), frames(tmp_path, new, old), frames(tmp_path, old, pushed=new)):
        assert pairs(read.lookups()) == [("L1", "eana", "ecy")]
        assert read.lookups({"ebo"}).is_empty()


def test_a_tombstone_removes_what_is_not_newer(tmp_path: Path) -> None:
    rows = [
        row("L1", "1"),
        row("L1", "2", "subject"),
        row("L2", "1", version=3),
        row("L2", "2", "subject", version=3),
    ]
    read = frames(tmp_path, rows, pushed=[tombstone("L1", 2), tombstone("L2", 2)])
    assert pairs(read.lookups()) == [("L2", "eana", "ebo")]
    assert pairs(read.lookups({"ebo"})) == [("L2", "eana", "ebo")]


def test_dates_are_half_open(tmp_path: Path) -> None:
    read = frames(tmp_path, [row("L1", "1"), row("L1", "2", "subject")])
    assert read.lookups(start="2024-01-03", end="2024-01-04").height == 1
    assert read.lookups(end="2024-01-03").is_empty()
    assert read.lookups(start="2024-01-04").is_empty()


def test_nothing_at_all_is_an_empty_answer(tmp_path: Path) -> None:
    read = frames(tmp_path)
    assert read.lookups().columns == ["source", "event_id", "at", "user", "subject", "reference"]
    assert read.shifts({"eana"}).is_empty()


def test_a_lacking_column_is_named(tmp_path: Path) -> None:
    frame([row("L1", "1")]).drop("role").write_parquet(tmp_path / "bad.parquet")
    with pytest.raises(FramesError, match="column role"):
        Frames([str(tmp_path / "bad.parquet")], None, MEMBERS).lookups()
    with pytest.raises(FramesError, match="membership frame lacks the column entity_id"):
        Frames([], None, MEMBERS.drop("entity_id"))


def test_kept_rows_grow_with_the_segments_and_forget_those_that_went(tmp_path: Path) -> None:
    kept, paths = KeptRows(), []
    for number in (1, 2):
        paths.append(str(tmp_path / f"{number}.parquet"))
        rows = [row(f"L{number}", "1"), row(f"L{number}", "2", "subject"), shift(f"S{number}", "1")]
        frame(rows).write_parquet(paths[-1])
        read = Frames(paths, None, MEMBERS, kept)
        assert read.lookups({"eana"}).equals(Frames(paths, None, MEMBERS).lookups({"eana"}))
        assert read.lookups()["event_id"].to_list() == [f"L{n}" for n in range(1, number + 1)]
        assert read.shifts().height == number
    Path(paths[0]).unlink()
    assert Frames(paths, None, MEMBERS, kept).lookups().height == 2, "kept rows are not read again"
    assert Frames(paths[1:], None, MEMBERS, kept).lookups()["event_id"].to_list() == ["L2"]


ROWS = st.builds(
    lambda event, record, role, version: row(
        event, record, role, version=version, reference=f"{event}-{version}"
    ),
    st.sampled_from(["L1", "L2", "L3"]),
    st.sampled_from(["1", "2", "7", "9", "404"]),
    st.sampled_from(["user", "subject"]),
    st.integers(1, 3),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, max_size=12), st.randoms(use_true_random=False), st.booleans())
def test_order_and_batches_do_not_matter_and_few_is_a_part_of_all(
    rows: list[dict[str, Any]], random: Any, push: bool
) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        whole = frames(Path(one), rows).lookups()
        shuffled = random.sample(rows, len(rows)) + rows[:2]
        cut = random.randint(0, len(shuffled))
        if push:
            read = frames(Path(other), shuffled[:cut], pushed=shuffled[cut:])
        else:
            read = frames(Path(other), shuffled[:cut], shuffled[cut:])
        assert read.lookups().equals(whole)
        for person in ("eana", "ebo", "ecy"):
            theirs = whole.filter((pl.col("user") == person) | (pl.col("subject") == person))
            assert read.lookups({person}).equals(theirs)
