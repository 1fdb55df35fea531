"""Incremental resolution: bring the partition up to what was put, deleted and judged."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from resolvers.blocks import keys_of
from resolvers.candidates import Numbers, candidate_pairs, check_budget
from resolvers.clustering import Pair, Weights
from resolvers.components import ClusterChange, Component, divide
from resolvers.domain import Edge, RecordKey
from resolvers.features import Features
from resolvers.linkage_model import LinkageModel
from resolvers.scoring import score_columns
from resolvers.state import ResolutionState

Put = tuple[int, RecordKey, Features]


def update(
    state: ResolutionState,
    model: LinkageModel,
    *,
    puts: Sequence[Put],
    deletes: Collection[int] = (),
    judged: Collection[int] = (),
) -> list[ClusterChange]:
    """Apply puts and deletes to the state and return the new partition of every affected component.

    `judged` are the ends of judgements that changed. One record or a hundred thousand: the same code. With
    an empty redo queue the partition is a function of live records, judgements and model alone.
    Raises: PairBudgetExceeded before anything is changed.
    """
    found = keys_of([features for _, _, features in puts], model)
    rows = [(*put, keys) for put, keys in zip(puts, found, strict=True)]
    new = {number for number, _, _, _ in rows}
    gone = new | set(deletes)
    touched = _neighbours(state, gone) | set(judged)
    blocks = _replace(state, model, rows, gone)
    left, right = candidate_pairs(list(state.block_members(blocks, model.max_block).values()), new)
    edges = _edges(state, model, left, right)
    state.put_edges(edges)
    touched |= new
    return _recluster(state, model, touched - set(deletes))


def redo(state: ResolutionState, model: LinkageModel, limit: int) -> list[ClusterChange]:
    """Compare again the pairs of up to `limit` keys that crossed `max_block`; return what that changed.

    A key that became small gives its pairs; of one that became generic those pairs stay that share another
    key.
    """
    keys = state.take_redo(limit)
    if not keys:
        return []
    sizes = state.block_sizes(keys)
    small = [key for key in keys if sizes[key] <= model.max_block]
    left, right = candidate_pairs(list(state.block_members(small, model.max_block).values()))
    edges = _edges(state, model, left, right)
    state.put_edges(edges)
    touched = {number for edge in edges for number in (edge.left, edge.right)}
    large = [key for key in keys if sizes[key] > model.max_block]
    return _recluster(state, model, touched | _drop_edges(state, model, large))


def _neighbours(state: ResolutionState, numbers: Collection[int]) -> set[int]:
    """Return the records linked to `numbers` by an edge or a judgement."""
    edges, judgements = state.edges(numbers), state.judgements(numbers)
    ends = {number for edge in edges for number in (edge.left, edge.right)}
    return (ends | {number for left, right, _ in judgements for number in (left, right)}) - set(numbers)


def _replace(
    state: ResolutionState,
    model: LinkageModel,
    rows: Sequence[tuple[int, RecordKey, Features, list[int]]],
    gone: Collection[int],
) -> list[int]:
    """Take the old records out and the new ones in; return the new records' keys of at least two members."""
    old = state.blocking_keys(gone)
    left = Counter(key for keys in old.values() for key in keys)
    joined = Counter(key for _, _, _, keys in rows for key in keys)
    before = state.block_sizes(left.keys() | joined.keys())
    after = {key: size - left[key] + joined[key] for key, size in before.items()}
    check_budget({key: (after[key], joined[key]) for key in joined}, model.max_block, model.max_pairs)
    state.delete_records(old.keys())
    state.put_records(rows)
    crossed = [key for key in before if _crosses(before[key], after[key], model.max_block)]
    state.enqueue_redo(sorted(crossed))
    return sorted(key for key in joined if 2 <= after[key] <= model.max_block)


def _crosses(before: int, after: int, max_block: int) -> bool:
    """Say whether a key with pairs to lose became generic, or a generic one small."""
    return 2 <= before <= max_block < after or (before > max_block >= after)


def _edges(state: ResolutionState, model: LinkageModel, left: Numbers, right: Numbers) -> list[Edge]:
    """Score pairs of live records; return those at or above the review threshold."""
    weights = _weights(state, model, left, right)
    kept = np.flatnonzero(weights >= model.review_bits)
    ends = zip(left[kept].tolist(), right[kept].tolist(), weights[kept].tolist(), strict=True)
    return [Edge(a, b, weight) for a, b, weight in ends]


