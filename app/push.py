"""What clients ask to be written: records to put, what is to be deleted, the look that is written down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ledger.audit import AuditEntry
from ledger.chain import MOST_OBJECTS
from ledger.event import EventKey
from resolvers.domain import Record, RecordKey
from resolvers.features import Features


@dataclass(frozen=True, slots=True)
class Gone:
    """Records and events to be deleted, each with the version of its tombstone (None = the next)."""

    records: Sequence[tuple[RecordKey, int | None]] = ()
    events: Sequence[tuple[EventKey, int | None]] = ()


@dataclass(frozen=True, slots=True)
class Push:
    """One record on its way in: what was said in which version, by whom, and the look to be written down."""

    record: Record
    features: Features
    version: int | None
    actor: str
    audit: AuditEntry | None = None


def named(pushes: Sequence[Push]) -> str:
    """Return who pushed, by name: whoever joins records on what several said names them all."""
    return ", ".join(sorted({push.actor for push in pushes}))


def about(entry: AuditEntry, objects: Iterable[str]) -> AuditEntry:
    """Return an audit entry with the ids of whom it is about."""
    seen = sorted(objects)
    return replace(entry, objects=tuple(seen[:MOST_OBJECTS]), count=len(seen))
