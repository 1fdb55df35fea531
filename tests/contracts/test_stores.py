"""The store contract: one suite of example cases, run for every back end."""

from itertools import pairwise

import pytest
from graph_patches import EVENTS, FINDINGS, HOLDINGS, PERSONS, RECORDS, event, finding, person

from graph_schema.nodes import NODE_KIND, Node
from graph_schema.rebuild import rebuild
from graph_schema.relationships import RELATIONSHIP_TYPES, Link, Patch, link_id
from graph_schema.store import GraphStore, StoreError, Subgraph, UnknownName
from graph_schema.stores import back_ends

BACK_ENDS = ("embedded", "neo4j")
ALL_IDS = (*PERSONS, *RECORDS, *EVENTS, *FINDINGS, *HOLDINGS)


def ids(answer: Subgraph) -> list[str]:
    return [node.id for node in answer.nodes]


def test_every_back_end_found_by_discovery_is_tested() -> None:
    assert set(back_ends().values()) == set(BACK_ENDS)


def test_an_empty_store_answers_every_verb_with_nothing(store: GraphStore) -> None:
    assert store.sequence() == 0
    assert store.get(["e1", "no id", ""]) == {}
    assert store.neighbours("e1") == Subgraph((), ())
    assert store.neighbours("?") == Subgraph((), ())
    assert store.ego(["e1", "?"], 2) == Subgraph((), ())
    assert store.paths("e1", "e2").paths == ()
    assert list(store.shared(["Address"])) == []
    assert list(store.search("anyone")) == []
    assert list(store.scan("Person")) == []
    assert list(store.scan_edges(["LIVES_AT"])) == []
    assert list(store.owners()) == []
    assert set(store.counts().values()) == {0}
    assert set(store.counts()) == {*NODE_KIND, *(kind.type for kind in RELATIONSHIP_TYPES)}


def test_every_property_type_comes_back_as_it_went_in(store: GraphStore) -> None:
    node = Node(
        "e1",
        ("Person", "Staff"),
        {
            "display_name": "Zoë “Z” O’Brien",
            "date_of_birth": "1960-02-29",
            "staff_numbers": ("7", "07"),
            "sources": (),
            "record_count": 2**53 + 1,
            "founding_record": -1,
        },
    )
    pair = link_id("CO_ROSTERED", "e1", "e2")
    link = Link(pair, "CO_ROSTERED", "e1", "e2", {"joint": 3, "expected": 0.1, "q_value": 1e-300})
    spell = Link(
        link_id("LIVES_AT", "e1", "a1"),
        "LIVES_AT",
        "e1",
        "a1",
        {
            "valid_from": "1899-12-31",
            "valid_to": "2024-03-31T01:30:00Z",
            "first_seen": "2024-01-01T00:00:00Z",
            "sources": ("hr|1", "crm|é|2"),
        },
    )
    address = Node("a1", ("Address",), {"display_name": "1 High Street"})
    store.apply([Patch("e1", (node, address), (spell,)), person("e2"), Patch("pairs", (), (link,))], 1)
    assert store.get(["e1"])["e1"] == node
    assert {link.id: link for link in store.neighbours("e1").links} == {pair: link, spell.id: spell}


def test_apply_keeps_the_sequence_and_is_idempotent(store: GraphStore) -> None:
    patches = [person("e1", "a1", "p1", records=["r1"]), person("e2", "a1"), event("x1", "e1", place="o1")]
    store.apply(patches, 41)
    before = store.digest()
    store.apply(patches, 42)
    assert (store.sequence(), store.digest()) == (42, before)
    assert store.get(["a1"])["a1"].properties["holder_count"] == 2


def test_of_several_patches_of_one_owner_the_last_counts(store: GraphStore) -> None:
    store.apply([person("e1", "a1"), person("e1", "a2", name="Later")], 1)
    assert ids(store.neighbours("e1")) == ["a2", "e1"]
    assert store.get(["e1"])["e1"].properties["display_name"] == "Later"


def test_a_patch_takes_away_what_it_no_longer_has(store: GraphStore) -> None:
    store.apply([person("e1", "a1", "a2", staff=True, records=["r1", "r2"]), person("e2", "a1")], 1)
    store.apply([person("e1", "a1", records=["r2"])], 2)
    assert sorted(store.get(ALL_IDS)) == ["a1", "e1", "e2", "r2"]
    assert store.get(["e1"])["e1"].labels == ("Person",)
    store.apply([Patch("e1")], 3)
    assert sorted(store.get(ALL_IDS)) == ["a1", "e2"]
    assert store.get(["a1"])["a1"].properties["holder_count"] == 1


