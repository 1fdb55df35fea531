"""Bodies of the way in: receipts, judgements, dry runs, what is wrong with a line."""

from pydantic import Field

from app.messages.base import Message


class EntityTouched(Message):
    """One entity a write changed, and how: created, changed, merged (into another) or emptied."""

    entity_id: str
    change: str
    into: str | None = None


class Receipt(Message):
    """The answer to one push, after its commit."""

    status: str = Field(description="accepted, duplicate or stale")
    source: str
    id: str
    version: int
    sequence: int
    entity_id: str | None = Field(
        None, description="The entity the record belongs to; null for events and tombstones"
    )
    touched: list[EntityTouched] = Field(default_factory=list)
    findings: list[str] = Field(
        default_factory=list, description="Findings raised, changed or withdrawn by this write"
    )
    redo: int = Field(0, description="Length of the redo queue")
    warnings: list[str] = Field(default_factory=list)


class JudgementRequest(Message):
    """A human's word on two records (`source|source_id`)."""

    left: str = Field(max_length=400)
    right: str = Field(max_length=400)
    same: bool
    reason: str = Field(min_length=3, max_length=2000)


class JudgementReceipt(Message):
    """What a judgement changed: every entity and finding touched."""

    id: str
    left: str
    right: str
    same: bool
    version: int
    sequence: int
    touched: list[EntityTouched]
    findings: list[str]
    redo: int = 0


class DryRunView(Message):
    """What a push would be read as; nothing was written."""

    source: str
    id: str
    version: int | None
    features: dict[str, list[str]] = Field(description="Normalised values by feature; empty for an event")
    known_entity_id: str | None = Field(default=None, description="The entity the record belongs to now")


class LineProblem(Message):
    """What is wrong with one line of a batch, in the place of its receipt."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = Field(default_factory=list)
    line: int
