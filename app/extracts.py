"""Full extracts: what a source no longer says is deleted, behind a brake."""

from collections.abc import Collection
from dataclasses import dataclass

from app.messages import SnapshotReceipt
from app.pipeline import Pipeline
from app.push import Gone, about
from ledger.audit import AuditEntry
from ledger.entry import LedgerError
from ledger.event import EventKey
from ledger.ledger import Session
from resolvers.domain import RecordKey

BRAKE = 0.05
"""Share of a source's live records and events that may go without a word of confirmation."""


class TooManyAbsent(LedgerError):
    """A full extract would delete more than the brake allows; nothing was deleted."""

    def __init__(self, absent: int, live: int, unread: int = 0) -> None:
        lines = f" and {unread} of its rows have no readable id" if unread else ""
        super().__init__(
            f"{absent} of {live} live records and events are not in the extract{lines}: nothing was deleted; "
            f"check that it is whole, then send it again confirming {absent}"
        )
        self.absent = absent
        self.live = live


@dataclass(frozen=True, slots=True)
class Extract:
    """All ids that a source now has; None = the extract says nothing of that kind.

    What was said after ledger sequence `up_to` is left alone (None = nothing is). `unread` rows were there
    without a readable id. `confirmed` is the count of absent ones that whoever sends it has agreed to lose.
    """

    source: str
    records: Collection[str] | None
    events: Collection[str] | None
    up_to: int | None = None
    unread: int = 0
    confirmed: int | None = None


def delete_absent(
    pipeline: Pipeline, extract: Extract, actor: str, audit: AuditEntry | None = None
) -> SnapshotReceipt:
    """Write a tombstone for all that is live and not in the extract, in one commit.

    Events of bulk kinds are not covered: they lie in segments. Raises: TooManyAbsent.
    """

    def job(session: Session) -> SnapshotReceipt:
        records, kept_records = _absent(
            session.records.live_ids(extract.source, extract.up_to), extract.records
        )
        events, kept_events = _absent(session.events.live_ids(extract.source, extract.up_to), extract.events)
        absent, live = len(records) + len(events), kept_records + kept_events
        if (absent > BRAKE * live or (absent and extract.unread)) and absent != extract.confirmed:
            raise TooManyAbsent(absent, live, extract.unread)
        gone = Gone(
            [(RecordKey(extract.source, id_), None) for id_ in records],
            [(EventKey(extract.source, id_), None) for id_ in events],
        )
        _, touched, _ = pipeline.delete(session, gone, actor)
        detail = {"live": live, "absent": absent, "confirmed": extract.confirmed}
        receipt = SnapshotReceipt(
            source=extract.source,
            live=live,
            deleted=absent,
            entities=len(touched.identities),
            sequence=session.append("source.snapshot", extract.source, actor, detail),
        )
        if audit is not None:
            session.audit.append(about(audit, touched.identities))
        return receipt

    receipt = pipeline.run(job)
    pipeline.follow()
    return receipt


def _absent(live: Collection[str], said: Collection[str] | None) -> tuple[list[str], int]:
    """Return the live ids that are not said, and how many are live; neither where nothing is said of them."""
    if said is None:
        return [], 0
    return sorted(set(live) - set(said)), len(live)
