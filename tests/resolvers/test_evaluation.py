"""Evaluation: against counting pairs and clusters one by one."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.evaluation import evaluate

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12)


@given(LABELS)
def test_pairs_and_merges_are_those_counted_one_by_one(labels: list[tuple[int, int]]) -> None:
    predicted, true = zip(*labels, strict=True)
    found = evaluate(predicted, true)
    pairs = list(combinations(range(len(labels)), 2))
    said = {pair for pair in pairs if predicted[pair[0]] == predicted[pair[1]]}
    right = {pair for pair in pairs if true[pair[0]] == true[pair[1]]}
    assert found.pairwise.precision == pytest.approx(len(said & right) / len(said) if said else 1.0)
    assert found.pairwise.recall == pytest.approx(len(said & right) / len(right) if right else 1.0)
    assert found.over_merged == sum(
        len({true[i] for i in range(len(labels)) if predicted[i] == one}) > 1 for one in set(predicted)
    )
    assert found.under_merged == sum(
        len({predicted[i] for i in range(len(labels)) if true[i] == one}) > 1 for one in set(true)
    )


@given(LABELS)
def test_b_cubed_is_the_mean_over_records(labels: list[tuple[int, int]]) -> None:
    predicted, true = zip(*labels, strict=True)
    found = evaluate(predicted, true)
    mates = [
        (
            {j for j in range(len(labels)) if predicted[j] == predicted[i]},
            {j for j in range(len(labels)) if true[j] == true[i]},
        )
        for i in range(len(labels))
    ]
    assert found.b_cubed.precision == pytest.approx(
        sum(len(said & right) / len(said) for said, right in mates) / len(labels)
    )
    assert found.b_cubed.recall == pytest.approx(
        sum(len(said & right) / len(right) for said, right in mates) / len(labels)
    )


def test_a_perfect_partition_scores_one_under_any_names() -> None:
    found = evaluate(["x", "x", "y"], [1, 1, 2])
    assert (found.pairwise.f1, found.b_cubed.f1, found.over_merged, found.under_merged) == (1.0, 1.0, 0, 0)
