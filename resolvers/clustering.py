"""Clustering: divide one component of linked records into clusters, the same way for every order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolvers.domain import Edge, RecordKey
from resolvers.linkage_model import LinkageModel

Weights = NDArray[np.float64]
"""A symmetric matrix of match weights in bits, one row a record."""

Pair = tuple[int, int]

_MEAN_SHARE = 0.25
"""How far from review to join the mean between two parts must lie; see docs/decisions/0009."""


@dataclass(frozen=True, slots=True)
class Merge:
    """One step: two parts (indices, ascending) and the mean weight between them; a must-link has none."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    weight: float | None


@dataclass(frozen=True, slots=True)
class Clustering:
    """Clusters of indices, each ascending, in order of their first; the merges that made them, in order.

    `suspended` are must-links that a cannot-link overruled.
    """

    clusters: tuple[tuple[int, ...], ...]
    merges: tuple[Merge, ...]
    suspended: tuple[Pair, ...] = ()


def cluster(
    weights: Weights, must: Sequence[Pair], cannot: Sequence[Pair], model: LinkageModel
) -> Clustering:
    """Divide a component whose records stand in order of their record keys (which breaks ties).

    Two parts may be joined if some pair between them reaches the join threshold and the mean over all pairs
    between them reaches a quarter of the way from the review to the join threshold (two to one that they are
    one person); the highest mean goes first. So a bridge between two groups that otherwise disagree is cut
    where the mean is lowest. Must-links join
    first, strongest first; one that would put a cannot-link inside a cluster is suspended. Only must-links
    make a cluster larger than the model's largest.
    """
    parts = _Parts(weights, cannot)
    suspended = []
    for left, right in sorted(must, key=lambda pair: (-weights[pair], pair)):
        a, b = parts.part_of(left), parts.part_of(right)
        if a != b and parts.apart(a, b):
            suspended.append((left, right))
        elif a != b:
            parts.join(a, b, None)
    parts.join_all(model)
    clusters = tuple(sorted(tuple(members) for members in parts.members.values()))
    return Clustering(clusters, tuple(parts.merges), tuple(sorted(suspended)))


class _Parts:
    """The parts while they grow: a part is named by its first index."""

    def __init__(self, weights: Weights, cannot: Sequence[Pair]) -> None:
        self.members = {index: [index] for index in range(len(weights))}
        self.merges: list[Merge] = []
        self._sums = weights.copy()
        self._best = weights.copy()
        self._sizes = np.ones(len(weights))
        for left, right in cannot:
            self._sums[left, right] = self._sums[right, left] = -np.inf
        np.fill_diagonal(self._sums, -np.inf)

    def part_of(self, index: int) -> int:
        """Return the part that holds an index."""
        return next(part for part, members in self.members.items() if index in members)

    def apart(self, a: int, b: int) -> bool:
        """Say whether a cannot-link keeps two parts apart."""
        return bool(self._sums[a, b] == -np.inf)

    def join(self, a: int, b: int, weight: float | None) -> None:
        """Join two parts into the one with the smaller name."""
        a, b = min(a, b), max(a, b)
        self.merges.append(Merge(tuple(self.members[a]), tuple(self.members[b]), weight))
        self.members[a] = sorted(self.members[a] + self.members.pop(b))
        self._sums[a] += self._sums[b]
        self._sums[:, a] = self._sums[a]
        self._best[a] = np.maximum(self._best[a], self._best[b])
        self._best[:, a] = self._best[a]
        self._sums[a, a] = -np.inf
        self._sums[b] = self._sums[:, b] = -np.inf
        self._sizes[a] += self._sizes[b]

    def join_all(self, model: LinkageModel) -> None:
        """Join the two parts of highest mean weight until no two may be joined."""
        while len(self.members) > 1:
            means = self._sums / np.outer(self._sizes, self._sizes)
            means[self._best < model.join_bits] = -np.inf
            if len(self._sizes) > model.largest_cluster:
                means[np.add.outer(self._sizes, self._sizes) > model.largest_cluster] = -np.inf
            a, b = divmod(int(means.argmax()), len(means))
            if means[a, b] < model.review_bits + _MEAN_SHARE * (model.join_bits - model.review_bits):
                return
            self.join(a, b, float(means[a, b]))


def pieces(
    edges: Iterable[Edge], must: Iterable[Pair], keys: Mapping[int, RecordKey], largest: int
) -> list[list[int]]:
    """Cut a component of more than `largest` records into pieces of at most that, never a must-link.

    Edges join pieces from the strongest on, ties by record key; one that would make too large a piece is
    left out. Every record of `keys` is in one piece.
    """
    piece = {number: [number] for number in keys}

    def join(left: int, right: int, limit: int | None) -> None:
        a, b = piece[left], piece[right]
        if a is b or (limit is not None and len(a) + len(b) > limit):
            return
        small, large = sorted((a, b), key=len)
        large.extend(small)
        for number in small:
            piece[number] = large

    for left, right in must:
        join(left, right, None)
    for edge in sorted(edges, key=lambda edge: (-edge.weight, *sorted((keys[edge.left], keys[edge.right])))):
        join(edge.left, edge.right, largest)
    return list({id(members): members for members in piece.values()}.values())
