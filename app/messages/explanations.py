"""Bodies that say why: two records, how an entity was built, what waits for review."""

from pydantic import Field

from app.messages.base import Message
from app.messages.findings import FindingMention
from app.messages.records import RecordView


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
    review_threshold_bits: float = Field(description="From here on a human decides")
    distance_bits: float = Field(description="Weight minus the join threshold")
    judgement: str | None = Field(
        None, description="must-link, cannot-link or not sure, where a human said so"
    )
    comparisons: list[ComparisonView]
    shared_blocking: list[str] = Field(default_factory=list)
    missed_blocking: list[str] = Field(
        default_factory=list, description="Rules for which both have a value, but another one"
    )
    generic_blocking: list[str] = Field(
        default_factory=list,
        description="Rules whose common value too many records have to be compared by it",
    )
    model_id: str
    carried_by: str | None = Field(
        default=None, description="The comparison without which the decision would be another, as a sentence"
    )


class MergeStep(Message):
    """One step of how an entity was built."""

    left: list[str]
    right: list[str]
    weight: float | None = Field(description="Mean bits between the two sides; null for a human's word")
    sentence: str


class HowView(Message):
    """How an entity was built: steps, weakest link, smallest evidence without which it falls apart."""

    entity_id: str
    sentence: str
    steps: list[MergeStep]
    weakest: MergeStep | None
    minimal_evidence: list[str] = Field(default_factory=list)
    model_id: str


class JudgementView(Message):
    """One version of what a human said of a pair."""

    id: str
    version: int
    verdict: str = Field(description="same, different, unsure or withdrawn")
    author: str
    reason: str
    at: str
    weight: float | None = Field(description="Bits at the time; null where a record was not live")


class MemberView(Message):
    """A record that a person has already."""

    record: str
    name: str
    joined_at: float | None = Field(description="Bits at which it joined; null for a human's word")


class PersonView(Message):
    """A person as it is now, beside a question about it."""

    entity_id: str
    display_name: str
    record_count: int
    weakest_match_weight: float | None
    members: list[MemberView]
    findings: list[FindingMention]


class ReviewPair(Message):
    """A question that waits for a human."""

    kind: str = Field(
        description="possible (not decided), suspended (a must-link that a cannot-link overrules), reopened"
        " (new evidence speaks against what a human said) or large (the weakest link of a person of very many"
        " records)"
    )
    asked_because: str
    if_same: str = Field(description="What the answer `same` changes, as sentences")
    expected_change: float = Field(description="Records and findings that change, times uncertainty (0 to 1)")
    left: str
    right: str
    why: WhyView
    left_record: RecordView
    right_record: RecordView
    left_person: PersonView
    right_person: PersonView
    history: list[JudgementView] = Field(description="What humans said of this pair, newest first")


class ReviewView(Message):
    """The next question, null when none waits; the most expected change comes first."""

    pair: ReviewPair | None
    next: str | None = Field(default=None, description="Cursor that skips this pair")
    position: int = Field(default=0, description="Which of the waiting ones it is, from 1")
    waiting: int = Field(default=0, description="How many questions wait")
    decided: int = Field(default=0, description="How many judgements you have given")
