"""The ledger contract: one file of truth, read in snapshots, written in units of work.

Each facet below is a small group of verbs over the same transaction; `Session` holds them all. Everything
that changes anything appends a ledger entry (its sequence is returned) and is visible in the same session
at once.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from ledger.audit import AuditEntry, AuditRow
from ledger.entry import (
    Entry,
    IdentityChange,
    PutResult,
    StoredEvent,
    StoredRecord,
)
from ledger.erasure import Erasures
from ledger.event import Event, EventKey
from ledger.finding import Findings
from ledger.restriction import Restrictions
from ledger.retention import Retention
from ledger.review import Doubts, Judgements
from resolvers.domain import Record, RecordKey
from resolvers.features import Features
from resolvers.state import ResolutionState


class Records(Protocol):
    """Person records: versioned puts and tombstones. A record number is given once per key, never reused."""

    def put(self, record: Record, version: int | None, actor: str) -> PutResult:
        """Put one record. Absent version: same content is a duplicate, other content is current + 1.

        Raises: VersionConflict (same version, other content), Erased.
        """

    def put_many(
        self, rows: Iterable[tuple[Record, int | None]], actor: str
    ) -> Sequence[PutResult | Exception]:
        """Put many in one go, a result or the error (VersionConflict, Erased) for each, in order."""

    def delete(self, key: RecordKey, version: int | None, actor: str) -> PutResult:
        """Write a tombstone. Raises KeyError when the record was never known and no version is given: a
        versioned tombstone may come before the record it deletes."""

    def get(self, key: RecordKey) -> StoredRecord | None: ...
    def said(self, key: RecordKey, sequence: int) -> StoredRecord | None:
        """Return what had last been said of a record by this sequence, tombstones passed over, or None.

        Raises: Erased.
        """

    def by_number(self, numbers: Collection[int]) -> Mapping[int, StoredRecord]: ...
    def numbers(self, keys: Collection[RecordKey]) -> Mapping[RecordKey, int]:
        """Return the numbers of known keys (live or not)."""

    def live(self, after: int = 0, limit: int = 10_000) -> Sequence[StoredRecord]:
        """Return live records with a number above `after`, ascending."""

    def live_ids(self, source: str, up_to: int | None = None) -> Sequence[str]:
        """Return the ids of a source's live records, of those last said by sequence `up_to` if given."""

    def count(self) -> int: ...


class Events(Protocol):
    """Events, and which records take part in them (the records may come later)."""

    def put(self, event: Event, version: int | None, actor: str) -> PutResult: ...
    def put_many(
        self, rows: Iterable[tuple[Event, int | None]], actor: str
    ) -> Sequence[PutResult | Exception]: ...
    def delete(self, key: EventKey, version: int | None, actor: str) -> PutResult: ...
    def get(self, key: EventKey) -> StoredEvent | None: ...
    def said(self, key: EventKey, sequence: int) -> StoredEvent | None:
        """Return what had last been said of an event by this sequence, tombstones passed over, or None.

        Raises: Erased.
        """

    def by_number(self, numbers: Collection[int]) -> Mapping[int, StoredEvent]: ...
    def keys(self, numbers: Collection[int]) -> Mapping[int, EventKey]:
        """Return the keys of known events, live or not, by number."""

    def of_records(self, keys: Collection[RecordKey], *, bulk: bool = False) -> Sequence[int]:
        """Return the numbers of live events these records take part in, ascending.

        They are those of bulk kinds, or of all the others.
        """

    def live(self, after: int = 0, limit: int = 10_000, *, bulk: bool = False) -> Sequence[StoredEvent]:
        """Return live events above `after`, ascending: of bulk kinds, or of all the others."""

    def live_ids(self, source: str, up_to: int | None = None) -> Sequence[str]:
        """Return the ids of a source's live events that are not of a bulk kind, as for records."""

    def bulk_tombstones(self) -> Sequence[tuple[str, str, int]]:
        """Return (source, event id, version) of each deleted event of a bulk kind, by number.

        They hide the rows that a segment may hold of it.
        """

    def count(self) -> int: ...


class Segments(Protocol):
    """Columnar segments of bulk kinds: Parquet files beside the ledger, one ledger entry each."""

    def append(self, frame: Any, actor: str) -> int | None:
        """Write one polars frame (≤ 10,000 rows) as a segment and its ledger entry; return the sequence.

        None when the same rows (by hash) are in the ledger already. The file is synced before the commit.
        """

    def paths(self) -> Sequence[str]:
        """Return the paths of committed segments, by sequence."""

    def rows(self) -> int: ...
    def of_events(self, keys: Collection[EventKey], sequence: int) -> Any:
        """Return the rows of these events in segments up to `sequence`, which is the column `segment`."""

    def any_before(self, ended: Collection[tuple[str, str, str]]) -> bool:
        """Return whether there are rows of (source or `*`, kind) that ended before an instant."""

    def orphans(self) -> Sequence[Path]:
        """Return the files that no entry means: left by a crash, or by an erasure."""


