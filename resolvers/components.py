"""Components of linked records, each divided into its clusters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from resolvers.candidates import Numbers
from resolvers.clustering import Clustering, Merge, Pair, Weights, cluster, pieces
from resolvers.domain import Edge, RecordKey
from resolvers.linkage_model import LinkageModel

Weigh = Callable[[Numbers, Numbers], Weights]
"""Return the match weights of pairs of record numbers."""


@dataclass(slots=True)
class Component:
    """Live records that edges at or above `join` and must-links hold together."""

    numbers: list[int]
    edges: list[Edge] = field(default_factory=list)
    must: list[Pair] = field(default_factory=list)
    cannot: list[Pair] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ClusterChange:
    """The new full partition of the live records of one affected component, numbers ascending.

    `cut` = it was larger than the largest cluster allowed; `suspended` = must-links (record numbers) that a
    cannot-link overruled. `weakest` has for each cluster the weight of the weakest step that made it, None
    where there was none but must-links.
    """

    clusters: tuple[tuple[int, ...], ...]
    cut: bool = False
    suspended: tuple[Pair, ...] = ()
    weakest: tuple[float | None, ...] = ()


def divide(
    components: Sequence[Component], keys: Mapping[int, RecordKey], weigh: Weigh, model: LinkageModel
) -> list[ClusterChange]:
    """Return the partition of each component; one larger than the largest cluster is cut first.

    Every pair within a component (within a piece of one that is cut) is weighed, all at once.
    """
    groups: list[tuple[Component, list[list[int]]]] = []
    for component in components:
        parts = [component.numbers]
        if len(component.numbers) > model.largest_cluster:
            within = {number: keys[number] for number in component.numbers}
            parts = pieces(component.edges, component.must, within, model.largest_cluster)
        ordered = [sorted(part, key=keys.__getitem__) if len(part) > 1 else part for part in parts]
        groups.append((component, ordered))
    weights = _weigh([part for _, parts in groups for part in parts], weigh)
    changes, start = [], 0
    for component, parts in groups:
        divided = []
        for part in parts:
            size = len(part) * (len(part) - 1) // 2
            divided.append(_divide(component, part, weights[start : start + size], model))
            start += size
        changes.append(_change(parts, divided, len(component.numbers) > model.largest_cluster))
    return changes


def _weigh(groups: Sequence[list[int]], weigh: Weigh) -> Weights:
    left, right = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for group in groups:
        if len(group) > 1:
            numbers = np.asarray(group, np.int64)
            first, second = _all_pairs(len(group))
            left.append(numbers[first])
            right.append(numbers[second])
    return weigh(np.concatenate(left), np.concatenate(right))


@lru_cache(maxsize=16)
def _all_pairs(size: int) -> tuple[Numbers, Numbers]:
    return np.triu_indices(size, 1)


def _divide(component: Component, part: list[int], weights: Weights, model: LinkageModel) -> Clustering:
    """Cluster the records of a part, in order of their keys; the common cases need no matrix."""
    judged = component.must or component.cannot
    if len(part) == 1:
        return Clustering(((0,),), ())
    if len(part) == 2 and not judged and weights[0] >= model.join_bits:
        return Clustering(((0, 1),), (Merge((0,), (1,), float(weights[0])),))
    matrix = np.zeros((len(part), len(part)))
    first, second = _all_pairs(len(part))
    matrix[first, second] = matrix[second, first] = weights
    place = {number: index for index, number in enumerate(part)} if judged else {}
    must, cannot = (
        [(place[a], place[b]) for a, b in pairs if a in place and b in place]
        for pairs in (component.must, component.cannot)
    )
    return cluster(matrix, must, cannot, model)


def _change(parts: Sequence[list[int]], divided: Sequence[Clustering], cut: bool) -> ClusterChange:
    clusters: list[tuple[tuple[int, ...], float | None]] = []
    suspended: list[Pair] = []
    for part, found in zip(parts, divided, strict=True):
        steps = [(merge.left[0], merge.weight) for merge in found.merges if merge.weight is not None]
        for members in found.clusters:
            mine = [weight for first, weight in steps if first in members] if steps else []
            clusters.append((tuple(sorted(part[index] for index in members)), min(mine, default=None)))
        suspended += [(min(part[a], part[b]), max(part[a], part[b])) for a, b in found.suspended]
    clusters.sort(key=lambda one: one[0])
    return ClusterChange(
        tuple(members for members, _ in clusters),
        cut,
        tuple(sorted(suspended)),
        tuple(weight for _, weight in clusters),
    )
