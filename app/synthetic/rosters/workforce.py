"""Who works where on which day, the rota they are planned on, and what they are like: one array a fact."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

Grid = npt.NDArray[np.int8]
"""People (rows) × days (columns)."""
Numbers = npt.NDArray[np.int64]

EARLY, LATE, NIGHT, DAY, OFF = 0, 1, 2, 3, -1
HOURS = (("07:00", "16:00"), ("15:00", "00:00"), ("22:00", "07:00"), ("08:00", "16:00"))
PLANNED, OVERTIME, SWAP_IN, SWAP_OUT, LEAVE, SICK, TRAINING = range(7)
BASES = ("planned", "overtime", "swap_in", "swap_out", "leave", "sick", "training")
TEAMS = ("A", "B", "C", "D", "E", "N1", "N2", "CID", "CUST")
ROLES = ("response", "neighbourhood", "investigation", "custody")
ROLE_OF_TEAM = np.array([0, 0, 0, 0, 0, 1, 1, 2, 3])
CUSTODY = 8

_RESPONSE = (EARLY, EARLY, LATE, LATE, NIGHT, NIGHT, OFF, OFF, OFF, OFF)
_NEIGHBOURHOOD = (EARLY, EARLY, LATE, LATE, OFF, OFF, OFF, OFF)
_PHASES = 5
_START = np.array([7, 15, 22, 8])
_END = np.array([16, 24, 31, 16])
_REST = 11


@dataclass(slots=True)
class Habits:
    """What shapes a person's choice of extra shifts: weights by weekday, by band and by even or odd week."""

    weekday: npt.NDArray[np.float32]
    band: npt.NDArray[np.float32]
    parity: npt.NDArray[np.float32]
    yearly: npt.NDArray[np.float64]
    """How many extra shifts the person wants in a year."""
    part_time: npt.NDArray[np.bool_]
    public_order: npt.NDArray[np.bool_]
    """Trained for serials at big events."""


