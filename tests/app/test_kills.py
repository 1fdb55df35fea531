"""kill -9 of a real server under eight clients: what was answered is there once, and all copies agree."""

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from forked_kith import Nursery, nursery, wait_until_open
from write_load import Client, at_once, broken_promises, clients, copies

from app.rebuilding import rebuild
from app.settings import Settings
from app.wiring import open_kith
from ledger.ledgers import open_ledger

KILLS = int(os.environ.get("KITH_SOAK_KILLS", "12"))
ACKNOWLEDGED = int(os.environ.get("KITH_SOAK_ACKNOWLEDGED", "0"))
"""Least acknowledgements of all random kills together (0 = as they come): `make soak` asks for many."""
LONGEST_LIFE = 16
"""Answers after which a server is killed at the latest."""
POINTS = (
    "put:9",
    "clustering:7",
    "clustered:12",
    "resolved:11",
    "drawn:9",
    "audited:13",
    "committed:3",
    "committed:8",
)


def prepared(data: Path) -> str:
    """Make the data folder with sources and a key that may push and judge; return the key."""
    kith = open_kith(Settings(data=data, neo4j_url=None))
    with kith.ledger.write() as session:
        for client in clients():
            session.sources.register(client.source, None, "test")
        key = session.keys.create("load", ["pusher", "reviewer"], None, "test")
    kith.close()
    return key


@contextmanager
def life(home: Nursery, mode: str = "sound", point: str = "-") -> Iterator[int]:
    """Run one server of the folder, dead at the end in any case."""
    pid = home.start(mode, point)
    try:
        wait_until_open(home.port)
        yield pid
    finally:
        home.kill(pid)


def live_and_die(home: Nursery, load: list[Client], key: str, answers: float, mode: str = "sound") -> None:
    """Let the clients work on a new server, and kill it somewhere after so many answers."""
    enough = sum(len(client.promised) for client in load) + answers
    with life(home, mode) as pid:

        def kill_soon() -> None:
            while sum(len(client.promised) for client in load) < enough:
                time.sleep(0.002)
            home.kill(pid)

        at_once(load, [home.port], key, lambda: True, kill_soon)


def assert_a_rebuild_agrees(data: Path) -> None:
    """Make everything derived again from what was said: it must be what is there."""
    kith = open_kith(Settings(data=data, neo4j_url=None))
    before = copies(kith)
    rebuild(kith.pipeline, kith.graph)
    assert copies(kith) == before
    kith.close()


def kept(data: Path, load: list[Client]) -> list[str]:
    ledger = open_ledger(data)
    broken = broken_promises(ledger, load)
    ledger.close()
    return broken


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_doubled_by_kill_9(tmp_path: Path) -> None:
    key, load, chance = prepared(tmp_path / "data"), clients(), random.Random(3)
    longest = max(LONGEST_LIFE, 2 * ACKNOWLEDGED // KILLS)
    with nursery(tmp_path / "data") as (home, _):
        for kill in range(KILLS):
            live_and_die(home, load, key, chance.uniform(1, longest))
            assert kept(tmp_path / "data", load) == []
            if kill % 6 == 5:
                assert_a_rebuild_agrees(tmp_path / "data")
    said = [said for client in load for said, _ in client.promised]
    assert {one.method for one in said} == {"PUT", "DELETE", "POST"}
    assert len(said) >= max(ACKNOWLEDGED, KILLS * 8)


@pytest.mark.slow
def test_a_server_that_dies_within_its_work_leaves_nothing_half_done(tmp_path: Path) -> None:
    key, load = prepared(tmp_path / "data"), clients(seed=6)
    with nursery(tmp_path / "data") as (home, _):
        for point in POINTS:
            before = sum(client.repeated for client in load)
            with life(home, point=point) as pid:
                at_once(load, [home.port], key, lambda: True, lambda: None)
                assert home.wait(pid) == -9
            assert kept(tmp_path / "data", load) == [], point
            assert sum(client.repeated for client in load) > before or point == POINTS[0]
        assert_a_rebuild_agrees(tmp_path / "data")


@pytest.mark.slow
def test_a_server_that_answers_before_its_commit_would_be_found_out(tmp_path: Path) -> None:
    key, load, chance = prepared(tmp_path / "data"), clients(), random.Random(3)
    broken: list[str] = []
    with nursery(tmp_path / "data") as (home, _):
        for _ in range(20):
            live_and_die(home, load, key, chance.uniform(1, LONGEST_LIFE), "early")
            broken = kept(tmp_path / "data", load)
            if broken:
                break
    assert any("is lost" in problem or "is older" in problem for problem in broken)