def _weights(state: ResolutionState, model: LinkageModel, left: Numbers, right: Numbers) -> Weights:
    if not len(left):
        return np.empty(0)
    numbers = np.unique(np.concatenate((left, right)))
    features = state.features(numbers.tolist())
    ordered = [features[number] for number in numbers.tolist()]
    return score_columns(ordered, np.searchsorted(numbers, left), np.searchsorted(numbers, right), model)


def _drop_edges(state: ResolutionState, model: LinkageModel, generic: Sequence[int]) -> set[int]:
    """Drop the edges within generic blocks whose ends share no other live key; return their ends."""
    sizes = state.block_sizes(generic)
    blocks = state.block_members(generic, max(sizes.values(), default=0))
    dropped: set[tuple[int, int]] = set()
    for members in blocks.values():
        within = set(members)
        edges = [edge for edge in state.edges(members) if edge.left in within and edge.right in within]
        ends = {number for edge in edges for number in (edge.left, edge.right)}
        keys = {number: frozenset(found) for number, found in state.blocking_keys(ends).items()}
        shared = {(edge.left, edge.right): keys[edge.left] & keys[edge.right] for edge in edges}
        live = state.block_sizes({key for found in shared.values() for key in found})
        dropped |= {
            pair for pair, found in shared.items() if all(live[key] > model.max_block for key in found)
        }
    state.delete_edges(sorted(dropped))
    return {number for pair in dropped for number in pair}


def _recluster(state: ResolutionState, model: LinkageModel, seeds: Collection[int]) -> list[ClusterChange]:
    """Return the partition of each component that holds a live record of `seeds`."""
    components, known = _components(state, model, seeds)
    keys = state.record_keys([number for component in components for number in component.numbers])

    def weigh(left: Numbers, right: Numbers) -> Weights:
        """Weigh pairs; what is stored of them is what scoring them again would give."""
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        weights = np.asarray([known.get((min(pair), max(pair)), np.nan) for pair in pairs], np.float64)
        missing = np.flatnonzero(np.isnan(weights))
        weights[missing] = _weights(state, model, left[missing], right[missing])
        return weights

    return sorted(divide(components, keys, weigh, model), key=lambda change: change.clusters)


def _components(
    state: ResolutionState, model: LinkageModel, seeds: Collection[int]
) -> tuple[list[Component], dict[Pair, float]]:
    """Return the components that hold the live records of `seeds`, in order of smallest number.

    Beside them, the weight of every stored edge that touches one, by (left, right).
    """
    frontier = set(state.record_keys(seeds))
    root = {number: number for number in frontier}
    edges: dict[Pair, Edge] = {}
    known: dict[Pair, float] = {}
    judged: dict[Pair, bool] = {}

    while frontier:
        found: set[int] = set()
        for edge in state.edges(frontier):
            known[edge.left, edge.right] = edge.weight
            if edge.weight >= model.join_bits:
                edges[edge.left, edge.right] = edge
                found |= {edge.left, edge.right}
        for left, right, same in state.judgements(frontier):
            judged[left, right] = same
            if same:
                found |= {left, right}
        frontier = found - root.keys()
        root.update((number, number) for number in frontier)
    links = [*edges, *(pair for pair, same in judged.items() if same)]
    _unite(root, links)
    components: dict[int, Component] = {}
    for number in sorted(root):
        components.setdefault(_find(root, number), Component([])).numbers.append(number)
    for (left, _), edge in edges.items():
        components[_find(root, left)].edges.append(edge)
    for (left, right), same in sorted(judged.items()):
        if left in root and right in root and _find(root, left) == _find(root, right):
            component = components[_find(root, left)]
            (component.must if same else component.cannot).append((left, right))
    return list(components.values()), known


def _find(root: dict[int, int], number: int) -> int:
    while root[number] != number:
        root[number] = root[root[number]]
        number = root[number]
    return number


def _unite(root: dict[int, int], links: Iterable[tuple[int, int]]) -> None:
    for left, right in links:
        a, b = _find(root, left), _find(root, right)
        root[max(a, b)] = min(a, b)
