"""Dependence: comparisons that agree together among non-matches, so that one fact is not counted twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from resolvers.linkage_model import quantised

LEAST_INFORMATION = 0.002
"""Mutual information, in bits, below which two comparisons count as independent."""

_SHRINKAGE = 20.0
_LEAST_PAIRS = 1_000.0

Floats = NDArray[np.float64]
Levels = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Dependence:
    """Two comparisons (indices, ascending) and the bits that each pair of their levels adds to the weight."""

    first: int
    second: int
    bits: Floats

    def of(self, levels: Levels) -> Floats:
        """Return the bits of comparison vectors (vectors × comparisons); 0 where either compared nothing."""
        return added_bits(self.bits, levels[:, self.first], levels[:, self.second])


def added_bits(bits: Floats, first: Levels, second: Levels) -> Floats:
    """Return bits[first, second] of each pair, 0 where a level is -1."""
    return np.asarray(np.pad(bits, (0, 1))[first, second], np.float64)


def dependences(levels: Levels, counts: Floats, widths: Sequence[int]) -> tuple[Dependence, ...]:
    """Return the dependences among comparisons of non-matches: a forest, the most telling first.

    `counts` are the (effective) pairs of each vector, `widths` the levels of each comparison. The bits take
    off what counting both comparisons as independent says too much, less where few pairs show it.
    Source: Chow & Liu 1968, doi:10.1109/TIT.1968.1054142.
    """
    found = []
    for first, second in combinations(range(len(widths)), 2):
        table = _together(levels[:, first], levels[:, second], counts, (widths[first], widths[second]))
        if table.sum() >= _LEAST_PAIRS:
            expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
            ratio = np.log2((table + _SHRINKAGE) / (expected + _SHRINKAGE))
            information = float((table * ratio).sum() / table.sum())
            if information >= LEAST_INFORMATION:
                found.append((-information, first, second, -ratio))
    tree = list(range(len(widths)))
    chosen = []
    for _, first, second, bits in sorted(found, key=lambda one: one[:3]):
        if tree[first] != tree[second]:
            tree = [tree[first] if root == tree[second] else root for root in tree]
            chosen.append(Dependence(first, second, np.vectorize(quantised, otypes=[np.float64])(bits)))
    return tuple(chosen)


def _together(first: Levels, second: Levels, counts: Floats, shape: tuple[int, int]) -> Floats:
    """Return the pairs at each two levels, of those that both comparisons compared."""
    both = (first >= 0) & (second >= 0)
    codes = first[both].astype(np.int64) * shape[1] + second[both]
    return np.bincount(codes, counts[both], shape[0] * shape[1]).astype(np.float64).reshape(shape)
