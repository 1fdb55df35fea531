"""Canonical bodies: what is taken comes back the same, what is hostile is refused without an echo."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ingest.canonical import canonical, json_schema, parse_event, parse_record
from app.ingest.problem import BadInput
from app.ingest.vocabulary import ATTRIBUTES, REQUIRED_PARTS
from resolvers.domain import RecordKey

SECRET = "Zebedee Quux"

REFUSED = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
TEXTS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=REFUSED), min_size=1, max_size=20
)
DAYS = st.dates().map(lambda day: day.isoformat())
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "date": DAYS | DAYS.map(lambda day: day[:7]) | DAYS.map(lambda day: day[:4]),
    "integer": st.integers(0, 130),
    "flag": st.booleans(),
}


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """Return any canonical body: lists of objects only, no short form."""
    names = draw(st.sets(st.sampled_from(sorted(set(ATTRIBUTES) - {"ethnicity"})), min_size=1, max_size=4))
    attributes = {}
    for name in sorted(names):
        parts, required = ATTRIBUTES[name], REQUIRED_PARTS.get(name, ())
        chosen = set(required) or {draw(st.sampled_from(sorted(parts)))}
        value = {part: draw(KINDS[parts[part]]) for part in sorted(chosen)}
        if draw(st.booleans()):
            value["valid_from"] = draw(DAYS)
        attributes[name] = [value]
    version = draw(st.none() | st.integers(1, 2**53))
    return {"attributes": attributes} if version is None else {"version": version, "attributes": attributes}


@given(bodies())
def test_a_body_comes_back_the_same_and_fits_the_schema(body: dict[str, Any]) -> None:
    record, version = parse_record("hr", "1", body)
    assert record.key == RecordKey("hr", "1")
    assert canonical(record)["attributes"] == body["attributes"]
    assert version == body.get("version")
    assert parse_record("hr", "1", canonical(record))[0] == record


@given(bodies())
def test_what_is_taken_fits_the_schema(body: dict[str, Any]) -> None:
    SCHEMA.validate(body)


SCHEMA = jsonschema.Draft202012Validator(json_schema("record"))


def test_short_forms_are_those_of_one_part_attributes() -> None:
    body = {"attributes": {"email": "a@x", "phone": ["1", {"value": "2"}], "name": {"given": "A"}}}
    record, version = parse_record("hr", "1", body)
    assert version is None
    assert record.attributes == {
        "email": ({"value": "a@x"},),
        "phone": ({"value": "1"}, {"value": "2"}),
        "name": ({"given": "A"},),
    }
    SCHEMA.validate(body)
    with pytest.raises(BadInput, match=r"attributes\.name\.0: is not an object"):
        parse_record("hr", "1", {"attributes": {"name": "Ann Example"}})


def test_extras_have_the_type_they_name() -> None:
    extras = [
        {"name": "height", "type": "number", "value": 1.8},
        {"name": "appointed", "type": "date", "value": "2001-04"},
        {"name": "badge", "type": "identifier", "value": "12"},
    ]
    record, _ = parse_record("hr", "1", {"attributes": {"extras": extras}})
    assert list(record.attributes["extras"]) == extras
    with pytest.raises(BadInput, match="is no date"):
        parse_record("hr", "1", {"attributes": {"extras": [{"name": "a", "type": "date", "value": "soon"}]}})


HOSTILE: list[tuple[Any, str, str]] = [
    ({"attributes": {"name": [{"given": SECRET + "\0"}]}}, "attributes.name.0.given", "forbidden_character"),
    ({"attributes": {"name": {"full": SECRET + "\ud800"}}}, "attributes.name.0.full", "forbidden_character"),
    ({"attributes": {"email": SECRET + "\u202e"}}, "attributes.email.0.value", "forbidden_character"),
    ({"attributes": {"email": SECRET + "\u2066"}}, "attributes.email.0.value", "forbidden_character"),
    ({"attributes": {"email": SECRET * 200}}, "attributes.email.0.value", "too_long"),
    ({"attributes": {"email": [SECRET] * 101}}, "attributes.email", "too_long"),
    ({"attributes": {"email": ""}}, "attributes.email.0.value", "absent"),
    ({"attributes": {"email": {"value": 7}}}, "attributes.email.0.value", "wrong_type"),
    ({"attributes": {SECRET: 1}}, "attributes", "unknown_field"),
    ({"attributes": {"email": "a"}, SECRET: 1}, "body", "unknown_field"),
    ({"attributes": {"relation": {"kind": "son", SECRET: SECRET}}}, "attributes.relation.0", "unknown_field"),
    ({"version": True, "attributes": {"email": SECRET}}, "version", "wrong_type"),
    ({"version": "7", "attributes": {"email": SECRET}}, "version", "wrong_type"),
    ({"version": 0, "attributes": {"email": SECRET}}, "version", "out_of_range"),
    ({"version": 10**5000, "attributes": {"email": SECRET}}, "version", "out_of_range"),
    ({"attributes": {"date_of_birth": "1985-02-29"}}, "attributes.date_of_birth.0.value", "impossible_date"),
    ({"attributes": {"date_of_birth": SECRET}}, "attributes.date_of_birth.0.value", "wrong_format"),
    ({"attributes": {"age_at": {"age": True, "date": "2000"}}}, "attributes.age_at.0.age", "wrong_type"),
    ({"attributes": {"age_at": {"age": 30}}}, "attributes.age_at.0.date", "absent"),
    ({"attributes": {"age_at": {"age": 900, "date": "2000"}}}, "attributes.age_at.0.age", "out_of_range"),
    ({"attributes": {"name": {}}}, "attributes", "empty_record"),
    ({"attributes": {}}, "attributes", "empty_record"),
    ({}, "attributes", "absent"),
    (SECRET, "body", "wrong_type"),
    (None, "body", "wrong_type"),
    ({"attributes": {"religion": SECRET}}, "attributes", "special_category"),
    ({"attributes": {"extras": [{"name": "health", "type": "text"}]}}, "attributes", "special_category"),
    ({"attributes": {"ethnicity": SECRET}}, "attributes.ethnicity", "special_category"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "field", "code"), HOSTILE)
def test_a_hostile_record_is_refused_by_field_and_never_echoed(body: Any, field: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_record("hr", "1", body)
    assert [(problem.field, problem.code) for problem in caught.value.problems] == [(field, code)]
    assert all(problem.remedy for problem in caught.value.problems)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_numbers_that_are_not_finite_are_refused() -> None:
    for value in (float("nan"), float("inf")):
        with pytest.raises(BadInput, match="is not finite"):
            parse_record(
                "hr", "1", {"attributes": {"extras": [{"name": "x", "type": "number", "value": value}]}}
            )


def test_joiners_in_names_are_kept() -> None:
    record, _ = parse_record("hr", "1", {"attributes": {"name": {"full": "می\u200cخواهم"}}})
    assert "\u200c" in str(record.attributes["name"][0]["full"])


def test_a_body_of_any_depth_is_refused_without_a_crash() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(BadInput):
        parse_record("hr", "1", {"attributes": {"email": deep}})


def test_ethnicity_is_taken_with_a_lawful_basis() -> None:
    record, _ = parse_record(
        "hr", "1", {"attributes": {"ethnicity": "x"}}, lawful_basis="Stated in the mapping"
    )
    assert record.attributes["ethnicity"] == ({"value": "x"},)


@pytest.mark.parametrize(
    ("source", "source_id"), [("h|r", "1"), ("", "1"), ("hr", ""), ("hr", "1\0"), ("hr", "x" * 201)]
)
def test_keys_are_checked(source: str, source_id: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_record(source, source_id, {"attributes": {"email": "a"}})
    assert caught.value.problems[0].field in ("source", "id")


PART = [{"source": "hr", "source_id": "1", "role": "worker"}]


def test_an_event_is_taken_in_utc_and_a_repeated_participant_once() -> None:
    body = {
        "version": 2,
        "kind": "shift",
        "from": "2024-05-03T06:00:00.75+01:00",
        "to": "2024-05-03T14:00:00Z",
        "place": {"type": "station", "id": "ST12"},
        "attributes": {"basis": "overtime", "count": 3, "late": True},
        "participants": PART * 2,
    }
    event, version = parse_event("roster", "8", body)
    assert (event.start, event.end, version) == ("2024-05-03T05:00:00Z", "2024-05-03T14:00:00Z", 2)
    assert len(event.participants) == 1
    assert event.attributes == {"basis": "overtime", "count": 3, "late": True}
    jsonschema.Draft202012Validator(json_schema("event")).validate(body)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"kind": f"Shift {SECRET}"}, "kind", "wrong_word"),
        ({"from": "2024-05-03T06:00:00"}, "from", "wrong_format"),
        ({"from": "2024-02-30T06:00:00Z"}, "from", "impossible_date"),
        ({"from": "2024-05-03T06:00:00Z", "to": "2024-05-03T05:00:00Z"}, "to", "end_before_start"),
        ({"from": "0001-01-01T00:00:00+09:00"}, "from", "impossible_date"),
        ({"participants": []}, "participants", "absent"),
        ({"participants": [{**PART[0], "role": SECRET}]}, "participants.0.role", "wrong_word"),
        ({"attributes": {SECRET: 1}}, "attributes", "wrong_word"),
        ({"attributes": {"basis": "beer"}}, "attributes.basis", "wrong_word"),
        ({"attributes": {"religion": SECRET}}, "attributes", "special_category"),
        ({"place": {"id": [SECRET]}}, "place.id", "wrong_type"),
    ],
)
def test_a_wrong_event_is_refused(change: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_event("roster", "8", {"kind": "shift", "participants": PART, **change})
    assert [(problem.field, problem.code) for problem in caught.value.problems] == [(field, code)]
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("what", ["record", "event"])
def test_the_schema_is_valid_and_carries_the_rule_of_characters(what: Any) -> None:
    schema = json_schema(what)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "u202A" in json.dumps(schema)


@pytest.mark.parametrize(
    ("start", "end", "fine"),
    [
        ("2024-01-01", "2023-12-31", False),
        ("2024-02", "2024-01-31", False),
        ("2024", "2024-03", True),
        ("2024-03", "2024", True),
        ("2024-03-01", "2024-03-01", True),
    ],
)
def test_a_value_does_not_end_before_it_begins(start: str, end: str, fine: bool) -> None:
    body = {"attributes": {"address": [{"line": "1 High Street", "valid_from": start, "valid_to": end}]}}
    if fine:
        parse_record("hr", "1", body)
        return
    with pytest.raises(BadInput) as refused:
        parse_record("hr", "1", body)
    (problem,) = refused.value.problems
    assert (problem.field, problem.code) == ("attributes.address.0", "impossible_date")
