"""Connections to the ledger's file: how they are opened, lent out, and what their failures mean."""

import errno
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from ledger.entry import LedgerBusy, LedgerError

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
_IDLE_READERS = 8


def open_connection(path: Path, *, readonly: bool, wait: float) -> apsw.Connection:
    """Open the ledger's file; `wait` is how many seconds a lock is waited for.

    A reader cannot write to the file, yet may use temporary tables.
    """
    flags = apsw.SQLITE_OPEN_READONLY if readonly else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection = apsw.Connection(str(path), flags=flags, statementcachesize=256)
    connection.set_busy_timeout(int(wait * 1000))
    if not readonly:
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "FULL")
        connection.pragma("secure_delete", True)
        connection.pragma("recursive_triggers", True)
        connection.pragma("wal_autocheckpoint", 4000)
    connection.pragma("foreign_keys", True)
    connection.pragma("cache_size", -16_000 if readonly else -128_000)
    return connection


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn a lock that is not free or a failing disk into LedgerBusy, a damaged file into LedgerError."""
    try:
        yield
    except (apsw.BusyError, apsw.LockedError) as error:
        raise LedgerBusy("the ledger is being written by another process: try again in a moment") from error
    except apsw.FullError as error:
        raise LedgerBusy("the disk of the data folder is full: free space, then try again") from error
    except (apsw.ReadOnlyError, apsw.IOError, apsw.CantOpenError) as error:
        raise LedgerBusy(
            "the data folder cannot be written (disk full, read-only or failing): mend it, then try again"
        ) from error
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise LedgerError("the ledger's file is damaged: restore the data folder from a backup") from error
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        raise LedgerBusy(
            "the data folder cannot be written (disk full or read-only): mend it, then try again"
        ) from error


class Readers:
    """Lend a reading connection to one caller at a time; a few idle ones are kept open."""

    def __init__(self, path: Path, wait: float) -> None:
        self._path = path
        self._wait = wait
        self._idle: list[apsw.Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def lend(self) -> Iterator[apsw.Connection]:
        """Lend a connection for the length of a `with`."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = open_connection(self._path, readonly=True, wait=self._wait)
        try:
            yield connection
        finally:
            with self._lock:
                keep = not self._closed and len(self._idle) < _IDLE_READERS
                if keep:
                    self._idle.append(connection)
            if not keep:
                connection.close()

    def close(self) -> None:
        """Close the idle connections; those lent out close when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
