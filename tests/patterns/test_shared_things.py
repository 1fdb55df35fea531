"""Pairs at one thing: which statements count, who is left, and institutions that give no pairs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pattern_worlds import World

from graph_schema.stores.embedded import EmbeddedStore
from patterns.interval import Interval
from patterns.link_score import Holding
from patterns.people import People
from patterns.shared_things import Search, SharedThing, holding_evidence, settled, shared_things

SPANS = st.builds(
    lambda start, length: Interval(start, None if length is None else (start or 0) + length),
    st.none() | st.integers(0, 60),
    st.none() | st.integers(1, 40),
)


def person(name: str, number: int, **attributes: Any) -> dict[str, Any]:
    return {
        "person": name,
        "source": "hr",
        "id": number,
        "number": number,
        "name": f"{name.title()} Pike",
        **attributes,
    }


def pairs(store: EmbeddedStore, records: list[dict[str, Any]], **search: Any) -> list[SharedThing]:
    view = World(records).load(store)
    return list(shared_things(view.graph, People(view.graph), Search(labels=("Phone",), **search)))


PHONE = {"value": "07700 900418", "valid_from": "2020-01-01"}
ANA = person("ana", 5, staff_number="S5", phone=PHONE)
BO = person("bo", 2, phone=PHONE)
CY = person("cy", 3, staff_number="S3", phone=PHONE)


def test_staff_come_first_and_then_who_is_known_longer(store: EmbeddedStore) -> None:
    assert [pair.persons for pair in pairs(store, [ANA, BO, CY])] == [
        ("eana", "ebo"),
        ("ecy", "eana"),
        ("ecy", "ebo"),
    ]
    assert all(pair.score.occupancy == 3 for pair in pairs(store, [ANA, BO, CY], about={"ebo"}))


def test_about_gives_only_pairs_with_that_person(store: EmbeddedStore) -> None:
    assert [pair.persons for pair in pairs(store, [ANA, BO, CY], about={"ebo"})] == [
        ("eana", "ebo"),
        ("ecy", "ebo"),
    ]


def test_an_institution_gives_no_pairs(store: EmbeddedStore) -> None:
    assert pairs(store, [ANA, BO, CY], max_holders=2) == []


def test_only_the_word_of_the_sources_asked_for_counts(store: EmbeddedStore) -> None:
    bo = {**BO, "source": "custody"}
    assert pairs(store, [ANA, bo], sources={"hr"}) == []
    assert len(pairs(store, [ANA, bo], sources={"hr", "custody"})) == 1


def test_each_record_that_says_so_is_a_row_of_evidence(store: EmbeddedStore) -> None:
    again = {**ANA, "source": "vetting", "number": 6}
    (pair,) = pairs(store, [ANA, again, BO])
    rows = holding_evidence(pair)
    assert [(row.source, row.source_id, row.entity_id) for row in rows] == [
        ("hr", "5", "eana"),
        ("vetting", "5", "eana"),
        ("hr", "2", "ebo"),
    ]
    assert rows[0].sentence == "hr has Ana Pike with +447700900418 since 2020-01-01."
    assert pair.left.origins == ("hr", "vetting")


def holding(start: int | None, end: int | None) -> Holding:
    return Holding(Interval(start, end), ("hr|1",))


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([(0, None), (0, 100)], [(0, 100), (0, 100)]),
        ([(None, None), (10, 100)], [(10, 100), (10, 100)]),
        ([(200, None), (10, 100)], [(200, None), (10, 100)]),
        ([(0, None), (None, None)], [(0, None), (None, None)]),
        ([(0, None), (0, 100), (50, 150)], [(0, 150), (0, 100), (50, 150)]),
    ],
)
def test_an_end_that_is_stated_beats_one_that_is_not(
    statements: list[tuple[int | None, int | None]], expected: list[tuple[int | None, int | None]]
) -> None:
    found = settled(tuple(holding(*statement) for statement in statements))
    assert [(h.interval.start, h.interval.end) for h in found] == expected


@given(st.lists(SPANS, min_size=1, max_size=5))
def test_settling_only_ever_shortens_and_settles_once(spans: list[Interval]) -> None:
    before = tuple(Holding(span, ()) for span in spans)
    after = settled(before)
    assert settled(after) == after
    for old, new in zip(before, after, strict=True):
        assert old.interval.earliest <= new.interval.earliest
        assert new.interval.latest <= old.interval.latest
