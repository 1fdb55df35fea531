"""The link score: time overlap, simultaneous occupancy and reliability, in bits."""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns.interval import Interval, Overlap, interval, overlap
from patterns.link_score import SHARING, Holding, link_bits, link_score, reliability

LABELS = st.sampled_from(sorted(SHARING))
TOGETHER = overlap(Interval(0, 1000), Interval(0, 1000))


def held(start: str | None, end: str | None = None, *sources: str) -> tuple[Holding, ...]:
    return (Holding(interval(start, end), sources or ("hr|1",)),)


def test_the_formula_by_hand() -> None:
    """S = log2(1 + ρ·N/(n-1)·min(1, h/(n-1))): two people at one home, both sources sure."""
    assert link_bits("Address", 1.0, TOGETHER, 2, population=1_000_000) == pytest.approx(log2(1_000_001))
    assert link_bits("Address", 0.5, TOGETHER, 5, population=1_000_000) == pytest.approx(
        log2(1 + 0.5 * 1_000_000 / 4 * 2.4 / 4)
    )


def test_reliability_goes_by_the_words_of_the_source() -> None:
    assert reliability("payroll_2024") == 0.99
    assert reliability("met-custody") == 0.80
    assert reliability("thrice") == 0.80


@given(LABELS, st.floats(0, 1), st.integers(2, 199))
def test_more_people_never_raise_the_score(label: str, trust: float, people: int) -> None:
    more = link_bits(label, trust, TOGETHER, people + 1)
    assert 0 <= more <= link_bits(label, trust, TOGETHER, people)


@given(LABELS, st.integers(0, 2000), st.integers(0, 2000))
def test_a_longer_gap_never_raises_the_score(label: str, gap: int, more: int) -> None:
    near, far = (Overlap(0.0, float(days), 0, 0) for days in (gap + 1, gap + 1 + more))
    assert link_bits(label, 1.0, far, 2) <= link_bits(label, 1.0, near, 2)
    assert link_bits(label, 1.0, near, 2) < link_bits(label, 1.0, TOGETHER, 2)


def test_a_place_of_many_scores_less_than_a_household() -> None:
    pair = held("2020-01-01"), held("2020-06-01")
    household = link_score("Address", *pair, pair)
    hostel = link_score("Address", *pair, (*pair, *([held("2019-01-01")] * 38)))
    assert household.bits > 18
    assert hostel.occupancy == 40
    assert hostel.bits < 12


def test_former_tenants_do_not_count() -> None:
    """The broken twin, a count of all who ever lived there, would make a house of six tenancies a hostel."""
    pair = held("2020-01-01"), held("2020-06-01")
    former = [held(f"{year}-01-01", f"{year + 1}-01-01") for year in range(1990, 2019)]
    assert link_score("Address", *pair, (*pair, *former)) == link_score("Address", *pair, pair)
    assert link_bits("Address", 0.94, TOGETHER, 2 + len(former)) < 13


def test_the_best_statement_counts_once() -> None:
    """Twenty copies of one record are one origin: no more bits than one of them."""
    one = held("2020-01-01"), held("2020-06-01")
    many = (one[0] * 20, one[1] * 20)
    assert link_score("Address", *many, many).bits == link_score("Address", *one, one).bits


@given(st.permutations(list(range(6))))
def test_order_of_statements_and_holders_does_not_matter(order: list[int]) -> None:
    statements = [held(f"20{10 + n}-01-01", f"20{12 + n}-01-01")[0] for n in range(6)]
    left, right = tuple(statements), held("2013-06-01")
    shuffled = tuple(statements[n] for n in order)
    assert link_score("Phone", shuffled, right, (right, shuffled)) == link_score(
        "Phone", left, right, (left, right)
    )


def test_both_sides_must_say_something() -> None:
    with pytest.raises(ValueError, match="each side"):
        link_score("Phone", (), held("2020-01-01"), ())
