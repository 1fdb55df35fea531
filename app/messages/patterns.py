"""Bodies of the pattern catalogue and its runs."""

from typing import Any

from pydantic import ConfigDict, Field

from app.messages.base import Message
from app.messages.findings import FindingView


class OutcomesView(Message):
    """What became of a pattern's findings.

    `precision` is the share of the decided that were escalated, with its 95 % interval; null before the
    first decision. `one_in` n: the pattern names one in n of the staff; `hint` asks about the rule itself.
    """

    states: dict[str, int]
    decided: int
    precision: float | None
    interval: list[float] | None
    named: int
    one_in: int | None
    hint: str | None


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
    outcomes: OutcomesView | None = Field(None, description="null for a pattern that writes no findings")


class RunRequest(Message):
    """Ask a pattern: about somebody (answered at once) or, without `about`, everybody (a job)."""

    about: list[str] | None = Field(None, min_length=1, max_length=50)
    start: str | None = Field(None, alias="from")
    end: str | None = Field(None, alias="to")
    unit: str | None = None
    sources: list[str] | None = Field(None, min_length=1)
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


class PatternsView(Message):
    """The catalogue."""

    items: list[PatternView]
