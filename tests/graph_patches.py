"""Small patches for graph tests: three words for a person, an event, a finding; and strategies of them."""

from collections.abc import Iterable

from hypothesis import strategies as st

from graph_schema.nodes import NODE_KIND, Node
from graph_schema.relationships import Link, Patch, link_id

PERSONS = ("e1", "e2", "e3", "e4", "e5")
RECORDS = ("r1", "r2", "r3")
EVENTS = ("x1", "x2")
FINDINGS = ("f1", "f2")
HOLDINGS = {"a1": "LIVES_AT", "a2": "LIVES_AT", "p1": "USES", "m1": "USES", "o1": "WORKS_FOR"}
BOUNDS = (None, "2024-01-01", "2024-01-02", "2024-01-02T06:00:00Z", "2024-01-03")
NAMES = ("Zoë O’Brien", "zoe Smith", "Jürgen Smith", "Wójcik", "李雷")

Holding = tuple[str, str | None, str | None]
"""Shared node, valid_from, valid_to."""


def shared_node(node_id: str) -> Node:
    """Return a shared node; its properties depend on its id alone."""
    return Node(node_id, (NODE_KIND_LABEL[node_id[0]],), {"display_name": f"Shared {node_id}"})


def person(
    person_id: str,
    *holdings: str | Holding,
    name: str = "Someone",
    staff: bool = False,
    records: Iterable[str] = (),
) -> Patch:
    """Return a person's patch that holds the shared nodes named, each always or in an interval."""
    labels = ("Person", "Staff") if staff else ("Person",)
    nodes = {person_id: Node(person_id, labels, {"display_name": name, "staff_numbers": (person_id,)})}
    links = {}
    for record in records:
        nodes[record] = Node(record, ("SourceRecord",), {"source": "hr", "record_number": int(record[1:])})
        link = Link(link_id("DESCRIBES", record, person_id), "DESCRIBES", record, person_id)
        links[link.id] = link
    for holding in holdings:
        shared, low, high = (holding, None, None) if isinstance(holding, str) else holding
        nodes[shared] = shared_node(shared)
        type_ = HOLDINGS.get(shared) or {"a": "LIVES_AT", "p": "USES", "o": "WORKS_FOR"}[shared[0]]
        properties = {
            name: bound for name, bound in (("valid_from", low), ("valid_to", high)) if bound is not None
        }
        identity = link_id(type_, person_id, shared, low or "", high or "")
        links[identity] = Link(identity, type_, person_id, shared, {**properties, "sources": ("hr|1",)})
    return Patch(person_id, tuple(nodes.values()), tuple(links.values()))


def event(
    event_id: str, *participants: str, place: str | None = None, declared: Iterable[tuple[str, str]] = ()
) -> Patch:
    """Return an event's patch; `declared` are (declarer, declared) persons."""
    nodes = [Node(event_id, ("Event", "Complaint"), {"display_name": event_id, "event_kind": "complaint"})]
    links = [
        Link(link_id("INVOLVES", event_id, who), "INVOLVES", event_id, who, {"role": "subject"})
        for who in participants
    ]
    if place:
        nodes.append(shared_node(place))
        links.append(
            Link(link_id("TOOK_PLACE_AT", event_id, place), "TOOK_PLACE_AT", event_id, place, {"sources": ()})
        )
    links += [
        Link(link_id("DECLARED", left, right, event_id), "DECLARED", left, right, {"relation": "friend"})
        for left, right in sorted(set(declared))
    ]
    return Patch(event_id, tuple(nodes), tuple(links))


def finding(finding_id: str, *about: str) -> Patch:
    """Return a finding's patch about the nodes named, there or not."""
    node = Node(finding_id, ("Finding",), {"display_name": f"Look at {finding_id}", "state": "new"})
    links = [
        Link(link_id("ABOUT", finding_id, end), "ABOUT", finding_id, end, {"role": "about"})
        for end in sorted(set(about))
    ]
    return Patch(finding_id, (node,), tuple(links))


NODE_KIND_LABEL = {kind.prefix: label for label, kind in NODE_KIND.items()}

_shared = st.sampled_from(sorted(HOLDINGS))
_holding = st.tuples(_shared, st.sampled_from(BOUNDS), st.sampled_from(BOUNDS))
_person = st.sampled_from(PERSONS)


def person_patches(who: str) -> st.SearchStrategy[Patch]:
    """Return patches of one person: up to four holdings in intervals that may overlap, and records."""
    return st.builds(
        lambda holdings, name, staff, records: person(
            who, *sorted(holdings, key=str), name=name, staff=staff, records=sorted(records)
        ),
        st.sets(_holding, max_size=4),
        st.sampled_from(NAMES),
        st.booleans(),
        st.sets(st.sampled_from(RECORDS), max_size=2),
    )


event_patches = st.builds(
    lambda what, who, place, declared: event(what, *sorted(who), place=place, declared=declared),
    st.sampled_from(EVENTS),
    st.sets(_person, max_size=3),
    st.none() | st.sampled_from(("a1", "o1")),
    st.sets(st.tuples(_person, _person), max_size=2),
)
finding_patches = st.builds(
    lambda what, about: finding(what, *about),
    st.sampled_from(FINDINGS),
    st.sets(st.sampled_from((*PERSONS, "a1", "p1", "x1")), max_size=3),
)
empty_patches = st.sampled_from((*PERSONS, *EVENTS, *FINDINGS)).map(Patch)
patches = _person.flatmap(person_patches) | event_patches | finding_patches | empty_patches
calls = st.builds(
    lambda everyone, later: [list(everyone), *later],
    st.tuples(*map(person_patches, PERSONS)),
    st.lists(st.lists(patches, min_size=1, max_size=5), max_size=5),
)
"""Calls of apply: everyone at first, then a few patches at a time, some of which are refused."""
