"""What keeps people from a planned shift: leave, sickness, outbreaks in a team, training, courses."""

import numpy as np

from app.synthetic.rosters.workforce import LEAVE, OFF, PLANNED, SICK, TRAINING, Numbers, Workforce

_COURSE = 25
"""How many go on a course together."""


def absent(force: Workforce, rng: np.random.Generator) -> list[Numbers]:
    """Turn planned shifts into absences; return the cohorts that went on a course together."""
    people, years = force.people, force.years
    for basis, yearly, lengths in ((LEAVE, 4.5, (3, 15)), (TRAINING, 0.6, (1, 4))):
        person = np.repeat(np.arange(people), rng.poisson(yearly * years, people))
        _spells(
            force,
            basis,
            person,
            rng.integers(0, force.days, len(person)),
            rng.integers(*lengths, len(person)),
        )
    person = np.repeat(np.arange(people), rng.poisson(1.6 * years, people))
    _spells(force, SICK, person, rng.integers(0, force.days, len(person)), rng.geometric(0.3, len(person)))
    _outbreaks(force, rng)
    return _courses(force, rng)


def _spells(force: Workforce, basis: int, person: Numbers, first: Numbers, length: Numbers) -> None:
    """Mark each spell's planned shifts."""
    rows = np.repeat(person, length)
    days = np.repeat(first - np.cumsum(length) + length, length) + np.arange(length.sum())
    kept = days < force.days
    rows, days = rows[kept], days[kept]
    kept = (force.band[rows, days] != OFF) & (force.basis[rows, days] == PLANNED)
    force.basis[rows[kept], days[kept]] = basis


def _outbreaks(force: Workforce, rng: np.random.Generator) -> None:
    """Let one team in two a year lose a quarter of its people for some days."""
    units = len(force.stations) * 9
    for _ in range(rng.poisson(0.5 * units * force.years)):
        day, unit = int(rng.integers(0, force.days)), int(rng.integers(units))
        team = np.flatnonzero(force.unit[:, day] == unit)
        ill = team[rng.random(len(team)) < 0.25]
        _spells(force, SICK, ill, rng.integers(day, day + 4, len(ill)), rng.geometric(0.3, len(ill)))


def _courses(force: Workforce, rng: np.random.Generator) -> list[Numbers]:
    """Send cohorts of a station on courses of five days, each person about every second year."""
    cohorts = []
    for _ in range(int(0.5 * force.people * force.years / _COURSE)):
        day = int(rng.integers(0, force.days))
        at = np.flatnonzero(force.unit[:, day] // 9 == rng.integers(len(force.stations)))
        cohort = np.sort(rng.permutation(at)[:_COURSE])
        _spells(force, TRAINING, cohort, np.full(len(cohort), day), np.full(len(cohort), 5))
        cohorts.append(cohort)
    return cohorts
