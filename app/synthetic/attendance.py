"""Who is paid for extra shifts and is not there, and who only leaves no trace: chosen on the whole roster."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from random import Random

import numpy as np

from app.synthetic.casework import note
from app.synthetic.rosters.workforce import OVERTIME, PLANNED, Workforce
from app.synthetic.world import Attendance, Person, Plant, World

BLATANT = 10
"""The first so many are meant to be blatant: every extra shift of a quarter."""
ABSENT, LEFT_EARLY, DEAD_READER, COURT, CALL_OUT, OUTSIDE = (
    "absent", "left_early", "dead_reader", "court", "call_out", "outside",
)  # fmt: skip
_LEAST = 7
"""Extra shifts of a quarter that somebody must have to be chosen."""
_ROTA = 60
"""Rota duties that somebody must have."""


def choose_absences(world: World, force: Workforce, plants: int, lookalikes: int) -> Attendance:
    """Choose people with many extra shifts in a quarter; plant on some, and stage look-alikes with others.

    As many as there are people for: nobody else's plant, and each chosen once.
    """
    rng, found = Random(f"{world.seed}:attendance"), Attendance()
    people = [person for person, _ in world.staff()]
    free = _busy(world, force, people, rng)
    for number in range(plants):
        chosen = next(free, None)
        if chosen is None:
            return found
        at, days = chosen
        blatant = number < BLATANT
        days = days if blatant else sorted(rng.sample(days, rng.randrange(2, 7)))
        for day in days:
            found.duties[at, day] = LEFT_EARLY if rng.random() < 0.3 else ABSENT
        people[at].exact = people[at].exact or blatant
        name = f"L{len(world.plants) + 1:03d}"
        detail = f"{len(days)} extra shifts of a quarter"
        world.plants.append(Plant(name, "paid_not_there", (people[at].uid,), blatant, detail))
    for kind in (DEAD_READER, COURT, CALL_OUT, OUTSIDE, "no_badge"):
        for _ in range(lookalikes):
            chosen = next(free, None)
            if chosen is None:
                return found
            at, days = chosen
            people[at].exact = True
            if kind == "no_badge":
                found.badgeless.add(at)
            found.duties.update(dict.fromkeys(((at, day) for day in days), kind))
            note(world, "paid_not_there", _NAMED.get(kind, kind), people[at])
    return found


_NAMED: Mapping[str, str] = {CALL_OUT: "paid_minimum_of_a_call_out", OUTSIDE: "outside_work_nobody_coded"}


def _busy(
    world: World, force: Workforce, people: list[Person], rng: Random
) -> Iterator[tuple[int, list[int]]]:
    """Yield people with nothing planted on them, and their extra shifts of their busiest quarter."""
    calendar = [world.start + timedelta(days=day) for day in range(force.days)]
    quarter = np.array([4 * day.year + (day.month - 1) // 3 for day in calendar])
    extra = (force.basis == OVERTIME) & (force.band >= 0)
    for at, day in force.away:
        extra[at, day] = False
    planned = ((force.basis == PLANNED) & (force.band >= 0)).sum(axis=1)
    order = list(range(len(people)))
    rng.shuffle(order)
    for at in order:
        days = np.flatnonzero(extra[at])
        if people[at].taken or planned[at] < _ROTA or not len(days):
            continue
        quarters, counts = np.unique(quarter[days], return_counts=True)
        if counts.max() >= _LEAST:
            busiest = quarters[counts.argmax()]
            yield at, [int(day) for day in days if quarter[day] == busiest]
