"""The numbered migrations of the ledger's tables: each once, in order, in a transaction of its own."""

import re
from importlib import resources

import apsw

from ledger.entry import LedgerError

_NAME = re.compile(r"(\d{4})_\w+\.sql")


def migrations() -> dict[int, str]:
    """Return number → SQL of the migrations this program knows, ascending."""
    found = {}
    for file in resources.files("ledger").joinpath("migrations").iterdir():
        if match := _NAME.fullmatch(file.name):
            found[int(match[1])] = file.read_text(encoding="utf-8")
    return dict(sorted(found.items()))


def migrate(connection: apsw.Connection, known: dict[int, str]) -> None:
    """Apply the migrations that are not applied yet; a crash between two resumes at the second.

    Raises: LedgerError when the store has one this program does not know: it was written by a newer version.
    """
    for number, statements in known.items():
        connection.execute("BEGIN IMMEDIATE")
        try:
            _refuse_newer(connection, known)
            if number > applied(connection):
                connection.execute(statements)
                connection.execute("INSERT INTO ledger_migration (number) VALUES (?)", (number,))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def applied(connection: apsw.Connection) -> int:
    """Return the number of the last migration applied, 0 for a new store."""
    connection.execute("CREATE TABLE IF NOT EXISTS ledger_migration (number INTEGER PRIMARY KEY) STRICT")
    newest: int = connection.execute("SELECT coalesce(max(number), 0) FROM ledger_migration").get
    return newest


def _refuse_newer(connection: apsw.Connection, known: dict[int, str]) -> None:
    newest = applied(connection)
    if newest > max(known):
        raise LedgerError(
            f"this data folder was written by a newer Kith (migration {newest}, known here: {max(known)}): "
            "install that version or restore a backup made with this one"
        )
