"""Precision from decisions, a question about rules that name many, and the week's budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns.finding import State
from patterns.outcomes import Outcomes, Week, week_start

COUNTS = st.integers(0, 500)


def outcomes(
    escalated: int = 0, innocent: int = 0, named: int = 0, staff: int = 1000, **more: int
) -> Outcomes:
    states = {State.ESCALATED: escalated, State.INNOCENT: innocent}
    return Outcomes({**states, **{State(name): number for name, number in more.items()}}, named, staff)


def test_precision_counts_answers_alone() -> None:
    """Not reviewed, withdrawn and new ones are no answers: the broken twin, a share of all, says 0.1."""
    said = outcomes(escalated=3, innocent=5, wrong_data=2, not_reviewed=9, withdrawn=7, new=4)
    assert said.decided == 10
    assert said.precision == pytest.approx(0.3)
    assert said.interval == pytest.approx((0.1078, 0.6032), abs=1e-3)
    assert outcomes().precision is None
    assert outcomes().interval is None


@given(COUNTS, COUNTS)
def test_the_interval_holds_the_precision(escalated: int, innocent: int) -> None:
    said = outcomes(escalated, innocent)
    if said.interval is not None and said.precision is not None:
        low, high = said.interval
        assert 0 <= low <= said.precision + 1e-9
        assert said.precision - 1e-9 <= high <= 1


@pytest.mark.parametrize(("named", "hinted"), [(0, False), (4, False), (5, False), (9, False), (10, True)])
def test_a_rule_that_names_one_in_a_hundred_is_asked_about_itself(named: int, hinted: bool) -> None:
    hint = outcomes(named=named).hint
    assert (hint is not None) == hinted
    assert hint is None or "1 in 100" in hint
    assert outcomes(named=4, staff=100).hint is None


@given(COUNTS, COUNTS)
def test_a_budget_is_never_overdrawn(budget: int, decided: int) -> None:
    assert Week(budget, decided).left == max(0, budget - decided)


def test_a_week_begins_on_monday() -> None:
    assert week_start("2026-11-25T16:00:00.000Z") == "2026-11-23T00:00:00Z"
    assert week_start("2026-11-23T00:00:00.000Z") == "2026-11-23T00:00:00Z"
    assert week_start("2026-01-01T00:00:00.000Z") == "2025-12-29T00:00:00Z"
