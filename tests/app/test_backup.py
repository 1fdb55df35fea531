"""Backups: put back whole, never silently older, and what was erased since is erased again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from builders import key, record
from canaries import OWN, fill, hits
from running_kith import running

from app.backup import StaleBackup, back_up, erased_in, note_rollback, restore
from app.erasing import erase, replay
from app.heads import head_of, stands
from app.rebuilding import rebuild
from app.settings import Settings
from app.wiring import Kith, open_kith
from ledger.audit import AuditEntry
from ledger.entry import Erased, LedgerError

SOURCES = ("hr", "vetting", "custody", "psd")


@contextmanager
def opened(folder: Path) -> Iterator[Kith]:
    kith = open_kith(Settings(data=folder))
    yield kith
    kith.close()


def digests(kith: Kith) -> tuple[str, str]:
    with kith.ledger.read() as session:
        return session.identity.partition_digest(), kith.graph.digest()


def test_the_drill_under_load(tmp_path: Path) -> None:
    """A backup taken while pushes go on is whole: sound, and what a rebuild of it gives."""
    with opened(tmp_path / "data") as kith:
        stop = threading.Event()

        def push() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                kith.pipeline.put_record(record(f"hr|{number}", f"Person {number % 7}"), None, "t")

        thread = threading.Thread(target=push)
        thread.start()
        while sequence_of(kith) < 40:
            pass
        sequence = back_up(kith, tmp_path / "copy")
        stop.set()
        thread.join()
        assert sequence <= sequence_of(kith)
    assert restore(tmp_path / "copy", tmp_path / "elsewhere").aside is None
    with opened(tmp_path / "elsewhere") as kith:
        assert sequence_of(kith) == sequence
        kept = digests(kith)
        assert list(kith.ledger.check()) == []
        rebuild(kith.pipeline, kith.graph)
        assert digests(kith) == kept


def sequence_of(kith: Kith) -> int:
    with kith.ledger.read() as session:
        return session.sequence()


@pytest.mark.parametrize("since", ["a push", "a look", "damage"])
def test_an_older_backup_is_refused_unless_that_is_accepted(tmp_path: Path, since: str) -> None:
    data = tmp_path / "data"
    with opened(data) as kith:
        kith.pipeline.put_record(record("hr|1"), None, "t")
        back_up(kith, tmp_path / "copy")
    assert restore(tmp_path / "copy", data).lost is None
    with opened(data) as kith:
        if since == "a push":
            kith.pipeline.put_record(record("hr|2"), None, "t")
        else:
            kith.pipeline.audit(AuditEntry("a", "investigator", "read_person", "GET", ("e1",), 1))
        last = sequence_of(kith)
    if since == "damage":
        (data / "kith.db").write_bytes(b"no database" * 1_000)
    with pytest.raises(StaleBackup, match="--accept-rollback"):
        restore(tmp_path / "copy", data)
    assert not list(tmp_path.glob("*.restoring"))
    if since != "damage":
        with opened(data) as kith:
            assert list(kith.ledger.check()) == []
            assert sequence_of(kith) == last
    done = restore(tmp_path / "copy", data, accept_rollback=True)
    assert done.lost is not None
    with opened(data) as kith:
        note_rollback(kith, done.lost)
        with kith.ledger.read() as session:
            assert session.entries(0, 99, ["rollback"])[0].detail["lost"]
            last = session.audit.last()
            assert last is not None
            assert last.entry.action == "restore --accept-rollback"
            assert session.records.get(key("hr|2")) is None


def test_a_head_kept_elsewhere_shows_what_an_empty_machine_cannot(tmp_path: Path) -> None:
    with opened(tmp_path / "data") as kith:
        kith.pipeline.put_record(record("hr|1"), None, "t")
        back_up(kith, tmp_path / "copy")
        kith.pipeline.audit(AuditEntry("a", "investigator", "read_person", "GET", ("e1",), 1))
        with kith.ledger.read() as session:
            head = head_of(session)
            assert stands(session, head)
    with pytest.raises(StaleBackup):
        restore(tmp_path / "copy", tmp_path / "new", head=head)
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob("*.restoring"))


def test_what_was_erased_since_the_backup_is_erased_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, SOURCES) as service:
        known = fill(service)
        back_up(service.kith, tmp_path / "copy")
        service.push("hr", "LATER-1", {"name": [{"full": "Late Comer"}]})
        erase(service.kith, [known["person"], "hr|LATER-1"], "request")
        with service.kith.ledger.read() as session:
            listed = "\n".join("\t".join(token) for token in session.erasures.tokens())
    assert hits(tmp_path / "copy", OWN)
    done = restore(tmp_path / "copy", data, accept_rollback=True)
    assert done.erased == erased_in(listed.splitlines())
    with opened(data) as kith:
        assert hits(data, OWN)  # the twin: put back, and nothing replayed
        assert replay(kith, done.erased) is not None
        assert hits(data, OWN) == {}
        with pytest.raises(Erased), kith.ledger.read() as session:
            session.records.get(key("custody|CANARY-77"))
        with pytest.raises(Erased):
            kith.pipeline.put_record(record("hr|LATER-1"), None, "t")
        assert replay(kith, done.erased) is None
        assert list(kith.ledger.check()) == []


def test_a_list_that_is_none_is_refused() -> None:
    with pytest.raises(LedgerError, match="--keys"):
        erased_in(["a b c"])
