"""Term frequencies: how common each value that records may agree on is, counted by person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolvers.candidates import distinct
from resolvers.columns import screen_of
from resolvers.comparison import Grade
from resolvers.feature_table import FeatureTable
from resolvers.linkage_model import TermFrequencies
from resolvers.recipe import Use
from resolvers.screens import SCREENS, Codes

LISTED = 30_000
"""Terms that a table lists, the most common; the others share one frequency."""

_DIGITS = 9
_SELDOM = 1.5

Tables = Mapping[int, TermFrequencies]

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _LevelTerms:
    """The terms of one level by number, and which of them (`which`) some rows of the column give."""

    terms: Callable[[int], str]
    size: int
    rows: Numbers
    which: Numbers


class Terms:
    """The terms that records may agree on in one use, ready to be counted again and again."""

    def __init__(self, use: Use, table: FeatureTable) -> None:
        name = use.columns[0]
        self._column = table.column((name,))
        values, seen = table.values(name), dict[int, _LevelTerms]()
        others = np.flatnonzero(table.counts(name))
        if use.comparison.id in SCREENS:
            screen, alone = screen_of(table, use.comparison.id, name), table.words(name)
            seen = {
                level: found
                for level, codes in screen.which.items()
                if len((found := _at_a_glance(codes, screen.terms, alone.rows)).rows)
            }
            others = others[table.counts(name)[others] > 1]
        asked = [(row, *term) for row in others.tolist() for term in use.comparison.terms(values[row])]
        self._levels = [
            (level, _joined(seen.get(level), [(row, term) for row, at, term in asked if at == level]))
            for level in sorted(seen.keys() | {level for _, level, _ in asked})
        ]

    def tables(self, weights: NDArray[np.float64]) -> Tables:
        """Return the tables by level index; a record counts as the share of a person that it is."""
        by_row = np.bincount(self._column.codes, weights, self._column.size)
        found = {}
        for level, given in self._levels:
            counts = np.bincount(given.which, by_row[given.rows], given.size).astype(np.float64)
            found[level] = _table(given.terms, counts, float(by_row[distinct(given.rows)].sum()))
        return found


def _at_a_glance(codes: Codes, texts: Sequence[str], rows: Numbers) -> _LevelTerms:
    """Return the terms that a screen knows of values that stand alone in their rows."""
    giving = np.flatnonzero(codes)
    present, which = np.unique(codes[giving], return_inverse=True)
    return _LevelTerms(lambda term: texts[int(present[term])], len(present), rows[giving], which)


def _joined(seen: _LevelTerms | None, asked: Sequence[tuple[int, str]]) -> _LevelTerms:
    """Return the terms seen with those that the comparison named: (row, term)."""
    if seen is not None and not asked:
        return seen
    known = {} if seen is None else {seen.terms(at): at for at in range(seen.size)}
    which = np.asarray([known.setdefault(term, len(known)) for _, term in asked], np.int64)
    rows = np.asarray([row for row, _ in asked], np.int64)
    if seen is not None:
        rows, which = np.concatenate((seen.rows, rows)), np.concatenate((seen.which, which))
    return _LevelTerms(list(known).__getitem__, len(known), rows, which)


def _table(terms: Callable[[int], str], counts: NDArray[np.float64], total: float) -> TermFrequencies:
    often = np.flatnonzero(counts > _SELDOM)
    if len(often) > LISTED:
        ordered = sorted(often.tolist(), key=lambda at: (-round(float(counts[at]), _DIGITS), terms(at)))
        often = np.asarray(ordered[:LISTED])
    rest = np.delete(counts, often) / total
    rare = float((rest * rest).sum() / rest.sum()) if len(rest) else 1.0 / total
    collision = float(((counts / total) ** 2).sum())
    shares = {terms(at): _short(float(counts[at]) / total) for at in often.tolist()}
    return TermFrequencies(_short(collision), _short(rare), dict(sorted(shares.items())))


def _short(share: float) -> float:
    return float(f"{share:.{_DIGITS}g}")


def term_bits(grade: Grade, use: Use, tables: Tables) -> float:
    """Return the bits of a grade's term under tables by level index."""
    if grade.level is None or grade.term is None or grade.level not in tables:
        return 0.0
    return tables[grade.level].bits(grade.term)
