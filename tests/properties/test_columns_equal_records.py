"""Columns give what records give one by one: features, blocking keys, candidate pairs, clusters."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers import blocks, linking
from resolvers.blocking import blocking_keys, keys_by_rule
from resolvers.blocks import keys_in_columns, keys_of, pairs_by_rule, pairs_of
from resolvers.domain import Record, RecordKey
from resolvers.errors import PairBudgetExceeded
from resolvers.feature_table import FeatureTable
from resolvers.features import Features, extract
from resolvers.linkage_model import LinkageModel, default_model
from resolvers.memory_state import MemoryState
from resolvers.resolution import redo, update
from resolvers.scoring import level_bits, score, score_columns

MODEL = replace(default_model(), max_block=4)

_GIVEN = ("Anna", "Annie", "Ana Maria", "J", "John", "Jon", "Bob", "Robert", "")
_FAMILY = ("Bell", "Bel", "Marsh", "Bell-Marsh", "O'Neil", "Anna")
_VALUES = {
    "date_of_birth": ("1980-03-26", "1980-03", "1980", "1981-03-26", "1980-12-03", "1951-01-02"),
    "sex": ("f", "m"),
    "national_id": ("QQ123456C", "QQ123457C", "AB654321D"),
    "staff_number": ("48213", "48231", "77001"),
    "email": ("anna.bell@example.org", "anna.bel@example.org", "a.bell@example.com"),
    "phone": ("0113 496 0123", "0113 496 0124", "07700 900123"),
}
_name = st.fixed_dictionaries({"given": st.sampled_from(_GIVEN), "family": st.sampled_from(_FAMILY)})
_others = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(st.sampled_from(said), min_size=1, max_size=2, unique=True).map(
            lambda values: tuple({"value": value} for value in values)
        )
        for name, said in _VALUES.items()
    },
)
_addresses = st.sampled_from(
    ((), ({"line": "14a High Street, Leeds", "postcode": "LS1 1AA"},), ({"line": "14 High St, Leeds"},))
)
_people = st.lists(st.tuples(st.lists(_name, min_size=1, max_size=2), _others, _addresses), max_size=14)


def _features(
    people: Sequence[
        tuple[list[dict[str, str]], dict[str, tuple[dict[str, str], ...]], tuple[dict[str, str], ...]]
    ],
) -> list[Features]:
    return [
        extract(Record(RecordKey("hr", str(at)), {"name": tuple(names), "address": address, **others}))
        for at, (names, others, address) in enumerate(people)
    ]


some_features = _people.map(_features)


def _keys(size: int) -> list[RecordKey]:
    """Return keys whose order is not that of the records."""
    return [RecordKey("hr" if at % 2 else "roster", str(size - at)) for at in range(size)]


@settings(max_examples=25)
@given(some_features)
def test_a_table_is_the_sequence_it_was_made_of(features: list[Features]) -> None:
    table = FeatureTable(features[: len(features) // 2])
    table.extend(features[len(features) // 2 :])
    assert list(table) == features
    assert [table[at] for at in range(-len(features), 0)] == features
    with pytest.raises(IndexError):
        table[len(features)]
    backwards = table.take(np.arange(len(features))[::-1])
    assert list(backwards) == features[::-1]
    for mine, theirs in zip(backwards.content(), FeatureTable(features).content(), strict=True):
        assert mine[::-1].tolist() == theirs.tolist()


@settings(max_examples=25)
@given(some_features)
def test_blocking_keys(features: list[Features]) -> None:
    table = FeatureTable(features)
    found: list[list[set[int]]] = [[set() for _ in MODEL.blocking] for _ in features]
    for at, (keys, records) in enumerate(keys_in_columns(table, MODEL.blocking)):
        for key, record in zip(keys.tolist(), records.tolist(), strict=True):
            found[record][at].add(key)
    assert found == [[set(keys) for keys in keys_by_rule(record, MODEL.blocking)] for record in features]
    many = (features * 200)[:400]
    assert keys_of(many, MODEL) == [blocking_keys(record, MODEL) for record in many]


@settings(max_examples=25)
@given(some_features)
def test_candidate_pairs_share_a_small_block(features: list[Features]) -> None:
    left, right = pairs_of(FeatureTable(features), MODEL)
    keys = [set(blocking_keys(record, MODEL)) for record in features]
    small = {key for some in keys for key in some if sum(key in other for other in keys) <= MODEL.max_block}
    wanted = [(a, b) for a, b in combinations(range(len(features)), 2) if keys[a] & keys[b] & small]
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == wanted


@settings(max_examples=25)
@given(some_features, st.integers(0, 1 << 14))
def test_pairs_of_some_records_made_a_few_at_a_time(features: list[Features], some: int) -> None:
    table, size = FeatureTable(features), len(features)
    among = np.asarray([bool(some >> at & 1) for at in range(size)], np.bool_)
    whole = list(pairs_by_rule(table, MODEL.blocking, MODEL.max_block))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_PAIRS_AT_ONCE", 2)
        found = list(pairs_by_rule(table, MODEL.blocking, MODEL.max_block, among=among))
    for mine, pairs in zip(found, whole, strict=True):
        left, right = np.divmod(pairs, max(size, 1))
        assert mine.tolist() == pairs[among[left] | among[right]].tolist()


@pytest.mark.parametrize("times", [1, 100])
@settings(max_examples=25)
@given(features=some_features)
def test_weights(times: int, features: list[Features]) -> None:
    left, right = np.triu_indices(len(features), 0)
    pairs = zip(left.tolist(), right.tolist(), strict=True)
    wanted = [score(features[a], features[b], MODEL).weight for a, b in pairs]
    weights = score_columns(features, np.tile(left, times), np.tile(right, times), MODEL)
    assert weights.tolist() == wanted * times


@pytest.mark.parametrize("times", [1, 100])
@settings(max_examples=25)
@given(features=some_features)
def test_what_each_level_says(times: int, features: list[Features]) -> None:
    left, right = np.triu_indices(len(features), 0)
    bits = level_bits(features, np.tile(left, times), np.tile(right, times), MODEL)
    for place, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        scored = score(features[a], features[b], MODEL).comparisons
        assert {name: column[place] for name, column in bits.items()} == {p.name: p.bits for p in scored}


def _one_by_one(
    features: Sequence[Features], keys: Sequence[RecordKey], model: LinkageModel
) -> set[tuple[int, ...]]:
    state, cluster_of = MemoryState(), {}
    for at, (key, record) in enumerate(zip(keys, features, strict=True)):
        changes = update(state, model, puts=[(at + 1, key, record)])
        while changes or state.redo_length():
            for change in changes:
                cluster_of.update((number, members) for members in change.clusters for number in members)
            changes = redo(state, model, 100)
    return {tuple(number - 1 for number in members) for members in cluster_of.values()}


@pytest.mark.parametrize("largest", [200, 2])
@settings(max_examples=25)
@given(features=some_features)
def test_linking_a_set_is_putting_its_records(largest: int, features: list[Features]) -> None:
    model = replace(MODEL, largest_cluster=largest)
    keys = _keys(len(features))
    found = linking.link(FeatureTable(features), keys, model)
    assert {members for members, _ in found} == _one_by_one(features, keys, model)
    for members, weakest in found:
        assert (weakest is None) == (len(members) == 1)


def test_a_budget_of_pairs_is_kept() -> None:
    features = _features(
        [([{"given": "Anna", "family": "Bell"}], {"phone": ({"value": "0113 496 0123"},)}, ())] * 4
    )
    with pytest.raises(PairBudgetExceeded, match="max_pairs: 3"):
        pairs_of(FeatureTable(features), replace(MODEL, max_pairs=3))
