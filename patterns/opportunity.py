"""Where people would have volunteered anyway: the availability-conditioned urn over one place's slots."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from patterns.roster import BANDS, PLANNED, SLOTS, VOLUNTARY, WINDOW, Block, Codes, Flags, Roster

Floats = npt.NDArray[np.float32]

_PRIOR = 2.0
"""Pseudo-picks that pull a person's preference towards none."""
_LEAST_K, _MOST_K = 0.15, 50.0
_DAY = np.arange(SLOTS) // BANDS
_BAND = np.arange(SLOTS) % BANDS
_WEEKDAY, _PARITY = _DAY % 7, _DAY // 7 % 2
_DAY_TYPE = np.maximum(_WEEKDAY - 4, 0)
CELLS = (
    (_DAY_TYPE * BANDS + _BAND) * 2 + _PARITY,
    _WEEKDAY * 2 + _PARITY,
)
"""The margins of a person's preference, as slot → cell: day type × band × week parity, weekday × parity."""
NINE_CELLS = (_DAY_TYPE * BANDS + _BAND,)
"""Day type × band alone: too few where many people are free in alternate weeks only."""

STAGES = ("availability", "preference", "station_demand", "team_demand")


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices at one place. A row of `chance` is one person's spell in one window with `picks` of its own.

    `chance` (rows × 84) sums to 1; `member` is the row's person as an index into `people`, `window` its
    window. `taken` and `duty` (people × windows × 84) say who took which slot, and who was on planned duty.
    """

    place: int
    people: Codes
    member: npt.NDArray[np.int64]
    window: npt.NDArray[np.int64]
    picks: Floats
    chance: Floats
    taken: Flags
    duty: Flags
    team: Codes
    """The team a person was longest in, of `people`."""
    stages: tuple[Floats, ...]
    """`chance` after each of `STAGES`."""


def choices(
    roster: Roster,
    block: Block,
    open_: Flags,
    cells: tuple[npt.NDArray[np.int64], ...] = CELLS,
) -> Choices:
    """Return what each person at a place would choose, given availability, habit, and what others chose.

    π ∝ A · θ · (a+k)/(e+k) · (t+k_T)/(f+k_T) within each window, own picks left out of a, e, t, f. Fitted in
    order: habit, the role's demand at the place, the team's demand, habit again.
    """
    rows = block.rows
    people, member = _distinct(roster.person[rows], len(roster.persons))
    windows, day, band = roster.windows, roster.day[rows].astype(np.int64), roster.band[rows]
    taken = np.zeros((len(people), windows, SLOTS), dtype=bool)
    duty = np.zeros_like(taken)
    window, slot = day // WINDOW, day % WINDOW * BANDS + band
    voluntary, planned = roster.basis[rows] == VOLUNTARY, roster.basis[rows] == PLANNED
    taken[member[voluntary], window[voluntary], slot[voluntary]] = True
    duty[member[planned], window[planned], slot[planned]] = True
    spells = _Spells.of(roster, rows, member)
    active = spells.active(windows, np.flatnonzero(voluntary), window, slot)
    free = _availability(roster, open_, people, spells, active)
    chance, stages = _fit(active, free, cells)
    return Choices(
        place=block.place,
        people=people.astype(np.int32),
        member=active.member,
        window=active.window,
        picks=active.picks[:, 0],
        chance=chance,
        taken=taken,
        duty=duty,
        team=spells.longest(len(people)),
        stages=stages,
    )


@dataclass(frozen=True, slots=True)
class _Groups:
    """Groups of consecutive rows: where each begins, its role, and the group of each row."""

    starts: npt.NDArray[np.int64]
    role: npt.NDArray[np.int64]
    of_row: npt.NDArray[np.int64]

    @classmethod
    def of(cls, key: npt.NDArray[np.int64], role: npt.NDArray[np.int64]) -> "_Groups":
        new = np.diff(key, prepend=-1) != 0
        starts = np.flatnonzero(new)
        return cls(starts, role[starts], np.cumsum(new) - 1)


@dataclass(frozen=True, slots=True)
class _Active:
    """The spell-windows in which somebody picked: sorted by window, role and team."""

    spell: npt.NDArray[np.int64]
    member: npt.NDArray[np.int64]
    window: npt.NDArray[np.int64]
    own: Floats
    picks: Floats
    """Rows × 1."""
    units: _Groups
    """Teams of a window."""
    roles: _Groups
    """Roles of a window."""
    persons: sparse.csr_array
    """People × rows: adds up what is said of a person's rows."""


