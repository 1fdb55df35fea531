"""Rosters of a simulated force, without files between."""

from datetime import date, timedelta

import numpy as np

from app.synthetic.rosters.force import Force, choose, post, simulate
from app.synthetic.rosters.workforce import (
    BASES,
    OFF,
    ROLE_OF_TEAM,
    TEAMS,
    posts,
)
from patterns.roster import AWAY, PLANNED, VOLUNTARY, WINDOW, Roster

END = date(2026, 7, 1)
_BASIS = np.array(
    [{"planned": PLANNED, "overtime": VOLUNTARY, "swap_in": VOLUNTARY}.get(basis, AWAY) for basis in BASES]
)


def force(staff: int, years: float, seed: int, *, plants: bool) -> Force:
    """Return a simulated force of stations of some 300."""
    days = round(years * 365.25)
    stations = [f"ST{number}" for number in range(max(1, staff // 300))]
    given = posts(staff, len(stations), np.random.default_rng([seed, 10]))
    workforce = post(END - timedelta(days=days), days, stations, given, seed)
    return simulate(workforce, choose(workforce, np.arange(staff), seed, plants=plants), seed)


def roster_of(made: Force) -> Roster:
    """Return the force's roster; shifts at big events are left out."""
    work = made.workforce
    person, day = np.nonzero(work.band != OFF)
    home = np.array([key not in work.away for key in zip(person.tolist(), day.tolist(), strict=True)])
    person, day = person[home], day[home]
    unit = work.unit[person, day].astype(np.int32)
    first = work.start.toordinal() - date(1970, 1, 1).toordinal()
    monday = first - (first - 4) % WINDOW
    return Roster(
        person=person.astype(np.int32),
        place=unit // len(TEAMS),
        team=unit,
        role=ROLE_OF_TEAM[unit % len(TEAMS)].astype(np.int32),
        day=(day + first - monday).astype(np.int32),
        band=(work.band[person, day] % 3).astype(np.int8),
        basis=_BASIS[work.basis[person, day]].astype(np.int8),
        persons=tuple(f"P{number}" for number in range(work.people)),
        places=work.stations,
        teams=tuple(f"{station}-{team}" for station in work.stations for team in TEAMS),
        first_day=monday,
    )
