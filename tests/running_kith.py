"""A whole Kith behind a test client: real ledger, real embedded graph, a key for each role."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.wiring import Kith, open_kith

ROLES = ("pusher", "investigator", "reviewer", "auditor", "admin")
LOOPBACK = ("127.0.0.1", 50000)

ROSALIND: Mapping[str, Any] = {
    "name": [{"given": "Rosalind", "family": "Quillfeather"}],
    "date_of_birth": "1984-03-14",
    "staff_number": "S77310",
    "phone": "07700 900418",
    "address": [{"line": "14 Alder Close, Northway", "postcode": "ZZ9 7AB", "valid_from": "2021-04-01"}],
}
DEXTER: Mapping[str, Any] = {
    "name": [{"given": "Dexter", "family": "Harrowgate"}],
    "date_of_birth": "1979-11-02",
    "address": [{"line": "14 Alder Close, Northway", "postcode": "ZZ9 7AB", "valid_from": "2022-01-01"}],
}
CUSTODY: Mapping[str, Any] = {
    "kind": "custody",
    "from": "2024-05-03T21:00:00Z",
    "to": "2024-05-04T06:00:00Z",
    "participants": [{"source": "custody", "source_id": "N1", "role": "detained"}],
}


@dataclass
class Service:
    """A running application: a client, a key for each role, and the system behind."""

    kith: Kith
    client: TestClient
    keys: dict[str, str]

    def ask(self, role: str, method: str, path: str, **more: Any) -> Any:
        """Return the answer to one request with the key of a role."""
        headers = {"Authorization": f"Bearer {self.keys[role]}", **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, follow_redirects=False, **more)

    def push(self, source: str, id_: str, attributes: Mapping[str, Any], **more: Any) -> Any:
        """Push a record and return its receipt."""
        answer = self.ask(
            "all", "PUT", f"/v1/records/{source}/{id_}", json={"attributes": attributes, **more}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str, **more: Any) -> Any:
        """Return what a GET answers."""
        answer = self.ask("all", "GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()


@dataclass
class Known:
    """A service that is only read, and whom it holds."""

    service: Service
    officer: str
    detained: str
    finding: str


def problem(answer: Any, status: int, kind: str) -> dict[str, Any]:
    """Return the body of an answer that must be this problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"urn:kith:problem:{kind}"
    assert body["status"] == status
    return body


@contextmanager
def running(
    data: Path,
    sources: tuple[str, ...] = ("hr", "vetting", "custody"),
    neo4j_url: str | None = None,
    settings: Settings | None = None,
) -> Iterator[Service]:
    """Run the application over a data folder, with keys and sources.

    With a Neo4j URL the ledger's file holds no table of an embedded graph that an answer could come from.
    """
    settings = settings or Settings(data=data)
    kith = open_kith(settings if neo4j_url is None else settings.model_copy(update={"neo4j_url": neo4j_url}))

    def prepare(session: Any) -> dict[str, str]:
        for source in sources:
            session.sources.register(source, None, "test")
        keys = {role: session.keys.create(role, [role], None, "test") for role in ROLES}
        keys["pusher"] = session.keys.create("pusher", ["pusher"], "hr", "test")
        return {**keys, "all": session.keys.create("all", ROLES, None, "test")}

    keys = kith.pipeline.run(prepare)
    if neo4j_url is not None:
        with kith.ledger.read() as session:
            tables = "SELECT name FROM sqlite_schema WHERE name LIKE 'graph%'"
            assert session.connection.execute(tables).fetchall() == []
    with TestClient(
        create_app(kith), base_url="http://127.0.0.1", client=LOOPBACK, raise_server_exceptions=False
    ) as client:
        yield Service(kith, client, keys)
    kith.close()


def two_who_share_a_home(service: Service) -> tuple[str, str]:
    """Push an officer and a detained person at one address; return their entities."""
    detained = service.push("custody", "N1", DEXTER)["entity_id"]
    assert service.ask("all", "PUT", "/v1/events/custody/D1", json=CUSTODY).status_code == 200
    officer = service.push("hr", "1", ROSALIND)["entity_id"]
    return officer, detained
