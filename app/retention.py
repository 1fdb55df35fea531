"""Erase what a rule no longer lets stay: on demand, and every night while the service runs."""

import logging
import threading
from datetime import datetime, timedelta

from app.erasing import Doomed, erase_within, finish
from app.wiring import Kith
from graph_schema.store import StoreError
from ledger.entry import LedgerError
from ledger.ledger import Session

ACTOR = "kith retention"
AT_ONCE = 1_000
"""Records and events erased in one commit."""
HOUR = 3
"""When the nightly run starts (UTC)."""

_log = logging.getLogger("kith.retention")


def retain(kith: Kith) -> list[str]:
    """Erase what is due, then overwrite the bytes of this and earlier erasures; return the certificates.

    Raises: LedgerBusy, StoreUnavailable: what could not be overwritten is tried again by the next run.
    """
    done: list[str] = []

    def some(session: Session) -> str | None:
        now = kith.ledger.now()
        records, events = session.retention.due(now)
        rows = session.retention.due_rows(now)
        if not records and not events and not (not done and session.segments.any_before(rows)):
            return None
        doomed = Doomed(records[:AT_ONCE], events[:AT_ONCE], () if done else rows)
        return erase_within(session, kith, doomed, "retention", ACTOR)

    while (certificate := kith.pipeline.run(some)) is not None:
        done.append(certificate)
    if done:
        kith.pipeline.settle()
    finish(kith)
    return done


class Nightly:
    """A thread that runs `retain` every night."""

    def __init__(self, kith: Kith) -> None:
        self._kith = kith
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="kith-retention", daemon=True)

    def start(self) -> None:
        """Start waiting for the night."""
        self._thread.start()

    def close(self) -> None:
        """Stop; a run that is under way ends first."""
        self._stop.set()
        self._thread.join(timeout=15)

    def _follow(self) -> None:
        while not self._stop.wait(seconds_to_next(self._kith.ledger.now())):
            try:
                retain(self._kith)
            except (LedgerError, StoreError) as error:
                _log.warning("retention was not carried out whole, the next night goes on: %s", error)


def seconds_to_next(now: str, hour: int = HOUR) -> float:
    """Return the seconds from an instant to the next time that the hour strikes (UTC)."""
    moment = datetime.fromisoformat(now)
    next_ = moment.replace(hour=hour, minute=0, second=0, microsecond=0)
    return ((next_ if next_ > moment else next_ + timedelta(days=1)) - moment).total_seconds()
