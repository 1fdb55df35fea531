"""Neo4j through the outbox: nothing is lost while it is down; afterwards it holds what the ledger says."""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from bolt_proxy import proxy
from builders import event, key, stranger
from neo4j_server import Server

from app import outbox
from app.outbox import OutboxDrain
from app.projector import Projector
from app.rebuilding import rebuild
from app.settings import Settings
from app.wiring import Kith, open_kith
from graph_schema.relationships import Patch
from graph_schema.store import GraphStore, StoreError
from graph_schema.stores._neo4j_transactions import Transactions
from graph_schema.stores.embedded import EmbeddedStore
from ledger.ledger import Session


@pytest.fixture
def open_at(tmp_path: Path) -> Iterator[Callable[[str | None], Kith]]:
    """Yield a function that opens the test's one data folder with the graph at a URL (None = embedded)."""
    opened: list[Kith] = []

    def open_(url: str | None) -> Kith:
        for kith in opened:
            kith.close()
        opened[:] = [open_kith(Settings(data=tmp_path / "data", neo4j_url=url))]
        return opened[0]

    yield open_
    for kith in opened:
        kith.close()


def nobody() -> str:
    """Return the URL of a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"bolt://127.0.0.1:{free.getsockname()[1]}"


def say(kith: Kith, count: int, first: int = 1) -> None:
    """Push persons, and a complaint that names each two of them."""
    for number in range(first, first + count):
        kith.pipeline.put_record(stranger(number), None, "test")
    parts = [f"hr|{number} accused" for number in range(first, first + count)]
    kith.pipeline.put_event(event(f"psd|C{first}", *parts), None, "test")


def queues(kith: Kith) -> tuple[int, int]:
    with kith.ledger.read() as session:
        return session.outbox.length(), session.detections.length()


def embedded_digest(open_at: Callable[[str | None], Kith]) -> str:
    """Return what the embedded graph of the same ledger would be."""
    kith = open_at(None)
    rebuild(kith.pipeline, kith.graph)
    return kith.graph.digest()


def test_pushes_go_on_without_waiting_while_the_graph_is_down(open_at: Callable[[str | None], Kith]) -> None:
    kith = open_at(nobody())
    say(kith, 1)  # the first write finds out
    started = time.monotonic()
    say(kith, 20, first=2)
    assert time.monotonic() - started < 20 * 0.5
    with kith.ledger.read() as session:
        assert session.records.count() == 21
        assert session.identity.entity_of(session.records.numbers([key("hr|7")]).values())
    assert queues(kith) == (23, 21)


@pytest.mark.neo4j
def test_what_was_pushed_while_it_was_down_arrives_when_it_is_back(
    open_at: Callable[[str | None], Kith], start_neo4j: Callable[[], Server]
) -> None:
    server = start_neo4j()
    kith = open_at(server.url)
    kith.pipeline.start()
    say(kith, 5)
    assert drained(kith)
    server.stop()
    say(kith, 5, first=6)
    assert queues(kith)[0] > 0
    start_neo4j()
    assert drained(kith)
    assert kith.graph.counts()["Person"] == 10
    assert kith.graph.digest() == embedded_digest(open_at)


def drained(kith: Kith, seconds: float = 240) -> bool:
    """Wait until nothing is owed to the graph; return whether that came to be."""
    deadline = time.monotonic() + seconds
    while queues(kith) != (0, 0) and time.monotonic() < deadline:
        time.sleep(0.05)
    return queues(kith) == (0, 0)


@pytest.mark.neo4j
def test_a_slow_graph_holds_up_one_writer_and_no_more(
    open_at: Callable[[str | None], Kith], clean_neo4j: str
) -> None:
    """A second for each answer of the server: a unit of work there takes several."""
    with proxy(clean_neo4j) as between:
        kith = open_at(between.url)
        kith.pipeline.start()
        say(kith, 3)
        between.delay = 1.0
        say(kith, 1, first=4)  # finds out
        started = time.monotonic()
        say(kith, 10, first=5)
        assert time.monotonic() - started < 10 * 0.5
        with kith.ledger.read() as session:
            assert session.records.count() == 14
        between.delay = 0.0
        assert drained(kith)
        whole = kith.graph.digest()
    assert whole == embedded_digest(open_at)


@pytest.mark.neo4j
def test_answers_lost_in_the_middle_of_a_transaction_change_nothing_twice(
    open_at: Callable[[str | None], Kith], clean_neo4j: str
) -> None:
    with proxy(clean_neo4j) as between:
        kith = open_at(between.url)
        kith.pipeline.start()
        say(kith, 1)
        between.cut = 0.3
        for number in range(2, 40):
            say(kith, 1, first=number)
            if between.cuts:
                break
            drained(kith, 3)
        between.cut = 0.0
        assert between.cuts
        assert drained(kith)
        whole = kith.graph.digest()
    assert whole == embedded_digest(open_at)


@pytest.mark.neo4j
def test_a_crash_between_graph_and_ledger_changes_nothing_twice(
    open_at: Callable[[str | None], Kith], clean_neo4j: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kith = open_at(clean_neo4j)
    say(kith, 3)
    whole = kith.graph.digest()
    with monkeypatch.context() as patch:  # the graph has the change, the outbox still holds it
        drain = kith.pipeline._drain
        assert isinstance(drain, OutboxDrain)
        patch.setattr(drain._commit, "run", _dies)
        with kith.ledger.write() as session:
            session.outbox.put(["x1"])
        with pytest.raises(KeyboardInterrupt):
            kith.pipeline.settle()
    assert queues(kith)[0] == 1
    kith.pipeline.settle()
    assert queues(kith) == (0, 0)
    assert kith.graph.digest() == whole


def _dies(job: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.neo4j
def test_a_rebuild_mends_a_graph_that_was_changed_by_hand(
    open_at: Callable[[str | None], Kith], clean_neo4j: str
) -> None:
    kith = open_at(clean_neo4j)
    say(kith, 4)
    whole = kith.graph.digest()
    kith.graph.clear()
    assert kith.graph.digest() != whole
    rebuild(kith.pipeline, kith.graph)
    assert kith.graph.digest() == whole
    assert kith.graph.digest() == embedded_digest(open_at)


def test_a_server_that_refuses_fails_no_push(
    open_at: Callable[[str | None], Kith], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password, say: what was pushed is kept and waits, as with a server that is down."""
    kith = open_at(nobody())

    def refuse(*_: object, **__: object) -> None:
        raise StoreError("Neo4j refuses the user or password")

    monkeypatch.setattr(Transactions, "_run", refuse)
    receipt = kith.pipeline.put_record(stranger(1), None, "test")
    assert receipt.status == "accepted"
    assert queues(kith)[0] == 1
    assert not kith.pipeline.settle()


