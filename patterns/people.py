"""What the graph says of people: staff or not, the cases they are in, what they declared, where they work."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from graph_schema.nodes import Node
from graph_schema.relationships import Link
from graph_schema.store import GraphStore, Subgraph
from patterns.finding import Subject
from patterns.interval import Interval, interval

NOMINAL_ROLES = frozenset(
    {
        "detained",
        "detainee",
        "arrested",
        "arrestee",
        "suspect",
        "subject",
        "offender",
        "accused",
        "stopped",
        "searched",
        "driver",
    }
)
"""Roles of an event that make a member of the public a nominal: somebody dealt with as a suspect."""

CASE_KINDS = frozenset(
    {
        "custody",
        "arrest",
        "stop",
        "vehicle_stop",
        "use_of_force",
        "complaint",
        "incident",
        "crime",
        "investigation",
    }
)
"""Kinds of event that are police business with a person."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Involvement:
    """A person's part in an event."""

    event: Node
    role: str
    link: Link

    @property
    def kind(self) -> str:
        return text(self.event, "event_kind")

    @property
    def span(self) -> Interval:
        """Return the days of the event: its start alone when it has no end."""
        start = self.event.properties.get("valid_from")
        return interval(start, self.event.properties.get("valid_to") or start)


class People:
    """Read people once a run, in batches: the graph is asked once for each person, whichever pattern asks."""

    def __init__(self, graph: GraphStore, *, batch: int = 200, max_nodes: int = 20_000) -> None:
        self._graph = graph
        self._batch = batch
        self._max_nodes = max_nodes
        self._nodes: dict[str, Node] = {}
        self._links: dict[str, list[Link]] = {}

    def load(self, ids: Iterable[str]) -> None:
        """Read what is not yet known of these people."""
        for batch in batches(sorted({i for i in ids if i not in self._links}), self._batch):
            self._read(batch)

    def node(self, person: str) -> Node | None:
        """Return the person's node, None when it has gone."""
        self.load([person])
        return self._nodes.get(person)

    def staff(self, person: str) -> bool:
        node = self.node(person)
        return node is not None and "Staff" in node.labels

    def involvements(self, person: str) -> Sequence[Involvement]:
        """Return the person's parts in events, by event id and role."""
        found = [
            Involvement(self._nodes[link.start], text(link, "role"), link)
            for link in self._of(person, "INVOLVES")
            if link.end == person and link.start in self._nodes
        ]
        return sorted(found, key=lambda part: (part.event.id, part.role, part.link.id))

    def dealings(self, person: str) -> Sequence[Involvement]:
        """Return the parts that make the person a nominal, oldest first; none for staff.

        A nominal is a person who is not staff and has a role of `NOMINAL_ROLES` in an event of `CASE_KINDS`.
        """
        if self.staff(person):
            return ()
        parts = [
            part
            for part in self.involvements(person)
            if part.role in NOMINAL_ROLES and part.kind in CASE_KINDS
        ]
        return sorted(parts, key=lambda part: (text(part.event, "valid_from"), part.event.id))

    def declarations(self, left: str, right: str) -> Sequence[Link]:
        """Return the declared relations between two people, either way, by link id."""
        self.load([left, right])
        found = {
            link.id: link for link in self._of(left, "DECLARED") if {link.start, link.end} == {left, right}
        }
        return [found[key] for key in sorted(found)]

    def declared(self, person: str) -> Sequence[str]:
        """Return the ids of people with a declared relation to the person."""
        ends = {end for link in self._of(person, "DECLARED") for end in (link.start, link.end)}
        return sorted(ends - {person})

    def workplaces(self, person: str) -> Sequence[tuple[Node, Interval]]:
        """Return where the person works or worked, by id: what records say, and assignments to a unit."""
        found = [(unit, _span(link)) for unit, link in self.employments(person)]
        return sorted(found, key=lambda pair: (pair[0].id, pair[1].earliest, pair[1].latest))

    def employments(self, person: str) -> Sequence[tuple[Node, Link]]:
        """Return each unit with the link that says so, of a record or of an assignment; by unit and link."""
        found = [(self._nodes[link.end], link) for link in self._of(person, "WORKS_FOR")]
        for part in self.involvements(person):
            if part.kind == "assignment":
                around = self._graph.neighbours(part.event.id, types={"TOOK_PLACE_AT"})
                found += [(node, part.link) for node in around.nodes if node.kind == "Organisation"]
        return sorted(found, key=lambda pair: (pair[0].id, pair[1].id))

    def subject(self, person: str, role: str) -> Subject:
        """Return the person as a subject of a finding. Raises KeyError when the person has gone."""
        node = self._nodes[person]
        return Subject(role, person, founding(node), text(node, "display_name"))

    def _of(self, person: str, type_: str) -> list[Link]:
        self.load([person])
        return [link for link in self._links.get(person, ()) if link.type == type_]

    def _read(self, ids: Sequence[str]) -> None:
        around = whole_ego(self._graph, ids, {"INVOLVES", "DECLARED", "WORKS_FOR"}, self._max_nodes)
        for node in around.nodes:
            self._nodes.setdefault(node.id, node)
        wanted = {person: self._links.setdefault(person, []) for person in ids}
        for link in around.links:
            for end in {link.start, link.end} & wanted.keys():
                wanted[end].append(link)


def _span(holder: Node | Link) -> Interval:
    return interval(holder.properties.get("valid_from"), holder.properties.get("valid_to"))


def whole_ego(
    graph: GraphStore, ids: Sequence[str], types: Collection[str], max_nodes: int = 20_000
) -> Subgraph:
    """Return everything one hop around the ids, halving the question while an answer is cut.

    One node with more neighbours than `max_nodes` stays cut.
    """
    around = graph.ego(ids, 1, max_nodes=max_nodes, types=types)
    if not around.truncated or len(ids) == 1:
        return around
    middle = len(ids) // 2
    parts = [whole_ego(graph, half, types, max_nodes) for half in (ids[:middle], ids[middle:])]
    nodes = {node.id: node for part in parts for node in part.nodes}
    links = {link.id: link for part in parts for link in part.links}
    return Subgraph(tuple(nodes[key] for key in sorted(nodes)), tuple(links[key] for key in sorted(links)))


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield the items in lists of at most `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def text(holder: Node | Link, name: str) -> str:
    """Return a text property, empty when absent."""
    value = holder.properties.get(name, "")
    return value if isinstance(value, str) else ""


def texts(holder: Node | Link, name: str) -> tuple[str, ...]:
    """Return a list property, sorted; empty when absent."""
    value = holder.properties.get(name, ())
    return tuple(sorted(value)) if isinstance(value, tuple) else ()


def founding(person: Node) -> int:
    """Return the smallest record number of a person."""
    value = person.properties.get("founding_record", 0)
    return value if isinstance(value, int) else 0


def roles_by_event(links: Iterable[Link]) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Return event id → (role, person) of INVOLVES links, each once and sorted."""
    found: dict[str, set[tuple[str, str]]] = {}
    for link in links:
        if link.type == "INVOLVES":
            found.setdefault(link.start, set()).add((text(link, "role"), link.end))
    return {event: sorted(found[event]) for event in sorted(found)}
