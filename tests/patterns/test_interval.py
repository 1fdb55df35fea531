"""Intervals: what sources give, how two lie to each other, how many are there at one time."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns.interval import Interval, day, interval, iso, occupancy, overlap

SPANS = st.builds(
    lambda start, length: Interval(start, None if length is None else start + length),
    st.integers(0, 60),
    st.none() | st.integers(1, 40),
)


@pytest.mark.parametrize(
    ("text", "last", "expected"),
    [
        ("2021-03-05", False, "2021-03-05"),
        ("2021-03-05T22:10:00Z", False, "2021-03-05"),
        ("2024-02", False, "2024-02-01"),
        ("2024-02", True, "2024-02-29"),
        ("2024", False, "2024-01-01"),
        ("2024", True, "2024-12-31"),
    ],
)
def test_dates_of_any_precision(text: str, last: bool, expected: str) -> None:
    ordinal = day(text, last=last)
    assert ordinal is not None
    assert iso(ordinal) == expected


def test_what_is_absent_is_unknown_and_open() -> None:
    assert interval(None, "") == Interval(None, None)
    assert iso(inf) is None


def test_an_unknown_start_leaves_the_overlap_unknown_but_not_the_gap() -> None:
    later = interval("2021-01-01", None)
    assert overlap(interval(None, None), later).days is None
    apart = overlap(interval(None, "2020-12-22"), later)
    assert apart.gap == 10
    assert apart.apart


def test_next_to_each_other_is_apart_without_a_gap() -> None:
    window = overlap(interval("2020-01-01", "2021-01-01"), interval("2021-01-01", None))
    assert (window.days, window.gap, window.apart) == (0, 0, True)


@given(SPANS, SPANS)
def test_overlap_is_symmetric_and_counts_common_days(left: Interval, right: Interval) -> None:
    window = overlap(left, right)
    assert window == overlap(right, left)
    horizon = 200
    common = {
        d for d in range(horizon) if all(i.earliest <= d < min(i.latest, horizon) for i in (left, right))
    }
    if window.days is not None and window.days < inf:
        assert window.days == len(common)


@given(st.lists(st.lists(SPANS, min_size=1, max_size=3), min_size=2, max_size=6), SPANS, SPANS)
def test_occupancy_is_the_fullest_day(holders: list[list[Interval]], left: Interval, right: Interval) -> None:
    window = overlap(left, right)
    if window.days == 0:
        return
    days = range(int(window.start), int(min(window.end, 200)))
    fullest = max(sum(any(i.earliest <= d < i.latest for i in held) for held in holders) for d in days)
    assert occupancy(holders, window) == max(2, fullest)


def test_one_holder_counts_once_however_many_sources_say_so() -> None:
    window = overlap(Interval(0, 100), Interval(0, 100))
    assert occupancy([[Interval(0, 50), Interval(20, 80)], [Interval(0, None)]], window) == 2
