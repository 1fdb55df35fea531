"""A restriction: kept, yet in no answer, pattern or graph; lifted, everything is as it was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import event, key, record
from canaries import CANARY, OFFICER, OWN, fill
from fastapi.routing import iter_route_contexts
from running_kith import Service, problem, running

from app import projector
from app.doctor import examine
from app.restricting import lift, restrict
from ledger.ledgers.sqlite import ledger as sqlite_ledger

ANSWERED_BY_OTHERS = {
    *("/audit", "/v1/changes", "/v1/audit", "/v1/quarantine", "/v1/erasures", "/v1/restrictions"),
}
"""Feeds of numbers and ids for operators, without a value of anybody."""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path / "kith", ("hr", "vetting", "custody", "psd")) as service:
        yield service


def ids_of(service: Service, known: dict[str, str]) -> dict[str, list[str]]:
    """Return values for each name in an address: the restricted person, the officer, all their findings."""
    with service.kith.ledger.read() as session:
        findings, _ = session.findings.page({}, None, 100)
        return {
            "entity_id": [known["person"], known["officer"]],
            "finding_id": [row["id"] for row in findings],
            "pattern_id": sorted(service.kith.patterns),
        }


def addresses(service: Service, known: dict[str, str]) -> list[str]:
    """Return every GET address of the API and the page that can be asked about these persons."""
    ids, found = ids_of(service, known), []
    for route in iter_route_contexts(service.client.app.routes):  # type: ignore[attr-defined]
        path = str(route.path)
        if "GET" not in (route.methods or ()) or path in ANSWERED_BY_OTHERS or "static" in path:
            continue
        name = next((name for name in ids if "{" + name in path), None)
        if name is not None:
            found += [path.replace("{" + name + "}", id_) for id_ in ids[name]]
        elif "{" not in path:
            found.append(path)
    found += ["/v1/records/custody/CANARY-77", "/v1/records/vetting/V9"]
    found += ["/v1/events/custody/D1", "/v1/events/psd/C1", "/v1/events/psd/L1"]
    found += [f"/v1/paths?from={known['officer']}&to={known['person']}"]
    found += [f"/v1/why?left={known['officer']}&right={known['person']}"]
    found += [f"/v1/why?left=custody|CANARY-77&right=vetting|V9&known_at={known['before']}"]
    found += [f"/v1/entities/{known['person']}?known_at={known['before']}"]
    found += [f"/v1/findings/{id_}?known_at={known['before']}" for id_ in ids["finding_id"]]
    return [path for path in found if "{" not in path]


def leaks(service: Service, known: dict[str, str]) -> list[str]:
    """Return where anything said of the restricted person alone, or the id of its person, still shows."""
    words = [*OWN, known["person"]]
    found = []
    for path in addresses(service, known):
        answer = service.ask("all", "GET", path)
        assert answer.status_code < 500, (path, answer.text)
        if path.count(known["person"]) and answer.status_code == 404:
            continue
        said = answer.text.replace(path, "")
        found += [f"{path}: {word}" for word in words if word in said]
    for body in ({"name": "Zyxwanda Quopperling"}, {"email": "zyx.quopper@example.org"}):
        answer = service.ask("all", "POST", "/v1/search", json=body)
        found += [f"search: {word}" for word in words if word in str(answer.json().get("hits"))]
    for pattern in service.kith.patterns:
        answer = service.ask("all", "POST", f"/v1/patterns/{pattern}/run", json={"about": [known["officer"]]})
        found += [f"run {pattern}: {word}" for word in words if word in answer.text]
    graph = sorted(service.kith.graph.owners())
    nodes = str(service.kith.graph.ego([known["officer"]], 3, max_nodes=500))
    return found + [f"graph: {word}" for word in words if word in nodes or word in graph]


def filled(service: Service) -> dict[str, str]:
    known = fill(service)
    with service.kith.ledger.read() as session:
        known["before"] = str(session.sequence())
    return known


def answers(service: Service, known: dict[str, str]) -> dict[str, Any]:
    """Return what is answered about both persons, without what a decision changes: versions and times."""
    found = {}
    for name in ("person", "officer"):
        for part in ("", "/records", "/timeline", "/how"):
            said = service.get(f"/v1/entities/{known[name]}{part}")
            found[name + part] = {key: value for key, value in said.items() if key != "sequence"}
    found["network"] = service.get(f"/v1/entities/{known['officer']}/network?hops=3")
    found["finding"] = sorted(one["title"] for one in service.get("/v1/findings")["items"])
    return found


def test_a_restricted_person_is_in_no_answer_and_no_graph_until_it_is_lifted(service: Service) -> None:
    known = filled(service)
    assert leaks(service, known)
    before, digest = answers(service, known), service.kith.graph.digest()
    with service.kith.ledger.read() as session:
        partition = session.identity.partition_digest()
    said = {"targets": [known["person"]], "reason": "accuracy"}
    begun = service.ask("all", "POST", "/v1/restrictions", json=said)
    assert begun.status_code == 200, begun.text
    assert begun.json()["records"] == 2
    assert leaks(service, known) == []
    problem(service.ask("all", "GET", f"/v1/entities/{known['person']}"), 404, "absent")
    with service.kith.ledger.read() as session:
        assert session.identity.partition_digest() == partition
    assert [row.copy_of for row in examine(service.kith) if not row.sound] == []
    path = f"/v1/restrictions/{begun.json()['id']}/lift"
    assert service.ask("all", "POST", path).json()["records"] == 0
    assert answers(service, known) == before
    assert service.kith.graph.digest() == digest
    problem(service.ask("all", "POST", path), 404, "absent")


def test_it_is_kept_pushed_and_audited(service: Service) -> None:
    known = filled(service)
    begun = restrict(service.kith, ["custody|CANARY-77"], "objection", "dpo")
    assert service.get(f"/v1/entities/{known['person']}")["record_count"] == 1
    problem(service.ask("all", "GET", "/v1/records/custody/CANARY-77"), 404, "absent")
    again = service.push("custody", "CANARY-77", {**CANARY, "phone": "07700 900999"})
    assert (again["status"], again["entity_id"]) == ("accepted", known["person"])
    assert "900999" not in service.ask("all", "GET", f"/v1/entities/{known['person']}").text
    lift(service.kith, begun.id)
    assert "900999" in service.ask("all", "GET", f"/v1/entities/{known['person']}").text
    looks = service.get(f"/v1/audit?entity={known['person']}")["items"]
    mine = [row for row in looks if row["audit_class"] == "restrict"]
    assert [(row["action"], row["purpose"]) for row in mine] == [
        ("restrict", "restriction: objection"),
        ("lift", "restriction lifted"),
    ]
    kinds = [row["kind"] for row in service.get("/v1/changes?limit=1000")["items"]]
    assert {"restriction.begin", "restriction.lift"} <= set(kinds)


def test_a_person_stays_restricted_with_the_records_that_come_to_it_later(service: Service) -> None:
    known = filled(service)
    restrict(service.kith, [known["person"]], "claims")
    late = service.push("psd", "LATE-1", CANARY)
    assert late["entity_id"] == known["person"]
    assert leaks(service, known) == []
    problem(service.ask("all", "GET", "/v1/records/psd/LATE-1"), 404, "absent")
    service.kith.pipeline.put_event(event("psd|C9", "psd|LATE-1 accused", "hr|1 witness"), 1, "test")
    assert [part["source"] for part in service.get("/v1/events/psd/C9")["participants"]] == ["hr"]
    # Another person by now: it was restricted with this one alone.
    other = {"name": [{"full": "Somebody Else"}], "date_of_birth": "1999-12-31", "email": "else@example.org"}
    moved = service.push("psd", "LATE-1", other)["entity_id"]
    assert moved != known["person"]
    assert service.get("/v1/records/psd/LATE-1")["entity_id"] == moved
    assert service.get(f"/v1/entities/{moved}")["display_name"] == "Somebody Else"
    assert [row.copy_of for row in examine(service.kith) if not row.sound] == []


def test_nobody_judges_or_decides_on_what_is_withheld(service: Service) -> None:
    known = filled(service)
    finding = service.get("/v1/findings")["items"][0]["id"]
    restrict(service.kith, [known["person"]], "unlawful")
    pair = {"left": "custody|CANARY-77", "right": "hr|1", "same": False, "reason": "they differ"}
    problem(service.ask("all", "POST", "/v1/judgements", json=pair), 404, "absent")
    said = {"records": ["vetting|V9"], "reason": "they differ"}
    problem(service.ask("all", "POST", f"/v1/entities/{known['person']}/unmerge", json=said), 404, "absent")
    said = {"state": "innocent", "reason": "known to us"}
    path, match = f"/v1/findings/{finding}/dispositions", {"If-Match": '"1"'}
    problem(service.ask("all", "POST", path, json=said, headers=match), 404, "absent")
    reply = {"text": "no", "received_on": "2024-01-01"}
    problem(service.ask("all", "POST", f"/v1/findings/{finding}/replies", json=reply), 404, "absent")


def test_two_restrictions_end_one_by_one_and_an_erasure_outranks_them(service: Service) -> None:
    known = filled(service)
    first = restrict(service.kith, [known["person"]], "order")
    second = restrict(service.kith, ["vetting|V9"], "accuracy")
    lift(service.kith, first.id)
    assert service.get(f"/v1/entities/{known['person']}")["record_count"] == 1
    problem(service.ask("all", "GET", "/v1/records/vetting/V9"), 404, "absent")
    erased = service.ask("all", "POST", "/v1/erasures", json={"targets": ["vetting|V9"], "reason": "request"})
    assert erased.json()["finished"] is True
    gone = problem(service.ask("all", "GET", "/v1/records/vetting/V9"), 410, "erased")
    assert service.get(f"/v1/erasures/{gone['certificate']}") == erased.json()
    assert service.get("/v1/erasures")["items"] == [erased.json()]
    listed = service.get("/v1/restrictions")["items"]
    assert [(one["id"], one["records"]) for one in listed] == [(first.id, 0), (second.id, 0)]


def test_a_finding_of_others_is_said_again_without_the_restricted_person(service: Service) -> None:
    known = filled(service)
    flatmate = {**OFFICER, "name": [{"given": "Peregrine", "family": "Ostrava"}], "staff_number": "S1"}
    service.push("hr", "2", {**flatmate, "date_of_birth": "1990-01-01"})
    titles = {one["title"] for one in service.get("/v1/findings")["items"]}
    restrict(service.kith, [known["person"]], "claims")
    left = {one["title"] for one in service.get("/v1/findings")["items"]}
    assert left < titles
    assert leaks(service, known) == []


def test_wrong_targets_change_nothing(service: Service) -> None:
    known = filled(service)
    for path, reason in (("/v1/restrictions", "accuracy"), ("/v1/erasures", "request")):
        said = {"targets": [known["person"], "hr|none"], "reason": reason}
        wrong = problem(service.ask("admin", "POST", path, json=said), 422, "invalid")
        assert "target 2" in wrong["detail"]
        problem(service.ask("investigator", "POST", path, json=said), 403, "forbidden")
    problem(service.ask("all", "GET", "/v1/erasures/cnone"), 404, "absent")
    assert service.get(f"/v1/entities/{known['person']}")["record_count"] == 2


@pytest.mark.parametrize("twin", ["looks at everything", "draws everything"])
def test_a_broken_twin_shows_it(service: Service, monkeypatch: pytest.MonkeyPatch, twin: str) -> None:
    known = filled(service)
    if twin == "looks at everything":
        monkeypatch.setattr(sqlite_ledger, "withholds", lambda connection: False)
    else:
        monkeypatch.setattr(projector, "withheld_among", lambda session, keys: frozenset())
        facet = "ledger.ledgers.sqlite.restrictions.SqliteRestrictions.withheld"
        monkeypatch.setattr(facet, lambda self, numbers: frozenset())
    restrict(service.kith, [known["person"]], "accuracy")
    assert leaks(service, known)


def test_the_past_is_withheld_too(service: Service) -> None:
    service.kith.pipeline.put_record(record("hr|9", "Olden Days"), 1, "test")
    with service.kith.ledger.read() as session:
        then = session.sequence()
        entity = session.identity.entity_of(session.records.numbers([key("hr|9")]).values()).popitem()[1]
    begun = restrict(service.kith, [entity], "accuracy")
    problem(service.ask("all", "GET", f"/v1/entities/{entity}?known_at={then}"), 404, "absent")
    lift(service.kith, begun.id)
    assert service.get(f"/v1/entities/{entity}?known_at={then}")["display_name"] == "Olden Days"


@pytest.mark.neo4j
@pytest.mark.slow
def test_the_graph_in_neo4j_is_without_it_too(clean_neo4j: str, tmp_path: Path) -> None:
    sources = ("hr", "vetting", "custody", "psd")
    with running(tmp_path / "kith", sources, neo4j_url=clean_neo4j) as service:
        known = filled(service)
        assert service.kith.pipeline.settle()
        digest = service.kith.graph.digest()
        assert known["person"] in set(service.kith.graph.owners())
        begun = restrict(service.kith, [known["person"]], "accuracy")
        assert service.kith.pipeline.settle()
        assert known["person"] not in set(service.kith.graph.owners())
        around = str(service.kith.graph.ego([known["officer"]], 3, max_nodes=500))
        assert not [word for word in OWN if word in around]
        assert [row.copy_of for row in examine(service.kith) if not row.sound] == []
        lift(service.kith, begun.id)
        assert service.kith.pipeline.settle()
        assert service.kith.graph.digest() == digest
