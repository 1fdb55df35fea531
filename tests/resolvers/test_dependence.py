"""Dependence takes off what is counted twice, and says nothing where comparisons are independent."""

import numpy as np
import pytest

from resolvers.dependence import added_bits, dependences

LEVELS = np.array([[a, b] for a in (0, 1) for b in (0, 1)], np.int8)


def test_independent_comparisons_add_nothing() -> None:
    counts = np.array([400.0, 1_600.0, 1_600.0, 6_400.0])
    assert dependences(LEVELS, counts, (2, 2)) == ()


def test_two_comparisons_of_one_fact_count_once() -> None:
    """Each agrees in a tenth of the pairs, always together: the second agreement is worth nothing."""
    counts = np.array([10_000.0, 0.0, 0.0, 90_000.0])
    (found,) = dependences(LEVELS, counts, (2, 2))
    assert (found.first, found.second) == (0, 1)
    assert found.bits[0, 0] == pytest.approx(np.log2(0.1), abs=0.05)
    assert found.bits[0, 1] > 3


def test_few_pairs_say_little() -> None:
    counts = np.array([2.0, 0.0, 0.0, 2_000.0])
    bits = [found.bits for found in dependences(LEVELS, counts, (2, 2))]
    assert all(abs(table).max() < 0.2 for table in bits)


def test_dependences_make_a_forest() -> None:
    """Three comparisons of one fact are two dependences: the third would take it off twice."""
    levels = np.array([[0, 0, 0], [1, 1, 1]], np.int8)
    found = dependences(levels, np.array([10_000.0, 90_000.0]), (2, 2, 2))
    assert len(found) == 2


def test_what_compared_nothing_adds_nothing() -> None:
    bits = np.array([[-3.0, 1.0], [1.0, -0.5]])
    levels = np.array([0, 0, -1, -1], np.int8), np.array([0, -1, 0, -1], np.int8)
    assert added_bits(bits, *levels).tolist() == [-3.0, 0.0, 0.0, 0.0]
