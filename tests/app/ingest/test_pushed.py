"""Pushes in a source's own fields give what a file of the same fields gives."""

import json
from pathlib import Path

import pytest

from app.ingest import BadInput, load_mapping, read
from app.ingest.pushed import columns_schema, map_event, map_record

MAPPING = """
mapping: 1
source: {value: hr}
id: staff_no
version: rev
timezone: Europe/London
lawful_basis: Equality duty, policy 7, for comparison
record:
  name: {columns: {given: name.first, family: name.last}}
  date_of_birth: {columns: born, format: "%d/%m/%Y"}
  ethnicity: heritage
events:
  - kind: leave
    id: staff_no
    start: leave_from
    participants: [{id: staff_no, role: worker}]
"""
FIELDS = {
    "staff_no": "7",
    "rev": 3,
    "name": {"first": "Ann", "last": "O'Hara"},
    "born": "03/05/1984",
    "heritage": "x",
    "leave_from": "2024-05-03",
    "unmapped": "y",
}


def test_a_pushed_object_is_the_record_of_the_same_line(tmp_path: Path) -> None:
    mapping, path = load_mapping(MAPPING), tmp_path / "hr.jsonl"
    path.write_text(json.dumps(FIELDS), encoding="utf-8")
    reading = read([path], mapping)
    ((from_file,),) = reading.records
    assert map_record(mapping, "hr", "7", FIELDS) == from_file
    assert from_file[1] == 3
    ((event,),) = reading.events
    assert map_event(mapping, "hr", "7", FIELDS) == event


def test_the_id_may_be_left_out_but_not_differ() -> None:
    mapping = load_mapping(MAPPING)
    without = {name: value for name, value in FIELDS.items() if name != "staff_no"}
    assert map_record(mapping, "hr", "7", without) == map_record(mapping, "hr", "7", FIELDS)
    with pytest.raises(BadInput, match="is not the id of the address"):
        map_record(mapping, "hr", "8", FIELDS)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"born": "31/02/1984"}, "date_of_birth", "impossible_date"),
        ({"name": {"first": "Zebedee\0"}}, "name.given", "forbidden_character"),
        ({"name": {"first": "Zebedee\ud800"}}, "body", "forbidden_character"),
        ({"name": ["Zebedee"]}, "body", "malformed"),
        ({"rev": "Zebedee"}, "rev", "wrong_type"),
        ({"name": None, "born": None, "heritage": None}, "row", "empty_record"),
    ],
)
def test_a_bad_field_is_refused_by_its_name(change: dict[str, object], field: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        map_record(load_mapping(MAPPING), "hr", "7", {**FIELDS, **change})
    assert (caught.value.problems[0].field, caught.value.problems[0].code) == (field, code)
    assert "Zebedee" not in str(caught.value)


def test_a_source_column_must_be_the_source_of_the_address() -> None:
    mapping = load_mapping("mapping: 1\nsource: {column: sys}\nid: i\nrecord: {email: m}\n")
    record, version = map_record(mapping, "hr", "7", {"m": "a@x"})
    assert (record.key.source, version) == ("hr", None)
    with pytest.raises(BadInput, match="is not the source of the address"):
        map_record(mapping, "hr", "7", {"m": "a@x", "sys": "payroll"})


def test_what_the_mapping_does_not_cover_asks_for_canonical_json() -> None:
    mapping = load_mapping("mapping: 1\nsource: {value: hr}\nid: i\nrecord: {email: m}\n")
    with pytest.raises(BadInput, match="send the canonical JSON"):
        map_event(mapping, "hr", "7", {"i": "7"})
    assert sorted(columns_schema(mapping)["properties"]) == ["i", "m"]


@pytest.mark.parametrize("fields", [{}, {"unmapped": "y"}, {"nmae": {"first": "Ann"}}])
def test_an_object_without_any_mapped_column_is_no_record(fields: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refused:
        map_record(load_mapping(MAPPING), "hr", "7", fields)
    assert [problem.code for problem in refused.value.problems] == ["no_column"]
