"""Columns: grade many pairs at once by grading each distinct pair of values once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolvers.comparison import NOTHING, Comparison, Grade, Refinement
from resolvers.feature_table import Column, FeatureTable
from resolvers.features import Features
from resolvers.screens import SCREENS, UNSURE, Screen

Indices = NDArray[np.int64]

AT_ONCE = 1 << 19
"""Pairs looked at together: few enough to sort in the processor's cache, which is what takes the time."""

_UNSEEN = -1


@dataclass(frozen=True, slots=True)
class GradedColumn:
    """Grades of many pairs: distinct grades, and which of them each pair has."""

    grades: tuple[Grade, ...]
    which: NDArray[np.int32]

    def gather(self, values: Sequence[float]) -> NDArray[np.float64]:
        """Return for each pair the value that belongs to its grade."""
        return np.asarray(values, np.float64)[self.which]

    def levels(self) -> NDArray[np.int8]:
        """Return the level of each pair, -1 where nothing was compared."""
        levels = [-1 if grade.level is None else grade.level for grade in self.grades]
        return np.asarray(levels, np.int8)[self.which]


class PairColumns:
    """Many pairs (left[i], right[i]) of records, ready to be graded by any comparison."""

    def __init__(self, features: Sequence[Features], left: Indices, right: Indices) -> None:
        self._table = FeatureTable.of(features)
        self._left, self._right = left, right

    def grade(self, comparison: Comparison, columns: tuple[str, ...]) -> GradedColumn:
        """Return the grades of all pairs, equal to `comparison.compare` on each."""
        known: dict[Grade, int] = {NOTHING: 0}
        which = np.empty(len(self._left), np.int32)
        for start in range(0, len(self._left), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            ends = self._left[part], self._right[part]
            graded = self._grade(comparison, columns[0], known, ends)
            for refinement in comparison.refinements:
                self._refine(refinement, columns, known, graded, ends)
            which[part] = graded
        return GradedColumn(tuple(known), which)

    def _grade(
        self, comparison: Comparison, name: str, known: dict[Grade, int], ends: tuple[Indices, Indices]
    ) -> NDArray[np.int32]:
        """Grade pairs by their values in one column: at a glance where the screen can, else one by one."""
        column, counts = self._table.column((name,)), self._table.counts(name)
        rows = tuple(column.codes[side] for side in ends)
        first, second = (counts[side] for side in rows)
        codes = np.where((first == 0) | (second == 0), known[NOTHING], _UNSEEN).astype(np.int32)
        if comparison.id in SCREENS:
            alone = np.flatnonzero((first == 1) & (second == 1))
            codes[alone] = self._seen(comparison.id, name, known, (rows[0][alone], rows[1][alone]))
        rest = np.flatnonzero(codes == _UNSEEN)
        pairs = distinct_pairs(column, *(side[rest] for side in ends))
        values, grade = self._table.values(name), comparison.grade
        found = [
            known.setdefault(grade(a, b), len(known)) for a, b in zip(*map(values.at, pairs[:2]), strict=True)
        ]
        codes[rest] = np.asarray(found, np.int32)[pairs[2]]
        return codes

    def _seen(
        self,
        comparison: str,
        name: str,
        known: dict[Grade, int],
        rows: tuple[NDArray[np.int32], NDArray[np.int32]],
    ) -> NDArray[np.int32]:
        """Return the grades that a screen is sure of for pairs of rows of one value each."""
        screen = screen_of(self._table, comparison, name)
        left, right = (self._table.words(name).places[side] for side in rows)
        levels = screen.levels(left, right)
        codes = np.full(len(left), _UNSEEN, np.int32)
        for level in np.unique(levels[levels != UNSURE]).tolist():
            at = np.flatnonzero(levels == level)
            if level in screen.which:
                terms, back = np.unique(screen.which[level][left[at]], return_inverse=True)
                grades = [Grade(level, screen.terms[term]) for term in terms.tolist()]
                codes[at] = np.asarray([known.setdefault(one, len(known)) for one in grades], np.int32)[back]
            else:
                codes[at] = known.setdefault(Grade(None if level < 0 else level), len(known))
        return codes

    def _refine(
        self,
        refine: Refinement,
        columns: tuple[str, ...],
        known: dict[Grade, int],
        which: NDArray[np.int32],
        ends: tuple[Indices, Indices],
    ) -> None:
        """Look again at the pairs of one level, in place."""
        wanted = [code for grade, code in known.items() if grade.level == refine.level]
        again = np.flatnonzero(np.isin(which, wanted))
        columns = columns[: refine.reads]
        if refine.shared:
            share = [self._may_share(columns[at], ends[0][again], ends[1][again]) for at in refine.shared]
            again = again[np.logical_or.reduce(share)]
        for at, place in refine.agree:
            again = again[self._may_agree(columns[at], place, ends[0][again], ends[1][again])]
        column = self._table.column(columns[refine.first :])
        first, second, places = distinct_pairs(column, ends[0][again], ends[1][again])
        rows = zip(*(self._table.rows(columns, column.first[side]) for side in (first, second)), strict=True)
        codes = [known.setdefault(refine.grade(left, right), len(known)) for left, right in rows]
        which[again] = np.asarray(codes, np.int32)[places]

    def _may_share(self, name: str, left: Indices, right: Indices) -> NDArray[np.bool_]:
        """Tell which pairs of records may have a value in common; of several values any might be."""
        codes, counts = self._table.column((name,)).codes, self._table.counts(name)
        a, b = codes[left], codes[right]
        said = (counts[a] > 0) & (counts[b] > 0)
        return np.asarray(said & ((a == b) | (counts[a] > 1) | (counts[b] > 1)), np.bool_)

    def _may_agree(self, name: str, place: int, left: Indices, right: Indices) -> NDArray[np.bool_]:
        """Tell which pairs of records may have a part of a value in common; of several values any might."""
        codes, counts, alone = (
            self._table.column((name,)).codes,
            self._table.counts(name),
            self._table.words(name),
        )
        a, b = codes[left], codes[right]
        several = (counts[a] > 1) | (counts[b] > 1)
        parts = alone.words.part(place)
        found = (counts[a] > 0) & (counts[b] > 0) & several
        single = np.flatnonzero((counts[a] == 1) & (counts[b] == 1))
        one, other = (parts[alone.places[side[single]]] for side in (a, b))
        found[single] = (one == other) & (one > 0)
        return np.asarray(found, np.bool_)


def screen_of(table: FeatureTable, comparison: str, name: str) -> Screen:
    """Return a comparison's screen of the values that stand alone in one column; it must have one."""
    return table.derived(name, comparison, lambda _: SCREENS[comparison](table.words(name).words))


def distinct_pairs(
    column: Column, left: Indices, right: Indices
) -> tuple[Indices, Indices, NDArray[np.intp]]:
    """Return the distinct unordered pairs of rows that pairs of records have, and which each has."""
    width = np.int64(max(column.size, 1))
    a, b = column.codes[left], column.codes[right]
    pairs, which = np.unique(np.minimum(a, b) * width + np.maximum(a, b), return_inverse=True)
    first, second = np.divmod(pairs, width)
    return first, second, which
