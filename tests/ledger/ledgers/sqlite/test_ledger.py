"""Opening, snapshots, the write lock, savepoints, time, and what check finds."""

import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest
from builders import event, key, record

from ledger.entry import LedgerBusy, LedgerError
from ledger.ledger import Ledger
from ledger.ledgers import open_ledger
from ledger.ledgers.sqlite import SqliteLedger
from resolvers.features import Features


def _put(ledger: Ledger, text: str) -> None:
    with ledger.write() as session:
        session.records.put(record(text), None, "t")


def test_files_are_for_their_owner_alone(ledger: Ledger, tmp_path: Path) -> None:
    _put(ledger, "hr|1")
    folder = tmp_path / "data"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.iterdir()]}
    assert modes.pop("data") == 0o700
    assert modes.keys() >= {"kith.db", "kith.db-wal", "kith.key"}
    assert set(modes.values()) == {0o600}


def test_the_secret_stays_with_the_folder(
    ledger: Ledger, open_again: Callable[[], Ledger], tmp_path: Path
) -> None:
    other = SqliteLedger(tmp_path / "other")
    assert ledger.secret == open_again().secret != other.secret
    assert len(ledger.secret) == 32
    other.close()


def test_a_snapshot_does_not_move(ledger: Ledger) -> None:
    _put(ledger, "hr|1")
    with ledger.read() as before:
        _put(ledger, "hr|2")
        assert (before.records.count(), before.sequence()) == (1, 1)
        with ledger.read() as after:
            assert (after.records.count(), after.sequence()) == (2, 2)


def test_a_snapshot_cannot_write(ledger: Ledger) -> None:
    with pytest.raises(LedgerBusy), ledger.read() as session:
        session.append("note", "n", "t", {})


def test_a_unit_of_work_sees_itself_and_is_undone_as_a_whole(ledger: Ledger) -> None:
    def fail() -> None:
        with ledger.write() as session:
            session.records.put(record("hr|1"), None, "t")
            assert session.records.count() == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with ledger.read() as session:
        assert session.records.count() == session.sequence() == 0
        assert session.records.get(key("hr|1")) is None


