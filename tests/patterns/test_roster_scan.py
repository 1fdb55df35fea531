"""The scan on simulated forces: what is planted is found and named, the innocent twin is left alone."""

import numpy as np
import pytest
from rosters import force, roster_of

from app.synthetic.rosters.arrangement import CREW, FOLLOWER, VOLUNTARY_PAIR
from app.synthetic.rosters.force import Force
from patterns.roster_scan import Level, Scan, ScanSettings, scan


@pytest.fixture(scope="module")
def planted() -> tuple[Force, Scan]:
    made = force(600, 2.0, 5, plants=True)
    return made, scan(roster_of(made))


def test_pairs_and_crews_are_named(planted: tuple[Force, Scan]) -> None:
    made, found = planted
    pairs = {frozenset((pair.who, pair.whom)) for pair in found.pairs}
    crews = [set(crew.members) for crew in found.crews]
    for one, times in zip(made.arrangements, made.times, strict=True):
        if one.kind == VOLUNTARY_PAIR and times >= 24:
            assert frozenset(one.people) in pairs
        if one.kind == CREW and times >= 24:
            assert any(len(crew & set(one.people)) >= 3 for crew in crews)
    members = {frozenset(one.people) for one in made.arrangements}
    wrong = [pair for pair in pairs if not any(pair <= one for one in members)]
    assert len(wrong) <= len(pairs) / 10
    assert all(any(crew <= one for one in members) for crew in crews)


def test_a_follower_is_said_once_of_a_team(planted: tuple[Force, Scan]) -> None:
    made, found = planted
    following = [one.who for one in found.followings]
    assert len(following) == len(set(following))
    arranged = {one.people[0] for one in made.arrangements if one.kind == FOLLOWER}
    assert {one.who for one in found.followings if one.partner is None} <= arranged
    assert arranged & set(following)


def test_nothing_is_found_where_nothing_is_planted() -> None:
    made = force(600, 2.0, 6, plants=False)
    found = scan(roster_of(made))
    declared = {frozenset(one.people) for one in made.arrangements}
    assert {frozenset((pair.who, pair.whom)) for pair in found.pairs} <= declared
    assert not found.crews
    assert not [one for one in found.followings if one.partner is None]
    assert not found.held


def test_the_same_roster_gives_the_same_scan_whatever_the_order_of_its_rows(
    planted: tuple[Force, Scan],
) -> None:
    made, found = planted
    roster = roster_of(made)
    order = np.random.default_rng(1).permutation(len(roster.day))
    mixed = type(roster)(
        *(column[order] for column in (roster.person, roster.place, roster.team, roster.role, roster.day,
                                       roster.band, roster.basis)),
        roster.persons, roster.places, roster.teams, roster.first_day,
    )  # fmt: skip
    again = scan(mixed)
    assert (again.pairs, again.crews, again.followings) == (found.pairs, found.crews, found.followings)


def test_a_smaller_rate_finds_less(planted: tuple[Force, Scan]) -> None:
    made, found = planted
    strict = scan(roster_of(made), ScanSettings(q=1e-12))
    assert {(one.who, one.whom) for one in strict.pairs} < {(one.who, one.whom) for one in found.pairs}


@pytest.mark.parametrize(("seen", "nominal", "amiss"), [(86, 85.0, True), (85, 85.0, False), (3, 0.5, False)])
def test_health(seen: int, nominal: float, amiss: bool) -> None:
    assert Level(1e-4, seen, nominal).amiss is amiss
