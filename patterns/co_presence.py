"""Joint shifts beside what chance explains: every pair of a place, with exact tails where they matter."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from patterns.opportunity import Choices
from patterns.roster import SLOTS
from patterns.significance import binomial_sum_tails, tail_bound

LEAST_JOINT = 3
"""Fewer joint shifts are never significant: their probability is taken as 1."""
WORTH_EXACT = 0.05
"""Pairs whose bound is above this have probability 1."""

WORTH_A_LADDER = 1e-4

TOGETHER, ONTO_DUTY = 0, 1
"""Both chose the shift; or one chose it while the other was on planned duty."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Directed:
    """Counts of ordered pairs of a place: `who` chose, `whom` was there; codes of `people`, exact p."""

    kind: int
    who: Ints
    whom: Ints
    joint: Ints
    expected: Floats
    p: Floats
    ladder: Floats
    """Pairs × stages of the null: the joint shifts expected after each; only for p below `WORTH_A_LADDER`."""


def together(choices: Choices) -> Directed:
    """Return who chose the same slots as whom, in both directions."""
    taken = _flat(choices.taken)
    joint = (taken @ taken.T).toarray()
    np.fill_diagonal(joint, 0)
    return _directed(choices, TOGETHER, joint, (taken @ _wanted(choices).T).T)


def onto_duty(choices: Choices) -> Directed:
    """Return who chose slots on which somebody else was on planned duty."""
    people = len(choices.people)
    duty = choices.duty.reshape(people, -1).astype(np.float32)
    joint = _flat(choices.taken) @ duty.T
    np.fill_diagonal(joint, 0)
    return _directed(choices, ONTO_DUTY, joint, _wanted(choices) @ duty.T)


def _flat(flags: npt.NDArray[np.bool_]) -> sparse.csr_array:
    return sparse.csr_array(flags.reshape(len(flags), -1).astype(np.float32))


def _wanted(choices: Choices) -> npt.NDArray[np.float32]:
    """Return people × slots: how many picks each would make there by chance."""
    people, windows = choices.taken.shape[:2]
    cell = choices.member * windows + choices.window
    order = np.argsort(cell, kind="stable")
    starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
    rows = (choices.chance * choices.picks[:, None])[order]
    wanted = np.zeros((people * windows, SLOTS), dtype=np.float32)
    wanted[cell[order][starts]] = np.add.reduceat(rows, starts, axis=0)
    return wanted.reshape(people, -1)


def _directed(
    choices: Choices, kind: int, joint: npt.NDArray[np.float32], expected: npt.NDArray[np.float32]
) -> Directed:
    who, whom = np.nonzero((joint >= LEAST_JOINT) & (joint > expected))
    count, mean = joint[who, whom].astype(np.int64), expected[who, whom].astype(np.float64)
    kept = tail_bound(count, mean) <= WORTH_EXACT
    who, whom, count, mean = who[kept], whom[kept], count[kept], mean[kept]
    there = choices.taken if kind == TOGETHER else choices.duty
    rows = _Rows(choices, who, whom, there)
    p = rows.tails(count)
    return Directed(
        kind=kind,
        who=choices.people[who].astype(np.int64),
        whom=choices.people[whom].astype(np.int64),
        joint=count,
        expected=mean,
        p=p,
        ladder=rows.ladder(p < WORTH_A_LADDER),
    )


class _Rows:
    """The rows of `chance` of each pair's chooser, beside where the other was."""

    def __init__(self, choices: Choices, who: Ints, whom: Ints, there: npt.NDArray[np.bool_]) -> None:
        self._choices, self._whom, self._there = choices, whom, there
        self._order = np.argsort(choices.member, kind="stable")
        starts = np.searchsorted(choices.member[self._order], np.arange(len(choices.people) + 1))
        self._first, self._size = starts[who], np.diff(starts)[who]

    def tails(self, count: Ints) -> Floats:
        """Return P(at least `count` of the chooser's picks fall where the other was), exactly."""
        result = np.ones(len(count))
        for some in np.array_split(np.arange(len(count)), len(count) // 4000 + 1):
            pair, place, rows = self._of(some)
            hit = self._hit(self._choices.chance, some, pair, rows)
            shape = len(some), int(self._size[some].max(initial=0))
            trials, chances = np.zeros(shape, dtype=np.int64), np.zeros(shape)
            trials[pair, place], chances[pair, place] = self._choices.picks[rows], np.minimum(hit, 1.0)
            result[some] = binomial_sum_tails(count[some], trials, chances)
        return result

    def ladder(self, wanted: npt.NDArray[np.bool_]) -> Floats:
        """Return pairs × stages: what each stage of the null expects; NaN for pairs not wanted."""
        stages = self._choices.stages
        result = np.full((len(wanted), len(stages)), np.nan)
        some = np.flatnonzero(wanted)
        pair, _, rows = self._of(some)
        for stage, chance in enumerate(stages):
            hit = self._hit(chance, some, pair, rows) * self._choices.picks[rows]
            result[some, stage] = np.bincount(pair, weights=hit, minlength=len(some))
        return result

    def _of(self, some: Ints) -> tuple[Ints, Ints, Ints]:
        """Return, for each row of the pairs: the pair's place in `some`, the row's among its own, the row."""
        size = self._size[some]
        pair = np.repeat(np.arange(len(some)), size)
        place = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        return pair, place, self._order[np.repeat(self._first[some], size) + place]

    def _hit(self, chance: npt.NDArray[np.float32], some: Ints, pair: Ints, rows: Ints) -> Floats:
        there = self._there[self._whom[some][pair], self._choices.window[rows]]
        hit: Floats = np.einsum("ks,ks->k", chance[rows], there.astype(np.float32)).astype(np.float64)
        return hit