@dataclass(slots=True)
class Workforce:
    """The staff of a force over a period. `unit` is station × 9 + team, −1 while somebody is not employed."""

    start: date
    stations: tuple[str, ...]
    unit: npt.NDArray[np.int16]
    band: Grid
    basis: Grid
    habits: Habits
    away: dict[tuple[int, int], int] = field(default_factory=dict)
    """(person, day) → number of the big event at which the shift was worked."""

    @property
    def people(self) -> int:
        return int(self.unit.shape[0])

    @property
    def days(self) -> int:
        return int(self.unit.shape[1])

    @property
    def years(self) -> float:
        return self.days / 365.25

    def weekday(self) -> Numbers:
        """Return the weekday of each day, Monday = 0."""
        return (np.arange(self.days) + self.start.weekday()) % 7

    def week(self) -> Numbers:
        """Return the number of each day's week, weeks starting on Mondays."""
        return (np.arange(self.days) + self.start.toordinal() - 1) // 7

    def at(self, station: int) -> Numbers:
        """Return the people who worked at a station at any time, in order."""
        return np.flatnonzero((self.unit // len(TEAMS) == station).any(axis=1))

    def free(self, people: Numbers) -> npt.NDArray[np.bool_]:
        """Return people × days × 3 bands: employed, nothing on that day, and 11 hours of rest around it."""
        band, basis = self.band[people], self.basis[people]
        at_work = np.where((basis == PLANNED) | (basis == OVERTIME) | (basis == SWAP_IN), band, OFF) + 1
        idle = (band == OFF) & (self.unit[people] >= 0)
        none = np.zeros((len(people), 1), dtype=at_work.dtype)
        before = np.concatenate([none, at_work[:, :-1]], axis=1)
        after = np.concatenate([at_work[:, 1:], none], axis=1)
        return np.stack([idle & _RESTED[0, b][before] & _RESTED[1, b][after] for b in range(3)], axis=2)


def _rested() -> npt.NDArray[np.bool_]:
    """Return [before/after, band, neighbour's band + 1]: whether 11 hours lie between the two shifts."""
    rested = np.ones((2, 3, 5), dtype=bool)
    for band in range(3):
        rested[0, band, 1:] = _START[band] + 24 - _END >= _REST
        rested[1, band, 1:] = _START + 24 - _END[band] >= _REST
    return rested


_RESTED = _rested()


@dataclass(frozen=True, slots=True)
class Posts:
    """Where each person is posted at the end of the period, and who is exempt from turnover."""

    station: Numbers
    team: Numbers
    settled: npt.NDArray[np.bool_]


def posts(staff: int, stations: int, rng: np.random.Generator) -> Posts:
    """Return posts of a force with stations of uneven size (log-normal, σ 0.35)."""
    size = rng.lognormal(0, 0.35, stations)
    share = np.array([0.12] * 5 + [0.08, 0.08, 0.16, 0.08])
    return Posts(
        station=rng.choice(stations, staff, p=size / size.sum()),
        team=rng.choice(len(TEAMS), staff, p=share / share.sum()),
        settled=np.zeros(staff, dtype=bool),
    )


def employ(
    start: date, days: int, stations: tuple[str, ...], given: Posts, rng: np.random.Generator
) -> Workforce:
    """Return the workforce on its planned rota: joiners, leavers, transfers, part-timers; no absence yet."""
    staff, years = len(given.station), days / 365.25
    unit = np.repeat((given.station * len(TEAMS) + given.team).astype(np.int16)[:, None], days, axis=1)
    moves = rng.poisson(0.12 * years, staff)
    for person in np.flatnonzero(moves):
        for day in np.sort(rng.integers(30, days, moves[person]))[::-1]:
            elsewhere = rng.random() < 0.3
            station = rng.integers(len(stations)) if elsewhere else given.station[person]
            unit[person, :day] = station * len(TEAMS) + rng.integers(len(TEAMS) - 1)
    turnover = ~given.settled
    for person in np.flatnonzero((rng.random(staff) < min(0.2, 0.04 * years)) & turnover):
        unit[person, : rng.integers(1, days)] = -1
    for person in np.flatnonzero((rng.random(staff) < min(0.2, 0.04 * years)) & turnover):
        unit[person, rng.integers(1, days) :] = -1
    empty = np.full((staff, days), OFF, dtype=np.int8)
    force = Workforce(start, stations, unit, empty, np.zeros_like(empty), habits(staff, rng))
    _plan(force)
    return force


def habits(staff: int, rng: np.random.Generator) -> Habits:
    """Return people's habits: half have a strong taste in days or bands, one in five is bound by care.

    Of those bound, half are free in alternate weeks only, half on two or three fixed weekdays.
    """
    weekday = np.where(rng.random((staff, 7)) < 0.25, rng.choice([0.3, 2.5], (staff, 7)), 1.0)
    band = np.ones((staff, 3))
    band[np.arange(staff), rng.integers(0, 3, staff)] = rng.choice([1.0, 3.0, 8.0], staff, p=(0.5, 0.3, 0.2))
    parity = np.ones((staff, 2))
    bound = rng.random(staff)
    alternate = np.flatnonzero(bound < 0.1)
    parity[alternate, rng.integers(0, 2, len(alternate))] = 0.04
    for person in np.flatnonzero((bound >= 0.1) & (bound < 0.2)):
        weekday[person] = 0.04
        weekday[person, rng.permutation(7)[: rng.integers(2, 4)]] = 1.0
    return Habits(
        weekday=weekday.astype(np.float32),
        band=band.astype(np.float32),
        parity=parity.astype(np.float32),
        yearly=np.minimum(rng.gamma(0.8, 20.0, staff), 80.0),
        part_time=rng.random(staff) < 0.12,
        public_order=rng.random(staff) < 0.14,
    )


def _plan(force: Workforce) -> None:
    calendar, weekday = np.arange(force.days), force.weekday()
    rota = np.full((len(TEAMS) * _PHASES, force.days), OFF, dtype=np.int8)
    for team, name in enumerate(TEAMS):
        for phase in range(_PHASES):
            row = rota[team * _PHASES + phase]
            if name in "ABCDE":
                row[:] = np.array(_RESPONSE)[(calendar + team * 2) % 10]
            elif team == CUSTODY:
                row[:] = np.array(_RESPONSE)[(calendar + phase * 2) % 10]
            elif name == "CID":
                row[weekday < 5] = DAY
            else:
                row[:] = np.array(_NEIGHBOURHOOD)[(calendar + (0 if name == "N1" else 4)) % 8]
    phases = np.arange(force.people) % _PHASES
    for first in range(0, force.people, 2000):
        some = slice(first, first + 2000)
        rows = force.unit[some] % len(TEAMS) * _PHASES + phases[some, None]
        force.band[some] = np.where(force.unit[some] >= 0, rota[rows, calendar], OFF)
    for person in np.flatnonzero(force.habits.part_time):
        force.band[person, ((weekday - person) % 7) < 3] = OFF
