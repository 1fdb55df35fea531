"""One unit of work: from what a write changed in the ledger to graph and findings."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from app import detector, withholding
from app.concern import concerned, most_holders
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
        findings: Iterable[str] = (),
        bulk: bool = False,
    ) -> list[str]:
        """Project what changed and look again at the persons concerned; return the findings touched, sorted.

        `content` are record numbers whose content changed, `events` the ids of changed events,
        `participants` the records that take part in them and `findings` those to draw anew. `bulk` leaves the
        graph to the outbox, whatever the graph, and detection to a population run.
        """
        live = {id_ for id_, change in touched.identities.items() if change.kind in {"created", "changed"}}
        live.update(session.identity.entity_of(content).values())
        gone = sorted(touched.identities.keys() - live)
        withheld, set_aside = withholding.extend(session) if touched.identities else ((), ())
        moved = [row.key for row in session.records.by_number({*touched.moved, *withheld}).values()]
        around = [f"x{number}" for number in session.events.of_records(moved)]
        about = [row["id"] for row in session.findings.about(gone)] if gone else []
        there = [
            *sorted(live),
            *dict.fromkeys([*events, *around]),
            *dict.fromkeys([*about, *findings, *sorted(set_aside)]),
        ]
        if bulk:
            session.outbox.put(there, gone)
            return []
        others = self.project(session, there, gone)
        persons = live | set(entities_of(session, participants).values())
        return self.look(session, persons.union(gone, others))

    def project(self, session: Session, owners: Sequence[str], gone: Sequence[str] = ()) -> set[str]:
        """Bring these owners up to date in the embedded graph, or send them to the outbox; then the gone.

        Returns the persons whom that concerns beyond the owners; whoever drains the outbox finds them there.
        """
        if self.within is None:
            session.outbox.put(owners, gone)
            return set()
        if gone and session.outbox.take(1):
            # Events that join the gone may wait with a bulk load: the gone wait behind them.
            session.outbox.put((), gone)
            gone = ()
        if not owners and not gone:
            return set()
        graph = self.within(session)
        patches = self.projector.patches_for(graph, session, [*owners, *gone])
        others = concerned(graph, patches, self.most_holders)
        graph.apply(patches, session.sequence())
        return others

    def draw_some(self, session: Session) -> int:
        """Draw what waits longest of a bulk load in the embedded graph; return how much waited."""
        assert self.within is not None
        waiting = session.outbox.take(OWNERS_AT_ONCE)
        if not waiting:
            return 0
        length = session.outbox.length()
        graph = self.within(session)
        patches = self.projector.patches_for(graph, session, [owner for _, owner in waiting])
        graph.apply(patches, session.sequence())
        session.outbox.done([position for position, _ in waiting])
        return length

    @property
    def most_holders(self) -> int:
        """Return how many may hold a thing for a live pattern to look at it."""
        return most_holders(self.live)

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
