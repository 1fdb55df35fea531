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
    """A record as last said; `record` is None when it is a tombstone, or was erased under `certificate`."""

    number: int
    key: RecordKey
    version: int
    sequence: int
    first_recorded_at: str
    recorded_at: str
    content_hash: str
    record: Record | None
    certificate: str | None = None


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


class Verdict(StrEnum):
    """What a human said of a pair; only `same` (must-link) and `different` (cannot-link) bind resolution."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"
    WITHDRAWN = "withdrawn"

    @property
    def binds(self) -> bool:
        """Return whether it is a must-link or a cannot-link."""
        return self in {Verdict.SAME, Verdict.DIFFERENT}


@dataclass(frozen=True, slots=True)
class NewJudgement:
    """A human's word on a pair, to be written down.

    `version` None: decided here and now, on what is in force. A version says that it was decided elsewhere or
    earlier and arrives late: it counts by its version, whenever it comes. `weight` is the pair's match weight
    (bits) that the human saw, None where a record is not live.
    """

    left: RecordKey
    right: RecordKey
    verdict: Verdict
    author: str
    reason: str
    version: int | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class JudgementEntry:
    """A human's word on a pair (left < right by record key).

    `reopened` is the ledger sequence at which new evidence spoke against it, None while none did.
    """

    id: str
    left: RecordKey
    right: RecordKey
    verdict: Verdict
    version: int
    author: str
    reason: str
    sequence: int
    recorded_at: str
    weight: float | None = None
    reopened: int | None = None


@dataclass(frozen=True, slots=True)
class PlacedJudgement:
    """A judgement in force between two live records, with their numbers and the persons they are of."""

    entry: JudgementEntry
    left_number: int
    right_number: int
    left_entity: str
    right_entity: str

    @property
    def suspended(self) -> bool:
        """Return whether it is a must-link that cannot-links overrule."""
        return self.entry.verdict is Verdict.SAME and self.left_entity != self.right_entity


@dataclass(frozen=True, slots=True)
class DoubtfulLink:
    """A scored pair (record numbers, left < right) of two persons; weight in bits."""

    left: int
    right: int
    weight: float
    left_entity: str
    right_entity: str


@dataclass(frozen=True, slots=True)
class JudgementResult:
    """What writing a judgement did, and the judgement that is in force on the pair afterwards."""

    status: Status
    entry: JudgementEntry
