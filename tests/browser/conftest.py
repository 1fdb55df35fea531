"""A running Kith with a small made-up world, and a browser page that forbids itself any fault."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from browser_service import Faults, Service
from browser_world import fill
from playwright.sync_api import Page

from app.main import create_app
from app.settings import Settings
from app.wiring import open_kith

ROLES = ("pusher", "investigator", "reviewer", "auditor", "admin")
CLOSED = "bolt://127.0.0.1:9"
"""A graph that does not answer: nothing listens on the discard port."""


Serve = Callable[[Path, str | None], Service]


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """Yield a function that serves a data folder, on the graph of a URL or the embedded one."""
    running: list[tuple[uvicorn.Server, threading.Thread, Service]] = []

    def start(data: Path, neo4j_url: str | None = None) -> Service:
        kith = open_kith(Settings(data=data, neo4j_url=neo4j_url))
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(create_app(kith), log_level="error", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        with kith.ledger.write() as session:
            key = session.keys.create("tester", ROLES, None, "test")
            key_id = session.keys.check(key)["id"]
        api = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)
        running.append((server, thread, Service(kith, url, api, key_id)))
        return running[-1][2]

    yield start
    for server, thread, service in running:
        service.api.close()
        server.should_exit = True
        thread.join(timeout=20)
        service.kith.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> Path:
    """Return a data folder with the made-up world in it, to be copied by whoever changes it."""
    data = tmp_path_factory.mktemp("world") / "data"
    fill(serve(data, None).api)
    return data


@pytest.fixture(scope="session")
def world(filled: Path, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Return a service over the made-up world; tests only read it."""
    return serve(copy(filled, tmp_path_factory.mktemp("read")), None)


@pytest.fixture
def own_world(filled: Path, serve: Serve, tmp_path: Path) -> Service:
    """Return a service over a made-up world that the test may change."""
    return serve(copy(filled, tmp_path), None)


@pytest.fixture(scope="session")
def empty(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Return a service over an empty store."""
    return serve(tmp_path_factory.mktemp("empty") / "data", None)


@pytest.fixture(scope="session")
def graph_down(filled: Path, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Return a service over the made-up world whose graph does not answer."""
    return serve(copy(filled, tmp_path_factory.mktemp("down")), CLOSED)


def copy(data: Path, to: Path) -> Path:
    """Return a copy of a data folder that nobody writes to."""
    return Path(shutil.copytree(data, to / "data"))


@pytest.fixture
def faults(page: Page) -> Iterator[Faults]:
    """Watch the page of a test; the test fails when anything was wrong with it."""
    noted = Faults([])
    noted.watch(page)
    yield noted
    assert noted.seen == []


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """Return how a page is opened: a usual window, nothing moving."""
    return {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
