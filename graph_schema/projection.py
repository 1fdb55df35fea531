"""Project resolved persons, events and findings to patches: pure functions, the same on every store."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from graph_schema.nodes import EVENT_LABELS, Node, PropertyValue, kind_of_id, numbered_id
from graph_schema.relationships import RELATIONSHIP_TYPE, Link, Patch, link_id
from graph_schema.shared_nodes import address_node, organisation_node, place_node, value_node
from graph_schema.views import EventView, FindingView, PersonView, RecordRow
from resolvers.domain import Scalar

STAFF_ATTRIBUTES = frozenset({"staff_number", "warrant_number", "collar_number"})
"""A person with a record that says one of these is staff."""

_HELD_BY = {
    "address": ("LIVES_AT", "Address"),
    "phone": ("USES", "Phone"),
    "email": ("USES", "Email"),
    "account": ("PAID_INTO", "Account"),
    "vehicle": ("DRIVES", "Vehicle"),
    "unit": ("WORKS_FOR", "Organisation"),
    "employer": ("WORKS_FOR", "Organisation"),
}
"""Attribute → the link by which a person holds the shared node of its values, and that node's label."""

_Holding = tuple[str, Node, str | None, str | None]
"""Link type, shared node, valid_from, valid_to."""


def project_person(view: PersonView, secret: bytes) -> Patch:
    """Return the person's patch: the person, its records, and what they say it holds.

    One link for each (shared node, valid_from, valid_to), with the records that say so. A value that cannot
    be normalised gives no link. `secret` keys the ids of shared nodes.
    """
    records = sorted(view.records, key=lambda record: record.number)
    nodes = {view.entity_id: _person_node(view, records)}
    links: list[Link] = []
    held: dict[tuple[str, str, str | None, str | None], dict[int, RecordRow]] = {}
    for record in records:
        node = _record_node(record)
        nodes[node.id] = node
        links.append(
            Link(link_id("DESCRIBES", node.id, view.entity_id), "DESCRIBES", node.id, view.entity_id)
        )
        for type_, shared, valid_from, valid_to in _holdings(record, secret):
            nodes[shared.id] = shared
            held.setdefault((type_, shared.id, valid_from, valid_to), {})[record.number] = record
    for (type_, shared_id, valid_from, valid_to), by_number in held.items():
        sayers = by_number.values()
        properties = _present(
            {
                "valid_from": valid_from,
                "valid_to": valid_to,
                "first_seen": min(filter(None, (_instant(r.first_seen) for r in sayers)), default=None),
                "last_seen": max(filter(None, (_instant(r.last_seen) for r in sayers)), default=None),
                "sources": tuple(sorted(str(r.key) for r in sayers)),
            }
        )
        identity = link_id(type_, view.entity_id, shared_id, valid_from or "", valid_to or "")
        links.append(Link(identity, type_, view.entity_id, shared_id, properties))
    return _patch(view.entity_id, nodes.values(), links)


def project_event(view: EventView, secret: bytes) -> Patch:
    """Return the event's patch: the event, who took part in which role, where, and what was declared.

    Participants whose record is not known (yet) are left out. In a declaration each `declarer` declared the
    `relation` to each `declared` person. `sources` of its links is the event's key.
    """
    event_id = numbered_id("Event", view.number)
    spell = _present(
        {
            "valid_from": _instant(view.start),
            "valid_to": _instant(view.end),
            "sources": (f"{view.source}|{view.event_id}",),
        }
    )
    nodes = [_event_node(view, event_id)]
    links = [
        Link(
            link_id("INVOLVES", event_id, person, role), "INVOLVES", event_id, person, {**spell, "role": role}
        )
        for person, role in sorted({(p.entity_id, p.role) for p in view.participants if p.entity_id})
    ]
    place = place_node(view.place, secret)
    if place is not None:
        nodes.append(place)
        identity = link_id("TOOK_PLACE_AT", event_id, place.id)
        links.append(Link(identity, "TOOK_PLACE_AT", event_id, place.id, spell))
    if view.kind == "declaration":
        links.extend(_declared(view, event_id, spell))
    return _patch(event_id, nodes, links)


def project_finding(view: FindingView) -> Patch:
    """Return the finding's patch: the finding, its subjects in their roles, and what else it is about.

    Links of a finding are weak: without its node a link is left out.
    """
    properties = _present(
        {
            "display_name": view.title,
            "pattern": view.pattern,
            "severity": view.severity,
            "state": view.state,
            "first_seen": _instant(view.first_seen),
        }
    )
    ends = {(role, person) for role, person in view.subjects}
    ends |= {("about", node_id) for node_id in view.about if _may_be_about(node_id)}
    links = [
        Link(link_id("ABOUT", view.id, end, role), "ABOUT", view.id, end, {"role": role})
        for role, end in sorted(ends)
    ]
    return _patch(view.id, [Node(view.id, ("Finding",), properties)], links)


