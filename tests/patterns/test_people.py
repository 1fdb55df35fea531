"""What the graph says of people, read in batches."""

from collections.abc import Iterator
from typing import Any

import pytest
from pattern_worlds import World

from graph_schema.stores.embedded import EmbeddedStore
from patterns.people import People, whole_ego

OFFICERS = 12
OFFICER = {"person": "o##", "source": "hr", "id": "#", "name": "Of Ficer##", "staff_number": "S##"}
WORLD = {
    "records": [{"person": "bo", "source": "custody", "id": 99, "name": "Bo Tran"}],
    "repeated_records": [{**OFFICER, "times": OFFICERS}],
    "repeated_events": [
        {
            "times": OFFICERS,
            "source": "custody",
            "id": "D#",
            "kind": "custody",
            "from": "2023-05-##",
            "participants": [["hr", "#", "officer"], ["custody", 99, "detained"]],
        }
    ],
    "events": [
        {
            "source": "register",
            "id": "R1",
            "kind": "declaration",
            "from": "2020-01-01",
            "attributes": {"relation": "cousin"},
            "participants": [["hr", 1, "declarer"], ["hr", 2, "declared"]],
        }
    ],
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(str(tmp_path_factory.mktemp("store") / "graph.db"))
    World.of(WORLD).load(store)
    yield store
    store.close()


def everything(people: People) -> list[Any]:
    ids = ["ebo", *(f"eo{number:02d}" for number in range(1, OFFICERS + 1))]
    people.load(ids)
    return [(i, people.node(i), people.staff(i), people.involvements(i), people.declared(i)) for i in ids]


@pytest.mark.parametrize(("batch", "max_nodes"), [(1, 20_000), (5, 30), (200, 15), (200, 20_000)])
def test_batches_and_caps_change_no_answer(store: EmbeddedStore, batch: int, max_nodes: int) -> None:
    assert everything(People(store, batch=batch, max_nodes=max_nodes)) == everything(People(store))
    assert len(People(store, batch=batch, max_nodes=max_nodes).involvements("ebo")) == OFFICERS


def test_a_cut_answer_is_asked_again_in_halves(store: EmbeddedStore) -> None:
    ids = [f"eo{number:02d}" for number in range(1, OFFICERS + 1)]
    cut = store.ego(ids, 1, max_nodes=15, types={"INVOLVES"})
    whole = whole_ego(store, ids, {"INVOLVES"}, 15)
    assert cut.truncated
    assert len(cut.links) < len(whole.links) == OFFICERS + 2


def test_a_nominal_is_somebody_dealt_with_who_is_not_staff(store: EmbeddedStore) -> None:
    people = People(store)
    assert [part.role for part in people.dealings("ebo")] == ["detained"] * OFFICERS
    assert people.dealings("eo01") == ()


def test_a_declaration_counts_both_ways(store: EmbeddedStore) -> None:
    people = People(store)
    assert [link.properties["relation"] for link in people.declarations("eo02", "eo01")] == ["cousin"]
    assert people.declarations("eo01", "eo03") == []
    assert people.declared("eo02") == ["eo01"]


def test_somebody_who_has_gone_is_nobody(store: EmbeddedStore) -> None:
    people = People(store)
    assert people.node("egone") is None
    assert not people.staff("egone")
    assert people.involvements("egone") == []
