"""The ledger of a data folder: opened, read in snapshots, written in units of work, checked."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import apsw

from ledger.entry import LedgerBusy, LedgerError
from ledger.instant import Clock, following, instant, utc_clock
from ledger.ledgers.sqlite.as_of import look_back
from ledger.ledgers.sqlite.checks import problems
from ledger.ledgers.sqlite.connection import Readers, open_connection, storage_errors
from ledger.ledgers.sqlite.migrations import migrate, migrations
from ledger.ledgers.sqlite.session import SqliteSession
from ledger.ledgers.sqlite.shown import hold_back, withholds
from ledger.ledgers.sqlite.transaction import Transaction
from ledger.secret import derive, load_secret, sync_folder

FILE = "kith.db"
WAIT_SECONDS = 10.0
_LAST_INSTANT = """
SELECT max(coalesce((SELECT recorded_at FROM entry ORDER BY sequence DESC LIMIT 1), ''),
  coalesce((SELECT recorded_at FROM audit ORDER BY position DESC LIMIT 1), ''))"""

_LAST_ENTRY = "SELECT recorded_at FROM entry ORDER BY sequence DESC LIMIT 1"


class SqliteLedger:
    """Open the ledger in a data folder, made (mode 0700, file 0600) when absent.

    `wait` is how many seconds the write lock is waited for; `clock` gives the time, never the order.
    Raises: LedgerError when the folder is not usable, its key is missing, or the store is newer.
    """

    def __init__(self, folder: Path, *, wait: float = WAIT_SECONDS, clock: Clock = utc_clock) -> None:
        self._folder = folder
        self._wait = wait
        self._clock = clock
        self._writing = threading.Lock()
        path = folder / FILE
        self._secret = _prepare(folder, path)
        self.secret = derive(self._secret, "nodes")
        with storage_errors():
            self._writer = open_connection(path, readonly=False, wait=wait)
            self._open_reader = partial(open_connection, path, readonly=True, wait=wait)
            migrate(self._writer, migrations())
        self._readers = Readers(path, wait)

    @contextmanager
    def read(self) -> Iterator[SqliteSession]:
        """Open a consistent snapshot; any number at a time."""
        with self._snapshot() as transaction:
            yield SqliteSession(transaction)

    @contextmanager
    def look(self, known_at: int | None = None) -> Iterator[SqliteSession]:
        """Open a snapshot of what may be shown: now, or of what was known at a sequence."""
        if known_at is None:
            with self._snapshot() as transaction:
                if not withholds(transaction.connection):
                    yield SqliteSession(transaction)
                    return
        with storage_errors(), closing(self._open_reader()) as connection:
            connection.execute("BEGIN")
            if known_at is None:
                hold_back(connection)
            else:
                look_back(connection, known_at, whole=not withholds(connection))
            yield SqliteSession(self._transaction(connection, self._now(connection)))

    @contextmanager
    def write(self) -> Iterator[SqliteSession]:
        """Take the write lock, commit durably at the end, roll back on an exception.

        Raises: LedgerBusy when the lock is not free in time or the disk is full; nothing is half-applied.
        """
        with self._alone(), storage_errors():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                session = SqliteSession(self._transaction(self._writer, self._next(self._writer)))
                yield session
                session.require_transaction()
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def now(self) -> str:
        """Return the ledger's time, never before that of its last entry."""
        with storage_errors(), self._readers.lend() as connection:
            return self._now(connection)

    def purge(self) -> list[str]:
        """Overwrite what erasures freed: files no entry means, then the whole of the file, then its WAL.

        Deleting alone is not enough: SQLite leaves copies of cells it moved within pages.
        """
        with self.write() as session:
            due = [one.certificate for one in session.erasures.all() if one.purged_at is None]
            for path in session.segments.orphans() if due else ():
                _unlink(path)
        if not due:
            return []
        with self._alone(), storage_errors():
            self._writer.execute("VACUUM")
            self._truncate_log()
        with self.write() as session:
            session.erasures.finish(due, graph=False)
        return due

    def _truncate_log(self) -> None:
        held = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if held != (0, 0, 0):
            raise LedgerBusy(
                "erased, but a reader keeps the old bytes in the write-ahead log: `kith erase --finish` later"
            )

    def check(self) -> Iterator[str]:
        """Yield problems found by integrity checks; nothing when sound."""
        with self._snapshot() as transaction:
            yield from problems(transaction)

    def close(self) -> None:
        """Release the file; a write in progress ends first."""
        with self._writing:
            self._readers.close()
            self._writer.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold off the other threads of this process. Raises: LedgerBusy when that is not granted in time."""
        if not self._writing.acquire(timeout=self._wait):
            raise LedgerBusy("the ledger is being written by another thread: try again in a moment")
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def _snapshot(self) -> Iterator[Transaction]:
        with storage_errors(), self._readers.lend() as connection:
            connection.execute("BEGIN")
            try:
                yield self._transaction(connection, self._now(connection))
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _transaction(self, connection: apsw.Connection, at: str) -> Transaction:
        return Transaction(connection, at, self._folder, self._secret)

    def _now(self, connection: apsw.Connection) -> str:
        last: str = connection.execute(_LAST_INSTANT).get
        return max(instant(self._clock()), last)

    def _next(self, connection: apsw.Connection) -> str:
        """Return the instant of a unit of work: later than every entry, so that it names one commit alone."""
        last = connection.execute(_LAST_ENTRY).get
        now = self._now(connection)
        return now if last is None else max(now, following(last))


def _unlink(path: Path) -> None:
    path.unlink()


def _prepare(folder: Path, path: Path) -> bytes:
    """Make folder, secret and file with their modes, durably; return the secret."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = load_secret(folder, create=not path.exists())
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        sync_folder(folder)
    except OSError as error:
        raise LedgerError(
            f"{folder}: cannot be used as the data folder ({error.strerror}): "
            "name a folder that this user can write, on a disk with space"
        ) from error
    return secret
