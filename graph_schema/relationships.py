"""The relationships of the graph: verbs between nodes, and the values that cross the store contract."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from graph_schema.nodes import NODE_KIND, Node, PropertyValue


@dataclass(frozen=True, slots=True)
class Link:
    """One relationship, read as a sentence from `start` to `end`; its id (`link_id`) fixes type and ends.

    Usual properties: valid_from, valid_to (half-open, ISO date or instant, absent = unknown / open),
    first_seen, last_seen (instants), sources (record keys `source|source_id`, or event keys), role.
    """

    id: str
    type: str
    start: str
    end: str
    properties: Mapping[str, PropertyValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RelationshipType:
    """Declare one type of relationship: the verb, what it joins and what it carries.

    A `weak` link neither keeps its ends alive nor needs them: without one of them it is left out.
    `technical` ones are not walked.
    """

    type: str
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    sentence: str
    properties: Mapping[str, str] = field(default_factory=dict)
    technical: bool = False
    weak: bool = False


_TIME = {
    "valid_from": "date_or_instant",
    "valid_to": "date_or_instant",
    "first_seen": "instant",
    "last_seen": "instant",
    "sources": "texts",
}

RELATIONSHIP_TYPES: tuple[RelationshipType, ...] = (
    RelationshipType("LIVES_AT", ("Person",), ("Address",), "lives or lived at", _TIME),
    RelationshipType("USES", ("Person",), ("Phone", "Email"), "uses or used", _TIME),
    RelationshipType("PAID_INTO", ("Person",), ("Account",), "is paid into or holds", _TIME),
    RelationshipType("DRIVES", ("Person",), ("Vehicle",), "keeps or drives", _TIME),
    RelationshipType(
        "WORKS_FOR", ("Person",), ("Organisation",), "works or worked for", {**_TIME, "role": "text"}
    ),
    RelationshipType(
        "INVOLVES",
        ("Event",),
        ("Person",),
        "involves, in a role",
        {"role": "text", "sources": "texts", "valid_from": "date_or_instant", "valid_to": "date_or_instant"},
    ),
    RelationshipType(
        "TOOK_PLACE_AT",
        ("Event",),
        ("Address", "Organisation"),
        "took place at",
        {"valid_from": "date_or_instant", "valid_to": "date_or_instant", "sources": "texts"},
    ),
    RelationshipType(
        "DECLARED",
        ("Person",),
        ("Person",),
        "declared a relation to",
        {
            "relation": "text",
            "valid_from": "date_or_instant",
            "valid_to": "date_or_instant",
            "sources": "texts",
        },
    ),
    RelationshipType(
        "CO_ROSTERED",
        ("Person",),
        ("Person",),
        "shared voluntary shifts with",
        {
            "joint": "integer",
            "expected": "number",
            "q_value": "number",
            "first_seen": "date_or_instant",
            "last_seen": "date_or_instant",
        },
    ),
    RelationshipType(
        "ABOUT",
        ("Finding",),
        ("Person", "Address", "Phone", "Email", "Account", "Vehicle", "Organisation", "Event"),
        "is about, in a role",
        {"role": "text"},
        weak=True,
    ),
    # Weak: a record that moved is drawn with its new person, while the person it left may still wait.
    RelationshipType("DESCRIBES", ("SourceRecord",), ("Person",), "describes", {}, technical=True, weak=True),
)

RELATIONSHIP_TYPE: Mapping[str, RelationshipType] = {kind.type: kind for kind in RELATIONSHIP_TYPES}

HOLDING_TYPES = tuple(
    kind.type
    for kind in RELATIONSHIP_TYPES
    if kind.starts == ("Person",) and all(NODE_KIND[end].shared for end in kind.ends)
)
"""Types by which a person holds a shared node; `holder_count` counts the persons that do."""


def link_id(type_: str, start: str, end: str, *discriminators: str) -> str:
    """Return the id of a link: a hash of what tells it from every other link of its owner's kind."""
    text = "\x1f".join((type_, start, end, *discriminators))
    return "l" + base64.b32encode(hashlib.blake2b(text.encode(), digest_size=15).digest()).decode().lower()


@dataclass(frozen=True, slots=True)
class Patch:
    """The whole desired contribution of one owner (a person, an event, a finding) to the graph.

    Applying a patch makes the store hold exactly `nodes` and `links` for `owner`: its links and its nodes
    that are not in it go, shared nodes that no link (weak ones apart) holds any longer go. So a patch is
    idempotent, and an empty one removes the owner. A node that is not shared belongs to the owner whose
    patch last held it; the properties of a shared node are a function of its key, whoever writes it. A link
    by which a person holds a shared node belongs to that person's patch.
    """

    owner: str
    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