def test_a_property_that_is_no_longer_said_goes(store: GraphStore) -> None:
    store.apply([Patch("e1", (Node("e1", ("Person",), {"display_name": "A", "sex": "f"}),))], 1)
    store.apply([Patch("e1", (Node("e1", ("Person",), {"display_name": "B"}),))], 2)
    assert store.get(["e1"])["e1"].properties == {"display_name": "B"}
    assert list(store.search("A")) == []


def test_a_record_that_moves_stays_with_its_new_person_in_either_order(store: GraphStore) -> None:
    for there, gone in (
        (person("e2", records=["r1"]), person("e1")),
        (person("e1", records=["r1"]), person("e2")),
    ):
        store.apply([there, gone], 2)
        assert [link.end for link in store.neighbours("r1").links] == [there.owner]
        store.apply([gone, there], 3)
        assert [link.end for link in store.neighbours("r1").links] == [there.owner]


@pytest.mark.parametrize(("holders", "band"), [(1, "single"), (2, "shared"), (50, "shared"), (51, "hub")])
def test_the_display_band_follows_the_number_of_distinct_holders(
    store: GraphStore, holders: int, band: str
) -> None:
    twice = [("a1", "2020-01-01", "2021-01-01"), ("a1", "2022-01-01", None)]
    store.apply([person(f"e{number}", *twice) for number in range(holders)], 1)
    properties = store.get(["a1"])["a1"].properties
    assert (properties["holder_count"], properties["display_band"]) == (holders, band)


def test_what_a_patch_says_of_counts_is_ignored(store: GraphStore) -> None:
    patch = person("e1", "a1")
    lying = Node("a1", ("Address",), {"display_name": "Shared a1", "holder_count": 99, "display_band": "hub"})
    store.apply([Patch("e1", (patch.nodes[0], lying), patch.links)], 1)
    assert store.get(["a1"])["a1"].properties["holder_count"] == 1


def test_an_event_keeps_a_shared_node_alive_and_a_finding_does_not(store: GraphStore) -> None:
    store.apply([person("e1", "a1", "p1"), event("x1", place="a1"), finding("f1", "p1", "e1")], 1)
    store.apply([person("e1")], 2)
    assert sorted(store.get(["a1", "p1"])) == ["a1"]
    assert store.get(["a1"])["a1"].properties["display_band"] == "single"
    assert [link.end for link in store.neighbours("f1").links] == ["e1"]
    store.apply([Patch("e1"), finding("f2", "e1", "a2")], 3)
    assert store.counts()["ABOUT"] == 0


@pytest.mark.parametrize(
    "patches",
    [
        pytest.param([event("x1", "e9")], id="an end that never was"),
        pytest.param([person("e1", "a2"), Patch("e2")], id="a person whom an event still joins"),
        pytest.param([Patch("e1", (Node("e1", ("Persona",)),))], id="an undeclared label"),
        pytest.param([Patch("e1", (Node("e1", ("Person", "Complaint")),))], id="a label of another kind"),
        pytest.param([Patch("e1", (Node("a1", ("Person",)),))], id="an id of another kind"),
        pytest.param([Patch("e1", (Node("e1", ("Person",), {"salary": 1}),))], id="an undeclared property"),
        pytest.param([Patch("e1", (Node("e1", ("Person",), {"record_count": "1"}),))], id="a wrong type"),
        pytest.param(
            [Patch("e1", (Node("e1", ("Person",), {"date_of_birth": "1990-02-30"}),))],
            id="an impossible date",
        ),
        pytest.param([Patch("x1", (), (Link("l1", "KNOWS", "e1", "e2"),))], id="an undeclared type"),
        pytest.param([Patch("x1", (), (Link("l1", "LIVES_AT", "e1", "p1"),))], id="ends of a wrong kind"),
        pytest.param(
            [Patch("x1", (), (Link("l1", "LIVES_AT", "e1", "a1"),))], id="a holding of another owner"
        ),
    ],
)
def test_what_may_not_be_is_refused_and_nothing_of_the_call_is_applied(
    store: GraphStore, patches: list[Patch]
) -> None:
    store.apply([person("e1", "a1"), person("e2", "a1"), event("x9", "e2")], 1)
    before = store.digest()
    with pytest.raises(StoreError):
        store.apply([person("e3", "a1", name="Never"), *patches], 2)
    assert (store.digest(), store.sequence()) == (before, 1)
    assert list(store.search("never")) == []


