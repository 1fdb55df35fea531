"""The nodes of the graph: what kinds there are, and the value that crosses the store contract."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

PropertyValue = str | int | float | bool | tuple[str, ...]
"""Flat scalars and homogeneous lists only; dates are `YYYY-MM-DD`, instants `YYYY-MM-DDTHH:MM:SSZ`."""

PROPERTY_TYPES = ("text", "integer", "number", "boolean", "date", "instant", "date_or_instant", "texts")


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its id, labels (the kind first) and properties (absent, never None)."""

    id: str
    labels: tuple[str, ...]
    properties: Mapping[str, PropertyValue] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Return the label that names the kind."""
        return self.labels[0]


@dataclass(frozen=True, slots=True)
class NodeKind:
    """Declare one kind of node: from this come tables, DDL, styling and the reference page.

    `prefix` starts the id of each node of the kind and of no other kind. `properties` maps a property to
    one of `PROPERTY_TYPES`. `search` are the properties whose words are searched, `indexed` those with a
    range index in Neo4j. `shared` nodes live as long as a link holds them and carry `holder_count` and
    `display_band`, which the store keeps.
    """

    label: str
    prefix: str
    meaning: str
    properties: Mapping[str, str]
    search: tuple[str, ...] = ("display_name",)
    indexed: tuple[str, ...] = ("display_name",)
    extra_labels: tuple[str, ...] = ()
    shared: bool = False
    colour: str = "#4A5563"
    shape: str = "tag"
    technical: bool = False


_SHARED = {"display_name": "text", "display_band": "text", "holder_count": "integer"}

NODE_KINDS: tuple[NodeKind, ...] = (
    NodeKind(
        "Person",
        "e",
        "A resolved person: the entity that one or more source records describe.",
        {
            "display_name": "text",
            "given_name": "text",
            "family_name": "text",
            "date_of_birth": "date",
            "sex": "text",
            "staff_numbers": "texts",
            "record_count": "integer",
            "founding_record": "integer",
            "sources": "texts",
        },
        search=("display_name", "staff_numbers"),
        indexed=("display_name", "date_of_birth"),
        extra_labels=("Staff",),
        colour="#0072B2",
        shape="circle",
    ),
    NodeKind(
        "Address",
        "a",
        "A dwelling or other place with a postal address.",
        {**_SHARED, "postcode": "text", "town": "text", "building": "text"},
        indexed=("display_name", "postcode"),
        shared=True,
        colour="#009E73",
        shape="diamond",
    ),
    NodeKind(
        "Phone",
        "p",
        "A telephone number, E.164.",
        {**_SHARED, "number": "text"},
        shared=True,
        colour="#E69F00",
        shape="round-rectangle",
    ),
    NodeKind(
        "Email",
        "m",
        "An e-mail address.",
        {**_SHARED, "address": "text"},
        shared=True,
        colour="#F0E442",
        shape="pill",
    ),
    NodeKind(
        "Account",
        "b",
        "A bank account.",
        {**_SHARED, "number": "text"},
        shared=True,
        colour="#000000",
        shape="pentagon",
    ),
    NodeKind(
        "Vehicle",
        "v",
        "A vehicle, by registration mark.",
        {**_SHARED, "registration": "text"},
        shared=True,
        colour="#56B4E9",
        shape="hexagon",
    ),
    NodeKind(
        "Organisation",
        "o",
        "A unit of the organisation, a station, an employer or a company.",
        {**_SHARED, "organisation_type": "text"},
        shared=True,
        colour="#CC79A7",
        shape="rectangle",
    ),
    NodeKind(
        "Event",
        "x",
        "Something that happened, of a kind (Complaint, Custody …).",
        {
            "display_name": "text",
            "event_kind": "text",
            "source": "text",
            "event_id": "text",
            "valid_from": "instant",
            "valid_to": "instant",
            "category": "text",
            "reference": "text",
        },
        extra_labels=(
            "Complaint",
            "UseOfForce",
            "Custody",
            "Stop",
            "VehicleStop",
            "Expense",
            "Declaration",
            "Assignment",
            "Shift",
            "LookUp",
        ),
        indexed=("display_name", "event_id"),
        colour="#999999",
        shape="octagon",
    ),
    NodeKind(
        "Finding",
        "f",
        "A pattern's answer: a question for a human, never a conclusion.",
        {
            "display_name": "text",
            "pattern": "text",
            "severity": "text",
            "state": "text",
            "severity_band": "text",
            "first_seen": "instant",
        },
        indexed=("display_name", "pattern"),
        colour="#D55E00",
        shape="triangle",
    ),
    NodeKind(
        "SourceRecord",
        "r",
        "One record as a source gave it.",
        {
            "display_name": "text",
            "source": "text",
            "source_id": "text",
            "record_number": "integer",
            "first_seen": "instant",
            "last_seen": "instant",
        },
        search=(),
        indexed=("source_id",),
        technical=True,
    ),
)

NODE_KIND: Mapping[str, NodeKind] = {kind.label: kind for kind in NODE_KINDS}

KIND_OF_LABEL: Mapping[str, NodeKind] = {
    label: kind for kind in NODE_KINDS for label in (kind.label, *kind.extra_labels)
}
"""Every label, extra ones included, to the kind whose nodes may carry it."""

_KIND_OF_PREFIX = {kind.prefix: kind for kind in NODE_KINDS}


def kind_of_id(node_id: str) -> NodeKind | None:
    """Return the kind a node id belongs to by its prefix, None when it is no node id."""
    return _KIND_OF_PREFIX.get(node_id[:1])


EVENT_LABELS: Mapping[str, str] = {
    "complaint": "Complaint",
    "use_of_force": "UseOfForce",
    "custody": "Custody",
    "arrest": "Custody",
    "stop": "Stop",
    "vehicle_stop": "VehicleStop",
    "expense": "Expense",
    "declaration": "Declaration",
    "assignment": "Assignment",
    "shift": "Shift",
    "look_up": "LookUp",
}
"""Event kind → the label an Event node carries beside `Event`; other kinds carry `Event` alone."""


def shared_node_id(label: str, key: str, secret: bytes) -> str:
    """Return the id of a shared node: its prefix and a keyed hash of the normalised key.

    Keyed so that no value can be guessed from an id in a URL or a log.
    """
    digest = hashlib.blake2b(f"{label}\x1f{key}".encode(), key=secret[:64], digest_size=15).digest()
    return NODE_KIND[label].prefix + base64.b32encode(digest).decode().lower()


def numbered_id(label: str, number: int) -> str:
    """Return the id of a node that the ledger numbers (SourceRecord, Event)."""
    return f"{NODE_KIND[label].prefix}{number}"
