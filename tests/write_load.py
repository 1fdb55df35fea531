"""Eight clients of the way in, what each was promised, and whether the ledger keeps it."""

import http.client
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from app.wiring import Kith
from ledger.ledger import Ledger
from resolvers.domain import RecordKey

FAMILY = ("Abbott", "Brzeski", "Castellan", "Dunmore", "Everitt", "Fitzhugh", "Grimaldi", "Hartigan")
GIVEN = ("Ann", "Boris", "Chidi", "Dolores", "Edmund", "Farah", "Gwen", "Hiroshi")
PERSONS = 64
MOST_RECORDS = 40
"""A client replaces and deletes rather than hold more than this."""


def attributes(person: int, variant: int) -> dict[str, Any]:
    """Return what a source may say of a person; variants leave out different things, so that they bridge."""
    family, given = FAMILY[person % 8], GIVEN[person // 8 % 8]
    said: dict[str, Any] = {"name": [{"given": given, "family": family}]}
    if variant % 2:
        said["date_of_birth"] = f"{1950 + person}-{person % 12 + 1:02d}-{person % 28 + 1:02d}"
    if variant % 3:
        said["staff_number"] = f"{person * 7919 % 100_003:06d}"
    if variant % 5:
        said["email"] = f"{given}.{family}.{person}@example.org".lower()
    return said


@dataclass(frozen=True)
class Request:
    """One thing a client says: `version` None for a judgement."""

    method: str
    path: str
    body: dict[str, Any] | None
    key: str
    version: int | None


@dataclass
class Client:
    """One source's client: repeats what was not answered, remembers what was."""

    source: str
    chance: random.Random
    versions: dict[str, int] = field(default_factory=dict)
    live: list[str] = field(default_factory=list)
    promised: list[tuple[Request, dict[str, Any]]] = field(default_factory=list)
    open: Request | None = None
    repeated: int = 0

    def work(self, port: int, key: str, go_on: Callable[[], bool]) -> None:
        """Say one thing after another until told to stop or the server is gone."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        try:
            while go_on():
                self.repeated += self.open is not None
                said = self.open = self.open or self._next()
                body = None if said.body is None else json.dumps(said.body)
                connection.request(said.method, said.path, body, headers)
                answer = connection.getresponse()
                text = answer.read()
                assert answer.status in {200, 409}, text
                assert answer.status == 200 or said.version is None, text
                self.open = None
                if answer.status == 200:
                    self.promised.append((said, json.loads(text)))
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()

    def _next(self) -> Request:
        dice = self.chance.random()
        if dice < 0.15 and len(self.live) > 2:
            left, right = self.chance.sample(self.live, 2)
            pair = {"left": f"{self.source}|{left}", "right": f"{self.source}|{right}"}
            body = {**pair, "same": self.chance.random() < 0.5, "reason": "a test says so"}
            return Request("POST", "/v1/judgements", body, left, None)
        if self.live and (dice < 0.6 or len(self.live) >= MOST_RECORDS):
            id_ = self.chance.choice(self.live)
        else:
            id_ = str(len(self.versions))
            self.live.append(id_)
        version = self.versions[id_] = self.versions.get(id_, 0) + 1
        path = f"/v1/records/{self.source}/{id_}"
        if version > 1 and (dice < 0.25 or len(self.live) >= MOST_RECORDS):
            self.live.remove(id_)
            return Request("DELETE", f"{path}?version={version}", None, id_, version)
        said = attributes(self.chance.randrange(PERSONS), self.chance.randrange(30))
        return Request("PUT", path, {"version": version, "attributes": said}, id_, version)


def clients(count: int = 8, seed: int = 5) -> list[Client]:
    """Return clients that say the same things for the same seed."""
    return [Client(f"s{place}", random.Random(f"{seed}:{place}")) for place in range(count)]


def at_once(
    load: list[Client], ports: list[int], key: str, go_on: Callable[[], bool], meanwhile: Callable[[], None]
) -> None:
    """Let all clients work, spread over the ports, while `meanwhile` runs; return when all have stopped."""
    with ThreadPoolExecutor(len(load)) as threads:
        working = [
            threads.submit(client.work, ports[place % len(ports)], key, go_on)
            for place, client in enumerate(load)
        ]
        meanwhile()
        for work in working:
            work.result()


def copies(kith: Kith) -> tuple[str, str]:
    """Return the digests of partition and graph."""
    with kith.ledger.read() as session:
        return session.identity.partition_digest(), kith.graph.digest()


def broken_promises(ledger: Ledger, load: list[Client]) -> list[str]:
    """Return what was promised and is not there, and what is there twice; empty when all is kept."""
    return list(_broken(ledger, load))


def _broken(ledger: Ledger, load: list[Client]) -> Iterator[str]:
    yield from ledger.check()
    with ledger.read() as session:
        entries = {entry.sequence: entry for entry in _entries(session)}
        bad = session.audit.verify()
        stored = {
            (client.source, id_): session.records.get(RecordKey(client.source, id_))
            for client in load
            for id_ in client.versions
        }
        pushes = session.connection.execute(
            "SELECT count(*) FROM audit WHERE json_extract(body, '$.audit_class') IN ('push', 'judge')"
            " AND json_extract(body, '$.outcome') = 'allowed'"
        ).get
    if bad is not None:
        yield f"the audit chain breaks at {bad}"
    for client in load:
        for said, receipt in client.promised:
            yield from _kept(client, said, receipt, entries, stored.get((client.source, said.key)))
    written = Counter(
        (entry.subject, entry.detail.get("version"))
        for entry in entries.values()
        if entry.kind.startswith("record.")
    )
    yield from (
        f"record {number} has version {version} twice" for (number, version), n in written.items() if n > 1
    )
    promised = sum(len(client.promised) for client in load)
    if (
        not promised
        <= pushes
        <= promised + sum(client.repeated + (client.open is not None) for client in load)
    ):
        yield f"{pushes} looks are written down of {promised} promised"


def _kept(client: Client, said: Request, receipt: dict[str, Any], entries: Any, stored: Any) -> Iterator[str]:
    what = f"{said.method} {client.source}/{said.key} version {said.version}"
    entry = entries.get(receipt["sequence"])
    if entry is None:
        yield f"{what}: entry {receipt['sequence']} is lost"
    elif said.version is None:
        if (entry.kind, entry.subject) != ("judgement", receipt["id"]):
            yield f"{what}: entry {receipt['sequence']} is {entry.kind}"
    elif stored is None or stored.version < said.version:
        yield f"{what}: the record is older"
    elif entry.subject != str(stored.number) or entry.detail.get("version") != said.version:
        yield f"{what}: entry {receipt['sequence']} is another's"


def _entries(session: Any) -> Iterator[Any]:
    after = 0
    while rows := session.entries(after, 10_000):
        yield from rows
        after = rows[-1].sequence
