"""Columns: grade many pairs at once by grading each distinct pair of values once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolvers.comparison import Comparison, Grade, Refinement
from resolvers.feature_table import Column, FeatureTable
from resolvers.features import Features

Indices = NDArray[np.int64]

AT_ONCE = 1 << 19
"""Pairs looked at together: few enough to sort in the processor's cache, which is what takes the time."""


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
        values, column = self._table.values(columns[0]), self._table.column(columns[:1])
        grade = comparison.grade
        for part, left, right in self._parts():
            pairs, places = distinct_pairs(column, left, right)
            codes = [
                known.setdefault(grade(values[i], values[j]), len(known)) for i, j in zip(*pairs, strict=True)
            ]
            graded = np.asarray(codes, np.int32)[places]
            for refinement in comparison.refinements:
                self._refine(refinement, columns[: refinement.reads], known, graded, (left, right))
            which[part] = graded
        return GradedColumn(tuple(known), which)

    def _parts(self) -> Iterator[tuple[slice, Indices, Indices]]:
        for start in range(0, len(self._left), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            yield part, self._left[part], self._right[part]

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
        pairs, places = distinct_pairs(self._table.column(columns), ends[0][again], ends[1][again])
        rows = zip(*(self._table.rows(columns, side) for side in pairs), strict=True)
        codes = [known.setdefault(refine.grade(left, right), len(known)) for left, right in rows]
        which[again] = np.asarray(codes, np.int32)[places]


def distinct_pairs(
    column: Column, left: Indices, right: Indices
) -> tuple[tuple[list[int], list[int]], NDArray[np.intp]]:
    """Return the distinct unordered pairs of rows that pairs of records have, and which each has."""
    width = np.int64(max(column.size, 1))
    a, b = column.codes[left], column.codes[right]
    pairs, which = np.unique(np.minimum(a, b) * width + np.maximum(a, b), return_inverse=True)
    first, second = np.divmod(pairs, width)
    return (first.tolist(), second.tolist()), which
