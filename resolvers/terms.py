"""Term frequencies: how common each value that records may agree on is, counted by person."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from resolvers.comparison import Grade
from resolvers.feature_table import FeatureTable
from resolvers.linkage_model import TermFrequencies
from resolvers.recipe import Use

LISTED = 30_000
"""Terms that a table lists, the most common; the others share one frequency."""

_DIGITS = 9
_SELDOM = 1.5

Tables = Mapping[int, TermFrequencies]

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _LevelTerms:
    """The terms of one level: which value of the column gives which of them."""

    terms: dict[str, int] = field(default_factory=dict)
    values: "array[int]" = field(default_factory=lambda: array("i"))
    which: "array[int]" = field(default_factory=lambda: array("i"))


class Terms:
    """The terms that records may agree on in one use, ready to be counted again and again."""

    def __init__(self, use: Use, table: FeatureTable) -> None:
        self._column = table.column(use.columns[:1])
        levels: dict[int, _LevelTerms] = {}
        for value, said in enumerate(table.values(use.columns[0])):
            for level, term in use.comparison.terms(said) if said else ():
                found = levels.setdefault(level, _LevelTerms())
                found.values.append(value)
                found.which.append(found.terms.setdefault(term, len(found.terms)))
        self._levels = [
            (level, list(found.terms), np.asarray(found.values, np.int32), np.asarray(found.which, np.int32))
            for level, found in sorted(levels.items())
        ]

    def tables(self, weights: NDArray[np.float64]) -> Tables:
        """Return the tables by level index; a record counts as the share of a person that it is."""
        by_value = np.bincount(self._column.codes, weights, self._column.size)
        found = {}
        for level, terms, values, which in self._levels:
            counts = np.bincount(which, by_value[values], len(terms)).astype(np.float64)
            found[level] = _table(terms, counts, float(by_value[np.unique(values)].sum()))
        return found


def _table(terms: Sequence[str], counts: NDArray[np.float64], total: float) -> TermFrequencies:
    often = np.flatnonzero(counts > _SELDOM)
    if len(often) > LISTED:
        ordered = sorted(often.tolist(), key=lambda at: (-round(float(counts[at]), _DIGITS), terms[at]))
        often = np.asarray(ordered[:LISTED])
    rest = np.delete(counts, often) / total
    rare = float((rest * rest).sum() / rest.sum()) if len(rest) else 1.0 / total
    collision = float(((counts / total) ** 2).sum())
    shares = {terms[at]: _short(float(counts[at]) / total) for at in often.tolist()}
    return TermFrequencies(_short(collision), _short(rare), dict(sorted(shares.items())))


def _short(share: float) -> float:
    return float(f"{share:.{_DIGITS}g}")


def term_bits(grade: Grade, use: Use, tables: Tables) -> float:
    """Return the bits of a grade's term under tables by level index."""
    if grade.level is None or grade.term is None or grade.level not in tables:
        return 0.0
    return tables[grade.level].bits(grade.term)
