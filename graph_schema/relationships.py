"""The relationships of the graph: verbs between nodes, and the values that cross the store contract."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from graph_schema.nodes import Node, PropertyValue


@dataclass(frozen=True, slots=True)
class Link:
    """One relationship, read as a sentence from `start` to `end`.

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
    """Declare one type of relationship: the verb, what it joins and what it carries."""

    type: str
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    sentence: str
    properties: Mapping[str, str] = field(default_factory=dict)
    technical: bool = False


_TIME = {"valid_from": "text", "valid_to": "text", "first_seen": "instant", "last_seen": "instant",
         "sources": "texts"}

RELATIONSHIP_TYPES: tuple[RelationshipType, ...] = (
    RelationshipType("LIVES_AT", ("Person",), ("Address",), "lives or lived at", _TIME),
    RelationshipType("USES", ("Person",), ("Phone", "Email"), "uses or used", _TIME),
    RelationshipType("PAID_INTO", ("Person",), ("Account",), "is paid into or holds", _TIME),
    RelationshipType("DRIVES", ("Person",), ("Vehicle",), "keeps or drives", _TIME),
    RelationshipType("WORKS_FOR", ("Person",), ("Organisation",), "works or worked for", {**_TIME, "role": "text"}),
    RelationshipType("INVOLVES", ("Event",), ("Person",), "involves, in a role",
                     {"role": "text", "sources": "texts", "valid_from": "text", "valid_to": "text"}),
    RelationshipType("TOOK_PLACE_AT", ("Event",), ("Address", "Organisation"), "took place at",
                     {"valid_from": "text", "valid_to": "text", "sources": "texts"}),
    RelationshipType("DECLARED", ("Person",), ("Person",), "declared a relation to",
                     {"relation": "text", "valid_from": "text", "valid_to": "text", "sources": "texts"}),
    RelationshipType("CO_ROSTERED", ("Person",), ("Person",), "shared voluntary shifts with",
                     {"joint": "integer", "expected": "number", "q_value": "number",
                      "first_seen": "text", "last_seen": "text"}),
    RelationshipType("ABOUT", ("Finding",), ("Person", "Address", "Phone", "Email", "Account", "Vehicle", "Event"),
                     "is about, in a role", {"role": "text"}),
    RelationshipType("DESCRIBES", ("SourceRecord",), ("Person",), "describes", {}, technical=True),
)

RELATIONSHIP_TYPE: Mapping[str, RelationshipType] = {kind.type: kind for kind in RELATIONSHIP_TYPES}


def link_id(type_: str, start: str, end: str, *discriminators: str) -> str:
    """Return the id of a link: a hash of what tells it from every other link of its owner's kind."""
    text = "\x1f".join((type_, start, end, *discriminators))
    return "l" + base64.b32encode(hashlib.blake2b(text.encode(), digest_size=15).digest()).decode().lower()


@dataclass(frozen=True, slots=True)
class Patch:
    """The whole desired contribution of one owner (a person, an event, a finding) to the graph.

    Applying a patch makes the store hold exactly `nodes` and `links` for `owner`: links of this owner that are
    not in it go, shared nodes that nothing holds any longer go, its own node (id = owner) goes when `nodes` lacks
    it. So a patch is idempotent, and an empty one removes the owner.
    """

    owner: str
    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
