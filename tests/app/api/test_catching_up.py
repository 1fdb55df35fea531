"""`?after=`: whoever names a receipt's sequence reads what was written by then, or is told to ask again."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bolt_proxy import proxy
from builders import stranger
from running_kith import DEXTER, ROSALIND, Service, problem, running

from app.api import catching_up
from ledger.ledger import Session


@pytest.fixture
def down(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path / "kith", neo4j_url="bolt://127.0.0.1:1") as service:
        yield service


def asked(service: Service, path: str, sequence: int) -> int:
    """Ask for all up to a sequence; return the status, checking that a refusal says when to come."""
    started = time.monotonic()
    answer = service.ask("all", "GET", f"{path}{'&' if '?' in path else '?'}after={sequence}")
    if answer.status_code == 503:
        problem(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert time.monotonic() - started >= catching_up.PATIENCE / 2
    return answer.status_code


def test_what_is_there_is_answered_at_once_and_what_is_to_come_is_refused(service: Service) -> None:
    receipt = service.push("hr", "1", ROSALIND)
    person, sequence = receipt["entity_id"], receipt["sequence"]
    paths = [f"/v1/entities/{person}{part}" for part in ("", "/records", "/how", "/timeline", "/network")]
    paths += ["/v1/records/hr/1", f"/v1/paths?from={person}&to={person}", "/v1/findings"]
    paths += [f"/v1/patterns/shared_address/run?about={person}"]
    assert [asked(service, path, sequence) for path in paths] == [200] * len(paths)
    for path in paths:
        joint = "&" if "?" in path else "?"
        problem(service.ask("all", "GET", f"{path}{joint}after={sequence + 1_000_000}"), 400, "malformed")


def test_what_a_bulk_load_has_not_drawn_yet_is_waited_for(service: Service) -> None:
    (receipt,) = service.kith.pipeline.put_records([(stranger(1), None)], "test", bulk=True)
    assert not isinstance(receipt, Exception)
    path = f"/v1/entities/{receipt.entity_id}"
    if service.kith.settings.neo4j_url is None:  # nobody draws it until the load settles
        assert asked(service, f"{path}/network", receipt.sequence) == 503
        assert asked(service, f"{path}/records", receipt.sequence) == 200
        assert asked(service, f"{path}/network", 0) == 200
        service.kith.pipeline.settle()
    assert asked(service, f"{path}/network", receipt.sequence) == 200
    assert [node["id"] for node in service.get(f"{path}/network")["nodes"]].count(
        receipt.entity_id or ""
    ) == 1


def test_while_the_graph_is_down_what_the_ledger_says_is_read(down: Service) -> None:
    receipt = down.push("hr", "1", ROSALIND)
    path, sequence = f"/v1/entities/{receipt['entity_id']}", receipt["sequence"]
    for part in ("/records", "/how", "/timeline"):
        assert asked(down, path + part, sequence) == 200
    assert asked(down, path, sequence) == 503
    assert down.ask("all", "GET", path).status_code == 200


def test_an_owner_put_again_waits_since_the_first_time(service: Service) -> None:
    def put(session: Session) -> None:
        session.outbox.put(["x900"])

    service.kith.pipeline.run(put)
    with service.kith.ledger.read() as session:
        first = session.outbox.oldest()
    service.kith.pipeline.put_records([(stranger(2), None)], "test", bulk=True)
    service.kith.pipeline.run(put)
    with service.kith.ledger.read() as session:
        assert session.outbox.oldest() == first


@pytest.mark.neo4j
@pytest.mark.slow
@pytest.mark.parametrize("twin", [False, True], ids=["sound", "the twin that never waits"])
def test_a_slow_neo4j_shows_a_person_and_the_finding_to_whoever_names_the_receipt(
    clean_neo4j: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, twin: bool
) -> None:
    with proxy(clean_neo4j) as between, running(tmp_path / "kith", neo4j_url=between.url) as service:
        service.push("hr", "0", {"name": [{"full": "Somebody Else"}], "date_of_birth": "1950-01-01"})
        assert service.kith.pipeline.settle()
        between.delay = 0.4
        service.push("custody", "N1", DEXTER)
        receipt = service.push("hr", "1", ROSALIND)
        if twin:
            monkeypatch.setattr(catching_up, "_reached", lambda *_: True)
        else:
            between.delay = 0.02  # slow enough to be waited for, and caught up with soon
        path = f"/v1/entities/{receipt['entity_id']}"
        deadline = time.monotonic() + 120
        while (status := asked(service, f"{path}/network", receipt["sequence"])) == 503:
            assert time.monotonic() < deadline
        shown = service.get(f"{path}/network") if status == 200 else {"nodes": []}
        between.delay = 0.0
        there = [node["id"] for node in shown["nodes"]].count(receipt["entity_id"])
        assert there == (0 if twin else 1)
