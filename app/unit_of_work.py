"""One unit of work: from what a write changed in the ledger to graph and findings."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from app import detector
from app.projector import Projector, entities_of
from app.resolving import Touched
from graph_schema.store import GraphStore
from ledger.ledger import Session
from patterns.frames import KeptRows
from patterns.pattern import Pattern, Scope
from resolvers.domain import RecordKey

OWNERS_AT_ONCE = 5_000
"""Parts of the graph drawn in one commit after a bulk load."""

Within = Callable[[Session], GraphStore]
"""Bind the embedded graph to a session's transaction."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What writing does beyond the ledger's own tables.

    `within` None = the graph is another server's: owners go to the outbox, persons to the detection queue.
    `live` are the patterns run on the persons a write touched.
    """

    projector: Projector
    within: Within | None
    live: Sequence[Pattern]
    kept: KeptRows = field(default_factory=KeptRows)

    def follow(
        self,
        session: Session,
        touched: Touched,
        *,
        content: Collection[int] = (),
        events: Iterable[str] = (),
        participants: Iterable[RecordKey] = (),
        bulk: bool = False,
    ) -> list[str]:
        """Project what changed and look again at the persons concerned; return the findings touched, sorted.

        `content` are record numbers whose content changed, `events` the ids of changed events and
        `participants` the records that take part in them. `bulk` leaves the graph to the outbox, whatever
        the graph, and detection to a population run.
        """
        live = {id_ for id_, change in touched.identities.items() if change.kind in {"created", "changed"}}
        live.update(session.identity.entity_of(content).values())
        gone = sorted(touched.identities.keys() - live)
        moved = [row.key for row in session.records.by_number(touched.moved).values()]
        around = [f"x{number}" for number in session.events.of_records(moved)]
        findings = [row["id"] for row in session.findings.about(gone)] if gone else []
        there = [*sorted(live), *dict.fromkeys([*events, *around]), *findings]
        if bulk:
            session.outbox.put(there, gone)
            return []
        self.project(session, there, gone)
        persons = live | set(entities_of(session, participants).values())
        return self.look(session, persons.union(gone))

    def project(self, session: Session, owners: Sequence[str], gone: Sequence[str] = ()) -> None:
        """Bring these owners up to date in the embedded graph, or send them to the outbox; then the gone."""
        if self.within is None:
            session.outbox.put(owners, gone)
        elif owners or gone:
            self._draw(session, self.within(session), [*owners, *gone])

    def draw_some(self, session: Session) -> int:
        """Draw what waits longest of a bulk load in the embedded graph; return how much waited."""
        assert self.within is not None
        waiting = session.outbox.take(OWNERS_AT_ONCE)
        if not waiting:
            return 0
        length = session.outbox.length()
        self._draw(session, self.within(session), [owner for _, owner in waiting])
        session.outbox.done([position for position, _ in waiting])
        return length

    def _draw(self, session: Session, graph: GraphStore, owners: Sequence[str]) -> None:
        graph.apply(self.projector.patches_for(graph, session, owners), session.sequence())

    def look(self, session: Session, persons: Collection[str]) -> list[str]:
        """Run the live patterns about these persons (now, or queued for after the outbox)."""
        if not persons:
            return []
        if self.within is None:
            session.detections.put(sorted(persons))
            return []
        return self.detect(session, self.within(session), self.live, Scope(about=frozenset(persons)))

    def detect(
        self, session: Session, graph: GraphStore, patterns: Sequence[Pattern], scope: Scope
    ) -> list[str]:
        """Run patterns in this session and keep what changed; return the findings touched, sorted."""
        found = detector.look(session, graph, patterns, scope, self.kept)
        findings = detector.keep(session, found, patterns, scope.about)
        self.project(session, findings)
        return findings