def _person_node(view: PersonView, records: list[RecordRow]) -> Node:
    staff = any(not STAFF_ATTRIBUTES.isdisjoint(record.attributes) for record in records)
    properties = _present(
        {
            "display_name": view.display_name or "(no name)",
            "given_name": view.given_name,
            "family_name": view.family_name,
            "date_of_birth": _date(view.date_of_birth),
            "sex": view.sex,
            "staff_numbers": tuple(sorted(set(view.staff_numbers))) or None,
            "record_count": len(records),
            "founding_record": view.founding_record,
            "sources": tuple(sorted({record.key.source for record in records})),
        }
    )
    return Node(view.entity_id, ("Person", "Staff") if staff else ("Person",), properties)


def _record_node(record: RecordRow) -> Node:
    properties = _present(
        {
            "display_name": f"{record.key.source} {record.key.source_id}",
            "source": record.key.source,
            "source_id": record.key.source_id,
            "record_number": record.number,
            "first_seen": _instant(record.first_seen),
            "last_seen": _instant(record.last_seen),
        }
    )
    return Node(numbered_id("SourceRecord", record.number), ("SourceRecord",), properties)


def _event_node(view: EventView, event_id: str) -> Node:
    properties = _present(
        {
            "display_name": f"{view.kind.replace('_', ' ').capitalize()} {view.event_id}",
            "event_kind": view.kind,
            "source": view.source,
            "event_id": view.event_id,
            "valid_from": _instant(view.start),
            "valid_to": _instant(view.end),
            "category": _text(view.attributes.get("category")),
            "reference": _text(view.attributes.get("reference")),
        }
    )
    label = EVENT_LABELS.get(view.kind)
    return Node(event_id, ("Event", label) if label else ("Event",), properties)


def _holdings(record: RecordRow, secret: bytes) -> Iterator[_Holding]:
    """Yield what a record says its person holds, in the order of its attributes' names and values."""
    for name, (type_, label) in _HELD_BY.items():
        for value in record.attributes.get(name, ()):
            node = _held_node(name, label, value, secret)
            if node is not None:
                yield type_, node, _bound(value.get("valid_from")), _bound(value.get("valid_to"))


def _held_node(name: str, label: str, value: Mapping[str, Scalar], secret: bytes) -> Node | None:
    if label == "Address":
        return address_node(value, secret)
    if "value" not in value:
        return None
    if label == "Organisation":
        return organisation_node(name, value["value"], secret)
    return value_node(label, value["value"], secret)


def _declared(view: EventView, event_id: str, spell: Mapping[str, PropertyValue]) -> Iterator[Link]:
    roles: dict[str, set[str]] = {"declarer": set(), "declared": set()}
    for participant in view.participants:
        if participant.entity_id and participant.role in roles:
            roles[participant.role].add(participant.entity_id)
    relation = _text(view.attributes.get("relation"))
    properties = {**spell, "relation": relation} if relation else spell
    for declarer in sorted(roles["declarer"]):
        for declared in sorted(roles["declared"] - {declarer}):
            identity = link_id("DECLARED", declarer, declared, event_id)
            yield Link(identity, "DECLARED", declarer, declared, properties)


def _may_be_about(node_id: str) -> bool:
    kind = kind_of_id(node_id)
    return kind is not None and kind.label in RELATIONSHIP_TYPE["ABOUT"].ends


def _patch(owner: str, nodes: Iterable[Node], links: Iterable[Link]) -> Patch:
    return Patch(
        owner,
        tuple(sorted(nodes, key=lambda node: node.id)),
        tuple(sorted(links, key=lambda link: link.id)),
    )


def _present(properties: Mapping[str, PropertyValue | None]) -> dict[str, PropertyValue]:
    """Return the properties that have a value."""
    return {name: value for name, value in properties.items() if value is not None}


def _text(value: Scalar | None) -> str | None:
    return None if value is None else str(value)


@lru_cache(maxsize=10_000)
def _date(value: str | None) -> str | None:
    """Return a full ISO date; None for a partial or impossible one."""
    if value is None or len(value) != 10:
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%d").date().isoformat()
    except ValueError:
        return None


@lru_cache(maxsize=10_000)
def _instant(value: str | None) -> str | None:
    """Return an instant as UTC to the second; None for what is none. A naive one is UTC."""
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
        utc = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return f"{utc.replace(microsecond=0, tzinfo=None).isoformat()}Z"


def _bound(value: Scalar | None) -> str | None:
    """Return one end of an interval: a date or an instant as it was said, None = unknown or open."""
    if not isinstance(value, str):
        return None
    return _instant(value) if len(value) > 10 else _date(value)
