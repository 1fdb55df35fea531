"""The co-rostering scan: every place's pairs against the null, collapsed to pairs, crews and followers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np
import numpy.typing as npt

from patterns.co_presence import ONTO_DUTY, TOGETHER, Directed, onto_duty, together
from patterns.opportunity import CELLS, STAGES, choices
from patterns.roster import Roster, blocks, open_slots
from patterns.significance import benjamini_hochberg

TESTS_A_PAIR = 3
"""Together, and each onto the other's duty."""
HEALTH_LEVELS = (1e-3, 1e-4, 1e-5)


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """`q` is the false discovery rate; `above` the joint shifts a year above expectation worth a look.

    A member of a crew is joined with two others of it at `crew_p` at least.
    """

    q: float = 0.05
    above: float = 2.0
    crew_p: float = 1e-3
    cells: tuple[npt.NDArray[np.int64], ...] = CELLS


@dataclass(frozen=True, slots=True)
class Joint:
    """What two people (codes; `who` chose) have in common at a place; `p` is three times the tail's.

    `ladder` is the number expected after each stage of the null, by its name.
    """

    who: int
    whom: int
    place: int
    joint: int
    expected: float
    p: float
    q: float
    ladder: dict[str, float]


@dataclass(frozen=True, slots=True)
class Following:
    """Somebody whose extra shifts follow a team's planned duty; `members` of it, most surprising first.

    Others whose duty coincides with the team's, or who moved to or from it, are among the members.

    `partner` is whom a pair or crew already shows them with, which the following may come from.
    """

    who: int
    place: int
    team: int
    members: tuple[Joint, ...]
    partner: int | None


@dataclass(frozen=True, slots=True)
class Crew:
    """Three or more people of a place of whom nearly every two keep choosing the same shifts."""

    place: int
    members: tuple[int, ...]
    joints: tuple[Joint, ...]

    @property
    def p(self) -> float:
        return min(joint.p for joint in self.joints)


