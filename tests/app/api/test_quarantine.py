"""Quarantine by REST: rows listed without their values, repaired and run again, put aside."""

import json
from typing import Any

import pytest
from running_kith import Service, problem

MAPPING = """mapping: 1
source: {value: crm}
id: nr
record:
  name: {columns: {given: first, family: last}}
  date_of_birth: born
"""
KEPT = {"nr": "4", "first": "Zyzzyva", "last": "Wrong", "born": "1990-13-45"}


@pytest.fixture
def rows(service: Service) -> list[int]:
    """Put two wrong rows of one source and one of another into quarantine; return their numbers."""
    assert service.ask("admin", "PUT", "/v1/sources/crm", json={"mapping": MAPPING}).status_code == 200

    def put(session: Any) -> list[int]:
        said = {"field": "date_of_birth", "code": "impossible_date", "message": "people.csv line 5"}
        whole = {"source": "crm", "line": 5, "payload": json.dumps(KEPT), **said}
        cut = {"source": "crm", "line": 6, "payload": json.dumps({"row": "5,Cut"}), **said}
        other = {"source": "hr", "line": 1, "payload": "{}", **said}
        return [session.quarantine.put(row, "test") for row in (whole, cut, other)]

    return service.kith.pipeline.run(put)


def listed(service: Service, role: str = "admin", query: str = "") -> list[int]:
    answer = service.ask(role, "GET", f"/v1/quarantine{query}")
    assert answer.status_code == 200, answer.text
    assert "Zyzzyva" not in answer.text
    return [row["number"] for row in answer.json()["items"]]


def repair(service: Service, number: int, body: Any, role: str = "all", **more: Any) -> Any:
    said = {"id": "4", "reason": "the year was mistyped", "body": body, **more}
    return service.ask(role, "POST", f"/v1/quarantine/{number}/repair", json=said)


def test_rows_are_listed_with_code_and_field_and_without_values(service: Service, rows: list[int]) -> None:
    assert listed(service) == rows
    assert listed(service, query=f"?source=crm&after={rows[0]}") == [rows[1]]
    assert listed(service, "pusher") == [rows[2]]
    assert listed(service, "pusher", "?source=crm") == []


def test_a_repaired_row_is_run_again_and_forgotten(service: Service, rows: list[int]) -> None:
    wrong = problem(repair(service, rows[0], {"born": "1990-12-45"}), 422, "invalid")
    assert wrong["errors"][0]["field"] == "date_of_birth"
    assert listed(service) == rows
    receipt = repair(service, rows[0], {"born": "1990-12-15"})
    assert receipt.json()["status"] == "accepted"
    said = service.get("/v1/records/crm/4")["attributes"]
    assert said["name"] == [{"given": "Zyzzyva", "family": "Wrong"}]
    assert listed(service) == rows[1:]
    problem(repair(service, rows[0], {}), 404, "absent")
    with service.kith.ledger.read() as session:
        kept = session.connection.execute("SELECT payload FROM quarantine WHERE number = ?", (rows[0],)).get
    assert kept is None


def test_a_row_that_was_cut_is_said_whole(service: Service, rows: list[int]) -> None:
    body = {"nr": "5", "first": "Ann", "last": "Example", "born": "1980-02-03"}
    assert repair(service, rows[1], body, id="5").json()["entity_id"]
    canonical = {"attributes": {"name": [{"full": "Ann Example"}]}}
    assert repair(service, rows[2], canonical, id="9").json()["source"] == "hr"
    assert listed(service) == [rows[0]]


def test_only_who_may_push_to_the_source_may_repair_or_dismiss(service: Service, rows: list[int]) -> None:
    path = f"/v1/quarantine/{rows[0]}/dismiss"
    problem(repair(service, rows[0], {}, "pusher"), 404, "absent")
    problem(service.ask("pusher", "POST", path, json={"reason": "not ours"}), 404, "absent")
    problem(service.ask("auditor", "POST", path, json={"reason": "not mine"}), 403, "forbidden")
    assert service.ask("all", "POST", path, json={"reason": "a test row"}).status_code == 204
    assert listed(service) == rows[1:]
