"""Joint voluntary shifts and their expectation, against a count by hand."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns.catalogue.co_rostering import WINDOW, joint_and_expected, voluntary_picks

Shift = tuple[str, int, str, str, int]
"""Person, day, station, basis, hour."""

SHIFTS = st.lists(
    st.tuples(
        st.sampled_from(["ea", "eb", "ec"]),
        st.integers(0, 70),
        st.sampled_from(["ST1", "ST2"]),
        st.sampled_from(["overtime", "swap_in", "planned"]),
        st.sampled_from([3, 6, 13, 22]),
    ),
    max_size=60,
)
BAND = {3: "N", 6: "E", 13: "L", 22: "N"}


def frame(shifts: list[Shift]) -> pl.DataFrame:
    rows = []
    for number, (person, day, station, basis, hour) in enumerate(shifts):
        at = datetime(2024, 1, 1, hour, tzinfo=UTC) + timedelta(days=day)
        rows.append(("roster", f"S{number}", at, station, basis, at.date(), person))
    schema = {
        "source": pl.String,
        "event_id": pl.String,
        "start": pl.Datetime("us", "UTC"),
        "station": pl.String,
        "basis": pl.String,
        "duty_date": pl.Date,
        "person": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


@given(SHIFTS)
def test_joint_and_expected_by_hand(shifts: list[Shift]) -> None:
    slots: defaultdict[tuple[str, int], set[tuple[int, str]]] = defaultdict(set)
    picks: defaultdict[str, set[tuple[str, int, str]]] = defaultdict(set)
    origin = (date(2024, 1, 1) - date(1970, 1, 1)).days
    for person, day, station, basis, hour in shifts:
        if basis != "planned":
            picks[person].add((station, day, BAND[hour]))
            slots[station, (origin + day) // WINDOW].add((day, BAND[hour]))
    expected = {}
    for left, right in combinations(sorted(picks), 2):
        joint = len(picks[left] & picks[right])
        if joint == 0:
            continue
        mine, theirs = (
            Counter((station, (origin + day) // WINDOW) for station, day, _ in picks[person])
            for person in (left, right)
        )
        expected[left, right] = (joint, sum(mine[w] * theirs[w] / len(slots[w]) for w in mine))
    found = joint_and_expected(voluntary_picks(frame(shifts)), least=1)
    assert [(left, right) for left, right, *_ in found.iter_rows()] == sorted(expected)
    for left, right, joint, mean in found.iter_rows():
        assert (joint, mean) == (expected[left, right][0], pytest.approx(expected[left, right][1]))


@given(SHIFTS, st.sampled_from(["ea", "eb", "ec"]))
def test_about_one_person_is_a_part_of_all(shifts: list[Shift], person: str) -> None:
    picks = voluntary_picks(frame(shifts))
    whole = joint_and_expected(picks, least=1)
    theirs = whole.filter((pl.col("left") == person) | (pl.col("right") == person))
    assert joint_and_expected(picks, least=1, about={person}).equals(theirs)


def test_planned_duty_does_not_count() -> None:
    """The broken twin, a count of all shifts, sees team-mates; this sees nobody."""
    team: list[Shift] = [(person, day, "ST1", "planned", 6) for person in ("ea", "eb") for day in range(40)]
    assert joint_and_expected(voluntary_picks(frame(team)), least=1).is_empty()
    plain = frame(team).with_columns(basis=pl.lit("overtime"))
    assert joint_and_expected(voluntary_picks(plain), least=1)["joint"].to_list() == [40]
