"""What was known at any past moment: every answer equals the one that was given then."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import event, key, record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running_kith import DEXTER, ROSALIND, Service, problem, running, two_who_share_a_home

from app.erasing import erase
from app.errors import Absent, Merged, Problem
from app.queries import entities, findings, why
from app.queries.entities import When
from app.rebuilding import promote
from app.settings import Settings
from app.wiring import Kith, open_kith
from ledger.entry import NewJudgement, Verdict, VersionConflict
from resolvers.errors import ConflictingJudgement
from resolvers.linkage_model import default_model

IDS = ("hr|1", "hr|2", "vetting|1", "vetting|2")
NAMES = ("Ann Example", "Ann Example", "Bob Other")
MODELS = (default_model(), replace(default_model(), join=0.9999999), replace(default_model(), join=0.6))

one = st.sampled_from(IDS)
said = st.tuples(st.just("put"), one, st.sampled_from(NAMES), st.sampled_from(("1980-01-02", "1975-05-06")))
op = st.one_of(
    said,
    said,
    st.tuples(st.just("delete"), one),
    st.tuples(st.just("judge"), one, one, st.sampled_from(Verdict), st.sampled_from((None, None, 1, 2, 3))),
    st.tuples(st.just("promote"), st.sampled_from(range(len(MODELS)))),
)


def do(kith: Kith, what: tuple[Any, ...]) -> None:
    """Do one thing, if it can be done."""
    match what:
        case ("put", id_, name, born):
            said = record(id_, name, date_of_birth=born, email="ann@example.org", address="3 Vexl Row")
            kith.pipeline.put_record(said, None, "t")
        case ("delete", id_):
            with suppress(KeyError):
                kith.pipeline.delete_record(key(id_), None, "t")
        case ("judge", left, right, verdict, version):
            with suppress(KeyError, ValueError, ConflictingJudgement, VersionConflict):
                kith.pipeline.judge(NewJudgement(key(left), key(right), verdict, "t", "because", version))
        case ("promote", number):
            promote(kith.pipeline, MODELS[number], "t")


def answers(kith: Kith, known_at: str | None, ids: set[str]) -> dict[str, Any]:
    """Return what is answered about these entities, every record, every pair and all findings."""
    when = When(known_at)
    asked = {f"entity {id_}": lambda id_=id_: entities.entity(kith, id_, when) for id_ in ids}
    asked |= {f"records {id_}": lambda id_=id_: entities.records(kith, id_, when) for id_ in ids}
    asked |= {f"record {id_}": lambda id_=id_: entities.record(kith, key(id_), when) for id_ in IDS}
    asked["why"] = lambda: why.why(kith, IDS[0], IDS[2], known_at)[0]
    asked["findings"] = lambda: findings.page(kith, findings.Wanted(), known_at=known_at)
    found: dict[str, Any] = {}
    for name, ask in asked.items():
        try:
            found[name] = json.loads(ask().model_dump_json())
        except (Absent, Problem) as error:
            found[name] = type(error).__name__
        except Merged as error:
            found[name] = f"merged into {error.into}"
    return found


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.lists(op, min_size=4, max_size=9))
def test_every_past_answer_is_the_one_given_then(ops: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kith = open_kith(Settings(data=Path(folder) / "kith"))
        with kith.ledger.write() as session:
            connection = session.connection
        connection.pragma("synchronous", "OFF")
        event_ = event("psd|C1", "hr|1 accused", "vetting|2 complainant", start="2024-01-01T00:00:00Z")
        kith.pipeline.put_event(event_, 1, "t")
        given: list[tuple[int, int, dict[str, Any]]] = []
        ids: set[str] = set()
        for what in ops:
            with kith.ledger.read() as session:
                before = session.sequence()
            do(kith, what)
            with kith.ledger.read() as session:
                after = session.sequence()
                ids.update(session.identity.entities())
            given.append((before, after, answers(kith, None, ids)))
        for before, after, then in given:
            asked = {name.split()[1] for name in then if name.startswith("entity ")}
            for sequence in {before + 1, after} if after > before else ():
                assert answers(kith, str(sequence), asked) == then
        assert list(kith.ledger.check()) == []
        kith.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path / "kith") as service:
        yield service


def test_before_and_after_a_merge_and_an_unmerge(service: Service) -> None:
    left = service.push("hr", "1", ROSALIND)
    right = service.push("vetting", "1", {"name": [{"full": "R Q"}]})
    pair = {"left": "hr|1", "right": "vetting|1", "reason": "seen both"}
    merged = service.ask("all", "POST", "/v1/judgements", json={**pair, "same": True}).json()
    apart = service.ask("all", "POST", "/v1/judgements", json={**pair, "same": False}).json()

    def count(at: int, entity: str) -> int:
        answer = service.ask("all", "GET", f"/v1/entities/{entity}?known_at={at}")
        return answer.json()["record_count"] if answer.status_code == 200 else answer.status_code

    one, other = left["entity_id"], right["entity_id"]
    assert [count(at["sequence"], one) for at in (left, right, merged, apart)] == [1, 1, 2, 1]
    assert [count(at["sequence"], other) for at in (left, right, merged, apart)] == [404, 1, 308, 308]
    assert count(merged["sequence"] - 1, one) == 1
    whys = [
        service.get(f"/v1/why?left=hr|1&right=vetting|1&known_at={at['sequence']}")
        for at in (right, merged, apart)
    ]
    assert [(said["same_entity"], said["judgement"]) for said in whys] == [
        (False, None),
        (True, "must-link"),
        (False, "cannot-link"),
    ]


def test_before_and_after_a_promotion(service: Service) -> None:
    said = {name: ROSALIND[name] for name in ("name", "date_of_birth")}
    service.push("hr", "1", said)
    receipt = service.push("vetting", "1", said)
    assert service.get("/v1/why?left=hr|1&right=vetting|1")["same_entity"]
    promote(service.kith.pipeline, replace(default_model(), join=1 - 1e-12), "t")
    now = service.get("/v1/why?left=hr|1&right=vetting|1")
    then = service.get(f"/v1/why?left=hr|1&right=vetting|1&known_at={receipt['sequence']}")
    assert (then["same_entity"], now["same_entity"]) == (True, False)
    assert then["join_threshold_bits"] != now["join_threshold_bits"]
    assert (
        service.get(f"/v1/entities/{receipt['entity_id']}?known_at={receipt['sequence']}")["record_count"]
        == 2
    )


def test_records_and_findings_as_they_were(service: Service) -> None:
    two_who_share_a_home(service)
    (finding,) = service.get("/v1/findings")["items"]
    with service.kith.ledger.read() as session:
        then = session.sequence()
        at = session.entries(then - 1, 1)[0].recorded_at
    service.push("hr", "1", {name: value for name, value in ROSALIND.items() if name != "address"})
    path = f"/v1/findings/{finding['id']}"
    assert service.get(path)["state"] == "withdrawn"
    for moment in (str(then), at):
        assert service.get(f"{path}?known_at={moment}")["state"] == "new"
        assert service.get(f"/v1/findings?known_at={moment}")["items"] == [finding]
        assert "address" in service.get(f"/v1/records/hr/1?known_at={moment}")["attributes"]
    assert service.get("/v1/findings?known_at=1")["total"] == 0
    problem(service.ask("all", "GET", "/v1/records/hr/1?known_at=1"), 404, "absent")


def test_facts_as_they_held(service: Service) -> None:
    entity = service.push("hr", "1", ROSALIND)["entity_id"]
    for day, there in (("2021-03-31", False), ("2021-04-01", True), ("2021-04-01T00:00:00Z", True)):
        attributes = service.get(f"/v1/entities/{entity}?valid_at={day}")["attributes"]
        assert any(one["name"] == "address" for one in attributes) is there
        (said,) = service.get(f"/v1/entities/{entity}/records?valid_at={day}")["items"]
        assert bool(said["attributes"]["address"]) is there
    problem(service.ask("all", "GET", f"/v1/entities/{entity}?valid_at=soon"), 400, "malformed")


def test_what_is_erased_is_gone_from_every_past(service: Service) -> None:
    service.push("hr", "1", ROSALIND)
    receipt = service.push("vetting", "1", ROSALIND)
    other = service.push("custody", "N1", DEXTER)
    before = service.get(f"/v1/entities/{other['entity_id']}")
    path = f"/v1/entities/{receipt['entity_id']}"
    erase(service.kith, ["vetting|1"], "request")
    assert service.get(f"{path}?known_at={receipt['sequence']}")["record_count"] == 1
    erase(service.kith, ["hr|1"], "request")
    for at in range(1, receipt["sequence"] + 1):
        for asked in (path, "/v1/records/hr/1", "/v1/why?left=hr|1&right=custody|N1", f"{path}/records"):
            answer = service.ask(
                "all",
                "GET",
                asked,
                params={"known_at": at} | ({"left": "hr|1", "right": "custody|N1"} if "why" in asked else {}),
            )
            assert answer.status_code in {404, 410}, answer.text
            assert "Quillfeather" not in answer.text
    problem(service.ask("all", "GET", f"{path}?known_at={receipt['sequence']}"), 410, "erased")
    now = service.get(f"/v1/entities/{other['entity_id']}?known_at={other['sequence']}")
    assert now == before
