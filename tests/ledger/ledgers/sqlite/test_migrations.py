"""Migrations: each once, resumed after a crash, and a newer store is left alone."""

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
