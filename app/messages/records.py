"""Bodies of source records and events, as received."""

from app.messages.base import Message, Scalar


class RecordView(Message):
    """One source record as received."""

    number: int
    source: str
    source_id: str
    version: int
    sequence: int
    first_recorded_at: str
    recorded_at: str
    content_hash: str
    attributes: dict[str, list[dict[str, Scalar]]]
    entity_id: str | None = None


class RecordsView(Message):
    """The records of an entity, by record key."""

    entity_id: str
    items: list[RecordView]


class ParticipantView(Message):
    """Who took part in an event; `entity_id` null until the record arrives."""

    source: str
    source_id: str
    role: str
    entity_id: str | None = None


class EventView(Message):
    """One event as received."""

    number: int
    source: str
    event_id: str
    version: int
    sequence: int
    recorded_at: str
    kind: str
    start: str | None
    end: str | None
    place: dict[str, Scalar]
    attributes: dict[str, Scalar]
    participants: list[ParticipantView]
