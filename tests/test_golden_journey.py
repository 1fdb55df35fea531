"""The main job from end to end, by REST, page and graph, on both stores: what every change must keep."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.wiring import Kith, open_kith

OFFICER = {
    "hr": {
        "name": [{"given": "Rosalind", "family": "Quillfeather"}],
        "date_of_birth": "1984-03-14",
        "staff_number": "S77310",
        "phone": "07700 900418",
    },
    "vetting": {
        "name": [{"given": "Rosalind", "middle": "Jane", "family": "Quillfeather"}],
        "date_of_birth": "1984-03-14",
        "staff_number": "S77310",
        "email": "r.quillfeather@police.example",
    },
    "payroll": {
        "name": [{"full": "Quillfeather, Rosalind"}],
        "date_of_birth": "1984-03-14",
        "staff_number": "S77310",
        "address": [{"line": "14 Alder Close, Northway", "postcode": "ZZ9 7AB", "valid_from": "2021-04-01"}],
    },
}
NOMINAL = {
    "name": [{"given": "Dexter", "family": "Harrowgate"}],
    "date_of_birth": "1979-11-02",
    "address": [{"line": "14 Alder Close, Northway", "postcode": "ZZ9 7AB", "valid_from": "2022-01-01"}],
}
DETENTION = {
    "kind": "custody",
    "from": "2024-05-03T21:00:00Z",
    "to": "2024-05-04T06:00:00Z",
    "participants": [{"source": "custody", "source_id": "N1", "role": "detained"}],
}
DECLARATION = {
    "kind": "declaration",
    "from": "2021-03-01T00:00:00Z",
    "participants": [
        {"source": "hr", "source_id": "1", "role": "declarer"},
        {"source": "custody", "source_id": "N1", "role": "declared"},
    ],
    "attributes": {"relation": "partner"},
}


@pytest.fixture(params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def kith(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kith]:
    neo4j_url = request.getfixturevalue("clean_neo4j") if request.param == "neo4j" else None
    kith = open_kith(Settings(data=tmp_path / "data", neo4j_url=neo4j_url))
    yield kith
    kith.close()


@pytest.fixture
def client(kith: Kith) -> Iterator[TestClient]:
    roles = ("pusher", "investigator", "reviewer", "auditor", "admin")
    key = kith.pipeline.run(lambda session: session.keys.create("golden", roles, None, "test"))
    with TestClient(create_app(kith), base_url="http://127.0.0.1", client=("127.0.0.1", 50000)) as client:
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


def ok(response: Any) -> Any:
    assert response.status_code == 200, response.text
    return response.json()


def push(client: TestClient, source: str, id_: str, attributes: dict[str, Any]) -> Any:
    return ok(client.put(f"/v1/records/{source}/{id_}", json={"attributes": attributes}))


def test_the_golden_journey(client: TestClient, kith: Kith) -> None:
    for source in (*OFFICER, "custody", "register"):
        ok(client.put(f"/v1/sources/{source}", json={}))

    # Three records from three sources are one person.
    nominal = push(client, "custody", "N1", NOMINAL)["entity_id"]
    ok(client.put("/v1/events/custody/D1", json=DETENTION))
    receipts = {source: push(client, source, "1", attributes) for source, attributes in OFFICER.items()}
    officer = receipts["hr"]["entity_id"]
    assert {receipt["entity_id"] for receipt in receipts.values()} == {officer}
    assert officer != nominal
    entity = ok(client.get(f"/v1/entities/{officer}"))
    assert entity["record_count"] == 3
    assert entity["staff"]

    # A finding: an undeclared home shared with somebody in custody.
    found = ok(client.get("/v1/findings", params={"state": "new"}))["items"]
    assert [finding["pattern"] for finding in found] == ["shared_home"]
    finding = ok(client.get(f"/v1/findings/{found[0]['id']}"))
    assert {subject["entity_id"] for subject in finding["subjects"]} == {officer, nominal}
    assert {(row["source"], row["source_id"]) for row in finding["evidence"]} >= {
        ("payroll", "1"),
        ("custody", "N1"),
    }
    assert finding["explanations"]
    assert all(result["outcome"] != "passed" for result in finding["explanations"])

    # Why: a sentence, then bits that add up.
    why = ok(client.get("/v1/why", params={"left": "hr|1", "right": "payroll|1"}))
    assert why["sentence"]
    bits = sum(part["bits"] + part["term_frequency_bits"] for part in why["comparisons"]) + why["prior_bits"]
    assert bits == pytest.approx(why["match_weight"], abs=1e-9)
    assert why["same_entity"]

    same_answers(client, kith, officer, nominal, finding["id"])

    # A declaration explains the finding: it is withdrawn.
    declared = ok(client.put("/v1/events/register/R1", json=DECLARATION))
    assert declared["status"] == "accepted"
    finding = ok(client.get(f"/v1/findings/{finding['id']}"))
    assert finding["state"] == "withdrawn"
    assert "declar" in finding["history"][-1]["reason"].lower()
    assert ok(client.get("/v1/findings", params={"state": "new"}))["items"] == []

    # Cannot-link: the receipt names every entity touched, and the two stay apart when pushed again.
    reason = {"reason": "Two officers share a staff number in payroll."}
    touched: set[str] = set()
    for other in ("hr|1", "vetting|1"):
        receipt = ok(
            client.post("/v1/judgements", json={"left": other, "right": "payroll|1", "same": False, **reason})
        )
        touched |= {change["entity_id"] for change in receipt["touched"]}
    apart = {source: entity_of(client, source) for source in OFFICER}
    assert apart["hr"] == apart["vetting"] == officer
    assert apart["payroll"] != officer
    assert touched == {officer, apart["payroll"]}
    again = push(client, "payroll", "1", {**OFFICER["payroll"], "phone": "07700 900999"})
    assert again["entity_id"] == apart["payroll"]
    assert entity_of(client, "hr") == officer

    # The audit shows each read.
    rows = ok(client.get("/v1/audit", params={"entity": officer}))["items"]
    assert {row["audit_class"] for row in rows} >= {"read_person", "push"}
    same_answers(client, kith, officer, nominal, finding["id"])


def entity_of(client: TestClient, source: str) -> str:
    entity_id: str = ok(client.get(f"/v1/records/{source}/1"))["entity_id"]
    return entity_id


def same_answers(client: TestClient, kith: Kith, officer: str, nominal: str, finding_id: str) -> None:
    """REST, page and graph say the same of the two persons and the finding."""
    for entity_id in (officer, nominal):
        entity = ok(client.get(f"/v1/entities/{entity_id}"))
        node = kith.graph.get([entity_id])[entity_id]
        assert node.properties["display_name"] == entity["display_name"]
        assert node.properties["record_count"] == entity["record_count"]
        page = client.get(f"/entities/{entity_id}")
        assert page.status_code == 200
        assert entity["display_name"] in page.text
        records = ok(client.get(f"/v1/entities/{entity_id}/records"))["items"]
        described = kith.graph.neighbours(entity_id, types=["DESCRIBES"])
        assert {link.start for link in described.links} == {f"r{record['number']}" for record in records}
    finding = ok(client.get(f"/v1/findings/{finding_id}"))
    page = client.get(f"/findings/{finding_id}")
    assert page.status_code == 200
    assert finding["title"] in re.sub(r"&#39;", "'", page.text)
    shown = kith.graph.get([finding_id])
    assert bool(shown) == (finding["state"] != "withdrawn")
    if shown:
        about = kith.graph.neighbours(finding_id, types=["ABOUT"])
        assert {link.end for link in about.links} >= {officer, nominal}
