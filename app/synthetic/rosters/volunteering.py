"""Who takes which extra shift: station demand, team call-ins, big events, people's habits, swaps."""

import numpy as np
import numpy.typing as npt

from app.synthetic.rosters.workforce import (
    OFF,
    OVERTIME,
    PLANNED,
    ROLE_OF_TEAM,
    ROLES,
    SWAP_IN,
    SWAP_OUT,
    TEAMS,
    Numbers,
    Workforce,
)

_SERIAL = 22


def call_in(force: Workforce, rng: np.random.Generator) -> list[Numbers]:
    """Call teams in as a body, five times a year each; return who came, a call each."""
    calls = []
    for station in range(len(force.stations)):
        people = force.at(station)
        free = force.free(people)
        for team in range(len(TEAMS)):
            for _ in range(rng.poisson(5 * force.years)):
                day, band = int(rng.integers(0, force.days)), int(rng.integers(0, 3))
                mine = force.unit[people, day] == station * len(TEAMS) + team
                able = np.flatnonzero(free[:, day, band] & mine)
                came = able[rng.random(len(able)) < 0.4]
                _take(force, people[came], day, band)
                free[came, max(0, day - 1) : day + 2] = False
                calls.append(people[came])
    return calls


def big_events(force: Workforce, rng: np.random.Generator) -> list[Numbers]:
    """Man 60 big events a year with serials of 22; return those booked as plain overtime by mistake."""
    miscoded = []
    for event in range(int(60 * force.years)):
        day, band = int(rng.integers(0, force.days)), int(rng.choice(3, p=(0.3, 0.6, 0.1)))
        for station in rng.permutation(len(force.stations))[:6]:
            trained = (force.unit[:, day] // len(TEAMS) == station) & force.habits.public_order
            people = np.flatnonzero(trained)
            able = people[force.free(people)[:, day, band]] if len(people) else people
            serial = np.sort(rng.permutation(able)[:_SERIAL])
            _take(force, serial, day, band)
            if rng.random() < 0.1:
                miscoded.append(serial)
            else:
                force.away.update({(int(person), day): event for person in serial})
    return miscoded


def overtime(force: Workforce, taken: Numbers, rng: np.random.Generator) -> None:
    """Let each person take as much as they want, less what they have taken, where they are free."""
    for station in range(len(force.stations)):
        people = force.at(station)
        wanted = _wanted(force, people, station, taken, rng)
        weight = _weights(force, people, station, rng)
        with np.errstate(divide="ignore"):
            keys = np.log(weight) - np.log(
                rng.standard_exponential(weight.shape, dtype=np.float32) + np.float32(1e-30)
            )
        band, best = keys.argmax(axis=2), keys.max(axis=2)
        order = np.argsort(-best, axis=1)[:, : max(1, int(wanted.max(initial=0)))]
        rows = np.repeat(np.arange(len(people)), order.shape[1]).reshape(order.shape)
        picked = (np.arange(order.shape[1]) < wanted[:, None]) & np.isfinite(best[rows, order])
        rows, days = rows[picked], order[picked]
        force.band[people[rows], days] = band[rows, days]
        force.basis[people[rows], days] = OVERTIME


def swaps(force: Workforce, rng: np.random.Generator) -> None:
    """Let colleagues of a station who are off take over planned shifts, three a person and year."""
    for station in range(len(force.stations)):
        people = force.at(station)
        here = force.unit[people] // len(TEAMS) == station
        free = force.free(people) & here[:, :, None]
        givers, days = np.nonzero((force.basis[people] == PLANNED) & (force.band[people] != OFF) & here)
        chosen = rng.permutation(len(givers))[: int(1.5 * len(people) * force.years)]
        for giver, day in zip(givers[chosen], days[chosen], strict=True):
            band = force.band[people[giver], day] % 3
            for taker in rng.integers(0, len(people), 6):
                if free[taker, day, band]:
                    force.band[people[taker], day], force.basis[people[taker], day] = band, SWAP_IN
                    force.basis[people[giver], day] = SWAP_OUT
                    free[taker, max(0, day - 1) : day + 2] = False
                    break


def _take(force: Workforce, people: Numbers, day: int, band: int) -> None:
    force.band[people, day], force.basis[people, day] = band, OVERTIME


def _wanted(
    force: Workforce, people: Numbers, station: int, taken: Numbers, rng: np.random.Generator
) -> Numbers:
    """Return how many more shifts each person takes at a station: by the days spent there."""
    years = (force.unit[people] // len(TEAMS) == station).sum(axis=1) / 365.25
    wanted = force.habits.yearly[people] * years - taken[people]
    whole: Numbers = np.maximum(0, np.floor(wanted + rng.random(len(people)))).astype(np.int64)
    return whole


def _weights(
    force: Workforce, people: Numbers, station: int, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Return people × days × bands: how much each would like each slot; 0 where they are not free."""
    habits, weekday = force.habits, force.weekday()
    demand = np.stack([_demand(force, role, rng) for role in ROLES])
    here = force.unit[people] // len(TEAMS) == station
    role = ROLE_OF_TEAM[force.unit[people] % len(TEAMS)]
    weight: npt.NDArray[np.float32] = demand[role, np.arange(force.days)] * force.free(people)
    weight *= here[:, :, None]
    weight *= (habits.weekday[people][:, weekday] * habits.parity[people][:, force.week() % 2])[:, :, None]
    weight *= habits.band[people][:, None, :]
    return weight


def _demand(force: Workforce, role: str, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return days × bands: how much a station needs people of a role; 3 % of slots are spikes."""
    shape = 0.5 if role == "custody" else 1.2
    demand = rng.gamma(shape, 1 / shape, (force.days, 3)) * np.where(rng.random((force.days, 3)) < 0.03, 5, 1)
    demand[force.weekday() >= 5] *= 1.6
    demand[:, 2] *= 1.3
    return (demand + 0.02).astype(np.float32)
