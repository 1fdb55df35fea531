"""Tails and many tests at once, against counting by hand and against SciPy."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from patterns.significance import benjamini_hochberg, binomial_sum_tails, tail_bound

GROUPS = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), min_size=1, max_size=4)


def by_hand(count: int, groups: list[tuple[int, float]]) -> float:
    """Add up the probability of every outcome of every single trial that has enough successes."""
    single = [chance for trials, chance in groups for _ in range(trials)]
    total = 0.0
    for outcome in product((0, 1), repeat=len(single)):
        if sum(outcome) >= count:
            total += float(np.prod([p if hit else 1 - p for hit, p in zip(outcome, single, strict=True)]))
    return total


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 5), GROUPS), min_size=1, max_size=4))
def test_tails_are_exact_whatever_else_is_asked(rows: list[tuple[int, list[tuple[int, float]]]]) -> None:
    width = max(len(groups) for _, groups in rows)
    trials, chances = np.zeros((len(rows), width), dtype=np.int64), np.zeros((len(rows), width))
    for at, (_, groups) in enumerate(rows):
        for place, (number, chance) in enumerate(groups):
            trials[at, place], chances[at, place] = number, chance
    tails = binomial_sum_tails(np.array([count for count, _ in rows]), trials, chances)
    for (count, groups), tail in zip(rows, tails, strict=True):
        assert tail == pytest.approx(by_hand(count, groups), abs=1e-12)
        mean = sum(number * chance for number, chance in groups)
        assert tail <= tail_bound(count, mean) + 1e-12


def test_small_tails_keep_their_digits() -> None:
    tail = binomial_sum_tails(np.array([40]), np.array([[40]]), np.array([[0.01]]))[0]
    assert tail == pytest.approx(1e-80, rel=1e-9)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 30))
def test_q_values_are_those_of_all_tests_with_the_others_at_one(p: list[float], more: int) -> None:
    q = benjamini_hochberg(np.array(p), len(p) + more)
    assert q == pytest.approx(false_discovery_control(np.array(p + [1.0] * more))[: len(p)])
