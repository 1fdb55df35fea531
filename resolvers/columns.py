"""Columns: grade many pairs at once by grading each distinct pair of values once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolvers.comparison import Comparison, Grade, Refinement
from resolvers.feature_table import Column, FeatureTable
from resolvers.features import Features
from resolvers.screens import SCREENS

Indices = NDArray[np.int64]

AT_ONCE = 1 << 19
"""Pairs looked at together: few enough to sort in the processor's cache, which is what takes the time."""

_FEW = 16
"""Pairs below which a screen takes longer than it saves."""


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
        known: dict[Grade, int] = {}
        which = np.empty(len(self._left), np.int32)
        column = self._table.column(columns[:1])
        for part, left, right in self._parts():
            first, second, places = distinct_pairs(column, left, right)
            graded = self._grade(comparison, columns[0], known, (first, second))[places]
            for refinement in comparison.refinements:
                self._refine(comparison, refinement, columns, known, graded, (left, right))
            which[part] = graded
        return GradedColumn(tuple(known), which)

    def _parts(self) -> Iterator[tuple[slice, Indices, Indices]]:
        for start in range(0, len(self._left), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            yield part, self._left[part], self._right[part]

    def _grade(
        self, comparison: Comparison, name: str, known: dict[Grade, int], pairs: tuple[Indices, Indices]
    ) -> NDArray[np.int32]:
        """Grade distinct pairs of values: those that the screen lets through one by one."""
        values, counts = self._table.values(name), self._table.counts(name)
        codes = np.full(len(pairs[0]), -1, np.int32)
        screen = SCREENS.get(comparison.id)
        alone = np.flatnonzero((counts[pairs[0]] == 1) & (counts[pairs[1]] == 1))
        if screen is not None and len(alone) > _FEW:
            sides = ([values[at][0] for at in side[alone].tolist()] for side in pairs)
            unlike = alone[screen.unlike(*sides)]
            codes[unlike] = known.setdefault(Grade(_different(comparison)), len(known))
        rest = np.flatnonzero(codes < 0)
        grade = comparison.grade
        codes[rest] = [
            known.setdefault(grade(values[i], values[j]), len(known))
            for i, j in zip(*(side[rest].tolist() for side in pairs), strict=True)
        ]
        return codes

    def _refine(
        self,
        comparison: Comparison,
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
        screen = SCREENS.get(comparison.id) if refine.level == _different(comparison) else None
        if screen is not None and screen.shared is not None:
            again = again[self._may_share(columns[screen.shared], ends[0][again], ends[1][again])]
        seen = columns[screen.seen :] if screen is not None else columns
        column = self._table.column(seen)
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


def _different(comparison: Comparison) -> int | None:
    """Return the index of the level by which a comparison says that two values have nothing in common."""
    return next((at for at, level in enumerate(comparison.levels) if level.id == "different"), None)


def distinct_pairs(
    column: Column, left: Indices, right: Indices
) -> tuple[Indices, Indices, NDArray[np.intp]]:
    """Return the distinct unordered pairs of rows that pairs of records have, and which each has."""
    width = np.int64(max(column.size, 1))
    a, b = column.codes[left], column.codes[right]
    pairs, which = np.unique(np.minimum(a, b) * width + np.maximum(a, b), return_inverse=True)
    first, second = np.divmod(pairs, width)
    return first, second, which
