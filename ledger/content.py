"""What was said, as canonical text: equal content gives equal text and an equal hash."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ledger.event import Event, EventKey, Participant
from resolvers.domain import Attributes, Record, RecordKey, Scalar


def canonical_json(value: Any) -> str:
    """Return JSON with sorted keys and no spaces. Raises: ValueError on NaN and infinities."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def content_hash(text: str) -> bytes:
    """Return the SHA-256 of a canonical text; of a tombstone it is empty bytes.

    Raises: ValueError on a lone surrogate, which has no UTF-8 form.
    """
    return hashlib.sha256(text.encode()).digest()


def record_text(record: Record) -> str:
    """Return the canonical text of a record's attributes; its key is not part of it."""
    return canonical_json(
        {name: [_plain(value) for value in values] for name, values in record.attributes.items()}
    )


def record_of(key: RecordKey, text: str) -> Record:
    """Return the record that `record_text` wrote."""
    attributes: Attributes = {name: tuple(values) for name, values in json.loads(text).items()}
    return Record(key, attributes)


def event_text(event: Event) -> str:
    """Return the canonical text of an event; participants are sorted, since their order says nothing."""
    participants = sorted((p.record.source, p.record.source_id, p.role) for p in event.participants)
    return canonical_json(
        {
            "kind": event.kind,
            "from": event.start,
            "to": event.end,
            "place": _plain(event.place),
            "attributes": _plain(event.attributes),
            "participants": [
                {"source": source, "source_id": source_id, "role": role}
                for source, source_id, role in participants
            ],
        }
    )


def event_of(key: EventKey, text: str) -> Event:
    """Return the event that `event_text` wrote, participants sorted by record key and role."""
    said = json.loads(text)
    return Event(
        key=key,
        kind=said["kind"],
        start=said["from"],
        end=said["to"],
        participants=tuple(
            Participant(RecordKey(row["source"], row["source_id"]), row["role"])
            for row in said["participants"]
        ),
        place=said["place"],
        attributes=said["attributes"],
    )


def _plain(parts: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Write whole floats as integers, so that 7 and 7.0 are one content (as RFC 8785 does)."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
        for name, value in parts.items()
    }
