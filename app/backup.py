"""Copy the truth away and put a copy back: ledger, secret, segments; the graph is made from them."""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import apsw

from app.heads import Head, Unfit, head_of, stands
from app.wiring import Kith
from ledger.audit import AuditEntry
from ledger.entry import LedgerBusy, LedgerError
from ledger.erasure import Token
from ledger.ledgers import open_ledger

LEDGER = "kith.db"
SECRET = "kith.key"  # noqa: S105 - a file's name
ACTOR = "kith restore"
UNKNOWN = Head(2**62, "", 0, "")
"""The head of a folder that cannot be read: no backup reaches it."""


class StaleBackup(Unfit):
    """The backup lacks something that is known to have been written since."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: where the former folder lies now, what it knew that is lost, what it had erased.

    `lost` is the head that the backup does not reach (None = nothing is lost).
    """

    aside: Path | None
    lost: Head | None
    erased: frozenset[Token]


def back_up(kith: Kith, folder: Path) -> int:
    """Copy the data folder as of now into a new folder while the service goes on; return its sequence.

    Raises: Unfit when the folder is there already, LedgerError (the disk is full).
    """
    if folder.exists():
        raise Unfit(f"{folder} is there already; name a new folder, a backup is never written over")
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


def restore(backup: Path, data: Path, *, head: Head | None = None, accept_rollback: bool = False) -> Restored:
    """Put a backup in the place of a data folder, which is moved aside; the service must be stopped.

    The backup is checked before anything is moved. It is stale when it does not reach the folder that is
    there, or `head`, the newest one kept elsewhere: then only `accept_rollback` lets it pass.
    Raises: Unfit when the backup is not whole, StaleBackup, LedgerError when the folder is in use.
    """
    if not (backup / LEDGER).exists() or not (backup / SECRET).exists():
        raise Unfit(f"{backup} is no backup of Kith: it lacks {LEDGER} or {SECRET}")
    _refuse_in_use(data)
    there, erased = _state(data)
    passing = data.with_name(data.name + ".restoring")
    shutil.rmtree(passing, ignore_errors=True)
    try:
        shutil.copytree(backup, passing)
        lost = _unreached(passing, backup, [known for known in (there, head) if known is not None])
        if lost is not None and not accept_rollback:
            raise StaleBackup(_stale(lost))
        _refuse_in_use(data)
    except Exception:
        shutil.rmtree(passing, ignore_errors=True)
        raise
    aside = _aside(data) if data.exists() else None
    if aside is not None:
        data.rename(aside)
    passing.rename(data)
    return Restored(aside, lost, erased)


def note_rollback(kith: Kith, lost: Head) -> None:
    """Write into ledger and audit that a backup was put back which lacks what was known."""
    with kith.ledger.write() as session:
        session.append("rollback", "ledger", ACTOR, {"lost": asdict(lost), "kept": asdict(head_of(session))})
        session.audit.append(AuditEntry(ACTOR, "admin", "administer", "restore --accept-rollback"))


def _unreached(folder: Path, backup: Path, heads: Sequence[Head]) -> Head | None:
    """Check a copied backup; return the newest head it does not reach. Raises: Unfit, LedgerBusy."""
    try:
        ledger = open_ledger(folder)
    except LedgerBusy:
        raise
    except LedgerError as error:
        raise Unfit(f"{backup} cannot be put back: {error}") from error
    try:
        problems = list(ledger.check())
        if problems:
            raise Unfit(f"{backup} is damaged: {problems[0]}")
        with ledger.read() as session:
            lost = [head for head in heads if not stands(session, head)]
    finally:
        ledger.close()
    return max(lost, key=lambda head: (head.sequence, head.audit), default=None)


def _state(data: Path) -> tuple[Head | None, frozenset[Token]]:
    """Return the head of the folder that is there and what it has erased; of a damaged one, all unknown."""
    if not (data / LEDGER).exists():
        return None, frozenset()
    try:
        ledger = open_ledger(data)
    except LedgerError:
        return UNKNOWN, frozenset()
    try:
        with ledger.read() as session:
            return head_of(session), frozenset(session.erasures.tokens())
    except LedgerError:
        return UNKNOWN, frozenset()
    finally:
        ledger.close()


def _stale(lost: Head) -> str:
    if lost == UNKNOWN:
        what = "what is there cannot be read, so nobody can say what the backup lacks"
    else:
        what = (
            f"the backup lacks what was written since: sequence {lost.sequence}, {lost.audit} looks are known"
        )
    return f"{what}. Take a newer backup; or lose it knowingly: --accept-rollback, which is written down"


def erased_in(lines: Iterable[str]) -> frozenset[Token]:
    """Return what `kith erase --keys` printed. Raises: Unfit."""
    rows = [tuple(line.split("\t")) for line in lines if line.strip()]
    if any(len(row) != 3 for row in rows):
        raise Unfit("this is no list of erased keys: keep what `kith erase --keys` prints")
    return frozenset((table, source, token) for table, source, token in rows)


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
