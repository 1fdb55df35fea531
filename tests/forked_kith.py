"""A real Kith server, killed and started again cheaply: forked from a process that has everything loaded.

Run as a script it is that process: for each line `DATA FD NEO4J MODE POINT` it forks a server and prints its
process id; for `wait ID` it prints how that one ended. Modes: `sound`, and the broken twin `early`, which
answers before the commit. A point is a place in the code where the server kills itself at the n-th time it
comes by: `clustering:3`.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from builders import record


@dataclass
class Nursery:
    """The parent of servers on one data folder: each is a process of its own behind the same address."""

    data: Path
    process: subprocess.Popen[str]
    listener: socket.socket
    neo4j_url: str = "-"
    ended: dict[int, int] = field(default_factory=dict)

    @property
    def port(self) -> int:
        """Return the port that every life listens on."""
        return int(self.listener.getsockname()[1])

    def start(self, mode: str = "sound", point: str = "-", listener: socket.socket | None = None) -> int:
        """Start a server and return its process id; it answers as soon as it has opened the folder."""
        fd = (listener or self.listener).fileno()
        return int(self._say(f"{self.data} {fd} {self.neo4j_url} {mode} {point}"))

    def kill(self, pid: int) -> None:
        """End a server as a power switch would: SIGKILL, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.wait(pid)

    def wait(self, pid: int) -> int:
        """Wait for the end of a server and return how it ended (negative = by that signal)."""
        if pid not in self.ended:
            self.ended[pid] = int(self._say(f"wait {pid}"))
        return self.ended[pid]

    def _say(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the nursery died"
        return answer


@contextmanager
def nursery(
    data: Path, neo4j_url: str | None = None, listeners: int = 1
) -> Iterator[tuple[Nursery, list[socket.socket]]]:
    """Run a nursery with so many listening sockets; the first is its own."""
    sockets = []
    for _ in range(listeners):
        sockets.append(socket.socket())
        sockets[-1].bind(("127.0.0.1", 0))
        sockets[-1].listen(256)
    process = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=[one.fileno() for one in sockets],
    )
    try:
        yield Nursery(data, process, sockets[0], neo4j_url or "-"), sockets
    finally:
        process.communicate()
        for one in sockets:
            one.close()


def wait_until_open(port: int) -> None:
    """Return when the server answers."""
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", "/health/live")
        assert connection.getresponse().status == 200


def _serve(data: str, fd: str, neo4j_url: str, mode: str, point: str) -> None:
    import uvicorn

    from app.main import create_app
    from app.settings import Settings
    from app.wiring import open_kith

    if mode == "early":
        _answer_early()
    if point != "-":
        name, _, times = point.partition(":")
        _die_at(name, int(times))
    url = None if neo4j_url == "-" else neo4j_url
    kith = open_kith(Settings(data=Path(data), neo4j_url=url))
    config = uvicorn.Config(create_app(kith), log_level="error", access_log=False)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(fd))])
    kith.close()


def _points() -> dict[str, tuple[Any, str, bool]]:
    """Return each named point: whose attribute it is, its name, and whether death comes before the call."""
    from app import group_commit, pipeline, resolving, unit_of_work
    from ledger.ledgers.sqlite.audit import SqliteAudit
    from resolvers import components

    return {
        "put": (resolving, "update", True),
        "clustering": (components, "cluster", True),
        "clustered": (components, "cluster", False),
        "resolved": (pipeline, "resolve", False),
        "drawn": (unit_of_work.Effects, "project", False),
        "audited": (SqliteAudit, "append", False),
        "committed": (group_commit.GroupCommit, "_commit", False),
    }


def _die_at(point: str, times: int) -> None:
    """Make this process kill itself at the n-th passing of a point."""
    owner, name, before = _points()[point]
    original, left = getattr(owner, name), [times]

    def deadly(*values: Any, **named: Any) -> Any:
        left[0] -= 1
        if before and left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = original(*values, **named)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(owner, name, deadly)


def _answer_early() -> None:
    """Break the group commit: each item is answered inside the transaction, committed a little later."""
    from app.group_commit import GroupCommit

    def join(self: Any, together: Callable[[Any, Any], Any], item: Any) -> Any:
        answered, held = threading.Event(), []

        def work() -> None:
            with self._turn, self._ledger.write() as session:
                try:
                    held.extend(together(session, [item]))
                except Exception as error:
                    held.append(error)
                answered.set()
                threading.Event().wait(0.02)

        threading.Thread(target=work).start()
        answered.wait()
        if isinstance(held[0], Exception):
            raise held[0]
        return held[0]

    GroupCommit.join = join  # type: ignore[method-assign]


def main() -> None:
    """Load everything, then fork on demand."""
    import app.main
    import app.wiring  # noqa: F401
    from resolvers.features import extract
    from resolvers.linkage_model import default_model

    extract(record("warm|1"))
    default_model()
    for line in sys.stdin:
        said = line.split()
        if said[0] == "wait":
            answer = os.waitstatus_to_exitcode(os.waitpid(int(said[1]), 0)[1])
        else:
            answer = os.fork()
            if answer == 0:
                os.close(0)
                os.dup2(2, 1)
                _serve(*said)
                os._exit(0)
        print(answer, flush=True)


if __name__ == "__main__":
    main()
