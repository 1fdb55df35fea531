"""The end of ledger and audit chain, small enough to be kept on another machine: it shows a rollback."""

import json
from dataclasses import dataclass
from pathlib import Path

from ledger.entry import LedgerError
from ledger.ledger import Session


class Unfit(LedgerError):
    """A file or folder that was named is not what it should be; the message says what to name."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last ledger sequence, and position and HMAC (hex) of the last look; 0 and empty for none."""

    sequence: int
    recorded_at: str
    audit: int
    mac: str


def head_of(session: Session) -> Head:
    """Return the head of a ledger."""
    last = session.audit.last()
    sequence = session.sequence()
    entries = session.entries(sequence - 1, 1)
    times = [entry.recorded_at for entry in entries] + ([] if last is None else [last.recorded_at])
    at = max(times, default="")
    return Head(sequence, at, 0 if last is None else last.position, "" if last is None else last.mac)


def stands(session: Session, head: Head) -> bool:
    """Return whether a ledger holds what a head says: it is at least as new, and the same up to there."""
    if session.sequence() < head.sequence:
        return False
    if head.audit == 0:
        return True
    rows = session.audit.recent(head.audit - 1, 1)
    return [row.mac for row in rows] == [head.mac]


def read_head(path: Path) -> Head:
    """Return the head that `kith audit head` printed. Raises: Unfit, OSError."""
    try:
        return Head(**json.loads(path.read_text("utf-8")))
    except (TypeError, ValueError) as error:
        raise Unfit(f"{path} is no head: keep what `kith audit head` prints") from error
