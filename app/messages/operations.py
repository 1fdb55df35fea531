"""Bodies for operators: sources, changes, audit, copies of the truth, readiness."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.messages.base import Message
from app.messages.patterns import FreshnessView

SourceId = Annotated[str, Field(min_length=1, max_length=400)]


class ChangeView(Message):
    """One line of the change feed."""

    sequence: int
    recorded_at: str
    kind: str
    subject: str
    detail: dict[str, Any]


class ChangesView(Message):
    """Changes after a cursor; `after` is the cursor to resume from."""

    items: list[ChangeView]
    after: int


class AuditView(Message):
    """Who looked at what."""

    position: int
    recorded_at: str
    actor: str
    role: str
    audit_class: str
    action: str
    objects: list[str]
    count: int
    purpose: str | None
    outcome: str


class CopyRow(Message):
    """One copy of the truth, as `kith doctor` sees it."""

    copy_of: str
    sequence: int | None
    counts: dict[str, int]
    digest: str | None
    lag: int | None
    sound: bool
    problem: str | None = None
    repair: str | None = None


class ReadyView(Message):
    """Whether the service can answer, and why not."""

    ready: bool
    sequence: int
    redo: int
    outbox: int
    detections: int
    graph: str
    problems: list[str]


class SourceRequest(Message):
    """Register a source; `mapping` is the YAML text of its mapping, null for canonical JSON."""

    mapping: str | None = Field(default=None, max_length=200_000)


class QuarantinedView(Message):
    """A row that could not be taken: where it stood and why; its values are not shown."""

    number: int
    source: str
    line: int | None
    field: str | None
    code: str
    message: str
    recorded_at: str


class QuarantineView(Message):
    """Open rows, oldest first; `next` is the cursor of the following page."""

    items: list[QuarantinedView]
    next: int | None = None


class RepairRequest(Message):
    """What a quarantined row should have said: fields to correct, or canonical JSON."""

    kind: Literal["record", "event"] = "record"
    id: str = Field(min_length=1, max_length=400)
    body: dict[str, Any]
    reason: str = Field(min_length=3, max_length=2000)


class DismissRequest(Message):
    """Why a quarantined row is not needed."""

    reason: str = Field(min_length=3, max_length=2000)


class SnapshotRequest(Message):
    """Every id that a source now has: what is live and not among them is deleted.

    Null: nothing is said of that kind.
    """

    records: list[SourceId] | None = Field(default=None, max_length=1_000_000)
    events: list[SourceId] | None = Field(default=None, max_length=1_000_000)
    up_to: int | None = Field(
        default=None,
        ge=0,
        description="Leave alone what was pushed after this sequence: when the extract was made",
    )
    confirm: int | None = Field(
        default=None, ge=0, description="The count of absent ones, needed above one in twenty of what is live"
    )


class SnapshotReceipt(Message):
    """What a full extract deleted: of so many live, and how many entities that changed."""

    source: str
    live: int
    deleted: int
    entities: int
    sequence: int


class SourcesView(Message):
    """The known sources and how new each is."""

    items: list[FreshnessView]


class AuditPageView(Message):
    """Looks, oldest first; `next` is the cursor of the following page."""

    items: list[AuditView]
    next: str | None = None
