"""The store contract: after any sequence of patches every back end answers as a simple model does."""

import pytest
from graph_model import GraphModel
from graph_patches import (
    BOUNDS,
    EVENTS,
    FINDINGS,
    HOLDINGS,
    NAMES,
    PERSONS,
    RECORDS,
    calls,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_schema.relationships import Patch
from graph_schema.store import GraphStore, StoreError

ALL_IDS = (*PERSONS, *RECORDS, *EVENTS, *FINDINGS, *HOLDINGS)
FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FEW
@given(steps=calls)
def test_any_sequence_of_patches_leaves_what_the_model_has(
    store: GraphStore, steps: list[list[Patch]]
) -> None:
    model = load(store, steps)
    assert list(store.owners()) == model.owners()
    assert store.counts() == model.counts()
    assert store.get(ALL_IDS) == model.nodes
    assert store.digest() == model.digest()


@FEW
@given(
    steps=calls,
    seeds=st.sets(st.sampled_from(ALL_IDS), max_size=2),
    at=st.sampled_from([bound and bound[:10] for bound in BOUNDS]),
    size=st.integers(1, 8),
    hops=st.integers(0, 3),
)
def test_neighbourhoods_are_the_model_s(
    store: GraphStore, steps: list[list[Patch]], seeds: set[str], at: str | None, size: int, hops: int
) -> None:
    model = load(store, steps)
    for node_id in sorted(seeds):
        assert store.neighbours(node_id, at=at, limit=size) == model.neighbours(node_id, at, size)
    assert store.ego(seeds, hops, max_nodes=size, at=at) == model.ego(seeds, hops, size, at)


@FEW
@given(
    steps=calls,
    start=st.sampled_from(PERSONS),
    end=st.sampled_from((*PERSONS, "a1", "x1")),
    avoid=st.sets(st.sampled_from(("a1", "p1", "e2", "Staff", "Address", "Complaint")), max_size=2),
    require=st.sets(st.sampled_from(("a1", "o1", "e3")), max_size=1),
    time_consistent=st.booleans(),
    limit=st.integers(1, 4),
)
def test_paths_are_the_model_s(
    store: GraphStore,
    steps: list[list[Patch]],
    start: str,
    end: str,
    avoid: set[str],
    require: set[str],
    time_consistent: bool,
    limit: int,
) -> None:
    model = load(store, steps)
    options = {"avoid": avoid, "require": require, "time_consistent": time_consistent}
    answer = store.paths(start, end, max_hops=5, limit=limit, **options)  # type: ignore[arg-type]
    assert answer == model.paths(start, end, 5, limit, **options)  # type: ignore[arg-type]


@FEW
@given(
    steps=calls,
    holders=st.none() | st.sets(st.sampled_from(PERSONS), max_size=2),
    at_most=st.integers(2, 5),
    text=st.sampled_from((*NAMES, "smith", "e1", "shared")),
    labels=st.none() | st.sets(st.sampled_from(("Staff", "Person", "Address")), max_size=2),
)
def test_shared_nodes_and_search_are_the_model_s(
    store: GraphStore,
    steps: list[list[Patch]],
    holders: set[str] | None,
    at_most: int,
    text: str,
    labels: set[str] | None,
) -> None:
    model = load(store, steps)
    kinds = ["Address", "Phone", "Email", "Organisation"]
    shared = [
        (found.node, found.links) for found in store.shared(kinds, holders=holders, max_holders=at_most)
    ]
    assert shared == model.shared(holders, at_most)
    assert list(store.search(text, labels, 3)) == model.search(text, labels, 3)


def load(store: GraphStore, steps: list[list[Patch]]) -> GraphModel:
    """Clear the store, apply the steps to it and to a model, and see that they refuse the same ones."""
    store.clear()
    model = GraphModel()
    for number, patches in enumerate(steps, 1):
        try:
            model.apply(patches, number)
        except StoreError:
            with pytest.raises(StoreError):
                store.apply(patches, number)
        else:
            store.apply(patches, number)
        assert store.sequence() == model.last
    return model
