"""What became of findings: a pattern's precision and reach, and how much of this week's work is left."""

from dataclasses import dataclass, field
from threading import Lock

from app.messages import OutcomesView, WeekView
from app.queries.identity import staff_among
from app.wiring import Kith
from graph_schema.store import GraphStore, StoreUnavailable
from ledger.ledger import Session
from patterns.detection import ACTOR
from patterns.finding import OPEN_STATES, State
from patterns.outcomes import DECIDED, Outcomes, Week, week_start

HUMAN = frozenset({*DECIDED, State.NOT_REVIEWED})
"""States that a human puts a finding into to be done with it."""

STANDING = frozenset({*OPEN_STATES, State.ESCALATED, State.NOT_REVIEWED})
"""States of findings that nothing has explained."""


@dataclass(slots=True)
class StaffCount:
    """How many staff the graph holds, counted again once the graph is `every` ledger entries further."""

    every: int = 1000
    _lock: Lock = field(default_factory=Lock)
    _counted: tuple[int, int] | None = None

    def of(self, graph: GraphStore) -> int:
        """Return the number, as it was at most `every` entries ago."""
        with self._lock:
            sequence = graph.sequence()
            if self._counted is None or not 0 <= sequence - self._counted[0] < self.every:
                self._counted = sequence, sum(1 for _ in graph.scan("Staff"))
            return self._counted[1]


def outcomes(kith: Kith, session: Session, pattern: str, counted: StaffCount) -> OutcomesView:
    """Return what became of a pattern's findings; while the graph is down, without how many it names."""
    states = {state: session.findings.count({"pattern": pattern, "state": state.value}) for state in State}
    try:
        staff = counted.of(kith.graph)
    except StoreUnavailable:
        staff = 0
    named = staff_among(session, session.findings.named(pattern, STANDING)) if staff else frozenset()
    said = Outcomes(states, len(named), staff)
    return OutcomesView(
        states={state.value: number for state, number in states.items() if number},
        decided=said.decided,
        precision=said.precision,
        interval=list(said.interval) if said.interval is not None else None,
        named=said.named,
        one_in=said.one_in,
        hint=said.hint,
    )


def week(kith: Kith, session: Session) -> Week:
    """Return this week's budget and what of it has been decided, by the ledger's time."""
    decided = session.findings.decided(week_start(kith.ledger.now()), HUMAN, ACTOR)
    return Week(kith.settings.findings_per_week, decided)


def week_view(session: Session, now: Week) -> WeekView:
    """Return the week as a message."""
    new = session.findings.count({"state": State.NEW.value})
    shown = min(new, now.left)
    return WeekView(budget=now.budget, decided=now.decided, shown=shown, waiting=new - shown)
