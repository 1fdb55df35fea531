"""Shared nodes: one node for one thing, however it is written, with the same properties whoever writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_schema.shared_nodes import address_node, organisation_node, place_node, value_node

SECRET = b"s" * 32

WRITTEN = [
    {"line": "Flat 2, 12 High Street, Leeds LS1 4AB"},
    {"line": "2/12 High St", "postcode": "ls14ab", "country": "GB"},
    {"flat": "Flat 2", "number": "12", "street": "HIGH STREET", "town": "Leeds", "postcode": "LS1 4AB"},
    {"flat": "2", "number": "12", "street": "high st", "postcode": "LS1 4AB", "uprn": "72600000123"},
]


@pytest.mark.parametrize("parts", WRITTEN)
def test_one_home_is_one_node_however_it_is_written(parts: dict[str, str]) -> None:
    node = address_node(parts, SECRET)
    assert node == address_node(WRITTEN[0], SECRET)
    assert node.properties == {
        "display_name": "Flat 2, 12 High Street, LS1 4AB",
        "building": "12 High Street, LS1 4AB",
        "postcode": "LS1 4AB",
    }


def test_flats_of_a_house_differ_and_share_their_building() -> None:
    first, second = (
        address_node({"flat": flat, "number": "12", "street": "High Street", "town": "Leeds"}, SECRET)
        for flat in ("1", "2")
    )
    assert first is not None
    assert second is not None
    assert first.id != second.id
    assert first.properties["building"] == second.properties["building"] == "12 High Street, Leeds"
    assert first.properties["town"] == "Leeds"


@pytest.mark.parametrize(
    "parts",
    [{}, {"line": "unknown"}, {"postcode": "LS1 4AB"}, {"line": "High Street, Leeds"}, {"town": "Leeds"}],
)
def test_what_names_no_house_is_no_node(parts: dict[str, str]) -> None:
    assert address_node(parts, SECRET) is None


def test_a_uprn_alone_is_a_node() -> None:
    assert address_node({"uprn": "072600000123"}, SECRET) == address_node({"uprn": "72600000123"}, SECRET)


@pytest.mark.parametrize(
    ("label", "written", "key"),
    [
        ("Phone", ("07700 900123", "+44 7700 900123"), "+447700900123"),
        ("Email", ("A.B@Example.org", " a.b@example.org "), "a.b@example.org"),
        ("Vehicle", ("ab12 cde", "AB12CDE"), "AB12CDE"),
        ("Account", ("12-34-56 01234567", "12345601234567"), "12345601234567"),
    ],
)
def test_values_are_keyed_by_their_normal_form(label: str, written: tuple[str, str], key: str) -> None:
    left, right = (value_node(label, text, SECRET) for text in written)
    assert left is not None
    assert left == right
    assert left.properties["display_name"] == key
    assert value_node(label, "unknown", SECRET) is None


def test_organisations_are_keyed_by_type_and_name() -> None:
    unit = organisation_node("unit", "response  st12", SECRET)
    assert unit is not None
    assert unit == organisation_node("unit", "Response ST12", SECRET)
    assert unit.properties == {"display_name": "Response ST12", "organisation_type": "unit"}
    assert unit != organisation_node("employer", "Response ST12", SECRET)
    assert organisation_node("unit", "n/a", SECRET) is None


def test_a_place_is_an_organisation_by_type_and_id_or_else_an_address() -> None:
    assert place_node({"type": "station", "id": "ST12"}, SECRET) == organisation_node(
        "station", "st12", SECRET
    )
    assert place_node(WRITTEN[0], SECRET) == address_node(WRITTEN[0], SECRET)
    assert place_node({}, SECRET) is None


_text = st.sampled_from(
    ("", "Flat 2", "12", "12a", "High St", "high street", "Leeds", "LS1 4AB", "ls14ab", "GB")
)


@given(left=st.tuples(*[_text] * 6), right=st.tuples(*[_text] * 6))
def test_properties_are_a_function_of_the_id(left: tuple[str, ...], right: tuple[str, ...]) -> None:
    names = ("flat", "number", "street", "town", "postcode", "country")
    nodes = [address_node(dict(zip(names, parts, strict=True)), SECRET) for parts in (left, right)]
    if None not in nodes and nodes[0].id == nodes[1].id:  # type: ignore[union-attr]
        assert nodes[0] == nodes[1]
