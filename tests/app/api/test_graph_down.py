"""With a Neo4j that does not answer: pushes are taken, the ledger reads go on, the graph says try again."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_kith import ROSALIND, Service, problem, running


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("KITH_NEO4J_URL", f"bolt://127.0.0.1:{port}")
    with running(tmp_path / "kith") as service:
        yield service


def test_the_graph_is_down_and_the_main_job_goes_on(service: Service) -> None:
    entity = service.push("hr", "1", ROSALIND)["entity_id"]
    assert service.get(f"/v1/entities/{entity}")["display_name"] == "Rosalind Quillfeather"
    for path in (f"/v1/entities/{entity}/network", f"/v1/paths?from={entity}&to={entity}"):
        started = time.monotonic()
        answer = service.ask("all", "GET", path)
        problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"]
        assert time.monotonic() - started < 3
    asked = {"staff_number": "S77310", "name": "Rosalind"}
    answer = service.ask("all", "POST", "/v1/search", json=asked).json()
    assert [hit["entity_id"] for hit in answer["hits"]] == [entity]
    assert answer["truncated"]
    assert "graph does not answer" in answer["cut"]
    # Nobody found without the graph is no word that nobody fits.
    problem(service.ask("all", "POST", "/v1/search", json={"name": "Zacharias Nowhere"}), 503, "unavailable")
    ready = service.client.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json()["outbox"] == 1
    assert "graph" in ready.json()["problems"][0]
    assert service.client.get("/health/live").status_code == 200
