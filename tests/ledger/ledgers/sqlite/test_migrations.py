"""Migrations: each once, resumed after a crash, and a newer store is left alone."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from ledger.entry import LedgerError
from ledger.ledgers.sqlite import SqliteLedger
from ledger.ledgers.sqlite.migrations import applied, migrate, migrations

STEPS = {1: "CREATE TABLE one (n); INSERT INTO one VALUES (1)", 2: "CREATE TABLE two (n)"}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(tmp_path / "store.db"))
    yield connection
    connection.close()


def test_the_numbers_have_no_gap() -> None:
    assert list(migrations()) == list(range(1, len(migrations()) + 1))


def test_each_is_applied_once(connection: apsw.Connection) -> None:
    migrate(connection, {1: STEPS[1]})
    migrate(connection, STEPS)
    migrate(connection, STEPS)
    assert applied(connection) == 2
    assert connection.execute("SELECT count(*) FROM one").get == 1


def test_one_that_fails_leaves_nothing_and_is_tried_again(connection: apsw.Connection) -> None:
    broken = {**STEPS, 2: "CREATE TABLE two (n); INSERT INTO nowhere VALUES (1)"}
    with pytest.raises(apsw.SQLError):
        migrate(connection, broken)
    assert applied(connection) == 1
    assert not connection.table_exists("main", "two")
    migrate(connection, STEPS)
    assert applied(connection) == 2


def test_a_newer_store_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    SqliteLedger(folder).close()
    newer = max(migrations()) + 1
    connection = apsw.Connection(str(folder / "kith.db"))
    connection.execute("INSERT INTO ledger_migration VALUES (?)", (newer,))
    connection.close()
    before = (folder / "kith.db").read_bytes()
    with pytest.raises(LedgerError, match=f"newer Kith .*{newer}.*backup"):
        SqliteLedger(folder)
    assert (folder / "kith.db").read_bytes() == before


def migrated(folder: Path, mode: str) -> list[str]:
    """Return what a process says that is killed (-9) at each statement of its migrations in turn."""
    command = [sys.executable, str(Path(__file__).with_name("migrating.py")), str(folder), mode]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.slow
def test_a_kill_at_any_statement_is_survived(tmp_path: Path) -> None:
    said, kills = migrated(tmp_path, "sound")
    assert said == "killed"
    assert int(kills) > 60


def test_the_twin_without_transactions_is_found_out(tmp_path: Path) -> None:
    assert migrated(tmp_path, "loose")[0] == "differs"
