"""Durable writes a second at a store of 100,000 records: single PUTs, open-loop latency, NDJSON, a flood.

    python benchmarks/write.py [--records 110000] [--servers 1] [--seconds 15]

The store is a synthetic force, kept in .cache between runs; one record in ten is held back and pushed, so
that a push meets the person it belongs to. Server and client share the machine; both CPU times are shown.
"""

import argparse
import asyncio
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from pathlib import Path

from app.ingest.mapping import load_mapping
from app.ingest.reading import read
from app.settings import Settings
from app.synthetic.generation import SYSTEMS, generate
from app.wiring import open_kith
from ledger.content import record_text

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "bench-write"
HELD_BACK = 10
CONNECTIONS = 32
FLOOD = 640
"""Connections of the flood: ten times what one key may run at once."""
RATE = 100
LINES = 1_000


@dataclass(slots=True)
class Figures:
    """What one run of the load saw."""

    answered: int = 0
    refused: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    client_cpu: float = 0.0
    server_cpu: float = 0.0

    def row(self, name: str, each: int = 1) -> str:
        """Return a line of the table; `each` records go with an answer."""
        ms = sorted(1000 * latency for latency in self.latencies)
        cut = statistics.quantiles(ms, n=100) if len(ms) > 1 else ms * 99
        return (
            f"{name:28}{self.answered * each / self.seconds:8,.0f}/s  p50 {cut[49]:6.1f}  p95 {cut[94]:6.1f}"
            f"  p99 {cut[98]:6.1f} ms  refused {self.refused:,}  CPU server {self.server_cpu:.1f} s,"
            f" client {self.client_cpu:.1f} s of {self.seconds:.1f} s"
        )


