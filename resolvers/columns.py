"""Columns: grade many pairs at once by grading each distinct pair of rows once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolvers.comparison import Comparison, Grade, Row
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
    """Grades of many pairs: the grades of distinct pairs of rows, and which of them each pair has."""

    grades: tuple[Grade, ...]
    which: Indices | NDArray[np.int32]

    def gather(self, values: Sequence[float]) -> NDArray[np.float64]:
        """Return for each pair the value that belongs to its grade."""
        return np.asarray(values, np.float64)[self.which]

    def compact(self) -> "GradedColumn":
        """Return the same grades, each distinct one once."""
        known: dict[Grade, int] = {}
        codes = np.array([known.setdefault(grade, len(known)) for grade in self.grades], np.int32)
        return GradedColumn(tuple(known), codes[self.which])

    def levels(self) -> NDArray[np.int8]:
        """Return the level of each pair, -1 where nothing was compared."""
        levels = [-1 if grade.level is None else grade.level for grade in self.grades]
        return np.asarray(levels, np.int8)[self.which]


def grade_columns(comparison: Comparison, rows: Encoded, left: Indices, right: Indices) -> GradedColumn:
    """Grade the pairs (left[i], right[i]) of records; equal to `comparison.grade` on each pair."""
    width = np.int64(len(rows.rows))
    a, b = rows.codes[left], rows.codes[right]
    pairs = np.minimum(a, b) * width + np.maximum(a, b)
    distinct, which = np.unique(pairs, return_inverse=True)
    grade, known = comparison.grade, rows.rows
    first, second = np.divmod(distinct, width)
    grades = tuple(grade(known[i], known[j]) for i, j in zip(first.tolist(), second.tolist(), strict=True))
    return GradedColumn(grades, which)
