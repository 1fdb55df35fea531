"""Columns: grade many pairs at once by grading each distinct pair of values once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolvers.comparison import Comparison, Grade, Refinement, Row
from resolvers.features import Features

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Encoded:
    """The rows of some records in a few columns: distinct rows, and the code of each record's row."""

    rows: tuple[Row, ...]
    codes: Indices


def encode(features: Sequence[Features], columns: Sequence[str]) -> Encoded:
    """Return the rows of `features` in `columns`; codes follow first appearance."""
    known: dict[Row, int] = {}
    codes = np.empty(len(features), np.int64)
    for index, record in enumerate(features):
        row = tuple(record.column(column) for column in columns)
        codes[index] = known.setdefault(row, len(known))
    return Encoded(tuple(known), codes)


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


@dataclass(frozen=True, slots=True)
class _Distinct:
    """Distinct unordered pairs of rows, and which of them each pair of records is."""

    first: list[int]
    second: list[int]
    which: Indices


class PairColumns:
    """Many pairs (left[i], right[i]) of records, ready to be graded by any comparison."""

    def __init__(self, features: Sequence[Features], left: Indices, right: Indices) -> None:
        self._features = features
        self._left, self._right = left, right
        self._encoded: dict[tuple[str, ...], Encoded] = {}
        self._distinct: dict[str, _Distinct] = {}

    def grade(self, comparison: Comparison, columns: tuple[str, ...]) -> GradedColumn:
        """Return the grades of all pairs, equal to `comparison.compare` on each."""
        rows = self._rows(columns[:1]).rows
        first = columns[0]
        if first not in self._distinct:
            self._distinct[first] = _distinct(self._rows(columns[:1]), self._left, self._right)
        pairs = self._distinct[first]
        known: dict[Grade, int] = {}
        grade = comparison.grade
        codes = [
            known.setdefault(grade(rows[i][0], rows[j][0]), len(known))
            for i, j in zip(pairs.first, pairs.second, strict=True)
        ]
        which = np.asarray(codes, np.int32)[pairs.which]
        if comparison.refine is not None:
            self._refine(comparison.refine, columns, known, which)
        return GradedColumn(tuple(known), which)

    def _refine(
        self, refine: Refinement, columns: tuple[str, ...], known: dict[Grade, int], which: NDArray[np.int32]
    ) -> None:
        """Look again at the pairs of one level, in place."""
        wanted = [code for grade, code in known.items() if grade.level == refine.level]
        again = np.flatnonzero(np.isin(which, wanted))
        rows = self._rows(columns)
        pairs = _distinct(rows, self._left[again], self._right[again])
        codes = [
            known.setdefault(refine.grade(rows.rows[i], rows.rows[j]), len(known))
            for i, j in zip(pairs.first, pairs.second, strict=True)
        ]
        which[again] = np.asarray(codes, np.int32)[pairs.which]

    def _rows(self, columns: tuple[str, ...]) -> Encoded:
        if columns not in self._encoded:
            self._encoded[columns] = encode(self._features, columns)
        return self._encoded[columns]


def _distinct(rows: Encoded, left: Indices, right: Indices) -> _Distinct:
    width = np.int64(max(len(rows.rows), 1))
    a, b = rows.codes[left], rows.codes[right]
    pairs, which = np.unique(np.minimum(a, b) * width + np.maximum(a, b), return_inverse=True)
    first, second = np.divmod(pairs, width)
    return _Distinct(first.tolist(), second.tolist(), which)
