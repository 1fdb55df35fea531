"""The null of choice: where somebody could have gone, and what the others' choices say of a slot."""

import numpy as np
import pytest
from rosters import force, roster_of

from patterns.co_presence import onto_duty, together
from patterns.opportunity import Choices, choices
from patterns.roster import Roster, blocks, open_slots
from patterns.significance import binomial_sum_tails


@pytest.fixture(scope="module")
def roster() -> Roster:
    return roster_of(force(300, 1.0, 3, plants=False))


@pytest.fixture(scope="module")
def made(roster: Roster) -> Choices:
    return choices(roster, next(blocks(roster)), open_slots(roster))


def test_every_row_is_a_chance_over_open_slots(roster: Roster, made: Choices) -> None:
    for stage in made.stages:
        assert stage.sum(axis=1) == pytest.approx(np.ones(len(stage)), abs=1e-5)
        assert (stage >= 0).all()
    open_ = open_slots(roster)[made.people[made.member]]
    free = open_.reshape(len(open_), -1, 84)[np.arange(len(open_)), made.window]
    own = made.taken[made.member, made.window]
    assert not (made.chance > 0)[~free & ~own].any()


def test_picks_are_those_of_the_rows(made: Choices) -> None:
    assert made.picks.sum() == made.taken.sum()


def test_innocent_pairs_meet_as_often_as_expected_and_not_if_demand_is_left_out(made: Choices) -> None:
    """Summed over all pairs; the broken twin stops at habits and expects too little."""
    people, windows = made.taken.shape[:2]

    def expected(chance: np.ndarray) -> float:  # type: ignore[type-arg]
        wanted = np.zeros((people, windows, 84))
        np.add.at(wanted, (made.member, made.window), chance * made.picks[:, None])
        flat, taken = wanted.reshape(people, -1), made.taken.reshape(people, -1).astype(float)
        both = flat @ taken.T
        return float(both.sum() - np.trace(both))

    taken = made.taken.reshape(people, -1).astype(float)
    met = float((taken @ taken.T).sum() - taken.sum())
    assert met / expected(made.chance) == pytest.approx(1.0, abs=0.06)
    assert met / expected(made.stages[1]) > 1.15


@pytest.mark.parametrize("kind", ["together", "onto_duty"])
def test_tails_are_exact(made: Choices, kind: str) -> None:
    found = together(made) if kind == "together" else onto_duty(made)
    there = made.taken if kind == "together" else made.duty
    place = {int(code): at for at, code in enumerate(made.people)}
    assert len(found.p) > 0
    for at in range(min(5, len(found.p))):
        who, whom = place[int(found.who[at])], place[int(found.whom[at])]
        assert found.joint[at] == (made.taken[who] & there[whom]).sum()
        rows = np.flatnonzero(made.member == who)
        hit = (made.chance[rows] * there[whom, made.window[rows]]).sum(axis=1)
        assert found.expected[at] == pytest.approx((hit * made.picks[rows]).sum(), rel=1e-4)
        tail = binomial_sum_tails(
            found.joint[at : at + 1], made.picks[rows][None].astype(np.int64), hit[None]
        )
        assert found.p[at] == pytest.approx(tail[0], rel=1e-3)
