"""A flood beyond capacity: who cannot be served is told at once, and when to come; the others are served."""

import asyncio
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn

from app.main import create_app
from app.security.limits import Limiter
from app.settings import Settings
from app.wiring import Kith, open_kith

CAPACITY = 16
FLOOD = 10 * CAPACITY
PATIENCE = 60.0


@dataclass
class Answers:
    """What came back so far: how many of each status, and how many refusals without a Retry-After."""

    statuses: Counter[int] = field(default_factory=Counter)
    unkind: int = 0

    @property
    def refused(self) -> int:
        return self.statuses[429] + self.statuses[503]


@contextmanager
def serving(data: Path, limiter: Limiter) -> Iterator[tuple[Kith, int, str]]:
    """Serve a data folder over HTTP in a thread; yield Kith, the port and a pusher's key."""
    kith = open_kith(Settings(data=data))
    with kith.ledger.write() as session:
        session.sources.register("hr", None, "test")
        key = session.keys.create("load", ["pusher"], "hr", "test")
    app = create_app(kith)
    app.state.limiter = limiter
    listener = socket.create_server(("127.0.0.1", 0), backlog=FLOOD)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield kith, listener.getsockname()[1], key
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        kith.close()


async def put(port: int, key: str, number: int, answers: Answers) -> None:
    """Put one record on a connection of its own and count the answer."""
    name = {"name": [{"full": f"Person {number}"}], "email": f"p{number}@example.org"}
    body = json.dumps({"attributes": name}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"PUT /v1/records/hr/{number} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    answer = (await reader.read()).lower()
    writer.close()
    status = int(answer[9:12])
    answers.statuses[status] += 1
    answers.unkind += status in {429, 503} and b"retry-after: " not in answer


def flood(port: int, key: str, answers: Answers, numbers: Iterable[int] = range(FLOOD)) -> threading.Thread:
    """Send all at once, from a thread of its own."""

    async def all_at_once() -> None:
        await asyncio.gather(*(put(port, key, number, answers) for number in numbers))

    thread = threading.Thread(target=lambda: asyncio.run(all_at_once()), daemon=True)
    thread.start()
    return thread


def flooded_while_locked(kith: Kith, port: int, key: str, patience: float) -> tuple[int, Answers]:
    """Flood while no write can go on; return how many were refused before one could, and all answers."""
    answers = Answers()
    with kith.ledger.write():
        thread = flood(port, key, answers)
        until = time.monotonic() + patience
        while answers.refused < FLOOD - CAPACITY and time.monotonic() < until:
            time.sleep(0.02)
        early = answers.refused
    thread.join(timeout=PATIENCE)
    return early, answers


def test_beyond_capacity_nobody_waits_and_nothing_breaks(tmp_path: Path) -> None:
    with serving(tmp_path / "kith", Limiter(per_key=CAPACITY, in_all=CAPACITY)) as (kith, port, key):
        kith.ledger._wait = PATIENCE  # type: ignore[attr-defined]
        early, answers = flooded_while_locked(kith, port, key, PATIENCE)
        assert early == FLOOD - CAPACITY
        assert answers.statuses == {200: CAPACITY, 503: FLOOD - CAPACITY}
        assert answers.unkind == 0
        with kith.ledger.read() as session:
            assert session.records.count() == CAPACITY
        after = Answers()
        flood(port, key, after, [999]).join(timeout=PATIENCE)
        assert after.statuses == {200: 1}


def test_a_twin_that_lets_everybody_wait_is_found_out(tmp_path: Path) -> None:
    with serving(tmp_path / "kith", Limiter(per_key=10**6, in_all=10**6)) as (kith, port, key):
        kith.ledger._wait = PATIENCE  # type: ignore[attr-defined]
        early, _ = flooded_while_locked(kith, port, key, 2.0)
        assert early == 0
