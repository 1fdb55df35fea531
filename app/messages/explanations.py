"""Bodies that say why: two records, how an entity was built, what waits for review."""

from pydantic import Field

from app.messages.base import Message
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
    distance_bits: float = Field(description="Weight minus the join threshold")
    judgement: str | None = Field(
        None, description="must-link, cannot-link or not sure, where a human said so"
    )
    comparisons: list[ComparisonView]
    shared_blocking: list[str] = Field(default_factory=list)
    missed_blocking: list[str] = Field(default_factory=list)
    model_id: str


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


class ReviewPair(Message):
    """A possible match that waits for a human."""

    left: str
    right: str
    why: WhyView
    left_record: RecordView
    right_record: RecordView


class ReviewView(Message):
    """The next possible match, null when none waits."""

    pair: ReviewPair | None
    next: str | None = Field(default=None, description="Cursor that skips this pair")