def test_neighbours_are_limited_by_type_date_and_number(store: GraphStore) -> None:
    store.apply(
        [
            person("e1", ("a1", "2024-01-01", "2024-01-03"), "p1", records=["r1"]),
            person("e2", "a1"),
            event("x1", "e1", declared=[("e1", "e1"), ("e2", "e1")]),
        ],
        1,
    )
    everything = store.neighbours("e1")
    assert ids(everything) == ["a1", "e1", "e2", "p1", "r1", "x1"]
    assert len(everything.links) == 6
    assert ids(store.neighbours("e1", types=["USES", "DESCRIBES"])) == ["e1", "p1", "r1"]
    assert ids(store.neighbours("e1", types=[])) == ["e1"]
    assert [
        len(store.neighbours("a1", at=f"202{day}").links) for day in ("3-12-31", "4-01-02", "4-01-03")
    ] == [
        1,
        2,
        1,
    ]
    two = store.neighbours("e1", limit=2)
    assert (two.links, two.truncated) == (everything.links[:2], True)
    assert not store.neighbours("e1", limit=6).truncated
    with pytest.raises(UnknownName, match="LIVES_AT"):
        store.neighbours("e1", types=["KNOWS"])


def test_ego_goes_ring_by_ring_and_says_when_it_was_cut(store: GraphStore) -> None:
    chain = [person(f"e{n}", f"a{n}", f"a{n + 1}", records=[f"r{n}"]) for n in range(1, 6)]
    store.apply(chain, 1)
    assert ids(store.ego(["e3"], 0)) == ["e3"]
    assert ids(store.ego(["e3"], 2)) == ["a3", "a4", "e2", "e3", "e4"]
    assert len(store.ego(["e3"], 2).links) == 4
    cut = store.ego(["e3"], 6, max_nodes=4)
    assert (ids(cut), cut.truncated) == (["a3", "a4", "e2", "e3"], True)
    assert ids(store.ego(["r3"], 3)) == []
    assert ids(store.ego(["e1"], 4, types=["USES"])) == ["e1"]


def paths_of(store: GraphStore, *arguments: str, **options: object) -> list[str]:
    answer = store.paths(*arguments, **options)  # type: ignore[arg-type]
    for path in answer.paths:
        assert all(
            {link.start, link.end} == {left.id, right.id}
            for link, (left, right) in zip(path.links, pairwise(path.nodes), strict=True)
        )
    return [" ".join(node.id for node in path.nodes) for path in answer.paths]


def test_paths_are_the_shortest_in_the_order_of_their_nodes(store: GraphStore) -> None:
    store.apply(
        [person("e1", "a1", "p1"), person("e2", "a1", "p1", "a2"), person("e3", "a2"), person("e4", "a9")], 1
    )
    assert paths_of(store, "e1", "e2") == ["e1 a1 e2", "e1 p1 e2"]
    assert paths_of(store, "e1", "e3") == ["e1 a1 e2 a2 e3", "e1 p1 e2 a2 e3"]
    one = store.paths("e1", "e3", limit=1)
    assert (len(one.paths), one.truncated) == (1, True)
    assert paths_of(store, "e1", "e3", max_hops=3) == []
    assert paths_of(store, "e1", "e4") == []
    assert paths_of(store, "e1", "e1") == ["e1"]
    assert paths_of(store, "e1", "e3", avoid=["a1"]) == ["e1 p1 e2 a2 e3"]
    assert paths_of(store, "e1", "e3", avoid=["Phone", "Person"]) == []
    assert paths_of(store, "e1", "e2", avoid=["Phone", "Person"]) == ["e1 a1 e2"]
    assert paths_of(store, "e1", "e3", require=["p1", "e1"]) == ["e1 p1 e2 a2 e3"]
    assert paths_of(store, "e1", "e3", require=["e4"]) == []
    assert store.paths("e1", "e3", max_nodes=2).truncated


def test_paths_go_round_when_they_must_hold_a_node(store: GraphStore) -> None:
    store.apply([person("e1", "a1", "a2"), person("e2", "a1", "a3"), person("e3", "a2", "a3", staff=True)], 1)
    assert paths_of(store, "e1", "e2") == ["e1 a1 e2"]
    assert paths_of(store, "e1", "e2", require=["e3"]) == ["e1 a2 e3 a3 e2"]
    assert paths_of(store, "e1", "e2", avoid=["Staff", "a1"]) == []


