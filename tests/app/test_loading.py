"""A bulk load: the graph is drawn once everything is in, and what a load that broke off left is not lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import event, key, record

from app.rebuilding import rebuild
from app.settings import Settings
from app.wiring import Kith, open_kith, running
from resolvers.domain import Record

BORN = "1971-03-05"


@pytest.fixture
def kith(tmp_path: Path) -> Iterator[Kith]:
    kith = open_kith(Settings(data=tmp_path / "data"))
    yield kith
    kith.close()


def officer(key: str, staff_number: str) -> Record:
    return record(key, "Rosalind Achterberg", staff_number=staff_number, date_of_birth=BORN)


def say_in_bulk(kith: Kith) -> None:
    """Two persons and a complaint that joins them, then a record that makes them one."""
    put = kith.pipeline
    put.put_records([(officer("hr|1", "40871"), None)], "test", bulk=True)
    put.put_records([(record("vetting|9", "Otmar Velde", phone="07700 900123"), None)], "test", bulk=True)
    put.put_events([(event("psd|C1", "hr|1 accused", "vetting|9 accused"), None)], "test", bulk=True)
    put.settle()
    put.put_records(
        [(record("vetting|9", "Rosalind Achterberg", staff_number="40871", date_of_birth=BORN), 2)],
        "test",
        bulk=True,
    )
    put.put_events([(event("psd|C1", "hr|1 accused"), 2)], "test", bulk=True)


def waiting(kith: Kith) -> int:
    with kith.ledger.read() as session:
        return session.outbox.length()


def test_the_graph_of_a_bulk_load_is_the_graph_of_its_ledger(kith: Kith) -> None:
    say_in_bulk(kith)
    assert waiting(kith) > 0
    seen: list[int] = []
    assert kith.pipeline.settle(seen.append)
    assert seen[0] > 0
    assert waiting(kith) == 0
    drawn = kith.graph.digest()
    rebuild(kith.pipeline, kith.graph)
    assert kith.graph.digest() == drawn
    with kith.ledger.read() as session:
        assert session.identity.count() == 1


def test_a_push_in_the_midst_of_a_bulk_load_draws_whom_it_joins(kith: Kith) -> None:
    kith.pipeline.put_records([(officer("hr|1", "40871"), None)], "test", bulk=True)
    kith.pipeline.put_event(event("psd|C1", "hr|1 accused"), None, "test")
    counts = kith.graph.counts()
    assert (counts["Person"], counts["Event"], counts["INVOLVES"]) == (1, 1, 1)


def test_a_push_that_takes_a_person_away_in_the_midst_of_a_bulk_load(kith: Kith) -> None:
    """What waits still draws a record at the person it left, and the complaint at one who is gone."""
    put = kith.pipeline
    put.put_record(officer("hr|1", "40871"), None, "test")
    put.put_record(officer("vetting|9", "40871"), None, "test")
    put.put_event(event("psd|C1", "hr|1 accused", "vetting|9 accused"), None, "test")
    stranger = record("vetting|9", "Otmar Velde", phone="07700 900123", date_of_birth="1990-12-24")
    put.put_records([(stranger, None)], "test", bulk=True)
    assert waiting(kith) > 0
    put.put_record(record("vetting|9", "Otmar Velde", phone="07700 900124"), None, "test")
    put.delete_record(key("vetting|9"), None, "test")
    put.delete_record(key("hr|1"), None, "test")
    put.settle()
    drawn = kith.graph.digest()
    rebuild(put, kith.graph)
    assert kith.graph.digest() == drawn


def test_what_a_load_that_broke_off_left_is_drawn_when_kith_runs_again(kith: Kith) -> None:
    say_in_bulk(kith)
    kith.close()
    with running(kith.settings) as again:
        assert waiting(again) == 0
        drawn = again.graph.digest()
        rebuild(again.pipeline, again.graph)
        assert again.graph.digest() == drawn
