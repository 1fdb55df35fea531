"""Linking: resolve a whole set of records in one go, to the same partition as record by record."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from resolvers.blocks import pairs_of
from resolvers.candidates import Numbers
from resolvers.clustering import Weights
from resolvers.columns import AT_ONCE
from resolvers.components import Component, divide
from resolvers.domain import Edge, RecordKey
from resolvers.feature_table import FeatureTable
from resolvers.linkage_model import LinkageModel
from resolvers.scoring import score_columns

Cluster = tuple[tuple[int, ...], float | None]
"""Records (indices, ascending) of one person, and the weight of the weakest step that joined them."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How many candidate pairs a set of records has, and those that are linked (left < right, indices)."""

    pairs: int
    left: Numbers
    right: Numbers
    weights: Weights


def link(table: FeatureTable, keys: Sequence[RecordKey], model: LinkageModel) -> list[Cluster]:
    """Return the clusters of all records, in order; a record alone has no weakest step.

    What `update` makes of the same records in an empty state, with no judgement.
    Raises: PairBudgetExceeded before any pair is compared.
    """
    return clusters(table, keys, compare(table, model), model)


def compare(table: FeatureTable, model: LinkageModel) -> Compared:
    """Return the pairs that are linked. Raises: PairBudgetExceeded before any is compared."""
    left, right = pairs_of(table, model)
    found = []
    for start in range(0, max(len(left), 1), AT_ONCE):
        ends = left[start : start + AT_ONCE], right[start : start + AT_ONCE]
        weights = score_columns(table, *ends, model)
        linked = weights >= model.join_bits
        found.append((*(end[linked] for end in ends), weights[linked]))
    return Compared(len(left), *map(np.concatenate, zip(*found, strict=True)))


def clusters(
    table: FeatureTable, keys: Sequence[RecordKey], compared: Compared, model: LinkageModel
) -> list[Cluster]:
    """Return the clusters that the pairs compared lead to, in order."""
    few, components = _components(len(table), compared, model.largest_cluster)
    named = dict(enumerate(keys))
    changes = divide(components, named, lambda a, b: score_columns(table, a, b, model), model)
    return sorted(
        few + [one for change in changes for one in zip(change.clusters, change.weakest, strict=True)]
    )


def _components(size: int, linked: Compared, largest: int) -> tuple[list[Cluster], list[Component]]:
    """Return the components of `size` records by their links: of one and two as clusters, and the larger.

    Only one that will have to be cut knows its edges.
    """
    if not size:
        return [], []
    left, right = linked.left, linked.right
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    _, part = connected_components(graph, directed=False)
    sizes = np.bincount(part)
    alone, two = (np.flatnonzero(sizes[side] == count) for side, count in ((part, 1), (part[left], 2)))
    few: list[Cluster] = [((index,), None) for index in alone.tolist()]
    pairs = zip(*(side[two].tolist() for side in (left, right, linked.weights)), strict=True)
    few += [((first, second), weight) for first, second, weight in pairs]
    many = np.flatnonzero(sizes[part] > 2)
    order = many[np.argsort(part[many], kind="stable")]
    starts = np.flatnonzero(np.diff(part[order], prepend=-1))
    components = [Component(members.tolist()) for members in np.split(order, starts[1:]) if len(members)]
    large = {int(part[one.numbers[0]]): one for one in components if len(one.numbers) > largest}
    for at in np.flatnonzero(np.isin(part[left], list(large))).tolist() if large else ():
        edge = Edge(int(left[at]), int(right[at]), float(linked.weights[at]))
        large[int(part[edge.left])].edges.append(edge)
    return few, components
