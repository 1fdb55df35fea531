"""What every test may ask for: a real Neo4j, an empty one, a system Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import neo4j_server
import pytest
from hypothesis import settings
from neo4j_server import VERSIONS, NoServer, Server, free_port, running, start_java, wipe

# Speed is measured by benchmarks, never by a test: a busy machine must not fail a property.
settings.register_profile("kith", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=15)
settings.load_profile("kith")

CHROMIUM_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _version() -> str:
    return os.environ.get("KITH_TEST_NEO4J_VERSION", "lts")


def pytest_report_header() -> str:
    """Say at the top which Neo4j the run is for."""
    version = VERSIONS[_version()]
    return f"neo4j: {os.environ.get('KITH_TEST_NEO4J_URL') or version.number}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a server or a browser, and order the work: a file is done by one worker.

    Long files go first, so that no worker is left alone with one; the browser's come last: its driver leaves
    an event loop running in the worker's thread.
    """
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if {"neo4j_url", "start_neo4j"} & set(fixtures):
            item.add_marker("neo4j")
        if "browser_type_launch_args" in fixtures:
            item.add_marker("browser")
    items.sort(key=lambda item: (_marked(item, "browser"), not _marked(item, "slow")))


def _marked(item: pytest.Item, name: str) -> bool:
    return item.get_closest_marker(name) is not None


def _give_up(reason: str, variable: str) -> NoReturn:
    """Skip the test aloud, or fail it where the environment says that the thing must be there."""
    if os.environ.get(variable) == "1":
        pytest.fail(f"{reason}; {variable}=1 makes this an error", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def neo4j_url() -> Iterator[str]:
    """Yield the Bolt URL of a real Neo4j; one database for the whole run, in whatever state it is.

    `KITH_TEST_NEO4J_URL` names one (it is wiped!); else `KITH_TEST_NEO4J_VERSION` is `lts` or `current`.
    """
    try:
        with running(VERSIONS[_version()]) as url:
            yield url
    except NoServer as reason:
        _give_up(f"no Neo4j: {reason}", "KITH_REQUIRE_NEO4J")


@pytest.fixture
def clean_neo4j(neo4j_url: str) -> str:
    """Return the Bolt URL of a Neo4j without nodes; constraints and indexes stay."""
    wipe(neo4j_url)
    return neo4j_url


@pytest.fixture
def start_neo4j(tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Yield a function that starts a server of the test's own, to be stopped and started again.

    Each call starts on the same port and data; at most one runs at a time.
    """
    port, servers = free_port(), []

    def start() -> Server:
        try:
            servers.append(start_java(VERSIONS[_version()], tmp_path / "neo4j", port))
        except NoServer as reason:
            _give_up(f"no Neo4j of the test's own: {reason}", "KITH_REQUIRE_NEO4J")
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def import_offline(tmp_path: Path) -> Callable[[Path], None]:
    """Return a function that runs Neo4j's importer on the data of the test's own server."""

    def run(arguments: Path) -> None:
        try:
            neo4j_server.import_offline(VERSIONS[_version()], tmp_path / "neo4j", arguments)
        except NoServer as reason:
            _give_up(f"no importer: {reason}", "KITH_REQUIRE_NEO4J")

    return run


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Return how Playwright starts the system's Chromium (it brings none of its own here)."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        _give_up("no Chromium on the PATH", "KITH_REQUIRE_BROWSER")
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return {"executable_path": chromium, "args": [*CHROMIUM_FLAGS, *sandbox]}
