"""The pattern contract: a question, what it needs, its innocent explanations, and how it is asked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from graph_schema.store import GraphStore
from patterns.finding import ExplanationResult, Finding, Number, Outcome
from patterns.frames import Frames
from patterns.people import People


@dataclass(frozen=True)
class View:
    """What a pattern may read: the graph and the columnar frames, as of one ledger sequence."""

    graph: GraphStore
    frames: Frames
    sequence: int

    @cached_property
    def people(self) -> People:
        """The people of the graph, asked for once whichever pattern asks."""
        return People(self.graph)


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

    def concerns(self, *persons: str) -> bool:
        """Return whether one of the persons is among those the run is about."""
        return self.about is None or not self.about.isdisjoint(persons)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a test of an innocent explanation says: a sentence and the numbers it read."""

    outcome: Outcome
    sentence: str
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One innocent explanation: `test` reads a candidate of its pattern and the view, and gives a verdict.

    A `hint` never passes: at most it is not checkable, and says what a human should check. One of the `null`
    is in the pattern's expectation already: what it explains is no candidate.
    """

    id: str
    title: str
    test: Callable[[Any, View], Verdict]
    hint: bool = False
    null: bool = False

    def apply(self, candidate: Any, view: View) -> ExplanationResult:
        """Test one candidate of the pattern."""
        verdict = self.test(candidate, view)
        return ExplanationResult(self.id, self.title, verdict.outcome, verdict.sentence, verdict.numbers)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A tunable of a pattern with its default, unit and meaning."""

    name: str
    default: float
    unit: str
    meaning: str


class UnknownParameter(ValueError):
    """A run sets a parameter that the pattern does not declare."""


def parameters_in_force(declared: Iterable[Parameter], scope: Scope) -> Mapping[str, float]:
    """Return the declared defaults with the scope's overrides.

    Raises: UnknownParameter naming the parameter and those there are.
    """
    values = {parameter.name: parameter.default for parameter in declared}
    for name in sorted(scope.parameters.keys() - values.keys()):
        raise UnknownParameter(
            f"parameter {name!r} is not one of {', '.join(values) or 'none'}: leave it out"
        )
    return {**values, **scope.parameters}


class Pattern(Protocol):
    """One file in `catalogue/` holds one `PATTERN` of this shape; its docstring is served by the API."""

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
