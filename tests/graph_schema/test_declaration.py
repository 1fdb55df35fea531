"""What every part that reads the declaration relies on."""

import pytest

from graph_schema.nodes import (
    EVENT_LABELS,
    KIND_OF_LABEL,
    NODE_KIND,
    NODE_KINDS,
    PROPERTY_TYPES,
    kind_of_id,
    numbered_id,
    shared_node_id,
)
from graph_schema.relationships import HOLDING_TYPES, RELATIONSHIP_TYPES, link_id


def test_an_id_tells_its_kind() -> None:
    assert [kind_of_id(f"{kind.prefix}1") for kind in NODE_KINDS] == list(NODE_KINDS)
    assert all(len(kind.prefix) == 1 for kind in NODE_KINDS)
    assert kind_of_id("") is kind_of_id("?1") is None


def test_every_label_names_one_kind() -> None:
    labels = [label for kind in NODE_KINDS for label in (kind.label, *kind.extra_labels)]
    assert len(labels) == len(KIND_OF_LABEL)
    assert set(EVENT_LABELS.values()) == set(NODE_KIND["Event"].extra_labels)


def test_properties_have_known_types_and_what_is_searched_or_indexed_is_declared() -> None:
    for declared in (*NODE_KINDS, *RELATIONSHIP_TYPES):
        assert set(declared.properties.values()) <= set(PROPERTY_TYPES)
    for kind in NODE_KINDS:
        assert {*kind.search, *kind.indexed} <= kind.properties.keys()
        assert kind.shared == ({"holder_count", "display_band"} <= kind.properties.keys())


def test_shared_nodes_are_ends_only_and_technical_nodes_have_technical_links_only() -> None:
    for relationship in RELATIONSHIP_TYPES:
        kinds = [NODE_KIND[label] for label in (*relationship.starts, *relationship.ends)]
        assert not any(NODE_KIND[label].shared for label in relationship.starts)
        assert relationship.technical or not any(kind.technical for kind in kinds)
    assert HOLDING_TYPES == ("LIVES_AT", "USES", "PAID_INTO", "DRIVES", "WORKS_FOR")


def test_shared_ids_need_the_secret_and_tell_kinds_apart() -> None:
    ids = {
        shared_node_id(label, key, secret)
        for label in ("Phone", "Account")
        for key in ("1", "2")
        for secret in (b"a" * 32, b"b" * 32)
    }
    assert len(ids) == 8
    assert shared_node_id("Phone", "1", b"a" * 32) in ids


@pytest.mark.parametrize("other", [("A", "2", "1"), ("B", "1", "2"), ("A", "1", "2", "x"), ("A", "12", "")])
def test_link_ids_differ_with_every_part(other: tuple[str, ...]) -> None:
    assert link_id(*other) != link_id("A", "1", "2") == link_id("A", "1", "2")


def test_numbered_ids_carry_the_number() -> None:
    assert (numbered_id("SourceRecord", 7), numbered_id("Event", 7)) == ("r7", "x7")
