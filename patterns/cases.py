"""Complaints as cases: who is in each in which role, and while which days it was open."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from graph_schema.nodes import Node
from patterns.finding import Evidence
from patterns.interval import Interval, interval
from patterns.pattern import Scope, View
from patterns.people import People, batches, roles_by_event, text, whole_ego

ACCUSED = "accused"
PARTIES = frozenset({"complainant", "victim", "witness"})
DECIDERS = frozenset(
    {
        "investigator",
        "investigating_officer",
        "appropriate_authority",
        "decision_maker",
        "panel_member",
        "authoriser",
    }
)
"""Roles of those who look into a complaint or decide on it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A complaint and its people, as (role, entity id), sorted."""

    event: Node
    roles: tuple[tuple[str, str], ...]

    @property
    def day(self) -> str:
        return text(self.event, "valid_from")[:10]

    @property
    def span(self) -> Interval:
        """Return the days it was open: an end that is not known is open."""
        return interval(self.event.properties.get("valid_from"), self.event.properties.get("valid_to"))

    def having(self, roles: Collection[str]) -> tuple[str, ...]:
        """Return who has one of these roles, each once, sorted."""
        return tuple(sorted({person for role, person in self.roles if role in roles}))

    def roles_of(self, person: str) -> tuple[str, ...]:
        """Return the roles of a person, sorted."""
        return tuple(role for role, one in self.roles if one == person)

    def evidence(self, sentence: str, weight: str = "makes") -> Evidence:
        """Return the complaint as a fact."""
        return Evidence(
            origin="event",
            source=text(self.event, "source"),
            source_id=text(self.event, "event_id"),
            sentence=sentence,
            weight=weight,
            valid_from=text(self.event, "valid_from") or None,
            valid_to=text(self.event, "valid_to") or None,
            node_id=self.event.id,
        )


def complaints(view: View, people: People, scope: Scope) -> Iterator[Case]:
    """Yield the complaints by id: all of them, or those that anybody the run is about is in."""
    if scope.about is None:
        events = [node.id for node in view.graph.scan("Complaint")]
    else:
        people.load(scope.about)
        parts = [part for person in sorted(scope.about) for part in people.involvements(person)]
        events = sorted({part.event.id for part in parts if part.kind == "complaint"})
    for batch in batches(events, 200):
        around = whole_ego(view.graph, batch, {"INVOLVES"})
        nodes = {node.id: node for node in around.nodes}
        for event, roles in roles_by_event(around.links).items():
            if event in batch and (scope.sources is None or text(nodes[event], "source") in scope.sources):
                yield Case(nodes[event], tuple(roles))
