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
    same: bool | None = Field(description="true: one person; false: two; null: looked at, and not sure")
    reason: str = Field(
        "",
        max_length=2000,
        description="What settled it; needed unless `same` is null",
        examples=["One badge."],
    )
    version: int | None = Field(
        None,
        ge=1,
        le=2**53,
        description="Only for a judgement made elsewhere or earlier: the highest version of a pair is in"
        " force, in any order of arrival. Without: made here and now, refused if it contradicts the others.",
    )


class UndoRequest(Message):
    """Take a judgement back: what was said of the pair before is in force again."""

    version: int = Field(ge=1, le=2**53, description="The version to take back, which must be in force")
    reason: str = Field("Taken back.", min_length=3, max_length=2000)


class UnmergeRequest(Message):
    """Records that are of another person than the rest of an entity."""

    records: list[str] = Field(min_length=1, max_length=200, description="`source|source_id` of each")
    reason: str = Field(min_length=3, max_length=2000)


class Withdrawn(Message):
    """A finding that no longer stands: the state it was in, and why it went."""

    finding: str
    title: str
    was: str
    reason: str


class WriteEffect(Message):
    """What a decision changed: every entity and finding affected."""

    sequence: int
    touched: list[EntityTouched] = Field(description="Every entity that changed, and how")
    findings: list[str] = Field(
        description="Every finding raised, changed or withdrawn, or about an entity that changed"
    )
    suspended: list[str] = Field(
        default_factory=list, description="Must-links (judgement ids) that a cannot-link now overrules"
    )
    withdrawn: list[Withdrawn] = Field(
        default_factory=list, description="Findings that rested on what the decision undid"
    )
    redo: int = 0


class JudgementReceipt(WriteEffect):
    """What a judgement changed; `verdict` and `version` are those in force on the pair afterwards."""

    status: str = Field(description="accepted, duplicate, or stale (a higher version is in force)")
    id: str
    left: str
    right: str
    verdict: str = Field(description="same, different, unsure or withdrawn")
    version: int


class UnmergeReceipt(WriteEffect):
    """What parting an entity changed: where each part is now, and every entity and finding affected."""

    entity_id: str = Field(description="The entity that was parted")
    parted: list[str] = Field(description="The entities that the parted records are in now")
    remaining: list[str] = Field(description="The entities that the other records are in now")
    judgements: int = Field(description="How many cannot-links hold them apart")


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
