"""The pattern contract: a question, what it needs, its innocent explanations, and how it is asked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from graph_schema.store import GraphStore
from patterns.finding import ExplanationResult, Finding
from patterns.frames import Frames


@dataclass(frozen=True, slots=True)
class View:
    """What a pattern may read: the graph and the columnar frames, as of one ledger sequence."""

    graph: GraphStore
    frames: Frames
    sequence: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run is limited to. `about` None = the whole population.

    With `about`, a run returns every finding (explained or not) that has one of these persons as a subject.
    `start`/`end` are ISO dates, half-open; `parameters` override the pattern's declared defaults by name.
    """

    about: frozenset[str] | None = None
    start: str | None = None
    end: str | None = None
    unit: str | None = None
    sources: frozenset[str] | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One innocent explanation: `test` reads the view and says passed, failed or not checkable, with numbers."""

    id: str
    title: str
    test: Callable[[Any, View], ExplanationResult]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A tunable of a pattern with its default, unit and meaning."""

    name: str
    default: float
    unit: str
    meaning: str


class Pattern(Protocol):
    """One file in `catalogue/` holds one object `PATTERN` of this shape; its docstring is served by the API."""

    id: str
    version: int
    title: str
    question: str
    categories: tuple[str, ...]
    data_needed: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    explanations: tuple[Explanation, ...]
    refuter: str
    writes_findings: bool
    live: bool
    """Whether it is run on the changed neighbourhood after each write."""

    def run(self, view: View, scope: Scope) -> Iterable[Finding]:
        """Yield findings in a fixed order, explained ones included (`finding.explained`)."""


