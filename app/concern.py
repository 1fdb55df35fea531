"""Whom a change of the graph concerns beyond those it is about: co-holders, others in an event."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from graph_schema.nodes import NODE_KIND, Node
from graph_schema.relationships import HOLDING_TYPES, Link, Patch
from graph_schema.store import GraphStore
from patterns.homes import addresses_of, has_flat, holders
from patterns.pattern import Pattern
from patterns.people import whole_ego

_Fact = tuple[str, str, object, object, object]
_ADDRESS = NODE_KIND["Address"].prefix


def concerned(graph: GraphStore, patches: Sequence[Patch], most_holders: int) -> set[str]:
    """Return the persons whose findings these patches can change, their owners apart; ask before applying.

    Holders of a shared thing that a person takes up, leaves or holds at other times, and of every home of
    whoever moved; where it is a flat, also those at the building without a flat; everybody in an event
    somebody of which changed. Things with more
    than `most_holders` holders give no findings and are left out, unless the change itself may bring them
    under it.
    """
    drawn = {node.id: node for patch in patches for node in patch.nodes}
    persons = {patch.owner: patch.links for patch in patches if patch.owner.startswith("e")}
    events = {patch.owner: patch.links for patch in patches if patch.owner.startswith("x")}
    things = _changed_things(graph, persons, drawn, most_holders + len(persons))
    found = _others_in(graph, events)
    if things:
        around = whole_ego(graph, sorted(things), HOLDING_TYPES)
        found |= {link.start for link in around.links if link.end in things}
    return found - persons.keys()


def most_holders(patterns: Iterable[Pattern]) -> int:
    """Return the largest number of holders that any of the patterns looks at."""
    limits = [int(one.default) for p in patterns for one in p.parameters if one.name == "max_holders"]
    return max(limits, default=0)


def _changed_things(
    graph: GraphStore, persons: dict[str, tuple[Link, ...]], drawn: Mapping[str, Node], most: int
) -> set[str]:
    if not persons:
        return set()
    around = whole_ego(graph, sorted(persons), HOLDING_TYPES)
    before = {_fact(link) for link in around.links if link.start in persons}
    after = {_fact(link) for links in persons.values() for link in links if link.type in HOLDING_TYPES}
    ends = {end for _, end, *_ in before ^ after}
    moved = {start for start, end, *_ in before ^ after if end.startswith(_ADDRESS)}
    # A home may end where another begins, so a move concerns every home of whoever moved.
    ends |= {end for start, end, *_ in before | after if start in moved and end.startswith(_ADDRESS)}
    nodes = {**{end: drawn[end] for end in ends & drawn.keys()}, **graph.get(ends)}
    flats = [node for node in nodes.values() if node.kind == "Address"]
    wanted = {**nodes, **{node.id: node for flat in flats for node in _without_flat(graph, flat)}}
    return {id_ for id_, node in wanted.items() if holders(node) <= most}


def _without_flat(graph: GraphStore, address: Node) -> Iterable[Node]:
    """Return the addresses of a flat's building that name no flat: known flats matter to them."""
    if not has_flat(address):
        return ()
    return (node for node in addresses_of(graph, address) if not has_flat(node))


def _others_in(graph: GraphStore, events: dict[str, tuple[Link, ...]]) -> set[str]:
    if not events:
        return set()
    around = whole_ego(graph, sorted(events), {"INVOLVES"})
    before = {(link.start, link.end) for link in around.links if link.start in events}
    after = {(link.start, link.end) for links in events.values() for link in links if link.type == "INVOLVES"}
    changed = {event for event, _ in before ^ after}
    return {person for event, person in before | after if event in changed}


def _fact(link: Link) -> _Fact:
    """Return what a pattern reads of a link: not when it was last seen."""
    said = link.properties
    return link.start, link.end, said.get("valid_from"), said.get("valid_to"), said.get("sources")


def looked_at(patches: Sequence[Patch], waiting: Collection[str]) -> list[Patch]:
    """Return the patches of persons who wait to be looked at, and of events that such a person is in."""
    return [
        patch
        for patch in patches
        if patch.owner in waiting
        or any(link.end in waiting for link in patch.links if link.type == "INVOLVES")
    ]
