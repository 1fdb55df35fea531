"""The gate: every route has a policy, each role does what it may, and nothing leaves unaudited."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from running_kith import LOOPBACK, ROLES, Service, problem, running, two_who_share_a_home

from app.main import create_app
from app.security.audited import AuditedRoute, Looking, Policy, policy
from app.security.limits import Limiter
from app.security.roles import MAY, Action, Role
from ledger.entry import LedgerBusy


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path / "kith") as service:
        yield service


def unguarded(app: FastAPI) -> list[str]:
    """Return the routes that do not pass the gate with a policy of their own."""
    return [
        f"{route.methods} {route.path}"
        for route in iter_route_contexts(app.routes)
        if not isinstance(route.original_route, AuditedRoute)
        or not isinstance(getattr(route.endpoint, "policy", None), Policy)
    ]


def test_every_route_passes_the_gate_with_a_policy(service: Service) -> None:
    app: Any = service.client.app
    assert len(list(iter_route_contexts(app.routes))) > 30
    assert unguarded(app) == []


def test_a_route_past_the_gate_is_found(service: Service) -> None:
    app = create_app(service.kith)
    app.add_api_route("/v1/leak", lambda: {})
    included = APIRouter(route_class=APIRoute)
    included.add_api_route("/leak", lambda: {})
    app.include_router(included, prefix="/v1/deep")
    assert unguarded(app) == ["{'GET'} /v1/leak", "{'GET'} /v1/deep/leak"]


def test_a_route_without_a_policy_cannot_be_built() -> None:
    router = APIRouter(route_class=AuditedRoute)
    with pytest.raises(TypeError, match="declares no policy"):
        router.add_api_route("/v1/leak", lambda: {})


def test_every_action_is_allowed_to_somebody_and_open_ones_to_nobody_in_particular() -> None:
    assert set(MAY) == set(Action) - {Action.OPEN}
    assert all(MAY.values())


def routes(service: Service) -> Sequence[tuple[str, str, Policy]]:
    """Return method, path and policy of each route of the API that is not open."""
    app: Any = service.client.app
    found = []
    for route in iter_route_contexts(app.routes):
        rule = getattr(route.endpoint, "policy", None)
        if isinstance(rule, Policy) and rule.action is not Action.OPEN and str(route.path).startswith("/v1"):
            found += [(method, str(route.path), rule) for method in sorted(route.methods or ())]
    return found


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_what_it_may_and_nothing_else(service: Service, role: str) -> None:
    names = {
        "{source}": "hr",
        "{id:path}": "1",
        "{entity_id}": "e1",
        "{finding_id}": "f1",
        "{pattern_id}": "p1",
    }
    for method, path, rule in routes(service):
        for name, value in names.items():
            path = path.replace(name, value)
        answer = service.ask(role, method, path)
        assert (answer.status_code == 403) == (Role(role) not in MAY[rule.action]), (
            method,
            path,
            answer.text,
        )


def test_a_pusher_reaches_its_own_source_alone(service: Service) -> None:
    body = {"attributes": {"name": [{"full": "Ann Example"}]}}
    assert service.ask("pusher", "PUT", "/v1/records/hr/1", json=body).status_code == 200
    for method, path in (
        ("PUT", "/v1/records/vetting/1"),
        ("DELETE", "/v1/records/vetting/1"),
        ("GET", "/v1/sources/vetting/schema"),
        ("GET", "/v1/records/hr/1"),
        ("GET", "/v1/changes"),
    ):
        problem(service.ask("pusher", method, path, json=body if method == "PUT" else None), 403, "forbidden")
    assert [row["source"] for row in service.ask("pusher", "GET", "/v1/sources").json()["items"]] == ["hr"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer kith_none_such"},
        {"Authorization": "Basic x"},
        {"Cookie": "kith_session=x"},
    ],
)
def test_without_a_key_nothing_is_answered(service: Service, headers: dict[str, str]) -> None:
    answer = service.client.get("/v1/entities/e1", headers=headers)
    problem(answer, 401, "key-required")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_revoked_key_is_none(service: Service) -> None:
    key_id = service.keys["auditor"].split("_")[1]
    assert service.ask("auditor", "GET", "/v1/audit").status_code == 200
    service.kith.pipeline.run(lambda session: session.keys.revoke(key_id, "test"))
    problem(service.ask("auditor", "GET", "/v1/audit"), 401, "key-required")


def test_each_look_is_in_the_audit_before_its_answer(service: Service) -> None:
    officer, detained = two_who_share_a_home(service)
    (finding,) = service.get("/v1/findings")["items"]
    looks = (
        ("GET", f"/v1/entities/{officer}", "read_person"),
        ("GET", f"/v1/entities/{officer}/records", "read_person"),
        ("GET", f"/v1/entities/{officer}/how", "explain"),
        ("GET", f"/v1/entities/{officer}/timeline", "read_person"),
        ("GET", f"/v1/entities/{officer}/network", "read_person"),
        ("GET", f"/v1/paths?from={officer}&to={detained}", "read_person"),
        ("GET", "/v1/why?left=hr|1&right=custody|N1", "explain"),
        ("GET", f"/v1/findings/{finding['id']}", "read_finding"),
        ("GET", "/v1/findings", "read_finding"),
        ("GET", "/v1/records/hr/1", "read_person"),
        ("GET", f"/v1/patterns/shared_home/run?about={officer}", "run_pattern"),
    )
    for method, path, audit_class in looks:
        assert service.ask("investigator", method, path).status_code == 200, path
        (last,) = service.ask("auditor", "GET", f"/v1/audit?entity={officer}&limit=1").json()["items"]
        assert (last["audit_class"], last["outcome"], last["role"]) == (
            audit_class,
            "allowed",
            "investigator",
        ), path
        assert officer in last["objects"]
    service.ask("investigator", "POST", "/v1/search", json={"staff_number": "S77310"})
    rows = service.ask("auditor", "GET", f"/v1/audit?entity={officer}").json()["items"]
    assert rows[-1]["audit_class"] == "search"
    assert {row["audit_class"] for row in rows} >= {"push", "search", "read_person"}
    with service.kith.ledger.read() as session:
        assert session.audit.verify() is None
        assert "Quillfeather" not in str(session.audit.recent(0, 1000))


def test_refused_and_vain_looks_are_audited_too(service: Service) -> None:
    service.ask("reviewer", "GET", "/v1/entities/e1")
    service.ask("investigator", "GET", "/v1/entities/e1")
    rows = service.ask("auditor", "GET", "/v1/audit?limit=1000").json()["items"]
    assert [(row["outcome"], row["count"]) for row in rows[-2:]] == [("refused", 0), ("absent", 0)]


def test_what_cannot_be_audited_is_not_answered(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    officer, _ = two_who_share_a_home(service)
    kept = service.kith.pipeline.audit

    def full(entry: object) -> int:
        raise LedgerBusy("disk full")

    monkeypatch.setattr(type(service.kith.pipeline), "audit", lambda self, entry: full(entry))
    answer = service.ask("investigator", "GET", f"/v1/entities/{officer}")
    problem(answer, 503, "not-audited")
    assert answer.headers["retry-after"]
    assert "Quillfeather" not in answer.text
    monkeypatch.setattr(type(service.kith.pipeline), "audit", lambda self, entry: kept(entry))
    assert service.ask("investigator", "GET", f"/v1/entities/{officer}").status_code == 200


def test_an_answer_that_does_not_say_whom_it_shows_is_withheld(service: Service) -> None:
    router = APIRouter(route_class=AuditedRoute)

    @router.get("/v1/forgetful")
    @policy(Action.READ_PERSON)
    def forgetful(look: Looking) -> dict[str, str]:
        return {"name": "Quillfeather"}

    app = create_app(service.kith)
    app.include_router(router)
    client = TestClient(app, client=LOOPBACK, raise_server_exceptions=False)
    answer = client.get("/v1/forgetful", headers={"Authorization": f"Bearer {service.keys['investigator']}"})
    problem(answer, 500, "internal")
    assert "Quillfeather" not in answer.text


def test_more_requests_than_a_key_may_run_are_refused_at_once() -> None:
    limiter = Limiter(per_key=1, in_all=2)
    with limiter.place(), limiter.slot("a"):
        with pytest.raises(Exception, match="requests running") as refused, limiter.slot("a"):
            pass
        assert refused.value.status_code == 429  # type: ignore[attr-defined]
        with limiter.place(), pytest.raises(Exception, match="too many") as full, limiter.place():
            pass
        assert full.value.status_code == 503  # type: ignore[attr-defined]
    with limiter.place(), limiter.place(), limiter.slot("a"):
        pass