def prepare(records: int) -> Path:
    """Make the store and the file of held-back pushes, unless they are there; return their folder."""
    folder = CACHE / str(records)
    if (folder / "done").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    made = generate(folder / "force", staff=records * 10 // 115, related=records * 50 // 115, years=0.25)
    kith = open_kith(Settings(data=folder / "data"))
    kith.pipeline.run(
        lambda session: (folder / "key").write_text(session.keys.create("bench", ["pusher"], None, "bench"))
    )
    with (folder / "pushes.jsonl").open("w") as pushes:
        for system in SYSTEMS:
            mapping = load_mapping(files("sources").joinpath(f"{system}.yaml").read_text("utf-8"))
            reading = read(made.files[system], mapping)
            for chunk in reading.records:
                kept = []
                for place, (record, version) in enumerate(chunk):
                    if place % HELD_BACK:
                        kept.append((record, version))
                        continue
                    body = {"attributes": json.loads(record_text(record))}
                    said = [record.key.source, record.key.source_id, body]
                    pushes.write(json.dumps(said) + "\n")
                kith.pipeline.put_records(kept, "bench", bulk=True)
            for events in reading.events:
                kith.pipeline.put_events(events, "bench", bulk=True)
        kith.pipeline.run(
            lambda session: [
                session.sources.register(row["source"], None, "b") for row in session.sources.freshness()
            ]
        )
    kith.pipeline.settle()
    kith.close()
    (folder / "done").touch()
    return folder


class Connection(asyncio.Protocol):
    """One kept-alive HTTP/1.1 connection: requests given as bytes, answers as (status, latency)."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the request that waits."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("closed"))

    def data_received(self, data: bytes) -> None:
        """Answer once the whole response is here."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(self._buffer) >= end + 4 + length and self._answer is not None:
            self._buffer.clear()
            self._answer.set_result(int(head[9:12]))

    async def ask(self, request: bytes) -> int:
        """Send a request and return the status of its answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer


def requests(folder: Path, key: str) -> Iterator[bytes]:
    """Yield a PUT for each push that was held back."""
    for line in (folder / "pushes.jsonl").open():
        source, source_id, body = json.loads(line)
        yield request("PUT", f"/v1/records/{source}/{source_id}", json.dumps(body), "application/json", key)


def batches(folder: Path, key: str, lines: int = LINES) -> Iterator[bytes]:
    """Yield NDJSON batches of the pushes that were held back, so many lines each, under new ids."""
    said = []
    for line in (folder / "pushes.jsonl").open():
        source, source_id, body = json.loads(line)
        said.append(json.dumps({"source": source, "id": f"again-{source_id}", **body}))
    for first in range(0, len(said), lines):
        text = "\n".join(said[first : first + lines])
        yield request("POST", "/v1/records:batch", text, "application/x-ndjson", key)


def request(method: str, path: str, body: str, media_type: str, key: str) -> bytes:
    """Return an HTTP request as bytes."""
    content = body.encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: {media_type}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def connect(ports: list[int], count: int) -> list[Connection]:
    """Open connections, spread over the ports."""
    loop = asyncio.get_running_loop()
    return [
        (await loop.create_connection(Connection, "127.0.0.1", ports[place % len(ports)]))[1]
        for place in range(count)
    ]


async def closed_loop(ports: list[int], count: int, said: Iterator[bytes], seconds: float) -> Figures:
    """Keep `count` connections busy for so many seconds, or until there is nothing more to say."""
    figures, started = Figures(), time.perf_counter()

    async def work(connection: Connection) -> None:
        while time.perf_counter() - started < seconds and (one := next(said, None)) is not None:
            await timed(figures, connection, one, time.perf_counter())

    await asyncio.gather(*(work(connection) for connection in await connect(ports, count)))
    figures.seconds = time.perf_counter() - started
    return figures


async def open_loop(ports: list[int], rate: int, said: Iterator[bytes], seconds: float) -> Figures:
    """Send at a fixed rate whether or not answers come; latency counts from when it was due."""
    figures, free = Figures(), asyncio.Queue[Connection]()
    for connection in await connect(ports, 60):
        free.put_nowait(connection)
    started, waiting = time.perf_counter(), []

    async def work(one: bytes, due: float) -> None:
        connection = await free.get()
        await timed(figures, connection, one, due)
        free.put_nowait(connection)

    for place in range(round(rate * seconds)):
        due = started + place / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        waiting.append(asyncio.create_task(work(next(said), due)))
    await asyncio.gather(*waiting)
    figures.seconds = time.perf_counter() - started
    return figures


async def flood(ports: list[int], said: Iterator[bytes], seconds: float) -> Counter[int]:
    """Keep `FLOOD` clients asking, each on a new connection each time; count answers by status, 0 = none."""
    statuses, until = Counter[int](), time.perf_counter() + seconds
    loop = asyncio.get_running_loop()

    async def work(port: int) -> None:
        while time.perf_counter() < until and (one := next(said, None)) is not None:
            try:
                transport, connection = await loop.create_connection(Connection, "127.0.0.1", port)
                statuses[await connection.ask(one)] += 1
                transport.close()
            except OSError:
                statuses[0] += 1
            await asyncio.sleep(0.5)

    await asyncio.gather(*(work(ports[place % len(ports)]) for place in range(FLOOD)))
    return statuses


def memory_of(servers: list[subprocess.Popen[bytes]]) -> float:
    """Return the resident megabytes of the server processes now."""
    pages = sum(int(Path(f"/proc/{one.pid}/statm").read_text().split()[1]) for one in servers)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def timed(figures: Figures, connection: Connection, one: bytes, due: float) -> None:
    """Ask, and count the answer."""
    status = await connection.ask(one)
    figures.latencies.append(time.perf_counter() - due)
    figures.answered += status == 200
    figures.refused += status != 200


def cpu_of(servers: list[subprocess.Popen[bytes]]) -> float:
    """Return the CPU seconds of the server processes so far."""
    ticks = 0
    for server in servers:
        parts = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(parts[11]) + int(parts[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def start(folder: Path, count: int) -> tuple[list[subprocess.Popen[bytes]], list[int]]:
    """Start server processes on one data folder; return them and their ports."""
    servers, ports = [], []
    for _ in range(count):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
        command = [sys.executable, "-m", "app.cli", "serve", "--data", str(folder), "--port", str(ports[-1])]
        servers.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        while True:
            try:
                socket.create_connection(("127.0.0.1", ports[-1])).close()
                break
            except OSError:
                time.sleep(0.1)
    return servers, ports


def main() -> None:
    """Run the loads and print a line each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=110_000)
    options.add_argument("--servers", type=int, default=1)
    options.add_argument("--seconds", type=float, default=15.0)
    options.add_argument("--rate", type=int, default=RATE)
    given = options.parse_args()
    made = prepare(given.records)
    folder, key = CACHE / "run", (made / "key").read_text()
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made / "data", folder)
    said = requests(made, key)
    servers, ports = start(folder, given.servers)
    loads = {
        f"PUTs, {CONNECTIONS} connections": (1, partial(closed_loop, ports, CONNECTIONS, said)),
        f"PUTs, open loop {given.rate}/s": (1, partial(open_loop, ports, given.rate, said)),
        f"NDJSON, {LINES} lines each": (LINES, partial(closed_loop, ports, 2, batches(made, key))),
    }
    try:
        for name, (each, load_) in loads.items():
            server, client = cpu_of(servers), resource.getrusage(resource.RUSAGE_SELF)
            figures = asyncio.run(load_(given.seconds))
            after = resource.getrusage(resource.RUSAGE_SELF)
            figures.server_cpu = cpu_of(servers) - server
            figures.client_cpu = after.ru_utime + after.ru_stime - client.ru_utime - client.ru_stime
            print(figures.row(name, each), flush=True)
        before = memory_of(servers)
        statuses = asyncio.run(flood(ports, batches(made, key, lines=1), given.seconds))
        told = ", ".join(f"{number:,} × {status}" for status, number in sorted(statuses.items()))
        print(f"flood of {FLOOD} connections: {told}; memory {before:.0f} → {memory_of(servers):.0f} MB")
    finally:
        for one in servers:
            one.terminate()
            one.wait()


if __name__ == "__main__":
    main()
