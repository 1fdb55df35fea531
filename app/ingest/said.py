"""Which ids a full extract holds, refused rows included."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.ingest.mapping import Mapping
from app.ingest.problem import Rejected
from ledger.event import Event
from resolvers.domain import Record


@dataclass(slots=True)
class Said:
    """The ids of each source; `unread` counts rows whose id could not be read, by source."""

    records: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    events: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    unread: Counter[str] = field(default_factory=Counter)

    def take_records(self, rows: Iterable[tuple[Record, int | None]]) -> None:
        """Note the ids of records."""
        for record, _ in rows:
            self.records[record.key.source].add(record.key.source_id)

    def take_events(self, rows: Iterable[tuple[Event, int | None]]) -> None:
        """Note the ids of events."""
        for event, _ in rows:
            self.events[event.key.source].add(event.key.event_id)

    def take_rejected(self, rows: Iterable[Rejected], mapping: Mapping) -> None:
        """Note the ids of refused rows: their records were there, however wrong, and must not be deleted."""
        for row in rows:
            if row.section == "record":
                columns, ids = mapping.id, self.records
            else:
                section = mapping.events[int(row.section.removeprefix("events[").removesuffix("]")) - 1]
                if section.bulk:
                    continue
                columns, ids = section.id, self.events
            parts = [row.fields.get(column, "").strip() for column in columns]
            if any(parts):
                ids[row.source].add("|".join(parts))
            else:
                self.unread[row.source] += 1
