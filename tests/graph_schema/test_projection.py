"""Projection: what a person, an event and a finding are in the graph."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_schema.conformance import conform
from graph_schema.projection import project_event, project_finding, project_person
from graph_schema.relationships import Link, Patch
from graph_schema.views import EventView, FindingView, ParticipantView, PersonView, RecordRow
from resolvers.domain import RecordKey

SECRET = b"s" * 32
HOME = {"line": "12 High Street", "postcode": "LS1 4AB"}


def record(number: int, source: str = "hr", **attributes: Any) -> RecordRow:
    """Return a record whose attributes are single values, or mappings of parts, or lists of them."""

    def values(given: Any) -> tuple[Mapping[str, Any], ...]:
        listed = given if isinstance(given, list) else [given]
        return tuple(value if isinstance(value, dict) else {"value": value} for value in listed)

    seen = f"2024-01-{number:02}T09:00:00Z"
    key = RecordKey(source, str(number))
    return RecordRow(number, key, {name: values(given) for name, given in attributes.items()}, seen, seen)


def view(*records: RecordRow, **golden: Any) -> PersonView:
    return PersonView("e1", records[0].number if records else 1, records, **golden)


def links_of(patch: Patch, type_: str) -> list[Link]:
    return [link for link in patch.links if link.type == type_]


def test_a_person_has_its_golden_values_and_its_records() -> None:
    patch = project_person(
        view(
            record(1, "hr"),
            record(2, "crm"),
            display_name="Ann Lee",
            given_name="Ann",
            date_of_birth="1990-02-03",
            staff_numbers=("9", "7"),
        ),
        SECRET,
    )
    nodes = {node.id: node for node in patch.nodes}
    assert nodes["e1"].properties == {
        "display_name": "Ann Lee",
        "given_name": "Ann",
        "date_of_birth": "1990-02-03",
        "staff_numbers": ("7", "9"),
        "record_count": 2,
        "founding_record": 1,
        "sources": ("crm", "hr"),
    }
    assert nodes["r2"].properties["source_id"] == "2"
    assert {(link.start, link.end) for link in links_of(patch, "DESCRIBES")} == {("r1", "e1"), ("r2", "e1")}


@pytest.mark.parametrize("born", ["1990", "1990-02", "1990-02-30", "unknown"])
def test_a_partial_date_of_birth_is_no_date(born: str) -> None:
    (person,) = (
        node
        for node in project_person(view(record(1), date_of_birth=born), SECRET).nodes
        if node.kind == "Person"
    )
    assert "date_of_birth" not in person.properties
    assert person.properties["display_name"] == "(no name)"


@pytest.mark.parametrize("attribute", ["staff_number", "warrant_number", "collar_number"])
def test_who_has_a_staff_number_is_staff(attribute: str) -> None:
    labels = [
        project_person(view(row), SECRET).nodes[0].labels
        for row in (record(1), record(1, **{attribute: "7"}))
    ]
    assert labels == [("Person",), ("Person", "Staff")]


def test_one_link_for_each_interval_with_all_who_say_so() -> None:
    since = {**HOME, "valid_from": "2020-01-01"}
    patch = project_person(
        view(record(2, address=since), record(1, "crm", address=since), record(3, address=[HOME, since])),
        SECRET,
    )
    spells = {link.properties.get("valid_from"): link.properties for link in links_of(patch, "LIVES_AT")}
    assert spells == {
        "2020-01-01": {
            "valid_from": "2020-01-01",
            "first_seen": "2024-01-01T09:00:00Z",
            "last_seen": "2024-01-03T09:00:00Z",
            "sources": ("crm|1", "hr|2", "hr|3"),
        },
        None: {
            "first_seen": "2024-01-03T09:00:00Z",
            "last_seen": "2024-01-03T09:00:00Z",
            "sources": ("hr|3",),
        },
    }
    assert len({node.id for node in patch.nodes if node.kind == "Address"}) == 1


def test_every_kind_of_holding_has_its_verb_and_nonsense_has_none() -> None:
    patch = project_person(
        view(
            record(
                1,
                phone="07700 900123",
                email=["a@example.org", "nobody"],
                account="12345678",
                vehicle="AB12 CDE",
                unit="Response A",
                employer="Taxi Ltd",
                address={"line": "unknown"},
            )
        ),
        SECRET,
    )
    kinds = {node.id: node.kind for node in patch.nodes}
    held = sorted((link.type, kinds[link.end]) for link in patch.links if link.type != "DESCRIBES")
    assert held == [
        ("DRIVES", "Vehicle"),
        ("PAID_INTO", "Account"),
        ("USES", "Email"),
        ("USES", "Phone"),
        ("WORKS_FOR", "Organisation"),
        ("WORKS_FOR", "Organisation"),
    ]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("2024-05-01", "2024-05-01"),
        ("2024-05-01T10:00:00.5+02:00", "2024-05-01T08:00:00Z"),
        ("2024-05-01T10:00:00", "2024-05-01T10:00:00Z"),
        ("2024-02-30", None),
        ("May 2024", None),
        (2024, None),
    ],
)
def test_bounds_are_dates_or_utc_instants(said: Any, kept: str | None) -> None:
    patch = project_person(view(record(1, phone={"value": "07700 900123", "valid_to": said})), SECRET)
    assert links_of(patch, "USES")[0].properties.get("valid_to") == kept


DECLARATION = EventView(
    3,
    "interests",
    "D-9",
    "declaration",
    "2024-01-01T00:00:00Z",
    None,
    (
        ParticipantView("e1", "declarer", RecordKey("hr", "1")),
        ParticipantView("e2", "declared", RecordKey("hr", "2")),
        ParticipantView("e2", "declared", RecordKey("crm", "2")),
        ParticipantView(None, "declared", RecordKey("hr", "3")),
    ),
    {"type": "station", "id": "ST12"},
    {"relation": "spouse", "category": "relationship"},
)


def test_a_declaration_involves_and_declares_those_who_are_known() -> None:
    patch = project_event(DECLARATION, SECRET)
    event = next(node for node in patch.nodes if node.kind == "Event")
    assert (event.id, event.labels) == ("x3", ("Event", "Declaration"))
    assert event.properties["display_name"] == "Declaration D-9"
    assert "valid_to" not in event.properties
    assert sorted((link.end, link.properties["role"]) for link in links_of(patch, "INVOLVES")) == [
        ("e1", "declarer"),
        ("e2", "declared"),
    ]
    (declared,) = links_of(patch, "DECLARED")
    assert (declared.start, declared.end) == ("e1", "e2")
    assert declared.properties == {
        "relation": "spouse",
        "valid_from": "2024-01-01T00:00:00Z",
        "sources": ("interests|D-9",),
    }
    (place,) = links_of(patch, "TOOK_PLACE_AT")
    assert place.end in {node.id for node in patch.nodes if node.kind == "Organisation"}


def test_nobody_declares_himself_and_only_declarations_declare() -> None:
    merged = replace(
        DECLARATION, participants=tuple(replace(part, entity_id="e1") for part in DECLARATION.participants)
    )
    assert links_of(project_event(merged, SECRET), "DECLARED") == []
    assert links_of(project_event(replace(DECLARATION, kind="complaint"), SECRET), "DECLARED") == []


def test_an_event_of_a_kind_of_its_own_is_an_event_alone() -> None:
    (node,) = project_event(EventView(4, "s", "1", "gift_register", None, None, ()), SECRET).nodes
    assert (node.labels, node.properties["display_name"]) == (("Event",), "Gift register 1")


def test_a_finding_is_about_its_subjects_and_the_nodes_named() -> None:
    finding = FindingView(
        "fabc",
        "Two at one address",
        "shared_home",
        "look",
        "new",
        (("staff", "e1"), ("other", "e2")),
        ("a1", "r5", "?"),
    )
    patch = project_finding(finding)
    assert patch.nodes[0].labels == ("Finding",)
    assert sorted((link.end, link.properties["role"]) for link in patch.links) == [
        ("a1", "about"),
        ("e1", "staff"),
        ("e2", "other"),
    ]


_records = st.lists(
    st.builds(
        record,
        st.integers(1, 9),
        st.sampled_from(("hr", "crm")),
        phone=st.sampled_from(("07700 900123", "07700900124", "x")),
        address=st.sampled_from((HOME, {**HOME, "valid_from": "2020-01-01"}, {"line": "12 HIGH ST LS1 4AB"})),
    ),
    max_size=4,
    unique_by=lambda row: row.number,
)


@given(records=_records, data=st.data())
def test_a_patch_conforms_and_does_not_depend_on_the_order_of_records(
    records: list[RecordRow], data: st.DataObject
) -> None:
    patch = project_person(view(*records), SECRET)
    assert conform(patch) == patch
    shuffled = data.draw(st.permutations(records))
    assert project_person(replace(view(*records), records=tuple(shuffled)), SECRET) == patch
