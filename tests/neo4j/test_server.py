"""The test server itself: the version asked for, one database, data that a power cut leaves whole."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from neo4j_server import VERSIONS, NoServer, Server, connect, find_java, is_up, running, server_version, wipe

VERSION = VERSIONS[os.environ.get("KITH_TEST_NEO4J_VERSION", "lts")]


def _count(url: str) -> int:
    with connect(url) as driver:
        return driver.execute_query("MATCH (n) RETURN count(n) AS n").records[0]["n"]


@pytest.mark.skipif("KITH_TEST_NEO4J_URL" in os.environ, reason="a server given by URL has its own version")
def test_server_has_the_version_asked_for(neo4j_url: str) -> None:
    assert server_version(neo4j_url) == VERSION.number


def test_wipe_leaves_no_node(neo4j_url: str) -> None:
    with connect(neo4j_url) as driver:
        driver.execute_query("UNWIND range(1, 25) AS i CREATE (:Wiped {i: i})-[:NEXT]->(:Wiped)")
    assert _count(neo4j_url) >= 50
    wipe(neo4j_url)
    assert _count(neo4j_url) == 0


@pytest.mark.slow
def test_stopped_server_restarts_on_its_data(start_neo4j: Callable[[], Server]) -> None:
    server = start_neo4j()
    with connect(server.url) as driver:
        driver.execute_query("CREATE (:Kept)")
    server.stop()
    assert not is_up(server.url)
    assert start_neo4j().url == server.url
    assert _count(server.url) == 1


def test_given_url_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_TEST_NEO4J_URL", "bolt://127.0.0.1:1")
    with running(VERSION) as url:
        assert url == "bolt://127.0.0.1:1"


def test_without_a_server_every_reason_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KITH_TEST_NEO4J_URL", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(NoServer, match=r"no Docker engine answers; no Java 1 "),
        running(replace(VERSION, java=(1,))),
    ):
        pass


def test_java_of_an_unfit_release_is_not_taken() -> None:
    assert find_java((1,)) is None
