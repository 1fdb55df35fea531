"""Two server processes on one data folder: many clients push the same persons, and each is one person."""

import random
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from json import dumps, loads
from pathlib import Path
from typing import Any

import pytest
from forked_kith import nursery, wait_until_open
from write_load import copies

from app.ingest.canonical import parse_record
from app.settings import Settings
from app.wiring import open_kith

CLIENTS = 32
PERSONS = (
    ("Rosalind", "Quillfeather"),
    ("Dexter", "Harrowgate"),
    ("Ines", "Castellan"),
    ("Kwame", "Dunmore"),
)
SPELLINGS = 3


def said(person: int, client: int) -> dict[str, Any]:
    """Return what one client says of a person: all agree on birth and number, not on the rest."""
    given, family = PERSONS[person]
    name = (
        {"given": given, "family": family},
        {"full": f"{family}, {given}"},
        {"full": f"{given} X {family}"},
    )
    attributes: dict[str, Any] = {
        "name": [name[client % SPELLINGS]],
        "date_of_birth": f"{1960 + 9 * person}-{3 + person:02d}-{11 + person}",
        "staff_number": f"{70_000 + 7919 * person}",
    }
    if client % 4 == 0:
        attributes["email"] = f"{given}.{family}{client % 8}@example.org".lower()
    return {"attributes": attributes}


def push_all(port: int, key: str, client: int) -> list[dict[str, Any]]:
    """Push every person from one client, in an order of its own; return the receipts."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    receipts = []
    for person in random.Random(client).sample(range(len(PERSONS)), len(PERSONS)):
        connection.request("PUT", f"/v1/records/hr/{client}-{person}", dumps(said(person, client)), headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        receipts.append(loads(body))
    connection.close()
    return receipts


def one_by_one(folder: Path) -> str:
    """Return the partition digest of the same pushes, one after another in one process."""
    kith = open_kith(Settings(data=folder, neo4j_url=None))
    for client in range(CLIENTS):
        rows = [parse_record("hr", f"{client}-{n}", said(n, client)) for n in range(len(PERSONS))]
        kith.pipeline.put_records(rows, "test")
    digest = copies(kith)[0]
    kith.close()
    return digest


@pytest.mark.slow
def test_clients_of_two_processes_make_one_entity_of_each_person(tmp_path: Path) -> None:
    kith = open_kith(Settings(data=tmp_path / "data", neo4j_url=None))
    with kith.ledger.write() as session:
        session.sources.register("hr", None, "test")
        key = session.keys.create("load", ["pusher"], "hr", "test")
    kith.close()
    with nursery(tmp_path / "data", listeners=2) as (home, listeners):
        servers = [home.start(listener=listener) for listener in listeners]
        ports = [listener.getsockname()[1] for listener in listeners]
        for port in ports:
            wait_until_open(port)
        with ThreadPoolExecutor(CLIENTS) as threads:
            work = [threads.submit(push_all, ports[n % 2], key, n) for n in range(CLIENTS)]
            receipts = [receipt for one in work for receipt in one.result()]
        for server in servers:
            home.kill(server)
    assert {receipt["status"] for receipt in receipts} == {"accepted"}
    kith = open_kith(Settings(data=tmp_path / "data", neo4j_url=None))
    with kith.ledger.read() as session:
        assert session.identity.count() == len(PERSONS)
        assert {session.identity.follow(receipt["entity_id"]) for receipt in receipts} == set(
            session.identity.entities()
        )
        assert session.audit.verify() is None
    assert list(kith.ledger.check()) == []
    assert kith.graph.counts()["Person"] == len(PERSONS)
    assert kith.graph.counts()["SourceRecord"] == CLIENTS * len(PERSONS)
    digest = copies(kith)[0]
    kith.close()
    assert digest == one_by_one(tmp_path / "again")