def test_time_consistent_paths_hold_at_one_instant(store: GraphStore) -> None:
    store.apply(
        [
            person("e1", ("a1", "2020-01-01", "2021-01-01"), ("a2", "2023-06-01T12:00:00Z", None)),
            person("e2", ("a1", "2021-01-01", "2022-01-01"), ("a1", None, "2020-01-01")),
            person("e3", ("a1", "2020-06-01", None), ("a2", None, "2023-06-02"), ("p1", None, None)),
            person("e4", "p1", ("a2", None, "2023-06-01")),
        ],
        1,
    )
    assert paths_of(store, "e1", "e2") == ["e1 a1 e2"]
    assert paths_of(store, "e1", "e2", time_consistent=True) == []
    assert paths_of(store, "e1", "e3", time_consistent=True) == ["e1 a1 e3", "e1 a2 e3"]
    assert paths_of(store, "e1", "e4", time_consistent=True) == [
        "e1 a1 e3 a2 e4",
        "e1 a1 e3 p1 e4",
        "e1 a2 e3 p1 e4",
    ]


def test_technical_nodes_are_never_walked(store: GraphStore) -> None:
    store.apply([person("e1", records=["r1"])], 1)
    moved = Link(link_id("DESCRIBES", "r1", "e2"), "DESCRIBES", "r1", "e2")
    both = person("e2")
    store.apply([Patch("e2", both.nodes, (moved,))], 2)
    assert paths_of(store, "e1", "e2") == []
    assert ids(store.ego(["e1"], 2)) == ["e1"]
    assert len(store.neighbours("r1").links) == 2


def test_shared_nodes_are_those_of_two_persons_or_more(store: GraphStore) -> None:
    store.apply(
        [
            person("e1", "a1", "p1", "a2"),
            person("e2", "a1", "p1"),
            person("e3", "p1"),
            event("x1", place="a2"),
        ],
        1,
    )
    found = {
        shared.node.id: [link.start for link in shared.links] for shared in store.shared(["Address", "Phone"])
    }
    assert {key: sorted(value) for key, value in found.items()} == {
        "a1": ["e1", "e2"],
        "p1": ["e1", "e2", "e3"],
    }
    assert list(found) == ["a1", "p1"]
    assert [shared.node.id for shared in store.shared(["Phone"], max_holders=2)] == []
    assert [shared.node.id for shared in store.shared(["Address", "Phone"], holders=["e3"])] == ["p1"]
    assert list(store.shared(["Address"], holders=[])) == []


def test_search_is_blind_to_case_accents_and_word_order(store: GraphStore) -> None:
    names = ("Zoë O’Brien", "Zoe Smith", "Jürgen Müller-Smith")
    store.apply([person(f"e{n}", name=name, staff=n > 1) for n, name in enumerate(names, 1)], 1)

    def found(text: str, labels: list[str] | None = None, limit: int = 50) -> list[str]:
        return [node.id for node in store.search(text, labels, limit)]

    assert found("ZOE") == ["e2", "e1"]
    assert found("obrien zoë") == ["e1"]
    assert found("muller jurgen") == ["e3"]
    assert found("smith") == ["e3", "e2"]
    assert found("smith", limit=1) == ["e3"]
    assert found("smit") == []
    assert found("e2") == ["e2"]
    assert found("zoe", ["Staff"]) == ["e2"]
    assert found("zoe", ["Address", "Person"]) == ["e2", "e1"]
    assert found("") == found('+-*:"(') == []
    with pytest.raises(UnknownName, match="Person"):
        found("zoe", ["Persona"])


def test_scan_goes_through_whole_kinds_and_extra_labels_beyond_one_page(store: GraphStore) -> None:
    store.apply([person(f"e{n:04}", "a1", staff=n % 2 == 0) for n in range(2100)], 1)
    assert [node.id for node in store.scan("Person")] == [f"e{n:04}" for n in range(2100)]
    assert [node.id for node in store.scan("Staff")] == [f"e{n:04}" for n in range(0, 2100, 2)]
    assert list(store.owners()) == [f"e{n:04}" for n in range(2100)]
    rows = [row for batch in store.scan_edges(["LIVES_AT", "USES"]) for row in batch.to_pylist()]
    assert len(rows) == 2100
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert rows[0].keys() == {"id", "type", "start", "end", "valid_from", "valid_to", "sources"}
    assert store.neighbours("a1").truncated
    with pytest.raises(UnknownName, match="Person"):
        list(store.scan("Persona"))


def test_a_rebuild_removes_what_the_ledger_no_longer_has(store: GraphStore) -> None:
    wanted = [person("e1", "a1", records=["r1"]), person("e2", "a1"), event("x1", "e1"), finding("f1", "e1")]
    store.apply([person("e3", "a1", "a9"), event("x9", "e3"), finding("f9", "e3")], 7)
    rebuild(store, wanted, 8)
    assert list(store.owners()) == ["e1", "e2", "f1", "x1"]
    assert store.sequence() == 8
    incremental = store.digest()
    store.clear()
    rebuild(store, wanted, 8)
    assert store.digest() == incremental
    assert list(store.check()) == []
