"""Simulated rosters: people are free when they volunteer, plants keep their dose, the twin has none."""

import numpy as np
import pytest
from rosters import force

from app.synthetic.rosters.arrangement import PLANTED, VOLUNTARY_PAIR
from app.synthetic.rosters.force import Force
from app.synthetic.rosters.sheet import shifts
from app.synthetic.rosters.workforce import OFF, OVERTIME, SWAP_IN


@pytest.fixture(scope="module")
def made() -> Force:
    return force(600, 1.0, 2, plants=True)


def test_the_same_seed_gives_the_same_rosters(made: Force) -> None:
    again = force(600, 1.0, 2, plants=True)
    assert np.array_equal(again.workforce.basis, made.workforce.basis)
    assert again.arrangements == made.arrangements
    assert not np.array_equal(force(600, 1.0, 3, plants=True).workforce.basis, made.workforce.basis)


def test_nobody_is_arranged_twice_and_everybody_is_of_one_station(made: Force) -> None:
    people = [person for one in made.arrangements for person in one.people]
    assert len(people) == len(set(people))
    for one in made.arrangements:
        assert len({int(made.workforce.unit[person, -1]) // 9 for person in one.people}) == 1


def test_pairs_share_at_least_what_was_carried_out(made: Force) -> None:
    work = made.workforce
    chose = ((work.basis == OVERTIME) | (work.basis == SWAP_IN)) & (work.band != OFF)
    for one, times in zip(made.arrangements, made.times, strict=True):
        if one.kind == VOLUNTARY_PAIR:
            left, right = one.people
            joint = (chose[left] & chose[right] & (work.band[left] == work.band[right])).sum()
            assert times <= joint


def test_the_twin_has_the_same_innocent_ties_and_no_plants(made: Force) -> None:
    twin = force(600, 1.0, 2, plants=False)
    assert not [one for one in twin.arrangements if one.kind in PLANTED]
    assert list(twin.arrangements) == [one for one in made.arrangements if one.kind not in PLANTED]


def test_the_table_has_one_row_a_person_and_day(made: Force) -> None:
    workers = [f"W{number}" for number in range(made.workforce.people)]
    frames = list(shifts(made.workforce, workers, stations_at_once=1))
    assert len(frames) == 2
    rows = sum(frame.height for frame in frames)
    assert rows == (made.workforce.band != OFF).sum()
    ids = [shift for frame in frames for shift in frame["shift_id"]]
    assert len(set(ids)) == rows
    assert frames[0].unique(["worker_id", "duty_date"]).height == frames[0].height
