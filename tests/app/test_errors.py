"""Every error a client can meet: its status, its remedy, and nothing of what was sent."""

import logging
from pathlib import Path

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from running_kith import LOOPBACK, running

from app.errors import KINDS, Absent, Problem, problem_of
from app.ingest.problem import BadInput, FileError
from app.ingest.problem import Problem as FieldProblem
from app.main import create_app
from app.pipeline import StaleVersion
from app.security.audited import AuditedRoute, policy
from app.security.roles import Action
from graph_schema.store import StoreError, StoreUnavailable, UnknownName
from ledger.entry import Erased, LedgerBusy, LedgerError, VersionConflict
from resolvers.errors import ConflictingJudgement


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Absent(), "absent"),
        (VersionConflict("Zyzzyva"), "conflict"),
        (Erased("c1"), "erased"),
        (StaleVersion("read it again"), "if-match-stale"),
        (ConflictingJudgement("against", ("a|1",)), "conflicting-judgement"),
        (LedgerBusy("Zyzzyva"), "unavailable"),
        (StoreUnavailable("Zyzzyva"), "unavailable"),
        (BadInput((FieldProblem("name", "c", "is wrong", "mend it"),)), "invalid"),
        (FileError("a file"), "invalid"),
        (UnknownName("no such type"), "invalid"),
        (StoreError("a link without an end"), "unavailable"),
        (LedgerError("not so"), "unavailable"),
        (KeyError("Zyzzyva"), "internal"),
        (ValueError("Zyzzyva"), "internal"),
        (Problem("too-many", "wait"), "too-many"),
    ],
)
def test_each_error_is_a_problem_with_a_remedy(error: Exception, kind: str) -> None:
    problem = problem_of(error)
    assert (problem.kind, problem.status_code) == (kind, KINDS[kind][0])
    assert problem.detail
    assert "Zyzzyva" not in str(problem.body())
    assert ("Retry-After" in (problem.headers or {})) == (kind == "unavailable")
    if kind == "erased":
        assert problem.body()["certificate"] == "c1"


def test_a_crash_is_answered_and_logged_without_its_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    router = APIRouter(route_class=AuditedRoute)

    @router.get("/v1/crash")
    @policy(Action.OPEN)
    def crash() -> None:
        raise ValueError("Zyzzyva")

    with running(tmp_path / "kith") as service, caplog.at_level(logging.DEBUG):
        app = create_app(service.kith)
        app.include_router(router)
        answer = TestClient(app, client=LOOPBACK).get("/v1/crash")
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:kith:problem:internal"
    assert "ValueError" in caplog.text
    assert "Zyzzyva" not in caplog.text + answer.text
