"""Bodies of resolved persons: golden record, timeline, search."""

from pydantic import Field

from app.messages.base import Message, Scalar


class Value(Message):
    """One value of a golden record with the records that say so."""

    parts: dict[str, Scalar]
    display: str
    sources: list[str] = Field(description="Record keys, source|source_id")
    valid_from: str | None = None
    valid_to: str | None = None


class Attribute(Message):
    """One attribute of a golden record: its values, best first; `conflict` when sources disagree."""

    name: str
    values: list[Value]
    conflict: bool = False


class EntityView(Message):
    """A resolved person."""

    entity_id: str
    display_name: str
    staff: bool
    record_count: int
    weakest_match_weight: float | None = Field(None, description="Bits; null for a single record")
    attributes: list[Attribute]
    findings: list[str] = Field(default_factory=list)
    sequence: int


class TimelineItem(Message):
    """One bar or point on a timeline."""

    lane: str
    kind: str
    label: str
    start: str | None
    end: str | None
    source: str
    source_id: str


class TimelineView(Message):
    """What is known of an entity over time, by start."""

    entity_id: str
    items: list[TimelineItem]
    truncated: bool = False


class SearchRequest(Message):
    """What to look for; any part may be left out, at least one is needed."""

    name: str | None = Field(None, max_length=200)
    date_of_birth: str | None = Field(None, max_length=10, description="YYYY, YYYY-MM or YYYY-MM-DD")
    staff_number: str | None = Field(None, max_length=60)
    warrant_number: str | None = Field(None, max_length=60)
    collar_number: str | None = Field(None, max_length=60, description="Of any force, or force/number of one")
    on: str | None = Field(None, max_length=10, description="The date on which a collar number was held")
    phone: str | None = Field(None, max_length=60)
    email: str | None = Field(None, max_length=200)
    national_id: str | None = Field(None, max_length=60)
    account: str | None = Field(None, max_length=60)
    vehicle: str | None = Field(None, max_length=20, description="Registration mark")
    address: str | None = Field(None, max_length=400)
    text: str | None = Field(None, max_length=200, description="Free text, read as any of the above")
    limit: int = Field(20, ge=1, le=100)


class SearchHit(Message):
    """One entity found, and why."""

    entity_id: str
    display_name: str
    staff: bool
    date_of_birth: str | None
    reason: str
    exact: bool
    bits: float | None = None


class SearchView(Message):
    """Hits, exact identifiers first; `read_as` says how the input was understood, `cut` what was left out."""

    hits: list[SearchHit]
    read_as: dict[str, str]
    advice: str | None = None
    truncated: bool = False
    cut: str | None = None
