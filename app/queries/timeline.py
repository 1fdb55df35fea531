"""What is known of somebody over time."""

from collections.abc import Iterable, Iterator

from app.messages import TimelineItem, TimelineView
from app.queries.identity import live_entity, members
from app.wiring import Kith
from ledger.entry import StoredEvent, StoredRecord

MOST_ITEMS = 1000
_LANES = {
    "address": "Addresses",
    "employer": "Work",
    "unit": "Work",
    "rank": "Work",
    "phone": "Contact",
    "email": "Contact",
    "account": "Accounts",
    "vehicle": "Vehicles",
}
"""Attributes drawn where a source gives them an interval."""


def timeline(kith: Kith, entity_id: str) -> TimelineView:
    """Return events and dated facts of a person, by lane and start. Raises: Absent, Merged."""
    with kith.ledger.look() as session:
        live_entity(session, entity_id)
        rows = members(session, entity_id)
        keys = {row.key for row in rows}
        numbers = session.events.of_records(sorted(keys))
        events = session.events.by_number(numbers[:MOST_ITEMS]).values()
    items = [item for row in rows for item in _facts(row)]
    items += [item for row in events for item in _happenings(row, {str(key) for key in keys})]
    items.sort(key=lambda item: (item.lane, item.start or "", item.end or "9999", item.label, item.source_id))
    cut = len(numbers) > MOST_ITEMS or len(items) > MOST_ITEMS
    return TimelineView(entity_id=entity_id, items=items[:MOST_ITEMS], truncated=cut)


def _facts(row: StoredRecord) -> Iterator[TimelineItem]:
    for attribute, values in sorted(row.record.attributes.items() if row.record is not None else ()):
        for parts in values:
            start, end = parts.get("valid_from"), parts.get("valid_to")
            if attribute in _LANES and (start is not None or end is not None):
                yield TimelineItem(
                    lane=_LANES[attribute],
                    kind=attribute,
                    label=said(parts.items()),
                    start=None if start is None else str(start),
                    end=None if end is None else str(end),
                    source=row.key.source,
                    source_id=row.key.source_id,
                )


def _happenings(row: StoredEvent, mine: set[str]) -> Iterator[TimelineItem]:
    event = row.event
    if event is None:
        return
    roles = sorted({one.role for one in event.participants if str(one.record) in mine})
    kind = event.kind.replace("_", " ")
    yield TimelineItem(
        lane=kind.capitalize(),
        kind=event.kind,
        label=f"{kind} ({', '.join(role.replace('_', ' ') for role in roles)})",
        start=event.start,
        end=event.end,
        source=event.key.source,
        source_id=event.key.event_id,
    )


def said(parts: Iterable[tuple[str, object]]) -> str:
    """Return the parts of a value as one text, its interval left out."""
    return ", ".join(str(value) for name, value in parts if name not in {"valid_from", "valid_to"})