def test_a_savepoint_undoes_one_job_alone(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.records.put(record("hr|1"), None, "t")
        with pytest.raises(ZeroDivisionError), session.savepoint():
            session.append("note", str(session.records.put(record("hr|2"), None, "t").number // 0), "t", {})
        with session.savepoint():
            assert session.records.put(record("hr|3"), None, "t").number == 2
    with ledger.read() as session:
        assert [str(row.key) for row in session.records.live()] == ["hr|1", "hr|3"]
        assert [entry.sequence for entry in session.entries(0, 9)] == [1, 2]


@pytest.mark.parametrize("way", ["thread", "process"])
def test_a_lock_that_is_not_free_in_time_is_said_so(
    ledger: Ledger, open_again: Callable[[], Ledger], way: str, tmp_path: Path
) -> None:
    second = open_again()
    holder, waiter = (second, second) if way == "thread" else (ledger, second)
    refusals: list[BaseException] = []

    def wait() -> None:
        try:
            _put(waiter, "hr|2")
        except LedgerBusy as refusal:
            refusals.append(refusal)

    with holder.write() as session:
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
        session.records.put(record("hr|1"), None, "t")
    assert [f"another {way}" in str(refusal) for refusal in refusals] == [True]
    _put(waiter, "hr|2")


def test_threads_write_one_after_another(ledger: Ledger) -> None:
    def write(source: str) -> None:
        for number in range(25):
            _put(ledger, f"{source}|{number}")
            with ledger.read() as session:
                assert session.records.get(key(f"{source}|{number}")) is not None

    threads = [threading.Thread(target=write, args=(f"s{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ledger.read() as session:
        assert session.records.count() == session.sequence() == 200


def test_ledger_time_never_goes_back(ledger: Ledger, clock: Any) -> None:
    _put(ledger, "hr|1")
    clock.turn(-3_600)
    _put(ledger, "hr|2")
    with ledger.read() as session:
        first, second = (entry.recorded_at for entry in session.entries(0, 9))
    assert first == "2026-05-03T12:00:00.000Z"
    assert second == ledger.now() == "2026-05-03T12:00:00.001Z"  # each commit has an instant of its own
    clock.turn(3_600.5)
    assert ledger.now() == "2026-05-03T12:00:00.500Z"


def test_all_entries_of_one_unit_have_one_instant(ledger: Ledger, clock: Any) -> None:
    with ledger.write() as session:
        session.records.put(record("hr|1"), None, "t")
        clock.turn(5)
        session.records.put(record("hr|1", "Other"), None, "t")
        stored = session.records.get(key("hr|1"))
    assert stored is not None
    assert stored.first_recorded_at == stored.recorded_at == "2026-05-03T12:00:00.000Z"


def test_the_change_feed_reads_on_and_by_kind(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.append("a", "1", "t", {"n": 1})
        session.append("b", "2", "t", {})
        session.append("a", "3", "t", {})
        assert [entry.subject for entry in session.entries(1, 9)] == ["2", "3"]
        assert [entry.subject for entry in session.entries(0, 9, ["a"])] == ["1", "3"]
        assert [entry.subject for entry in session.entries(0, 1, ["a", "b"])] == ["1"]
        assert session.entries(0, 1)[0].detail == {"n": 1}


@pytest.mark.parametrize("where", ["{}", "sqlite:///{}"])
def test_a_ledger_is_opened_by_path_or_url(tmp_path: Path, where: str) -> None:
    ledger = open_ledger(where.format(tmp_path / "deep" / "da ta"))
    _put(ledger, "hr|1")
    ledger.close()
    assert (tmp_path / "deep" / "da ta" / "kith.db").exists()


def test_another_scheme_is_refused_by_name() -> None:
    with pytest.raises(LedgerError, match="postgresql"):
        open_ledger("postgresql://host/db")


def test_a_folder_that_is_a_file_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LedgerError, match="name a folder"):
        open_ledger(tmp_path / "file")


def test_a_missing_or_damaged_key_is_refused_with_a_remedy(tmp_path: Path) -> None:
    open_ledger(tmp_path / "data").close()
    secret = tmp_path / "data" / "kith.key"
    secret.write_bytes(b"short")
    with pytest.raises(LedgerError, match="damaged"):
        open_ledger(tmp_path / "data")
    secret.unlink()
    with pytest.raises(LedgerError, match="missing"):
        open_ledger(tmp_path / "data")
    assert not secret.exists()


def test_a_file_that_is_no_ledger_is_refused_with_a_remedy(tmp_path: Path) -> None:
    open_ledger(tmp_path / "data").close()
    (tmp_path / "data" / "kith.db").write_bytes(b"no database at all" * 1_000)
    with pytest.raises(LedgerError, match="backup"):
        open_ledger(tmp_path / "data")


_DAMAGE = {
    "content of entry 1": "UPDATE record_payload SET body = replace(body, 'Ann', 'Eve') WHERE sequence = 1",
    "record without its content": "DELETE FROM record_payload WHERE sequence = 1",
    "event without its content": "DELETE FROM event_payload",
    "deleted record that still has an entity": "UPDATE record SET live = 0 WHERE number = 1",
    "resolved record without an entity": "DELETE FROM membership WHERE record = 1",
    "live entity without records": "DELETE FROM membership",
    "entity with records": "UPDATE entity SET live = 0",
    "size is miscounted": "DELETE FROM posting",
    "records are miscounted": "UPDATE source SET records = 7",
    "events are miscounted": "UPDATE source SET events = 7",
    "gap in the sequence": "DROP TRIGGER entry_never_deleted; DELETE FROM entry WHERE sequence = 4",
    "chain breaks": "INSERT INTO audit VALUES (1, '', '{\"objects\": []}', x'00')",
}


@pytest.mark.parametrize("problem", _DAMAGE)
def test_check_names_what_is_damaged(tmp_path: Path, problem: str) -> None:
    ledger = SqliteLedger(tmp_path / "data")
    with ledger.write() as session:
        session.records.put_many([(record("hr|1"), None), (record("hr|2"), None)], "t")
        session.events.put(event("psd|1"), None, "t")
        session.append("note", "n", "t", {})
        session.resolution.put_records((n, key(f"hr|{n}"), Features(()), [5]) for n in (1, 2))
        session.identity.assign([[1, 2]], (), "t")
    assert list(ledger.check()) == []
    ledger.close()
    connection = apsw.Connection(str(tmp_path / "data" / "kith.db"))
    connection.execute(_DAMAGE[problem])
    connection.close()
    ledger = SqliteLedger(tmp_path / "data")
    found = list(ledger.check())
    ledger.close()
    assert any(problem in sentence for sentence in found)
    assert not any("hr|" in sentence or "Ann" in sentence for sentence in found)
