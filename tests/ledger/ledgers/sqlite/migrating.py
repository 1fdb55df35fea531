"""A process that migrates a store again and again, each time killed (-9) one statement later.

Run as `migrating.py FOLDER MODE`. Modes: `sound`, and the broken twin `loose` (no transaction round a step).
After each kill the store is opened and migrated again; it must then be what an undisturbed one is. Says
`killed N` at the end, or `differs N` at the first kill that was not survived.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import apsw

from ledger.ledgers.sqlite.migrations import applied, migrate, migrations

STEPS = {
    **migrations(),
    2: "CREATE TABLE extra (n INTEGER); INSERT INTO extra VALUES (1); ALTER TABLE extra ADD COLUMN said TEXT",
    3: "UPDATE extra SET n = n + 1; CREATE INDEX extra_n ON extra (n); INSERT INTO extra VALUES (5, 'x')",
}
Migrate = Callable[[apsw.Connection, dict[int, str]], None]


def loosely(connection: apsw.Connection, known: dict[int, str]) -> None:
    """The twin: each statement commits by itself."""
    for number, statements in known.items():
        if number > applied(connection):
            connection.execute(statements)
            connection.execute("INSERT INTO ledger_migration (number) VALUES (?)", (number,))


def opened(folder: Path) -> apsw.Connection:
    folder.mkdir(exist_ok=True)
    connection = apsw.Connection(str(folder / "kith.db"))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "FULL")
    return connection


def state(folder: Path, way: Migrate) -> list[object]:
    """Migrate what is there to the end and return all of it."""
    connection = opened(folder)
    way(connection, STEPS)
    found = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
    found += connection.execute("SELECT * FROM extra").fetchall()
    found += connection.execute("SELECT * FROM ledger_migration ORDER BY number").fetchall()
    connection.close()
    return found


def killed(folder: Path, way: Migrate, at: int) -> bool:
    """Migrate in a child that is killed before its statement number `at`; return whether it got so far."""
    child = os.fork()
    if child == 0:
        seen = count()

        def trace(*_: object) -> bool:
            if next(seen) == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return True

        connection = opened(folder)
        connection.exec_trace = trace
        way(connection, STEPS)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main(folder: Path, mode: str) -> None:
    way = migrate if mode == "sound" else loosely
    whole = state(folder / "whole", way)
    for at in count():
        trial = folder / "trial"
        shutil.rmtree(trial, ignore_errors=True)
        if not killed(trial, way, at):
            print("killed", at)
            return
        try:
            same = state(trial, way) == whole
        except apsw.Error:
            same = False
        if not same:
            print("differs", at)
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