class Identity(Protocol):
    """Which entity each live record belongs to, and the history of it."""

    def assign(
        self, clusters: Iterable[Iterable[int]], gone: Collection[int], actor: str
    ) -> Sequence[IdentityChange]:
        """Give ids to re-computed clusters of record numbers; `gone` left the live records.

        The oldest entity (smallest creation sequence) whose oldest record lies in a cluster gives it its id,
        others redirect to it; the part without an heir gets a new id. Only real changes are returned and
        logged.
        """

    def entity_of(self, numbers: Collection[int]) -> Mapping[int, str]: ...
    def members(self, entity_ids: Collection[str]) -> Mapping[str, tuple[int, ...]]:
        """Return the record numbers (ascending) of each live entity."""

    def follow(self, entity_id: str) -> str | None:
        """Return the live id an id stands for now (or where redirects lead); None if unknown or emptied."""

    def certificate(self, entity_id: str) -> str | None:
        """Return the certificate of the erasure that ended an entity (or the one it became part of)."""

    def formerly(self, entity_id: str) -> Sequence[int]:
        """Return the deleted records that an entity, or one merged into it, held to the last; ascending."""

    def ever_of(self, numbers: Collection[int]) -> Sequence[str]:
        """Return every entity that ever held one of these records, sorted."""

    def end(self, certificate: str, entity_ids: Collection[str]) -> None:
        """Write down that these entities, empty now, ended by an erasure."""

    def entities(self, after: str = "", limit: int = 1000) -> Sequence[str]: ...
    def count(self) -> int: ...
    def history(self, entity_id: str) -> Sequence[Entry]: ...
    def partition_digest(self) -> str: ...


class Outbox(Protocol):
    """Graph changes that wait to be drawn, at least once, in order."""

    def put(self, owners: Iterable[str], gone: Iterable[str] = ()) -> None:
        """Remember that these owners (entity, event, finding ids) must be projected again.

        `gone` are owners that are no more.
        """

    def take(self, limit: int) -> Sequence[tuple[int, str]]:
        """Return the oldest (position, owner) entries without removing them; an owner appears once.

        The gone come after all others: a person may leave a graph only when no event joins it any more.
        """

    def done(self, positions: Collection[int]) -> None: ...
    def failed(self, position: int) -> int:
        """Count one more try that failed; return how many there were (0 when it no longer waits)."""

    def oldest(self) -> int | None:
        """Return the ledger sequence since which something waits, None when nothing does.

        An owner put again while it waits waits since the first time.
        """

    def length(self) -> int: ...


class Detections(Protocol):
    """Entities whose live patterns must be run again: durable, so that a crash loses no finding."""

    def put(self, entity_ids: Iterable[str], since: int | None = None) -> None:
        """Remember these entities; they wait since the ledger sequence `since`, None = from now on."""

    def oldest(self) -> int | None:
        """Return the ledger sequence since which somebody waits, None when nobody does."""

    def take(self, limit: int) -> Sequence[str]:
        """Return waiting entity ids, oldest first, without removing them."""

    def done(self, entity_ids: Collection[str], seen: int | None = None) -> None:
        """Remove what has been looked at; with `seen` (the ledger sequence of the snapshot that was read)
        an entity put again since then stays."""

    def failed(self, entity_id: str) -> int:
        """Count one more try that failed; return how many there were (0 when it no longer waits)."""

    def length(self) -> int: ...


class Audit(Protocol):
    """Who looked at what, chained by HMAC."""

    def append(self, entry: AuditEntry) -> int: ...
    def about(self, entity_id: str, limit: int = 200) -> Sequence[AuditRow]: ...
    def recent(self, after: int = 0, limit: int = 200) -> Sequence[AuditRow]: ...
    def last(self) -> AuditRow | None:
        """Return the row at the end of the chain, None for an empty one."""

    def verify(self) -> int | None:
        """Return the first bad position of the chain, None when it holds."""


class Keys(Protocol):
    """API keys: `kith_<id>_<secret>`; only an HMAC of the secret is kept."""

    def create(
        self,
        name: str,
        roles: Collection[str],
        source: str | None,
        actor: str,
        *,
        loopback_only: bool = False,
    ) -> str:
        """Make a key and return its whole text, this once."""

    def check(self, text: str) -> Mapping[str, Any] | None:
        """Return {id, name, roles, source, loopback_only} of a live key, None otherwise; constant-time."""

    def revoke(self, key_id: str, actor: str) -> None: ...
    def all(self) -> Sequence[Mapping[str, Any]]: ...
    def open_page(self, key_id: str, *, once: bool, seconds: int) -> str:
        """Make a page token for the key: once = a one-time link, else a session."""

    def page(self, token: str, *, once: bool) -> Mapping[str, Any] | None:
        """Return the key a page token stands for; a one-time token is used up."""


