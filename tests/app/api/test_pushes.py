"""Records and events by PUT, DELETE and GET; batches; sources."""

import json
from typing import Any

import pytest
from running_kith import CUSTODY, ROSALIND, Service, problem

NAME = {"name": [{"full": "Ann Example"}]}


def put(
    service: Service, body: Any, role: str = "pusher", path: str = "/v1/records/hr/1", **more: Any
) -> Any:
    return service.ask(role, "PUT", path, json=body, **more)


def test_a_pushed_record_is_a_person_when_it_is_answered(service: Service) -> None:
    receipt = service.push("hr", "1", NAME)
    assert receipt["status"] == "accepted"
    assert receipt["touched"] == [{"entity_id": receipt["entity_id"], "change": "created", "into": None}]
    view = service.get("/v1/records/hr/1")
    assert view["entity_id"] == receipt["entity_id"]
    assert view["attributes"] == NAME


@pytest.mark.parametrize(
    ("version", "attributes", "status"),
    [(2, NAME, "duplicate"), (1, NAME, "stale"), (3, ROSALIND, "accepted"), (None, ROSALIND, "accepted")],
)
def test_a_second_push_says_what_it_did(service: Service, version: Any, attributes: Any, status: str) -> None:
    service.push("hr", "1", NAME, version=2)
    again = service.push("hr", "1", attributes, **({"version": version} if version else {}))
    assert again["status"] == status
    assert again["version"] == (3 if status == "accepted" else 2)


def test_the_same_version_with_other_content_conflicts_and_changes_nothing(service: Service) -> None:
    service.push("hr", "1", NAME, version=2)
    problem(put(service, {"version": 2, "attributes": ROSALIND}), 409, "conflict")
    assert service.get("/v1/records/hr/1")["attributes"] == NAME


def test_an_unknown_source_is_told_the_remedy_and_then_works(service: Service) -> None:
    body = problem(put(service, {"attributes": NAME}, "all", "/v1/records/crm/1"), 404, "unknown-source")
    assert "PUT /v1/sources/{source}" in body["detail"]
    assert service.ask("admin", "PUT", "/v1/sources/crm", json={}).status_code == 200
    assert put(service, {"attributes": NAME}, "all", "/v1/records/crm/1").status_code == 200


def test_a_dry_run_shows_features_and_writes_nothing(service: Service) -> None:
    answer = put(service, {"attributes": ROSALIND}, path="/v1/records/hr/1?dry_run=true")
    assert answer.json()["features"]["staff_number"] == ["S77310"]
    assert service.ask("all", "GET", "/v1/records/hr/1").status_code == 404
    assert service.get("/v1/sources")["items"][1]["records"] == 0


def test_a_deleted_record_is_gone_and_stays_so(service: Service) -> None:
    service.push("hr", "1", NAME, version=3)
    assert service.ask("pusher", "DELETE", "/v1/records/hr/1?version=4").json()["status"] == "accepted"
    problem(service.ask("all", "GET", "/v1/records/hr/1"), 404, "absent")
    assert service.push("hr", "1", NAME, version=3)["status"] == "stale"
    problem(service.ask("pusher", "DELETE", "/v1/records/hr/none"), 404, "absent")
    problem(service.ask("pusher", "DELETE", "/v1/records/hr/1?version=0"), 422, "invalid")


def test_a_source_id_may_hold_a_slash(service: Service) -> None:
    service.push("hr", "2024/17", NAME)
    assert service.get("/v1/records/hr/2024/17")["source_id"] == "2024/17"


def test_an_event_waits_for_the_record_it_names(service: Service) -> None:
    answer = service.ask("all", "PUT", "/v1/events/custody/D1", json=CUSTODY)
    assert answer.json()["status"] == "accepted"
    assert service.get("/v1/events/custody/D1")["participants"][0]["entity_id"] is None
    entity = service.push("custody", "N1", NAME)["entity_id"]
    assert service.get("/v1/events/custody/D1")["participants"][0]["entity_id"] == entity
    links = service.get(f"/v1/entities/{entity}/network")["links"]
    assert [link["type"] for link in links] == ["INVOLVES"]
    assert service.ask("all", "DELETE", "/v1/events/custody/D1").status_code == 200
    assert service.get(f"/v1/entities/{entity}/network")["links"] == []
    problem(service.ask("all", "GET", "/v1/events/custody/D1"), 404, "absent")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"attributes": {}}, "attributes"),
        ({"attributes": {"name": [{"full": 7}]}}, "attributes.name"),
        ({"attributes": {"date_of_birth": "2024-02-31"}}, "attributes.date_of_birth"),
        ({"attributes": NAME, "version": "7"}, "version"),
        ({"attributes": NAME, "version": True}, "version"),
        ({"attributes": NAME, "version": 0}, "version"),
        ({"attributes": NAME, "secret": 1}, "body"),
        ({"attributes": {"religion": "none"}}, "attributes"),
    ],
)
def test_a_wrong_record_names_the_field_and_the_remedy(service: Service, body: Any, field: str) -> None:
    errors = problem(put(service, body), 422, "invalid")["errors"]
    assert any(error["field"].startswith(field) for error in errors), errors
    assert all(error["remedy"] for error in errors)
    assert service.get("/v1/sources")["items"][1]["records"] == 0


