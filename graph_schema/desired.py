"""What the patches of one call ask of a store: the compiled form that every back end writes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph_schema.conformance import conform
from graph_schema.nodes import NODE_KIND, Node, kind_of_id
from graph_schema.relationships import HOLDING_TYPES, RELATIONSHIP_TYPES, Link, Patch

WEAK_TYPES = tuple(kind.type for kind in RELATIONSHIP_TYPES if kind.weak)
STRONG_TYPES = tuple(kind.type for kind in RELATIONSHIP_TYPES if not kind.weak)

HUB_HOLDERS = 50
"""A shared node with more holders than this is a hub."""


@dataclass(frozen=True, slots=True)
class Desired:
    """The owners a call is about, and the nodes and links they are to have, keyed by id.

    `owner_of` gives the owner of each link and of each node that is not shared.
    """

    owners: tuple[str, ...]
    nodes: Mapping[str, Node]
    links: Mapping[str, Link]
    owner_of: Mapping[str, str]

    def shared_ids(self, removed_links: Iterable[tuple[str, str, str]]) -> list[str]:
        """Return the shared nodes whose life or counts the call may change, sorted.

        `removed_links` are (type, start, end).
        """
        ids = {node.id for node in self.nodes.values() if NODE_KIND[node.kind].shared}
        ids.update(link.end for link in self.links.values() if is_shared(link.end))
        ids.update(end for _, _, end in removed_links if is_shared(end))
        return sorted(ids)


def desired_state(patches: Sequence[Patch]) -> Desired:
    """Compile patches: the last of each owner counts, and a node or link belongs to the last that has it.

    Raises: StoreError for what the declaration does not allow.
    """
    last = {patch.owner: position for position, patch in enumerate(patches)}
    nodes: dict[str, Node] = {}
    links: dict[str, Link] = {}
    owner_of: dict[str, str] = {}
    for position, given in enumerate(patches):
        if last[given.owner] != position:
            continue
        patch = conform(given)
        for node in patch.nodes:
            nodes[node.id] = node
            if not NODE_KIND[node.kind].shared:
                owner_of[node.id] = patch.owner
        for link in patch.links:
            links[link.id] = link
            owner_of[link.id] = patch.owner
    return Desired(tuple(sorted(last)), nodes, links, owner_of)


def is_shared(node_id: str) -> bool:
    """Return whether an id is that of a shared node."""
    kind = kind_of_id(node_id)
    return kind is not None and kind.shared


def holder_changes(before: Iterable[tuple[str, str, str]], after: Iterable[Link]) -> dict[str, int]:
    """Return by how much the number of distinct holders of each shared node changes, where it does.

    `before` are all (type, start, end) that the owners of a call had, `after` all that they are to have.
    Exact because holding links belong to their person's patch, so no other owner can hold for that person.
    """
    old = {(start, end) for type_, start, end in before if type_ in HOLDING_TYPES}
    new = {(link.start, link.end) for link in after if link.type in HOLDING_TYPES}
    changes = Counter(end for _, end in new - old)
    changes.subtract(end for _, end in old - new)
    return {node_id: change for node_id, change in sorted(changes.items()) if change}


def display_band(holders: int) -> str:
    """Return how a shared node is shown: held by one person, by some, or a hub."""
    if holders > HUB_HOLDERS:
        return "hub"
    return "shared" if holders >= 2 else "single"
