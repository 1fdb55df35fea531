"""Doubt: the most open question first, and only new evidence against a judgement counts."""

from hypothesis import given
from hypothesis import strategies as st

from resolvers.doubt import STRONG_BITS, expected_change, speaks_against, uncertainty
from resolvers.linkage_model import default_model

MODEL = default_model()
BITS = st.floats(-1200, 1200)


@given(BITS, BITS)
def test_the_nearer_to_even_odds_the_more_open(one: float, other: float) -> None:
    assert 0.0 <= uncertainty(one) <= uncertainty(0.0) == 1.0
    assert abs(uncertainty(one) - uncertainty(-one)) < 1e-9
    if abs(one) <= abs(other):
        assert uncertainty(one) >= uncertainty(other) - 1e-12


def test_effect_and_uncertainty_multiply() -> None:
    assert expected_change(0.0, 3) == 3.0
    assert expected_change(2.0, 6) == 2 * expected_change(2.0, 3)


@given(st.booleans(), BITS, BITS)
def test_evidence_speaks_against_one_side_at_most_and_never_without_a_move(
    same: bool, then: float, now: float
) -> None:
    assert not speaks_against(same, now, now, MODEL)
    assert not (speaks_against(same, then, now, MODEL) and speaks_against(not same, then, now, MODEL))
    if speaks_against(same, then, now, MODEL):
        assert abs(now - then) >= STRONG_BITS
        assert (now >= MODEL.join_bits) is not same


def test_what_was_overruled_already_is_nothing_new() -> None:
    join = MODEL.join_bits
    assert not speaks_against(False, join + 5, join + 6, MODEL)
    assert speaks_against(False, join + 5, join + 15, MODEL)
    assert speaks_against(True, join + 5, MODEL.review_bits - 10, MODEL)
    assert speaks_against(True, None, join - STRONG_BITS - 5, MODEL)
