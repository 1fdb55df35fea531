"""A force's rosters simulated whole: employment, absence, what is arranged, and everybody's own choices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.synthetic.rosters.absence import absent
from app.synthetic.rosters.arrangement import Arrangement, arrange, carry_out
from app.synthetic.rosters.volunteering import big_events, call_in, overtime, swaps
from app.synthetic.rosters.workforce import Numbers, Posts, Workforce, employ


@dataclass(frozen=True, slots=True)
class Force:
    """The workforce with its rosters, and what an answer key needs: who arranged, came together, was sent."""

    workforce: Workforce
    arrangements: tuple[Arrangement, ...]
    times: tuple[int, ...]
    """How often each arrangement was carried out: its dose, before what chance adds."""
    call_ins: tuple[Numbers, ...]
    miscoded: tuple[Numbers, ...]
    courses: tuple[Numbers, ...]


def post(start: date, days: int, stations: Sequence[str], given: Posts, seed: int) -> Workforce:
    """Return the workforce on its planned rota."""
    return employ(start, days, tuple(stations), given, np.random.default_rng([seed, 11]))


def simulate(workforce: Workforce, arrangements: Sequence[Arrangement], seed: int) -> Force:
    """Return the force after the period: the workforce's grids are filled in place.

    What is arranged comes first, so that nobody's own choices take its slots; then call-ins, big events,
    each person's overtime, and swaps. Each step draws from its own stream.
    """
    streams = iter(np.random.default_rng([seed, 13]).spawn(6))
    courses = absent(workforce, next(streams))
    taken, times = carry_out(workforce, arrangements, next(streams))
    calls = call_in(workforce, next(streams))
    miscoded = big_events(workforce, next(streams))
    overtime(workforce, taken, next(streams))
    swaps(workforce, next(streams))
    return Force(workforce, tuple(arrangements), tuple(times), tuple(calls), tuple(miscoded), tuple(courses))


def choose(workforce: Workforce, free: Numbers, seed: int, *, plants: bool) -> list[Arrangement]:
    """Return what is arranged among the people in `free`."""
    return arrange(workforce, free, np.random.default_rng([seed, 12]), plants=plants)
