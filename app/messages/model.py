"""Bodies about the linkage model in force."""

from pydantic import Field

from app.messages.base import Message


class LevelView(Message):
    """One comparison level: how often it occurs among matches (m) and non-matches (u), and what it says."""

    label: str
    m: float
    u: float
    bits: float
    terms: bool = Field(description="Whether a rare value tells more than a common one")


class ComparisonModelView(Message):
    """One comparison, its levels from most to least agreement."""

    name: str
    title: str
    levels: list[LevelView]


class ThresholdView(Message):
    """How many scored pairs of live records reach a match probability."""

    match_probability: float
    bits: float
    pairs: int
    meaning: str | None = Field(description="What the model does from here on, for its own thresholds")


class ModelView(Message):
    """The linkage model in force."""

    model_id: str
    trained_at: str | None
    training_records: int
    training_hash: str | None
    prior: float
    prior_bits: float
    comparisons: list[ComparisonModelView]
    thresholds: list[ThresholdView]
    blocking: list[str]
