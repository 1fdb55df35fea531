"""The rosters as the roster system's table: one row a person and day, written station by station."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from app.synthetic.rosters.workforce import BASES, HOURS, OFF, ROLE_OF_TEAM, ROLES, TEAMS, Workforce


def shifts(force: Workforce, workers: Sequence[str], *, stations_at_once: int = 8) -> Iterator[pl.DataFrame]:
    """Yield the table by station and day: shift_id, worker_id, duty_date … team, duty_role.

    `workers` are the system's ids of the people, in order.
    """
    names = pl.Series(workers)
    teams = pl.Series([f"{station}-{team}" for station in force.stations for team in TEAMS])
    events = max(force.away.values(), default=-1) + 1
    places = pl.Series([*force.stations, *(f"EV{number:03d}" for number in range(events))])
    days = _days(force)
    away = np.full((force.people, force.days), -1, dtype=np.int16)
    for (someone, when), event in force.away.items():
        away[someone, when] = event
    number = 0
    for first in range(0, len(force.stations), stations_at_once):
        unit_from, unit_to = (at * len(TEAMS) for at in (first, first + stations_at_once))
        people = np.flatnonzero(((force.unit >= unit_from) & (force.unit < unit_to)).any(axis=1))
        unit, band = force.unit[people], force.band[people]
        who, day = np.nonzero((band != OFF) & (unit >= unit_from) & (unit < unit_to))
        order = np.lexsort((who, day, unit[who, day] // len(TEAMS)))
        who, day = who[order], day[order]
        codes, bands, person = unit[who, day].astype(np.int64), band[who, day], people[who]
        sent = away[person, day]
        place = np.where(sent >= 0, len(force.stations) + sent, codes // len(TEAMS))
        yield pl.DataFrame(
            {
                "shift_id": _ids(number, len(who)),
                "worker_id": names.gather(person),
                "duty_date": days.gather(day),
                "starts": pl.Series([hours[0] for hours in HOURS]).gather(bands),
                "ends": pl.Series([hours[1] for hours in HOURS]).gather(bands),
                "basis": pl.Series(BASES).gather(force.basis[person, day]),
                "station": places.gather(place),
                "team": teams.gather(codes),
                "duty_role": pl.Series(ROLES).gather(ROLE_OF_TEAM[codes % len(TEAMS)]),
            }
        )
        number += len(who)


def _ids(before: int, count: int) -> pl.Series:
    return pl.Series(np.arange(before + 1, before + count + 1)).cast(pl.String).str.zfill(8)


def _days(force: Workforce) -> pl.Series:
    return pl.Series(np.arange(force.days, dtype=np.int32) + (force.start.toordinal() - 719163)).cast(pl.Date)
