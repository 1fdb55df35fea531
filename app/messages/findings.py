"""Bodies of findings and decisions on them."""

from pydantic import Field

from app.messages.base import Message, Page
from app.messages.graph import NetworkView


class SubjectView(Message):
    """A person a finding is about."""

    role: str
    entity_id: str
    name: str
    staff: bool = False


class EvidenceView(Message):
    """One fact a finding rests on."""

    origin: str
    source: str
    source_id: str
    sentence: str
    weight: str
    valid_from: str | None = None
    valid_to: str | None = None
    entity_id: str | None = None
    node_id: str | None = Field(
        None, description="The thing of the graph the fact is about: an address, a phone …"
    )
    link_id: str | None = Field(None, description="The link of the graph the fact is drawn as")
    recorded_at: str | None = None


class ExplanationView(Message):
    """One innocent explanation, tested: passed (it explains), failed or not_checkable."""

    id: str
    title: str
    outcome: str
    sentence: str
    numbers: dict[str, int | float | str | None] = Field(default_factory=dict)


class FindingSummary(Message):
    """One line of the findings list."""

    id: str
    pattern: str
    pattern_title: str
    title: str
    severity: str
    state: str
    subjects: list[SubjectView]
    evidence_count: int
    created_at: str
    updated_at: str
    version: int


class FindingMention(Message):
    """A finding where it is only named."""

    id: str
    title: str


class HistoryView(Message):
    """One step in the life of a finding."""

    at: str
    state: str
    actor: str
    reason: str


class ReplyView(Message):
    """What a subject answered, and who put it on file."""

    at: str
    received_on: str
    text: str
    actor: str


class ReplyRequest(Message):
    """What a subject answered, and the day it came (YYYY-MM-DD)."""

    text: str = Field(min_length=1, max_length=20_000)
    received_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")


class FindingView(FindingSummary):
    """A finding whole: what was found, the evidence, innocent explanations, and what would refute it."""

    sentence: str
    numbers: dict[str, int | float | str | None]
    evidence: list[EvidenceView]
    explanations: list[ExplanationView]
    refuter: str
    pattern_version: int
    graph: NetworkView
    history: list[HistoryView]
    replies: list[ReplyView] = Field(default_factory=list, description="What the subjects answered")


class WeekView(Message):
    """The week's work: `shown` of the new findings are put forward now, `waiting` keep their place."""

    budget: int
    decided: int
    shown: int
    waiting: int


class FindingsView(Page):
    """The findings list."""

    week: WeekView

    items: list[FindingSummary]
    counts: dict[str, int] = Field(default_factory=dict, description="By state")


class DispositionRequest(Message):
    """A decision on a finding, with its reason."""

    state: str = Field(description="in_review, need_info, innocent, wrong_data, escalated or not_reviewed")
    reason: str = Field(min_length=3, max_length=2000)
