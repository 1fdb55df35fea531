"""Bits as probabilities: rising, honest on data they were not counted on, and shipped with their source."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns.calibration import Calibration, calibration_error, fit, from_json, shipped, to_json
from patterns.catalogue.shared_home import CALIBRATION


def drawn(seed: int, pairs: int = 6000) -> tuple[np.ndarray, np.ndarray]:
    """Return bits, and truths that hold with a probability which rises with them."""
    rng = np.random.default_rng(seed)
    bits = np.round(rng.uniform(10, 24, pairs), 1)
    return bits, rng.random(pairs) < 1 / (1 + np.exp(17 - bits))


def test_probabilities_hold_on_pairs_they_were_not_counted_on() -> None:
    """The broken twin takes the bits as log odds, as if chance were even: it is off by far."""
    found = Calibration(fit(*drawn(1)), "a test", 6000, 0.0)
    bits, truth = drawn(2)
    assert calibration_error(found.probabilities(bits), truth) < 0.03
    assert calibration_error(1 / (1 + 2.0**-bits), truth) > 0.3


@given(st.integers(0, 1000), st.floats(0, 40), st.floats(0, 10))
def test_more_bits_never_are_less_probable(seed: int, bits: float, more: float) -> None:
    found = Calibration(fit(*drawn(seed, 400)), "a test", 400, 0.0)
    assert 0 < found.probability(bits) <= found.probability(bits + more) < 1


def test_pairs_of_one_score_have_one_probability() -> None:
    """However they are ordered, and though they are more than a group."""
    bits = np.array([12.0] * 300 + [20.0] * 300)
    truth = np.array([False] * 150 + [True] * 150 + [False] * 30 + [True] * 270)
    points = dict(fit(bits, truth))
    assert points == {12.0: pytest.approx(0.5, abs=0.01), 20.0: pytest.approx(0.9, abs=0.01)}
    assert dict(fit(bits[::-1], truth[::-1])) == points


def test_the_error_by_hand() -> None:
    assert calibration_error([0.25, 0.25, 0.95, 0.95], [True, False, True, True]) == pytest.approx(
        (0.5 + 0.1) / 4
    )
    assert calibration_error([1.0], [True]) == 0


def test_too_few_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 40"):
        fit([12.0, 13.0], [True, False])


def test_what_is_shipped_says_what_it_was_counted_on_and_is_within_its_promise() -> None:
    assert shipped("shared_home") == CALIBRATION
    assert "synthetic" in CALIBRATION.source
    assert CALIBRATION.pairs > 1000
    assert CALIBRATION.error < 0.03
    chances = [chance for _, chance in CALIBRATION.points]
    assert chances == sorted(chances)
    assert from_json(json.loads(to_json(CALIBRATION))) == CALIBRATION
