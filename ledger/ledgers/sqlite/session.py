"""A session: one transaction with all its facets."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ledger.entry import Entry, LedgerBusy
from ledger.erasure import Erasures
from ledger.finding import Findings
from ledger.ledger import (
    Audit,
    Detections,
    Events,
    Identity,
    Keys,
    Models,
    Outbox,
    Quarantine,
    Records,
    Resolution,
    Segments,
    Sources,
)
from ledger.ledgers.sqlite.audit import SqliteAudit
from ledger.ledgers.sqlite.connection import storage_errors
from ledger.ledgers.sqlite.doubts import SqliteDoubts
from ledger.ledgers.sqlite.erasures import SqliteErasures
from ledger.ledgers.sqlite.events import SqliteEvents
from ledger.ledgers.sqlite.findings import SqliteFindings
from ledger.ledgers.sqlite.identity import SqliteIdentity
from ledger.ledgers.sqlite.judgements import SqliteJudgements
from ledger.ledgers.sqlite.keys import SqliteKeys
from ledger.ledgers.sqlite.models import SqliteModels
from ledger.ledgers.sqlite.quarantine import SqliteQuarantine
from ledger.ledgers.sqlite.queues import SqliteDetections, SqliteOutbox
from ledger.ledgers.sqlite.records import SqliteRecords
from ledger.ledgers.sqlite.resolution import SqliteResolution
from ledger.ledgers.sqlite.restrictions import SqliteRestrictions
from ledger.ledgers.sqlite.retention import SqliteRetention
from ledger.ledgers.sqlite.segments import SqliteSegments
from ledger.ledgers.sqlite.sources import SqliteSources
from ledger.ledgers.sqlite.transaction import Transaction, entry_of
from ledger.restriction import Restrictions
from ledger.retention import Retention
from ledger.review import Doubts, Judgements


class SqliteSession:
    """One transaction over the ledger; `connection` is lent to the embedded graph's tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction
        self.connection: Any = transaction.connection
        self.records: Records = SqliteRecords(transaction)
        self.events: Events = SqliteEvents(transaction)
        self.segments: Segments = SqliteSegments(transaction)
        self.identity: Identity = SqliteIdentity(transaction)
        self.judgements: Judgements = SqliteJudgements(transaction)
        self.resolution: Resolution = SqliteResolution(transaction)
        self.outbox: Outbox = SqliteOutbox(transaction)
        self.detections: Detections = SqliteDetections(transaction)
        self.doubts: Doubts = SqliteDoubts(transaction)
        self.findings: Findings = SqliteFindings(transaction)
        self.audit: Audit = SqliteAudit(transaction)
        self.keys: Keys = SqliteKeys(transaction)
        self.sources: Sources = SqliteSources(transaction)
        self.quarantine: Quarantine = SqliteQuarantine(transaction)
        self.models: Models = SqliteModels(transaction)
        self.erasures: Erasures = SqliteErasures(transaction)
        self.retention: Retention = SqliteRetention(transaction)
        self.restrictions: Restrictions = SqliteRestrictions(transaction)

    def sequence(self) -> int:
        """Return the last ledger sequence visible here."""
        return self._tx.sequence()

    def moment(self, known: int | str) -> int | None:
        """Return the last sequence of the commit that holds a sequence, or the last known at an instant."""
        last = self._tx.sequence()
        if isinstance(known, int):
            at = self._tx.value("SELECT recorded_at FROM entry WHERE sequence = ?", known)
            if at is None:
                return None if known else 0
        elif known > self._tx.instant:
            return None
        else:
            at = known
        low, high = 0, last
        while low < high:  # entries follow one another in time as in sequence
            middle = (low + high + 1) // 2
            later = self._tx.value("SELECT recorded_at > ? FROM entry WHERE sequence = ?", at, middle)
            low, high = (low, middle - 1) if later else (middle, high)
        return low

    def append(self, kind: str, subject: str, actor: str, detail: Mapping[str, object]) -> int:
        """Append a ledger entry of any other kind."""
        return self._tx.append(kind, subject, actor, detail)

    def entries(self, after: int, limit: int, kinds: Collection[str] | None = None) -> Sequence[Entry]:
        """Return entries above `after`, ascending, of all kinds or of those named."""
        sql = "SELECT sequence, recorded_at, kind, subject, actor, detail FROM entry WHERE sequence > ?"
        values: list[Any] = [after]
        if kinds is not None:
            sql += f" AND kind IN ({', '.join('?' * len(kinds))})"
            values += sorted(kinds)
        return [entry_of(row) for row in self._tx.rows(sql + " ORDER BY sequence LIMIT ?", *values, limit)]

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what one job did if it raises; the rest of the transaction stands.

        Raises: LedgerBusy when the whole transaction was lost (a full disk): nothing after it may be written.
        """
        self.require_transaction()
        with storage_errors():
            self.connection.execute("SAVEPOINT job")
            try:
                yield
                self.require_transaction()
                self.connection.execute("RELEASE job")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK TO job; RELEASE job")
                raise

    def require_transaction(self) -> None:
        """Raise LedgerBusy when SQLite has undone the transaction: statements after it would stand alone."""
        if not self.connection.in_transaction:
            raise LedgerBusy(
                "the write was undone as a whole (disk full or failing): free space, then try again"
            )
