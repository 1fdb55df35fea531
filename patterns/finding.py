"""A finding: what a pattern says, the records it rests on, and the innocent explanations tried."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Number = int | float | str | None


class Severity(StrEnum):
    """How soon a human should look; never how guilty anyone is."""

    NOTE = "note"
    LOOK = "look"
    REVIEW = "review"
    URGENT = "urgent"


class State(StrEnum):
    """Where a finding stands."""

    PROVISIONAL = "provisional"
    NEW = "new"
    IN_REVIEW = "in_review"
    NEED_INFO = "need_info"
    INNOCENT = "innocent"
    WRONG_DATA = "wrong_data"
    ESCALATED = "escalated"
    NOT_REVIEWED = "not_reviewed"
    WITHDRAWN = "withdrawn"


OPEN_STATES = frozenset({State.PROVISIONAL, State.NEW, State.IN_REVIEW, State.NEED_INFO})


class Outcome(StrEnum):
    """What testing an innocent explanation gave: `passed` = it explains the finding away."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKABLE = "not_checkable"


@dataclass(frozen=True, slots=True)
class ExplanationResult:
    """One innocent explanation, tested: a sentence and the numbers read."""

    id: str
    title: str
    outcome: Outcome
    sentence: str
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """A person in a role; `founding_record` is the smallest record number of the entity."""

    role: str
    entity_id: str
    founding_record: int
    name: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact the finding rests on, with where it came from.

    `weight` is makes (makes the pattern), supports or context. `origin` is `record` or `event`; `source` and
    `source_id` name it as its source does. `entity_id` is whose it is; `node_id` and `link_id` are what it
    speaks of in the graph (a look-up, which is not drawn: the person looked up). `valid_from` and `valid_to`
    are ISO, None = unknown / open.
    """

    origin: str
    source: str
    source_id: str
    sentence: str
    weight: str = "makes"
    valid_from: str | None = None
    valid_to: str | None = None
    entity_id: str | None = None
    link_id: str | None = None
    node_id: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A pattern's answer, frozen with its evidence: a question for a named human, never a conclusion."""

    id: str
    pattern: str
    pattern_version: int
    title: str
    sentence: str
    severity: Severity
    subjects: tuple[Subject, ...]
    place_key: str
    numbers: Mapping[str, Number]
    evidence: tuple[Evidence, ...]
    explanations: tuple[ExplanationResult, ...]
    refuter: str

    @property
    def explained(self) -> bool:
        """Return whether an innocent explanation holds: then it is not raised, or is withdrawn."""
        return any(result.outcome is Outcome.PASSED for result in self.explanations)


def finding_id(pattern: str, founding: Iterable[tuple[str, int]], place_key: str) -> str:
    """Return the stable id: a hash of pattern, role-tagged founding record numbers and place key."""
    parts = [pattern, *(f"{role}:{number}" for role, number in sorted(founding)), place_key]
    return "f" + base64.b32encode(hashlib.sha256("\x1f".join(parts).encode()).digest()[:15]).decode().lower()
