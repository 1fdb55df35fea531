"""HTTP bodies: what crosses the wire, for routes, the page and clients alike."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Scalar = str | int | float | bool


class Message(BaseModel):
    """Base of every body: unknown fields refused, no coercion."""

    model_config = ConfigDict(extra="forbid", strict=True, ser_json_inf_nan="null")


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


class LinkView(Message):
    """One link of an entity, read as a sentence."""

    id: str
    type: str
    sentence: str
    start: str
    end: str
    properties: dict[str, Any]


class NodeView(Message):
    """One node of the graph."""

    id: str
    kind: str
    labels: list[str]
    display_name: str
    properties: dict[str, Any]


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


class ComparisonView(Message):
    """How one comparison of two records came out, in bits."""

    name: str
    title: str
    level: str
    bits: float
    term_frequency_bits: float = 0.0
    left: str | None = None
    right: str | None = None
    note: str | None = None


class WhyView(Message):
    """Why two records (or entities) are, or are not, the same person. Sentence first."""

    left: str
    right: str
    sentence: str
    same_entity: bool
    match_weight: float = Field(description="Bits, prior included")
    match_probability: float
    prior_bits: float
    join_threshold_bits: float
    distance_bits: float = Field(description="Weight minus the join threshold")
    judgement: str | None = Field(None, description="must-link or cannot-link, where a human decided")
    comparisons: list[ComparisonView]
    shared_blocking: list[str] = Field(default_factory=list)
    missed_blocking: list[str] = Field(default_factory=list)
    model_id: str


class MergeStep(Message):
    """One step of how an entity was built."""

    left: list[str]
    right: list[str]
    weight: float
    sentence: str


class HowView(Message):
    """How an entity was built: steps, weakest link, smallest evidence without which it falls apart."""

    entity_id: str
    sentence: str
    steps: list[MergeStep]
    weakest: MergeStep | None
    minimal_evidence: list[str] = Field(default_factory=list)
    model_id: str


class NetworkView(Message):
    """A part of the graph; `truncated` says what a cap cut."""

    nodes: list[NodeView]
    links: list[LinkView]
    truncated: bool
    cut: str | None = None


class PathView(Message):
    """One path: nodes and the links between them, and its sentence."""

    nodes: list[str]
    links: list[str]
    sentence: str
    bits: float | None = None


class PathsView(Message):
    """Shortest paths between two nodes."""

    paths: list[PathView]
    nodes: list[NodeView]
    links: list[LinkView]
    truncated: bool


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
    collar_number: str | None = Field(None, max_length=60)
    on: str | None = Field(None, max_length=10, description="The date on which a collar number was held")
    phone: str | None = Field(None, max_length=60)
    email: str | None = Field(None, max_length=200)
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
    """Hits, exact identifiers first; `read_as` says how the input was understood."""

    hits: list[SearchHit]
    read_as: dict[str, str]
    advice: str | None = None


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


class HistoryView(Message):
    """One step in the life of a finding."""

    at: str
    state: str
    actor: str
    reason: str


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


class Page(Message):
    """One page of a list; `next` is the cursor of the next one."""

    total: int
    next: str | None = None


class FindingsView(Page):
    """The findings list."""

    items: list[FindingSummary]
    counts: dict[str, int] = Field(default_factory=dict, description="By state")


class DispositionRequest(Message):
    """A decision on a finding, with its reason."""

    state: str = Field(description="in_review, need_info, innocent, wrong_data, escalated or not_reviewed")
    reason: str = Field(min_length=3, max_length=2000)


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


class PatternView(Message):
    """One pattern of the catalogue."""

    id: str
    version: int
    title: str
    question: str
    categories: list[str]
    data_needed: list[str]
    parameters: list[dict[str, Any]]
    explanations: list[dict[str, str]]
    refuter: str
    writes_findings: bool
    documentation: str


class RunRequest(Message):
    """Ask a pattern: about somebody (answered at once) or the whole population (a job)."""

    about: list[str] = Field(default_factory=list, max_length=50)
    start: str | None = Field(None, alias="from")
    end: str | None = Field(None, alias="to")
    unit: str | None = None
    sources: list[str] = Field(default_factory=list)
    thresholds: dict[str, float] = Field(default_factory=dict)

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class FreshnessView(Message):
    """How new one source is."""

    source: str
    records: int
    events: int
    rows: int
    last_recorded_at: str | None
    quarantined: int


class RunView(Message):
    """A pattern's answer, or the job that is working on it."""

    pattern: str
    status: str = Field(description="done, running or failed")
    job_id: str | None = None
    progress: float | None = None
    findings: list[FindingView] = Field(default_factory=list)
    explained: list[FindingView] = Field(default_factory=list)
    truncated: bool = False
    found: int = Field(default=0, description="Findings so far, while a job is running")
    problem: str | None = Field(default=None, description="Why a job failed, and what to do")
    freshness: list[FreshnessView] = Field(default_factory=list)
    sequence: int


class ReviewPair(Message):
    """A possible match that waits for a human."""

    left: str
    right: str
    why: WhyView
    left_record: RecordView
    right_record: RecordView


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


class SourceRequest(Message):
    """Register a source; `mapping` is the YAML text of its mapping, null for canonical JSON."""

    mapping: str | None = Field(default=None, max_length=200_000)


class SourcesView(Message):
    """The known sources and how new each is."""

    items: list[FreshnessView]


class PatternsView(Message):
    """The catalogue."""

    items: list[PatternView]


class ReviewView(Message):
    """The next possible match, null when none waits."""

    pair: ReviewPair | None
    next: str | None = Field(default=None, description="Cursor that skips this pair")


class AuditPageView(Message):
    """Looks, oldest first; `next` is the cursor of the following page."""

    items: list[AuditView]
    next: str | None = None
