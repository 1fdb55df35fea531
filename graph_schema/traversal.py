"""Walk the graph ring by ring over primitives that each store answers with one statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from graph_schema.nodes import Node, kind_of_id
from graph_schema.relationships import Link
from graph_schema.store import Subgraph


@dataclass(frozen=True, slots=True)
class Walk:
    """Which links and nodes may be walked: types, links valid at a date, nodes not to enter.

    `avoid` are ids; nodes with one of `avoid_labels` are avoided too, but for those in `allow`.
    """

    types: tuple[str, ...]
    at: str | None = None
    avoid: frozenset[str] = frozenset()
    avoid_labels: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


class Walkable(Protocol):
    """What a store answers so that ego networks and paths are the same on every one."""

    def ring(self, ids: Sequence[str], walk: Walk, exclude: Collection[str], limit: int) -> list[str]:
        """Return the other ends of the links of `ids`, sorted, at most `limit`, without `exclude`."""

    def links_among(self, ids: Collection[str], walk: Walk) -> list[Link]:
        """Return every link with both ends in `ids`, of the walk's types and date, by link id."""

    def get(self, ids: Collection[str]) -> Mapping[str, Node]:
        """Return the nodes that exist, by id."""


def is_technical(node_id: str) -> bool:
    """Return whether an id is that of a technical node (or of none at all)."""
    kind = kind_of_id(node_id)
    return kind is None or kind.technical


def ego_network(store: Walkable, ids: Collection[str], hops: int, max_nodes: int, walk: Walk) -> Subgraph:
    """Return what lies within `hops` of `ids`; see `GraphStore.ego`."""
    nodes = dict(store.get({node_id for node_id in ids if not is_technical(node_id)}))
    seeds = sorted(nodes)
    frontier, truncated = seeds[:max_nodes], len(seeds) > max_nodes
    seen = set(frontier)
    for _ in range(hops):
        if truncated or not frontier:
            break
        room = max_nodes - len(seen)
        ring = store.ring(frontier, walk, seen, room + 1)
        frontier, truncated = ring[:room], len(ring) > room
        seen.update(frontier)
    nodes |= store.get(seen - nodes.keys())
    links = store.links_among(seen, walk)
    return Subgraph(tuple(nodes[node_id] for node_id in sorted(seen & nodes.keys())), tuple(links), truncated)
