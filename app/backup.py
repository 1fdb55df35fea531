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
    with kith.ledger.read() as session:
        copy = apsw.Connection(str(passing / LEDGER))
        with copy.backup("main", session.connection, "main") as work:
            while not work.done:
                work.step(10_000)
        copy.close()
        sequence = session.sequence()
        for path in map(Path, session.segments.paths()):
            target = passing / path.parent.name / path.name
            target.parent.mkdir(mode=0o700, exist_ok=True)
            shutil.copy2(path, target)
    for name in (SECRET, "key"):
        if (kith.settings.data / name).exists():
            shutil.copy2(kith.settings.data / name, passing / name)
    passing.rename(folder)
    return sequence


def restore(backup: Path, data: Path) -> Path | None:
    """Put a backup in the place of a data folder; return where the folder that was there lies now, if any.

    The backup is checked before anything is moved. The service must be stopped.
    Raises: LedgerError when the backup is not whole.
    """
    if not (backup / LEDGER).exists() or not (backup / SECRET).exists():
        raise LedgerError(f"{backup} is no backup of Kith: it lacks {LEDGER} or {SECRET}")
    passing = data.with_name(data.name + ".restoring")
    shutil.rmtree(passing, ignore_errors=True)
    shutil.copytree(backup, passing)
    ledger = open_ledger(passing)
    problems = list(ledger.check())
    ledger.close()
    if problems:
        shutil.rmtree(passing)
        raise LedgerError(f"{backup} is damaged: {problems[0]}")
    aside = _aside(data) if data.exists() else None
    if aside is not None:
        data.rename(aside)
    passing.rename(data)
    return aside


def _aside(data: Path) -> Path:
    number = 1
    while (place := data.with_name(f"{data.name}.before-restore-{number}")).exists():
        number += 1
    return place
