"""Expectation-maximisation over counts of comparison vectors: the m probabilities, u held fixed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from resolvers.comparison import Comparison
from resolvers.dependence import Dependence, dependences

ROUNDS = 30
LEAST_RATE = 0.50
"""Share of matches in a block below which namesakes would pass for matches."""

_PSEUDO_MATCHES = 5.0
_LEAST_U = 1e-9
_HARDLY = 3.0

Floats = NDArray[np.float64]
Levels = NDArray[np.int8]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Vectors:
    """Comparison vectors of pairs: the distinct ones (vectors × comparisons), and which each pair has."""

    levels: Levels
    which: Indices

    @staticmethod
    def of(columns: Sequence[Levels], size: int) -> "Vectors":
        """Return the vectors of columns of levels (-1 = nothing compared), one a comparison, `size` pairs."""
        codes, width = np.zeros(size, np.int64), 1
        for column in columns:
            if width > 1 << 48:
                distinct, codes = np.unique(codes, return_inverse=True)
                width = len(distinct)
            codes = codes * 16 + (column + 1)
            width *= 16
        _, first, which = np.unique(codes, return_index=True, return_inverse=True)
        return Vectors(np.stack([column[first] for column in columns], axis=1), which)

    def counts(self, pairs: Indices | None = None) -> Floats:
        """Return how often each distinct vector occurs, among all pairs or some (indices)."""
        which = self.which if pairs is None else self.which[pairs]
        return np.bincount(which, minlength=len(self.levels)).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Block:
    """Which pairs a blocking rule brings together, and the comparisons (indices) that it makes blind."""

    pairs: Indices
    blind: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Parameters:
    """m and u of all comparisons, (comparisons × most levels); 1 beyond the levels of a comparison.

    `matches` and `others` are the expected counts of each level behind m and u; `dependence` is what u counts
    twice.
    """

    comparisons: tuple[Comparison, ...]
    m: Floats
    u: Floats
    matches: Floats
    others: Floats
    dependence: tuple[Dependence, ...] = ()

    @staticmethod
    def start(comparisons: Sequence[Comparison], random: Vectors) -> "Parameters":
        """Return m as expected before training, and u by random pairs."""
        most = max(len(comparison.levels) for comparison in comparisons)
        ones = np.ones((len(comparisons), most))
        start = Parameters(tuple(comparisons), ones, ones, np.zeros_like(ones), np.zeros_like(ones))
        return start.with_m(start.matches).with_u(random.levels, random.counts())

    def with_u(self, levels: Levels, weights: Floats) -> "Parameters":
        """Return these with u counted from vectors, each weighted by the non-matches expected to have it."""
        u, others = self.u.copy(), self.others.copy()
        for index, comparison in enumerate(self.comparisons):
            width = len(comparison.levels)
            at = levels[:, index]
            counts = np.bincount(at[at >= 0], weights[at >= 0], width)
            others[index, :width] = counts
            u[index, :width] = np.maximum((counts + 0.5 / width) / (counts.sum() + 0.5), _LEAST_U)
        return replace(self, u=u, others=others).settled()

    def with_dependence(self, levels: Levels, weights: Floats) -> "Parameters":
        """Return these with the dependence among vectors, each weighted by its (effective) non-matches."""
        widths = [len(comparison.levels) for comparison in self.comparisons]
        return replace(self, dependence=dependences(levels, weights, widths))

    def with_m(self, counts: Floats) -> "Parameters":
        """Return these with m from expected counts (comparisons × levels), smoothed by what was expected."""
        m = self.m.copy()
        for index, comparison in enumerate(self.comparisons):
            width = len(comparison.levels)
            expected = np.array([level.m for level in comparison.levels])
            smoothed = counts[index, :width] + _PSEUDO_MATCHES * expected / expected.sum()
            m[index, :width] = smoothed / smoothed.sum()
        return replace(self, m=m, matches=counts).settled()

    def settled(self) -> "Parameters":
        """Return these with the expected ratio where a level was hardly seen, and m within its ceiling."""
        m, u = self.m.copy(), self.u.copy()
        for index, comparison in enumerate(self.comparisons):
            for at, level in enumerate(comparison.levels):
                if max(self.matches[index, at], self.others[index, at]) < _HARDLY:
                    u[index, at] = min(m[index, at] * level.u / level.m, 1.0)
                if level.ceiling is not None:
                    m[index, at] = min(m[index, at], u[index, at] * 2.0**level.ceiling)
        return replace(self, m=m, u=u)

    def of(self, index: int) -> tuple[Floats, Floats]:
        """Return m and u of the levels of one comparison."""
        width = len(self.comparisons[index].levels)
        return self.m[index, :width], self.u[index, :width]

    def bits(self, levels: Levels, blind: Sequence[int] = ()) -> Floats:
        """Return the match weight of each vector, prior and terms excluded; blind comparisons add 0."""
        weights = np.log2(self.m / self.u)
        total = np.zeros(len(levels))
        for index in range(levels.shape[1]):
            if index not in blind:
                at = levels[:, index]
                total += np.where(at >= 0, weights[index, at], 0.0)
        for one in self.dependence:
            if one.first not in blind and one.second not in blind:
                total += one.of(levels)
        return total


def match_probabilities(bits: Floats, prior: float) -> Floats:
    """Return the match probability of each weight (prior excluded) under a prior."""
    odds = np.log2(prior / (1.0 - prior))
    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(bits + odds, -900.0, 900.0))), np.float64)


@dataclass(slots=True)
class _Counted:
    """The distinct comparison vectors of a block with their counts, and its share of matches so far."""

    levels: Levels
    counts: Floats
    blind: tuple[int, ...]
    rate: float = 0.3

    def expect(self, parameters: Parameters) -> Floats:
        """Return the match probability of each vector, and take the new share of matches."""
        bits = parameters.bits(self.levels, self.blind)
        probability = match_probabilities(bits, self.rate)
        share = float(probability @ self.counts / self.counts.sum())
        self.rate = min(max(share, 1e-6), 1.0 - 1e-6)
        return probability


def estimate_m(parameters: Parameters, vectors: Vectors, blocks: Sequence[Block]) -> Parameters:
    """Return parameters with m estimated on the blocks whose share of matches is high enough.

    All blocks share m; each has its own share of matches, and says nothing of the comparisons it makes
    blind. For a comparison that no such block sees the best block that sees it is added.
    """
    counted = [_count(vectors, block) for block in blocks if len(block.pairs)]
    for block in counted:
        for _ in range(10):
            block.expect(parameters)
    good = _good(counted, len(parameters.comparisons))
    for _ in range(ROUNDS if good else 0):
        parameters = parameters.with_m(_expected_counts(parameters, good))
    return parameters


def _good(blocks: Sequence[_Counted], comparisons: int) -> list[_Counted]:
    best_first = sorted(blocks, key=lambda block: -block.rate)
    chosen = {id(block) for block in blocks if block.rate >= LEAST_RATE}
    for index in range(comparisons):
        seeing = [block for block in best_first if index not in block.blind]
        if seeing and chosen.isdisjoint(id(block) for block in seeing):
            chosen.add(id(seeing[0]))
    return [block for block in blocks if id(block) in chosen]


def _count(vectors: Vectors, block: Block) -> _Counted:
    counts = vectors.counts(block.pairs)
    found = np.flatnonzero(counts)
    return _Counted(vectors.levels[found], counts[found], block.blind)


def _expected_counts(parameters: Parameters, blocks: Sequence[_Counted]) -> Floats:
    most = int(parameters.m.shape[1])
    totals = np.zeros((len(parameters.comparisons), most))
    for block in blocks:
        matches = block.expect(parameters) * block.counts
        for index in range(block.levels.shape[1]):
            at = block.levels[:, index]
            if index not in block.blind:
                totals[index] += np.bincount(at[at >= 0], matches[at >= 0], most)
    return totals
