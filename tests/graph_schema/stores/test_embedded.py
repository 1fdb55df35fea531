"""The embedded store: one transaction with its caller, many threads, its speed, and nothing left behind."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest
from graph_patches import event, person

from graph_schema.relationships import Patch
from graph_schema.store import StoreError
from graph_schema.stores import open_store
from graph_schema.stores.embedded import EmbeddedStore


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "kith.db")


@pytest.fixture
def store(path: str) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(path)
    yield store
    store.close()


@pytest.fixture
def ledger(store: EmbeddedStore, path: str) -> Iterator[apsw.Connection]:
    """Yield a connection of another owner of the same file."""
    connection = apsw.Connection(path)
    connection.execute("CREATE TABLE entries (text)")
    yield connection
    connection.close()


def test_one_commit_covers_the_caller_s_tables_and_the_graph(
    store: EmbeddedStore, ledger: apsw.Connection
) -> None:
    within = store.within(ledger)
    ledger.execute("BEGIN IMMEDIATE")
    ledger.execute("INSERT INTO entries VALUES ('said')")
    within.apply([person("e1", "a1")], 5)
    assert list(within.get(["e1"])) == ["e1"]
    assert within.sequence() == 5
    assert (store.get(["e1"]), store.sequence()) == ({}, 0)
    ledger.execute("COMMIT")
    assert list(store.get(["e1"])) == ["e1"]


def test_a_rollback_of_the_caller_takes_the_graph_with_it(
    store: EmbeddedStore, ledger: apsw.Connection
) -> None:
    ledger.execute("BEGIN IMMEDIATE")
    store.within(ledger).apply([person("e1", "a1")], 5)
    ledger.execute("ROLLBACK")
    assert (store.get(["e1"]), store.sequence()) == ({}, 0)


def test_a_refused_apply_leaves_the_rest_of_the_caller_s_transaction(
    store: EmbeddedStore, ledger: apsw.Connection
) -> None:
    within = store.within(ledger)
    ledger.execute("BEGIN IMMEDIATE")
    ledger.execute("INSERT INTO entries VALUES ('said')")
    within.apply([person("e1", "a1")], 5)
    with pytest.raises(StoreError):
        within.apply([person("e2", "a1"), event("x1", "e9")], 6)
    ledger.execute("COMMIT")
    assert ledger.execute("SELECT text FROM entries").fetchall() == [("said",)]
    assert sorted(store.get(["e1", "e2", "a1"])) == ["a1", "e1"]
    assert store.get(["a1"])["a1"].properties["holder_count"] == 1
    assert store.sequence() == 5


def test_readers_see_whole_patches_while_a_writer_writes(store: EmbeddedStore) -> None:
    """Each write moves a pair from one address to the other, so a whole view never has them apart."""
    assert torn_views(store, lambda at: [person("e1", at), person("e2", at)]) == 0


def test_the_test_of_whole_views_can_fail(store: EmbeddedStore) -> None:
    """Its twin writes the pair in two transactions."""
    views = torn_views(store, lambda at: [person("e1", at)], lambda at: [person("e2", at)])
    assert views > 0


def torn_views(store: EmbeddedStore, *writes: Callable[[str], list[Patch]]) -> int:
    """Return how many views of a reading thread had the pair at two addresses or at none."""
    torn, stop = [], threading.Event()
    for write in writes:
        store.apply(write("a1"), 0)

    def read() -> None:
        while not stop.is_set():
            view = store.ego(["e1", "e2"], 1)
            torn.append(sum(node.kind == "Address" for node in view.nodes) != 1)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        for write in writes:
            store.apply(write(f"a{number % 2 + 1}"), number)
            time.sleep(0.001)
    stop.set()
    reader.join()
    assert len(torn) > 10
    return sum(torn)


def test_a_store_opened_again_has_what_was_written(store: EmbeddedStore, path: str) -> None:
    store.apply([person("e1", "a1", name="Ann")], 3)
    store.close()
    again = open_store(f"sqlite:///{path}")
    assert [node.id for node in again.search("ann")] == ["e1"]
    assert again.sequence() == 3
    again.close()


def test_a_changed_declaration_makes_the_views_anew(store: EmbeddedStore, path: str) -> None:
    store.apply([person("e1", "a1")], 1)
    store.close()
    connection = apsw.Connection(path)
    connection.execute("DROP VIEW graph_person; CREATE VIEW graph_person AS SELECT 1 AS old")
    connection.execute("UPDATE graph_state SET views = 'of another version'")
    connection.close()
    EmbeddedStore(path).close()
    connection = apsw.Connection(path)
    assert connection.execute("SELECT id, display_name FROM graph_person").fetchall() == [("e1", "Someone")]
    assert connection.execute("SELECT holder_count, display_band FROM graph_address").fetchall() == [
        (1, "single")
    ]
    connection.close()


def test_nothing_of_what_is_removed_stays_in_the_file(store: EmbeddedStore, path: str) -> None:
    canary = "Quetzalcoatlus"
    store.apply([person(f"e{n}", "a1", name=f"{canary} {n}") for n in range(200)], 1)
    store.apply([Patch(f"e{n}") for n in range(200)], 2)
    connection = apsw.Connection(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    store.close()
    for file in Path(path).parent.iterdir():
        assert canary.lower().encode() not in file.read_bytes().lower()