@dataclass(frozen=True, slots=True)
class _Spells:
    """A person's time in one team and role at the place."""

    row: npt.NDArray[np.int64]
    member: npt.NDArray[np.int64]
    team: Codes
    role: Codes
    first: Codes
    last: Codes
    planned: npt.NDArray[np.int64]
    """How many planned rows the spell has; 0 = a visitor from elsewhere."""

    @classmethod
    def of(cls, roster: Roster, rows: npt.NDArray[np.int64], member: npt.NDArray[np.int64]) -> "_Spells":
        team, role, day = roster.team[rows], roster.role[rows], roster.day[rows]
        teams, roles = int(team.max()) + 1, int(role.max()) + 1
        key = (member.astype(np.int64) * roles + role) * teams + team
        keys, row = _distinct(key, int(key.max()) + 1)
        first = np.full(len(keys), np.iinfo(np.int32).max, dtype=np.int32)
        last = np.full(len(keys), -1, dtype=np.int32)
        np.minimum.at(first, row, day)
        np.maximum.at(last, row, day)
        planned = np.bincount(row, weights=roster.basis[rows] != VOLUNTARY, minlength=len(keys))
        return cls(
            row=row,
            member=keys // teams // roles,
            team=(keys % teams).astype(np.int32),
            role=(keys // teams % roles).astype(np.int32),
            first=first,
            last=last,
            planned=planned.astype(np.int64),
        )

    def active(
        self,
        windows: int,
        picked: npt.NDArray[np.int64],
        window: npt.NDArray[np.int64],
        slot: npt.NDArray[np.int64],
    ) -> _Active:
        """Return the spell-windows with picks; `picked` are the rows taken by choice."""
        pairs, which = np.unique(self.row[picked] * windows + window[picked], return_inverse=True)
        taken = np.zeros((len(pairs), SLOTS), dtype=np.float32)
        taken[which, slot[picked]] = 1
        spell, at = pairs // windows, pairs % windows
        order = np.lexsort((self.team[spell], self.role[spell], at))
        spell, at = spell[order], at[order]
        role, team = self.role[spell].astype(np.int64), self.team[spell].astype(np.int64)
        by_role = at * (role.max(initial=0) + 1) + role
        by_unit = by_role * (team.max(initial=0) + 1) + team
        own = taken[order]
        member = self.member[spell]
        return _Active(
            spell=spell,
            member=member,
            window=at,
            own=own,
            picks=own.sum(axis=1, keepdims=True),
            units=_Groups.of(by_unit, role),
            roles=_Groups.of(by_role, role),
            persons=sparse.csr_array(
                (np.ones(len(member), dtype=np.float32), (member, np.arange(len(member))))
            ),
        )

    def longest(self, people: int) -> Codes:
        """Return the team of each person's longest spell, by rows."""
        size = np.bincount(self.row, minlength=len(self.member))
        order = np.lexsort((size, self.member))
        result = np.zeros(people, dtype=np.int32)
        result[self.member[order]] = self.team[order]
        return result


def _distinct(codes: npt.NDArray[Any], most: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the distinct codes, all below `most`, and the place of each code among them; without a sort."""
    there = np.zeros(most, dtype=bool)
    there[codes] = True
    distinct = np.flatnonzero(there)
    place = np.empty(most, dtype=np.int32)
    place[distinct] = np.arange(len(distinct), dtype=np.int32)
    return distinct, place[codes].astype(np.int64)


def _availability(
    roster: Roster, open_: Flags, people: npt.NDArray[np.int64], spells: _Spells, active: _Active
) -> Floats:
    """Return rows × 84: 1 where the slot was open to the person during the spell; own picks always were."""
    person = people[active.member]
    days = open_.reshape(len(open_), -1, SLOTS)
    free = days[person, active.window].astype(np.float32)
    visitor = spells.planned[active.spell] == 0
    first = np.where(visitor, 0, spells.first[active.spell])
    last = np.where(visitor, roster.windows * WINDOW, spells.last[active.spell])
    day = active.window[:, None] * WINDOW + _DAY
    free *= (day >= first[:, None]) & (day <= last[:, None])
    return np.maximum(free, active.own)


def _fit(
    active: _Active, free: Floats, cells: tuple[npt.NDArray[np.int64], ...]
) -> tuple[Floats, tuple[Floats, ...]]:
    """Return the chances after the last stage, and after each stage."""
    available = _normal(free.copy())
    habit = _habit(active, free, cells)
    preferred = _normal(free * habit)
    spread, team_spread = _spreads(active, preferred)
    station = _demand(active, preferred, spread, active.roles)
    demanded = _normal(free * habit * station)
    team = _demand(active, demanded, team_spread, active.units)
    station *= free
    station *= team
    final = _habit(active, station, cells)
    final *= station
    _normal(final)
    return final, (available, preferred, demanded, final)


def _normal(weight: Floats) -> Floats:
    """Return the weights, divided in place by the sums of their rows."""
    weight /= weight.sum(axis=1, keepdims=True)
    return weight


def _habit(active: _Active, weight: Floats, cells: tuple[npt.NDArray[np.int64], ...]) -> Floats:
    """Return the personal margins: (picks + 2) / (expected + 2) in each cell, one family after the other."""
    factor: Floats | None = None
    for cell in cells:
        hot = np.eye(int(cell.max()) + 1, dtype=np.float32)[cell]
        seen = active.persons @ (active.own @ hot)
        weighted = weight if factor is None else weight * factor
        share = active.picks / weighted.sum(axis=1, keepdims=True)
        expected = active.persons @ ((weighted @ hot) * share)
        ratio = (seen + _PRIOR) / (expected + _PRIOR)
        habit = ratio[active.member] @ hot.T
        factor = habit if factor is None else np.multiply(factor, habit, out=factor)
    return np.ones_like(weight) if factor is None else factor


def _spreads(active: _Active, chance: Floats) -> tuple[Floats, Floats]:
    """Return k and k_T of each role: how evenly its slots, and its teams' slots, are in demand.

    By moments over pairs of people: 1 + 1/k is how often two of a role picked one slot, over how often they
    would have if each had gone their own way; 1 + 1/k_T the same of two of a team, over the role's. A
    person's own picks never meet themselves, so neither their few slots nor their fitted habits count.
    """
    expected = active.picks * chance
    roles = int(active.roles.role.max(initial=0)) + 1

    def pairs(group: _Groups) -> npt.NDArray[np.float64]:
        """Return how many pairs met, and would have met, by role."""
        a, e, own = (np.add.reduceat(v, group.starts, axis=0) for v in (active.own, expected, expected**2))
        sums = (a * a - a).sum(axis=1), (e * e - own).sum(axis=1)
        return np.stack([np.bincount(group.role, weights=v, minlength=roles) for v in sums])

    (met, alone), (team_met, team_alone) = pairs(active.roles), pairs(active.units)
    with np.errstate(divide="ignore", invalid="ignore"):
        k = _clip(1 / (met / alone - 1))
        return k, _clip(1 / (team_met / (team_alone * (1 + 1 / k)) - 1))


def _clip(k: npt.NDArray[np.float64]) -> Floats:
    """Return k within its limits; no pairs or no excess = as even as can be."""
    return np.clip(np.where(k > 0, k, _MOST_K), _LEAST_K, _MOST_K).astype(np.float32)


def _demand(active: _Active, chance: Floats, spread: Floats, group: "_Groups") -> Floats:
    """Return (a + k) / (e + k) over what the others of a group picked and were expected to."""
    expected = active.picks * chance
    a, e = (np.add.reduceat(values, group.starts, axis=0) for values in (active.own, expected))
    a += spread[group.role][:, None]
    e += spread[group.role][:, None]
    above: Floats = a[group.of_row]
    above -= active.own
    below = e[group.of_row]
    below -= expected
    above /= np.maximum(below, _LEAST_K, out=below)
    return above