def test_a_batch_answers_a_line_a_line_and_keeps_the_good_ones(service: Service) -> None:
    lines = [
        json.dumps({"source": "hr", "id": "1", "attributes": NAME}),
        "not json",
        json.dumps({"source": "hr", "id": "2", "attributes": {"date_of_birth": "1990-13-01"}}),
        json.dumps({"source": "vetting", "id": "3", "attributes": NAME}),
        json.dumps({"source": "hr", "attributes": NAME}),
        json.dumps({"source": "hr", "id": "4", "attributes": ROSALIND}),
    ]
    answer = service.ask(
        "pusher", "POST", "/v1/records:batch", content="\n".join(lines) + "\n",
        headers={"Content-Type": "application/x-ndjson"},
    )  # fmt: skip
    assert answer.status_code == 200
    got = [json.loads(line) for line in answer.text.splitlines()]
    assert [row.get("status") for row in got] == ["accepted", 400, 422, 403, 422, "accepted"]
    assert [row.get("line") for row in got] == [None, 2, 3, 4, 5, None]
    assert got[0]["entity_id"] != got[5]["entity_id"]
    assert "1990-13-01" not in answer.text


def test_a_batch_of_events_works_alike(service: Service) -> None:
    lines = [json.dumps({"source": "custody", "id": f"D{number}", **CUSTODY}) for number in (1, 1, 2)]
    answer = service.ask(
        "all", "POST", "/v1/events:batch", content="\n".join(lines),
        headers={"Content-Type": "application/x-ndjson"},
    )  # fmt: skip
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == [
        "accepted",
        "duplicate",
        "accepted",
    ]


@pytest.mark.parametrize(
    ("content", "content_type", "status", "kind"),
    [
        ("", "application/x-ndjson", 422, "invalid"),
        ("{}\n" * 1001, "application/x-ndjson", 413, "too-large"),
        ("{}", "application/json", 415, "media-type"),
    ],
)
def test_a_batch_that_is_none_is_refused(
    service: Service, content: str, content_type: str, status: int, kind: str
) -> None:
    headers = {"Content-Type": content_type}
    problem(service.ask("all", "POST", "/v1/records:batch", content=content, headers=headers), status, kind)


MAPPING = """
mapping: 1
source: {value: crm}
id: nr
record:
  name: {columns: {given: first, family: last}}
  date_of_birth: born
"""


def test_a_source_with_a_mapping_takes_its_own_fields_and_canonical_ones(service: Service) -> None:
    assert service.ask("admin", "PUT", "/v1/sources/crm", json={"mapping": MAPPING}).status_code == 200
    own = put(service, {"first": "Ann", "last": "Example", "born": "1990-01-02"}, "all", "/v1/records/crm/7")
    assert own.json()["status"] == "accepted", own.text
    said = service.get("/v1/records/crm/7")["attributes"]
    assert said == {
        "date_of_birth": [{"value": "1990-01-02"}],
        "name": [{"given": "Ann", "family": "Example"}],
    }
    assert put(service, {"attributes": NAME}, "all", "/v1/records/crm/8").status_code == 200
    schema = service.get("/v1/sources/crm/schema")
    assert set(schema) == {"record", "event", "own_fields"}
    wrong = {"first": "Ann", "last": "Example", "born": "1990-01-42"}
    problem(put(service, wrong, "all", "/v1/records/crm/9"), 422, "invalid")


@pytest.mark.parametrize(
    "mapping", ["mapping: 2", ": :", "mapping: 1\nsource: {value: crm}\nid: nr\nu_probability: 1"]
)
def test_a_wrong_mapping_is_refused_whole(service: Service, mapping: str) -> None:
    answer = service.ask("admin", "PUT", "/v1/sources/crm", json={"mapping": mapping})
    problem(answer, 422, "invalid")
    problem(service.ask("admin", "GET", "/v1/sources/crm/schema"), 404, "unknown-source")
