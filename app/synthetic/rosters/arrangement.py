"""What is arranged among staff over their rosters: planted pairs, followers and crews, and innocent ties."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.synthetic.rosters.workforce import OFF, OVERTIME, PLANNED, TEAMS, Numbers, Workforce

VOLUNTARY_PAIR, FOLLOWER, CREW, COUPLE, LIFT_SHARE = (
    "voluntary_pair",
    "follower",
    "crew",
    "declared_couple",
    "lift_share",
)
PLANTED = (VOLUNTARY_PAIR, FOLLOWER, CREW)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """People who arrange their extra shifts; of a follower the first follows the second.

    `asked` is the dose asked for, in joint shifts a year; people who are not free make it less.
    """

    kind: str
    people: tuple[int, ...]
    asked: float


def arrange(
    force: Workforce, free: Numbers, rng: np.random.Generator, *, plants: bool = True
) -> list[Arrangement]:
    """Return arrangements among the people in `free`, each of whom is in one at most, by kind.

    One planted pair to 450 staff (half of one team), a follower to 450, a crew of four to 3,000 (every
    second of one team), and as innocent look-alikes a couple to 450 and a lift share to 1,000. Doses are
    spread evenly over 4 to 24 a year. `plants=False` leaves the planted ones out; the others stay the same.
    """
    chooser = _Chooser(force, free, rng)
    staff, made = len(free), list[Arrangement]()
    wanted = (
        (COUPLE, max(3, staff // 450)),
        (LIFT_SHARE, max(2, staff // 1000)),
        (VOLUNTARY_PAIR, max(6, staff // 450)),
        (FOLLOWER, max(4, staff // 450)),
        (CREW, max(2, staff // 3000)),
    )
    for kind, count in wanted:
        if plants or kind not in PLANTED:
            for number in range(count):
                team = number % 2 == 0 and kind != FOLLOWER
                people = chooser.group(4 if kind == CREW else 2, one_team=team)
                if people:
                    made.append(Arrangement(kind, people, float(rng.uniform(4, 24))))
    return made


class _Chooser:
    """Choose people who stay at one station for most of the period, each once."""

    def __init__(self, force: Workforce, free: Numbers, rng: np.random.Generator) -> None:
        self._rng = rng
        last = force.unit[:, -1]
        stays = (force.unit == last[:, None]).mean(axis=1)
        self._people = [int(p) for p in rng.permutation(free) if last[p] >= 0 and stays[p] >= 0.8]
        self._station = last // len(TEAMS)
        self._unit = last

    def group(self, size: int, *, one_team: bool) -> tuple[int, ...]:
        """Return people of one station, of one team or each of another; empty when none are left."""
        for first in self._people:
            near = [p for p in self._people if p != first and self._fits(first, p, one_team)]
            if len(near) >= size - 1:
                group = (first, *near[: size - 1])
                self._people = [p for p in self._people if p not in group]
                return group
        return ()

    def _fits(self, first: int, other: int, one_team: bool) -> bool:
        same = bool(self._unit[first] == self._unit[other])
        return same if one_team else bool(self._station[first] == self._station[other]) and not same


def carry_out(
    force: Workforce, made: Sequence[Arrangement], rng: np.random.Generator
) -> tuple[Numbers, list[int]]:
    """Write the arranged shifts into the rosters; return how many each person and each arrangement took."""
    taken, times = np.zeros(force.people, dtype=np.int64), []
    for arrangement in made:
        take = {FOLLOWER: _follow, CREW: _gather}.get(arrangement.kind, _join)
        counts = take(force, np.array(arrangement.people), round(arrangement.asked * force.years), rng)
        times.append(max(counts.values()))
        for person, count in counts.items():
            taken[person] += count
    return taken, times


def _join(force: Workforce, people: Numbers, times: int, rng: np.random.Generator) -> dict[int, int]:
    """Let both take the same slots."""
    done = 0
    for day, band in _slots(np.asarray(force.free(people).all(axis=0)), rng):
        if done < times and force.free(people)[:, day, band].all():
            force.band[people, day], force.basis[people, day] = band, OVERTIME
            done += 1
    return dict.fromkeys(people.tolist(), done)


def _follow(force: Workforce, people: Numbers, times: int, rng: np.random.Generator) -> dict[int, int]:
    """Let the first take slots on which the second is on planned duty."""
    follower, other = people
    on_duty = (force.basis[other] == PLANNED) & (force.band[other] != OFF)
    free = force.free(people[:1])[0] & on_duty[:, None]
    free &= force.band[other][:, None] % 3 == np.arange(3)
    done = 0
    for day, band in _slots(free, rng):
        if done < times and force.free(people[:1])[0, day, band]:
            force.band[follower, day], force.basis[follower, day] = band, OVERTIME
            done += 1
    return {int(follower): done}


def _gather(force: Workforce, people: Numbers, times: int, rng: np.random.Generator) -> dict[int, int]:
    """Let whoever is free take the slots for which three or four are; one in seven stays away."""
    counts, done = dict.fromkeys(people.tolist(), 0), 0
    for day, band in _slots(force.free(people).sum(axis=0) >= 3, rng):
        able = people[force.free(people)[:, day, band]]
        if done < times and len(able) >= 3:
            came = able[rng.random(len(able)) < 0.86]
            force.band[came, day], force.basis[came, day] = band, OVERTIME
            for person in came.tolist():
                counts[person] += 1
            done += 1
    return counts


def _slots(possible: npt.NDArray[np.bool_], rng: np.random.Generator) -> list[tuple[int, int]]:
    """Return the possible (day, band) in random order."""
    days, bands = np.nonzero(possible)
    order = rng.permutation(len(days))
    return list(zip(days[order].tolist(), bands[order].tolist(), strict=True))