def beside(kith: Kith, folder: Path) -> tuple[OutboxDrain, EmbeddedStore]:
    """Return a drain of this ledger into a graph in a file of its own."""
    graph = EmbeddedStore(str(folder / "other.db"))
    effects = replace(kith.pipeline.effects, within=None)
    drain = OutboxDrain(kith.ledger, graph, kith.pipeline._commit, effects, folder / "lock")
    with kith.ledger.write() as session:
        session.outbox.put([*session.identity.entities(), "x1"])
    return drain, graph


def test_a_poison_record_goes_to_quarantine_and_holds_up_no_other(
    open_at: Callable[[str | None], Kith], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kith = open_at(None)
    say(kith, 3)
    drain, graph = beside(kith, tmp_path)
    whole = Projector.patches_for

    def choking(self: Projector, graph: GraphStore, session: Session, owners: Sequence[str]) -> list[Patch]:
        if "x1" in owners:
            raise ValueError("Ann Abbott")  # what a value of hers would do
        return whole(self, graph, session, owners)

    monkeypatch.setattr(Projector, "patches_for", choking)
    for _ in range(outbox.TRIES):
        assert queues(kith)[0] > 0
        with pytest.raises(ValueError, match="Ann"):
            drain.run()
    assert drain.run()
    assert queues(kith) == (0, 0)
    assert graph.counts()["Person"] == 3
    with kith.ledger.read() as session:
        (row,) = session.quarantine.page(None, 0, 10)
    assert (row["field"], row["code"]) == ("x1", "graph: ValueError")
    assert "5 times" in row["message"]
    assert "Ann" not in str(row)
    monkeypatch.undo()
    with kith.ledger.write() as session:
        session.outbox.put(["x1"])
    assert drain.run()
    assert graph.digest() == kith.graph.digest()
    graph.close()


def test_a_graph_that_refuses_everything_poisons_nobody(
    open_at: Callable[[str | None], Kith], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kith = open_at(None)
    say(kith, 3)
    drain, graph = beside(kith, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(EmbeddedStore, "apply", _refuses)
        for _ in range(outbox.TRIES + 1):
            assert not drain.run()
            drain._down = False  # as the thread does not mind
    assert queues(kith)[0] == 4
    assert drain.run()
    assert graph.digest() == kith.graph.digest()
    graph.close()


def _refuses(*_: object) -> None:
    raise StoreError("no more space")
