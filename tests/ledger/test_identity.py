"""Who keeps which id: survive, redirect, split, as properties of the rule."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.identity import Succession, entity_id, entity_number, succeed

Entities = dict[int, tuple[int, ...]]
Rule = Callable[[Mapping[int, Collection[int]], Iterable[Iterable[int]], Collection[int]], Succession]


@given(st.integers(0, 2**40 - 1))
def test_an_id_reads_back(number: int) -> None:
    text = entity_id(number)
    assert entity_number(text) == number
    assert text == text.lower()
    assert len(text) == 9


@pytest.mark.parametrize(
    "text", ["", "e", "f" + "a" * 8, "e" + "a" * 7, "E" + "A" * 8, "e1aaaaaaa", "eaaaaaaé"]
)
def test_other_text_is_no_entity_id(text: str) -> None:
    assert entity_number(text) is None


def _groups(labels: list[int]) -> list[tuple[int, ...]]:
    """Return records 1… grouped by label."""
    return [
        tuple(record for record, own in enumerate(labels, 1) if own == label) for label in sorted(set(labels))
    ]


@st.composite
def _cases(draw: st.DrawFn) -> tuple[Entities, list[tuple[int, ...]], set[int]]:
    """Draw entities over up to nine records, new clusters over some of these and new ones, and some gone."""
    before = draw(st.lists(st.integers(0, 4), min_size=1, max_size=9))
    numbers = draw(st.permutations(range(100, 105)))
    entities = {numbers[label]: group for label, group in enumerate(_groups(before))}
    after = draw(st.lists(st.integers(-2, 3), min_size=len(before), max_size=len(before) + 2))
    gone = {record for record, label in enumerate(after, 1) if label == -2}
    named = _groups([label if label >= 0 else -1 for label in after])
    clusters = [tuple(record for record in group if after[record - 1] >= 0) for group in named]
    return entities, [cluster for cluster in clusters if cluster], gone


def _broken(rule: Rule, entities: Entities, clusters: list[tuple[int, ...]], gone: set[int]) -> str | None:
    """Return which promise a rule breaks, None where it keeps all of them."""
    plan = rule(entities, clusters, gone)
    after = dict(plan.kept)
    old_records = {record for records in entities.values() for record in records}
    parts = [*after.values(), *plan.founded]
    records = [record for part in parts for record in part]
    if sorted(records) != sorted((old_records | {r for c in clusters for r in c}) - gone):
        return "each record that is left is in one entity"
    if any(tuple(cluster) not in parts for cluster in clusters):
        return "each cluster is one entity"
    if after.keys() | dict(plan.merged).keys() | set(plan.emptied) != entities.keys():
        return "each entity is kept, merged or emptied"
    for entity, old in entities.items():
        left = sorted(set(old) - gone)
        heir = entity if entity in after else dict(plan.merged).get(entity)
        if not left:
            if entity not in plan.emptied:
                return "an entity without records is emptied"
        elif heir is None or left[0] not in after[heir] or heir > entity:
            return "an id goes where the oldest record goes, and yields to an older id only"
    return None


@given(_cases())
def test_the_rule_keeps_its_promises(case: tuple[Entities, list[tuple[int, ...]], set[int]]) -> None:
    assert _broken(succeed, *case) is None


@given(_cases())
def test_the_same_clusters_again_change_nothing(
    case: tuple[Entities, list[tuple[int, ...]], set[int]],
) -> None:
    entities, _, _ = case
    plan = succeed(entities, entities.values(), ())
    assert plan == Succession(tuple(sorted(entities.items())), (), (), ())


def test_a_rule_that_follows_the_larger_part_would_fail() -> None:
    def larger(
        entities: Mapping[int, Collection[int]], clusters: Iterable[Iterable[int]], gone: Collection[int]
    ) -> Succession:
        parts = sorted((tuple(cluster) for cluster in clusters), key=len)
        plan = succeed(entities, parts, gone)
        return replace(plan, kept=((min(entities), parts[-1]),), founded=tuple(parts[:-1]))

    assert _broken(larger, {100: (1, 2, 3)}, [(1,), (2, 3)], set()) is not None
    assert _broken(succeed, {100: (1, 2, 3)}, [(1,), (2, 3)], set()) is None


def test_a_rule_where_the_younger_survives_would_fail() -> None:
    def younger(
        entities: Mapping[int, Collection[int]], clusters: Iterable[Iterable[int]], gone: Collection[int]
    ) -> Succession:
        plan = succeed(entities, clusters, gone)
        ((young, old),) = plan.merged
        return replace(plan, kept=((young, dict(plan.kept)[old]),), merged=((old, young),))

    assert _broken(younger, {100: (1,), 101: (2,)}, [(1, 2)], set()) is not None


@pytest.mark.parametrize(("clusters", "gone"), [([(1, 2), (2, 3)], ()), ([(1, 2)], (2,))])
def test_a_record_in_two_places_is_refused(clusters: list[tuple[int, ...]], gone: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="one cluster only"):
        succeed({}, clusters, gone)