@dataclass(frozen=True, slots=True)
class Level:
    """How many clean pairs have a p below the level, and how many would by chance."""

    level: float
    seen: int
    nominal: float

    @property
    def amiss(self) -> bool:
        """Return whether there are too many; a level at which chance gives less than one says nothing."""
        return self.nominal >= 1 and self.seen > self.nominal


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found; `tests` pairs were tested. Pairs that are part of a crew are in it alone."""

    roster: Roster
    tests: int
    pairs: tuple[Joint, ...]
    crews: tuple[Crew, ...]
    followings: tuple[Following, ...]
    health: tuple[Level, ...]

    @property
    def held(self) -> bool:
        """Return whether more small p-values are left than chance gives: the null lacks a margin."""
        return any(level.amiss for level in self.health)


@dataclass(slots=True)
class _Table:
    """The pairs of all places that may matter."""

    tests: int = 0
    joints: list[Joint] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    teams: list[int] = field(default_factory=list)
    """The team of `whom`."""


def scan(roster: Roster, settings: ScanSettings | None = None) -> Scan:
    """Return what is worth a look in a roster, whatever was declared. The same roster, the same answer."""
    settings = settings or ScanSettings()
    table = _test(roster, settings)
    named = _significant(table, settings)
    enough = settings.above * roster.years
    strong = [(i, q) for i, q in named if table.joints[i].joint - table.joints[i].expected >= enough]
    pairs = [_with_q(table.joints[i], q) for i, q in strong if table.kinds[i] == TOGETHER]
    crews = _crews(table, pairs, settings)
    inside = {(crew.place, member) for crew in crews for member in crew.members}
    alone = [pair for pair in pairs if not {(pair.place, pair.who), (pair.place, pair.whom)} <= inside]
    partners = _partners(pairs, crews)
    onto = [(_with_q(table.joints[i], q), table.teams[i]) for i, q in strong if table.kinds[i] == ONTO_DUTY]
    followings = _followings(onto, partners)
    touched = {person for pair in pairs for person in (pair.who, pair.whom)}
    touched |= {member for crew in crews for member in crew.members}
    touched |= {following.who for following in followings}
    return Scan(
        roster=roster,
        tests=table.tests,
        pairs=tuple(sorted(alone, key=lambda pair: (pair.p, pair.place, pair.who, pair.whom))),
        crews=tuple(crews),
        followings=tuple(followings),
        health=_health(table, roster, touched),
    )


def _test(roster: Roster, settings: ScanSettings) -> _Table:
    """Test every pair of every place at which somebody has planned duty; others are events, not places."""
    table, open_ = _Table(), open_slots(roster)
    for block in blocks(roster):
        if not (roster.basis[block.rows] != 0).any() or not (roster.basis[block.rows] == 0).any():
            continue
        chosen = choices(roster, block, open_, settings.cells)
        table.tests += len(chosen.people) * (len(chosen.people) - 1) // 2
        team = dict(zip(chosen.people.tolist(), chosen.team.tolist(), strict=True))
        for joint in _both_ways(together(chosen), block.place):
            table.joints.append(joint)
            table.kinds.append(TOGETHER)
            table.teams.append(team[joint.whom])
        for joint in _joints(onto_duty(chosen), block.place):
            table.joints.append(joint)
            table.kinds.append(ONTO_DUTY)
            table.teams.append(team[joint.whom])
    return table


def _joints(found: Directed, place: int) -> Iterable[Joint]:
    """Yield the ordered pairs with p × 3, at most 1."""
    columns = (found.who, found.whom, found.joint, found.expected, found.p)
    p = np.minimum(1.0, TESTS_A_PAIR * found.p)
    rows = zip(*(column.tolist() for column in columns), p.tolist(), found.ladder.tolist(), strict=True)
    for who, whom, joint, expected, _, corrected, ladder in rows:
        steps = {} if ladder[0] != ladder[0] else dict(zip(STAGES, ladder, strict=True))
        yield Joint(who, whom, place, joint, expected, corrected, 1.0, steps)


def _both_ways(found: Directed, place: int) -> Iterable[Joint]:
    """Yield each pair that surprises from both sides, once, as the less surprising side sees it."""
    side = {(joint.who, joint.whom): joint for joint in _joints(found, place)}
    for (who, whom), joint in side.items():
        other = side.get((whom, who))
        if who < whom and other is not None:
            worse = max(joint, other, key=lambda one: one.p)
            yield Joint(
                who, whom, place, worse.joint, max(joint.expected, other.expected), worse.p, 1.0, worse.ladder
            )


def _significant(table: _Table, settings: ScanSettings) -> list[tuple[int, float]]:
    """Return (row, q) of the rows that Benjamini-Hochberg lets through over all pairs."""
    best: dict[tuple[int, int, int], float] = {}
    keys = [(joint.place, min(joint.who, joint.whom), max(joint.who, joint.whom)) for joint in table.joints]
    for key, joint in zip(keys, table.joints, strict=True):
        best[key] = min(joint.p, best.get(key, 1.0))
    q = benjamini_hochberg(np.array(list(best.values())), table.tests)
    passed = [p for p, value in zip(best.values(), q, strict=True) if value <= settings.q]
    cut = max(passed, default=-1.0)
    q_of = dict(zip(best, q.tolist(), strict=True))
    return [(row, max(q_of[keys[row]], joint.p)) for row, joint in enumerate(table.joints) if joint.p <= cut]


def _with_q(joint: Joint, q: float) -> Joint:
    return Joint(joint.who, joint.whom, joint.place, joint.joint, joint.expected, joint.p, q, joint.ladder)


def _crews(table: _Table, pairs: Sequence[Joint], settings: ScanSettings) -> list[Crew]:
    """Return groups grown from significant pairs: each chooses with two others, and with most of all."""
    near: dict[tuple[int, int], dict[int, Joint]] = {}
    for joint, kind in zip(table.joints, table.kinds, strict=True):
        if kind == TOGETHER and joint.p < settings.crew_p:
            near.setdefault((joint.place, joint.who), {})[joint.whom] = joint
            near.setdefault((joint.place, joint.whom), {})[joint.who] = joint
    crews: list[Crew] = []
    used: set[tuple[int, int]] = set()
    for pair in sorted(pairs, key=lambda one: (one.p, one.place, one.who, one.whom)):
        if (pair.place, pair.who) in used or (pair.place, pair.whom) in used:
            continue
        members = _grow(near, pair)
        if len(members) >= 3:
            used |= {(pair.place, member) for member in members}
            joints = {
                (min(a, b), max(a, b)): near[pair.place, a][b]
                for a in members
                for b in members
                if b in near[pair.place, a]
            }
            crews.append(
                Crew(pair.place, tuple(sorted(members)), tuple(joints[key] for key in sorted(joints)))
            )
    return crews


def _grow(near: dict[tuple[int, int], dict[int, Joint]], pair: Joint) -> set[int]:
    """Return the pair and whoever chooses with at least two, and three fifths, of those already in."""
    members = {pair.who, pair.whom}
    while True:
        outside = {other for member in members for other in near[pair.place, member]} - members
        ranked = []
        for other in sorted(outside):
            with_ = [
                near[pair.place, other][member].p for member in members if member in near[pair.place, other]
            ]
            if len(with_) >= max(2, ceil(0.6 * len(members))):
                ranked.append((-len(with_), sum(np.log(np.maximum(with_, 1e-300))), other))
        if not ranked:
            return members
        members.add(min(ranked)[2])


def _partners(pairs: Sequence[Joint], crews: Sequence[Crew]) -> dict[int, int]:
    """Return of whom it is known already whose shifts they share: a partner each."""
    known: dict[int, int] = {}
    for crew in crews:
        for member in crew.members:
            known.setdefault(member, next(other for other in crew.members if other != member))
    for pair in pairs:
        known.setdefault(pair.who, pair.whom)
        known.setdefault(pair.whom, pair.who)
    return known


def _followings(onto: Sequence[tuple[Joint, int]], partners: dict[int, int]) -> list[Following]:
    """Return one following a person and place; its team is that of the most surprising member."""
    groups: dict[tuple[int, int], list[tuple[Joint, int]]] = {}
    for joint, team in onto:
        groups.setdefault((joint.who, joint.place), []).append((joint, team))
    found = []
    for (who, place), rows in groups.items():
        rows.sort(key=lambda row: (row[0].p, row[0].whom))
        members = tuple(joint for joint, _ in rows)
        found.append(Following(who, place, rows[0][1], members, partners.get(who)))
    return sorted(found, key=lambda one: (one.members[0].p, one.place, one.who))


def _health(table: _Table, roster: Roster, touched: set[int]) -> tuple[Level, ...]:
    """Count small p-values among pairs of people whom no finding names, beside what chance gives."""
    clean: dict[tuple[int, int, int], float] = {}
    for joint in table.joints:
        if joint.who not in touched and joint.whom not in touched:
            key = joint.place, min(joint.who, joint.whom), max(joint.who, joint.whom)
            clean[key] = min(joint.p, clean.get(key, 1.0))
    p = np.array(list(clean.values()))
    people = max(1, len(roster.persons))
    tests = table.tests * max(0.0, 1 - len(touched) / people) ** 2
    return tuple(Level(level, int((p < level).sum()), level * tests) for level in HEALTH_LEVELS)