class Sources(Protocol):
    """Known sources, their mapping if any, and what was last loaded."""

    def register(self, source: str, mapping: str | None, actor: str) -> None: ...
    def known(self, source: str) -> bool: ...
    def mapping(self, source: str) -> str | None: ...
    def freshness(self) -> Sequence[Mapping[str, Any]]:
        """Return {source, records, events, rows, last_recorded_at, quarantined} for each, by name."""


class Quarantine(Protocol):
    """Rows that could not be taken: code, field, line, and the payload kept for repair, never logged."""

    def put(self, row: Mapping[str, Any], actor: str) -> int:
        """Keep {source, line, field, code, message, payload}."""

    def get(self, number: int) -> Mapping[str, Any] | None:
        """Return an open row with its payload, None when there is none."""

    def page(self, source: str | None, after: int, limit: int) -> Sequence[Mapping[str, Any]]: ...
    def resolve(self, number: int, actor: str, reason: str) -> None: ...
    def count(self, source: str | None = None) -> int: ...


class Models(Protocol):
    """The linkage model in force; promotion is a ledger entry."""

    def current(self) -> str | None:
        """Return the JSON text of the promoted model, None before the first promotion."""

    def current_id(self) -> str | None:
        """Return the id under which the model in force was promoted, None before the first promotion."""

    def promote(self, text: str, model_id: str, actor: str) -> int: ...


class Resolution(ResolutionState, Protocol):
    """The state of resolution, and the way from an identifier to its records."""

    def identified(self, features: Features, limit: int) -> Sequence[int]:
        """Return live records that may share an identifier with `features`, ascending, at most `limit`."""

    def clear(self) -> None:
        """Forget everything that resolution made of the records, to make it again."""


class Session(Protocol):
    """One transaction over the ledger: a read snapshot, or the unit of work that holds the write lock."""

    connection: Any
    records: Records
    events: Events
    segments: Segments
    identity: Identity
    judgements: Judgements
    resolution: Resolution
    outbox: Outbox
    detections: Detections
    doubts: Doubts
    findings: Findings
    audit: Audit
    keys: Keys
    sources: Sources
    quarantine: Quarantine
    models: Models
    erasures: Erasures
    retention: Retention
    restrictions: Restrictions

    def sequence(self) -> int:
        """Return the last ledger sequence visible here."""

    def moment(self, known: int | str) -> int | None:
        """Return the last sequence of the commit that holds a sequence, or the last known at an instant.

        A commit becomes known as a whole. None when the sequence or the instant is still to come.
        """

    def append(self, kind: str, subject: str, actor: str, detail: Mapping[str, object]) -> int:
        """Append a ledger entry of any other kind."""

    def entries(self, after: int, limit: int, kinds: Collection[str] | None = None) -> Sequence[Entry]:
        """Return entries above `after`, ascending: the change feed."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo what one job of a batch did if it raises; the rest of the batch stands."""


class Ledger(Protocol):
    """Open the ledger of a data folder; safe for many threads and processes."""

    secret: bytes
    """32 random bytes of this ledger: keys the hashes of node ids."""

    def read(self) -> AbstractContextManager[Session]:
        """Open a consistent snapshot of all that is kept; any number at a time."""

    def look(self, known_at: int | None = None) -> AbstractContextManager[Session]:
        """Open a snapshot of what may be shown and used: all that is kept, less what is withheld now.

        `known_at` (a sequence, see `Session.moment`) = of what was known then, less what was erased since:
        entries, records, events, identity, features, judgements, findings and the model in force. What is
        kept of the present alone (participation, edges, queues, segments, sources) is not looked back at.
        """

    def write(self) -> AbstractContextManager[Session]:
        """Take the write lock, commit durably at the end, roll back on an exception.

        Raises: LedgerBusy when the lock is not free in time or the disk is full.
        """

    def now(self) -> str:
        """Return the ledger's time as an instant, never before that of its last entry."""

    def purge(self) -> list[str]:
        """Overwrite, in every file of the data folder, what erasures freed; return their certificate ids.

        Nothing is written while it works (a copy of the file is made). Raises: LedgerBusy when it must be
        tried again: a reader holds on to an old state, or the disk has no room for the copy.
        """

    def check(self) -> Iterator[str]:
        """Yield problems found by integrity checks; nothing when sound."""

    def close(self) -> None: ...
