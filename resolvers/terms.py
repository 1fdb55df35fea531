"""Term frequencies: how common each value that records may agree on is, counted by person."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from resolvers.comparison import Grade
from resolvers.feature_table import FeatureTable
from resolvers.linkage_model import TermFrequencies
from resolvers.recipe import Use

LISTED = 30_000
"""Terms that a table lists, the most common; the others share one frequency."""

_DIGITS = 9

Tables = Mapping[int, TermFrequencies]


def term_tables(use: Use, table: FeatureTable, weights: NDArray[np.float64]) -> Tables:
    """Return the tables of a use by level index; a record counts as the share of a person that it is."""
    values, column = table.values(use.columns[0]), table.column(use.columns[:1])
    by_value = np.bincount(column.codes, weights, column.size).tolist()
    counts: dict[int, dict[str, float]] = {}
    totals: dict[int, float] = {}
    for said, weight in zip(values, by_value, strict=True):
        terms = use.comparison.terms(said)
        for level, term in terms:
            level_counts = counts.setdefault(level, {})
            level_counts[term] = level_counts.get(term, 0.0) + weight
        for level in {level for level, _ in terms}:
            totals[level] = totals.get(level, 0.0) + weight
    return {level: _table(found, totals[level]) for level, found in sorted(counts.items())}


def _table(counts: Mapping[str, float], total: float) -> TermFrequencies:
    ordered = sorted(counts.items(), key=lambda item: (-round(item[1], _DIGITS), item[0]))
    listed, others = ordered[:LISTED], ordered[LISTED:]
    shares = {term: _short(count / total) for term, count in listed if count > 1.5}
    rest = [count / total for term, count in [*listed, *others] if term not in shares] or [1.0 / total]
    rare = sum(share * share for share in rest) / sum(rest)
    collision = sum((count / total) ** 2 for count in counts.values())
    return TermFrequencies(_short(collision), _short(rare), dict(sorted(shares.items())))


def _short(share: float) -> float:
    return float(f"{share:.{_DIGITS}g}")


def term_bits(grade: Grade, use: Use, tables: Tables) -> float:
    """Return the bits of a grade's term under tables by level index."""
    if grade.level is None or grade.term is None or grade.level not in tables:
        return 0.0
    return tables[grade.level].bits(grade.term)
