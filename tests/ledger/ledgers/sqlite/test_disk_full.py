"""A full disk: refused with the remedy, nothing half-applied, and the next try works without a restart."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import polars as pl
import pytest
from builders import key, record

from ledger.entry import LedgerBusy
from ledger.ledger import Session
from ledger.ledgers.sqlite import SqliteLedger
from ledger.ledgers.sqlite.session import SqliteSession

FILLER = 1_500_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a file system of four megabytes."""
    if os.geteuid() != 0:
        pytest.skip("not root: a small file system cannot be mounted")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mount is not allowed here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def ledger(small_disk: Path) -> Iterator[SqliteLedger]:
    """Yield a ledger on the small disk, beside a file that can be deleted to make room."""
    (small_disk / "filler").write_bytes(bytes(FILLER))
    ledger = SqliteLedger(small_disk / "data")
    yield ledger
    assert list(ledger.check()) == []
    ledger.close()


def _put_some(session: Session, batch: int) -> None:
    rows = [(record(f"hr|{batch}-{i}", "Long name " * 20), None) for i in range(100)]
    session.records.put_many(rows, "t")


def _refusal(ledger: SqliteLedger, write: Callable[[Session, int], object], unit: int) -> str | None:
    try:
        with ledger.write() as session:
            write(session, unit)
    except LedgerBusy as refusal:
        return str(refusal)
    return None


def _until_full(ledger: SqliteLedger, write: Callable[[Session, int], object]) -> int:
    """Write one unit after another until the disk is full; return how many were acknowledged."""
    refusals = ((unit, _refusal(ledger, write, unit)) for unit in range(1_000))
    acknowledged, refusal = next((unit, refusal) for unit, refusal in refusals if refusal is not None)
    assert "try again" in refusal
    return acknowledged


def test_a_refused_batch_leaves_nothing_and_the_next_works(ledger: SqliteLedger, small_disk: Path) -> None:
    acknowledged = _until_full(ledger, _put_some)
    assert acknowledged > 0
    with ledger.read() as session:
        assert session.records.count() == session.sequence() == acknowledged * 100
        assert session.records.get(key(f"hr|{acknowledged}-0")) is None
    (small_disk / "filler").unlink()
    with ledger.write() as session:
        _put_some(session, acknowledged)
    with ledger.read() as session:
        assert session.records.count() == (acknowledged + 1) * 100


def _write_group(ledger: SqliteLedger, small_disk: Path) -> None:
    """Do as a group commit does: go on after a job that failed, here one that filled the disk."""
    with ledger.write() as session:
        session.connection.pragma("cache_size", 10)
        for batch in range(1_000):
            try:
                with session.savepoint():
                    _put_some(session, batch)
            except LedgerBusy:
                break
        (small_disk / "filler").unlink()
        with session.savepoint():
            session.append("note", "n", "t", {})


def test_a_job_after_one_that_filled_the_disk_does_not_stand_alone(
    ledger: SqliteLedger, small_disk: Path
) -> None:
    with pytest.raises(LedgerBusy, match="undone as a whole"):
        _write_group(ledger, small_disk)
    with ledger.read() as session:
        assert session.sequence() == 0
    with ledger.write() as session:
        _put_some(session, 0)


def test_a_group_that_goes_on_without_a_transaction_would_fail(
    ledger: SqliteLedger, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqliteSession, "require_transaction", lambda _self: None)
    with pytest.raises(apsw.SQLError, match="no transaction"):
        _write_group(ledger, small_disk)
    with ledger.read() as session:
        assert [entry.kind for entry in session.entries(0, 9)] == ["note"]


def test_a_segment_that_does_not_fit_is_refused(ledger: SqliteLedger, small_disk: Path) -> None:
    frame = pl.DataFrame({"source": "roster", "noise": [os.urandom(100).hex() for _ in range(10_000)]})
    acknowledged = _until_full(
        ledger, lambda session, n: session.segments.append(frame.with_columns(part=n), "t")
    )
    with ledger.read() as session:
        assert len(session.segments.paths()) == acknowledged
    (small_disk / "filler").unlink()
    with ledger.write() as session:
        session.segments.append(frame.with_columns(part=acknowledged), "t")
