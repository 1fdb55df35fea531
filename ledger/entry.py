"""The values that the ledger gives back: entries, stored records and events, receipts, identity changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ledger.event import Event
from resolvers.domain import Record, RecordKey


class LedgerError(Exception):
    """The ledger refuses or cannot; the message has the remedy."""


class VersionConflict(LedgerError):
    """The same version was pushed before with other content."""


class Erased(LedgerError):
    """What was asked for has been erased; `certificate` names the erasure."""

    def __init__(self, certificate: str) -> None:
        super().__init__("erased")
        self.certificate = certificate


class LedgerBusy(LedgerError):
    """The write lock was not free in time, or the disk is full: try again later."""


class Status(StrEnum):
    """What a push did."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger; `detail` never holds a raw value."""

    sequence: int
    recorded_at: str
    kind: str
    subject: str
    actor: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PutResult:
    """What putting or deleting one record or event did.

    `number` is its record or event number, `version` the version in force afterwards, `sequence` the entry of
    that version. `changed` is true when the live content is another than before.
    """

    status: Status
    number: int
    version: int
    sequence: int

    @property
    def changed(self) -> bool:
        return self.status is Status.ACCEPTED


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as last said; `record` is None when it is a tombstone."""

    number: int
    key: RecordKey
    version: int
    sequence: int
    first_recorded_at: str
    recorded_at: str
    content_hash: str
    record: Record | None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as last said; `event` is None when it is a tombstone."""

    number: int
    version: int
    sequence: int
    recorded_at: str
    content_hash: str
    event: Event | None


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """One change of identity: kind is created, changed, merged (into `into`), or emptied.

    `records` are the live record numbers of the entity afterwards (empty when merged or emptied).
    """

    entity_id: str
    kind: str
    records: tuple[int, ...]
    into: str | None = None


@dataclass(frozen=True, slots=True)
class JudgementEntry:
    """A human's word in force on a pair (left < right by record key)."""

    id: str
    left: RecordKey
    right: RecordKey
    same: bool
    version: int
    author: str
    reason: str
    sequence: int
    recorded_at: str
