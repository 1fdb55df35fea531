"""Copy the truth away and put a copy back: ledger, secret, segments; the graph is made from them."""

import shutil
from pathlib import Path

import apsw

from app.wiring import Kith
from ledger.entry import LedgerError
from ledger.ledgers import open_ledger

LEDGER = "kith.db"
SECRET = "kith.key"  # noqa: S105 - a file's name


def back_up(kith: Kith, folder: Path) -> int:
    """Copy the data folder as of now into a new folder while the service goes on; return its sequence.

    Raises: LedgerError when the folder is there already.
    """
    if folder.exists():
        raise LedgerError(f"{folder} is there already; name a new folder, a backup is never written over")
    passing = folder.with_name(folder.name + ".partial")
    shutil.rmtree(passing, ignore_errors=True)
    passing.mkdir(mode=0o700, parents=True)
    try:
        with kith.ledger.read() as session:
            _copy(session.connection, passing / LEDGER)
            sequence = session.sequence()
            for path in map(Path, session.segments.paths()):
                target = passing / path.parent.name / path.name
                target.parent.mkdir(mode=0o700, exist_ok=True)
                shutil.copy2(path, target)
        for name in (SECRET, "key"):
            if (kith.settings.data / name).exists():
                shutil.copy2(kith.settings.data / name, passing / name)
    except BaseException:
        shutil.rmtree(passing, ignore_errors=True)
        raise
    passing.rename(folder)
    return sequence


def _copy(ledger: apsw.Connection, path: Path) -> None:
    try:
        copy = apsw.Connection(str(path))
        with copy.backup("main", ledger, "main") as work:
            while not work.done:
                work.step(10_000)
        copy.close()
    except (apsw.FullError, apsw.IOError, apsw.CantOpenError) as error:
        raise LedgerError(
            f"{path} cannot be written (disk full or failing): free space, then again"
        ) from error


def restore(backup: Path, data: Path) -> Path | None:
    """Put a backup in the place of a data folder; return where the folder that was there lies now, if any.

    The backup is checked before anything is moved.
    Raises: LedgerError when the backup is not whole, or the folder is in use.
    """
    if not (backup / LEDGER).exists() or not (backup / SECRET).exists():
        raise LedgerError(f"{backup} is no backup of Kith: it lacks {LEDGER} or {SECRET}")
    passing = data.with_name(data.name + ".restoring")
    shutil.rmtree(passing, ignore_errors=True)
    try:
        shutil.copytree(backup, passing)
        ledger = open_ledger(passing)
        problems = list(ledger.check())
        ledger.close()
        if problems:
            raise LedgerError(f"{backup} is damaged: {problems[0]}")
        _refuse_in_use(data)
    except Exception:
        shutil.rmtree(passing, ignore_errors=True)
        raise
    aside = _aside(data) if data.exists() else None
    if aside is not None:
        data.rename(aside)
    passing.rename(data)
    return aside


def _refuse_in_use(data: Path) -> None:
    """Fail while another process has the ledger open: it would go on writing to what is moved aside."""
    if not (data / LEDGER).exists():
        return
    try:
        connection = apsw.Connection(str(data / LEDGER), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            # Leaving write-ahead logging needs the file alone; the next to open it goes back to it.
            connection.pragma("journal_mode", "delete")
        finally:
            connection.close()
    except apsw.BusyError as error:
        raise LedgerError(
            f"{data} is in use: stop `kith serve` and every other kith command on it"
        ) from error
    except apsw.Error:
        return  # Damaged, which is why it is replaced: nobody can be using it.


def _aside(data: Path) -> Path:
    number = 1
    while (place := data.with_name(f"{data.name}.before-restore-{number}")).exists():
        number += 1
    return place
