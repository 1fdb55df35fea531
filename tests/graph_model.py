"""A graph store by brute force: small, slow and plainly right, against which the real ones are tested."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise, product

from graph_schema.digest import graph_digest
from graph_schema.nodes import NODE_KIND, Node, kind_of_id
from graph_schema.relationships import HOLDING_TYPES, RELATIONSHIP_TYPE, Link, Patch
from graph_schema.store import Path, PathAnswer, StoreError, Subgraph
from resolvers.normalisation.texts import fold

FIRST, LAST = "0000", "9999"


class GraphModel:
    """The store contract, spelled out over two dictionaries."""

    def __init__(self) -> None:
        self.owned_nodes: dict[str, tuple[Node, str]] = {}
        self.owned_links: dict[str, tuple[Link, str]] = {}
        self.last = 0

    def apply(self, patches: Sequence[Patch], sequence: int) -> None:
        """Apply patches or raise StoreError and change nothing."""
        last = {patch.owner: position for position, patch in enumerate(patches)}
        counting = [patch for position, patch in enumerate(patches) if last[patch.owner] == position]
        nodes = {
            key: (node, owner)
            for key, (node, owner) in self.owned_nodes.items()
            if is_shared(key) or owner not in last
        }
        links = {key: (link, owner) for key, (link, owner) in self.owned_links.items() if owner not in last}
        for patch in counting:
            nodes |= {node.id: (node, patch.owner) for node in patch.nodes}
            links |= {link.id: (link, patch.owner) for link in patch.links}
        for link, _ in links.values():
            if not is_weak(link) and not {link.start, link.end} <= nodes.keys():
                raise StoreError("dangling")
        held = {end for link, _ in links.values() if not is_weak(link) for end in (link.start, link.end)}
        self.owned_nodes = {key: pair for key, pair in nodes.items() if not is_shared(key) or key in held}
        self.owned_links = {
            key: pair
            for key, pair in links.items()
            if {pair[0].start, pair[0].end} <= self.owned_nodes.keys()
        }
        self.last = sequence

    @property
    def links(self) -> list[Link]:
        return [self.owned_links[key][0] for key in sorted(self.owned_links)]

    @property
    def nodes(self) -> dict[str, Node]:
        return {key: self._counted(self.owned_nodes[key][0]) for key in sorted(self.owned_nodes)}

    def owners(self) -> list[str]:
        of_nodes = {owner for key, (_, owner) in self.owned_nodes.items() if not is_shared(key)}
        return sorted(of_nodes | {owner for _, owner in self.owned_links.values()})

    def counts(self) -> dict[str, int]:
        names = [node.kind for node in self.nodes.values()] + [link.type for link in self.links]
        return {name: names.count(name) for name in (*NODE_KIND, *RELATIONSHIP_TYPE)}

    def digest(self) -> str:
        return graph_digest(self.nodes.values(), self.links)

    def neighbours(self, node_id: str, at: str | None = None, limit: int = 500) -> Subgraph:
        touching = [link for link in self.links if node_id in (link.start, link.end) and valid_at(link, at)]
        ends = {end for link in touching[:limit] for end in (link.start, link.end)}
        kept = {*ends, node_id} & self.nodes.keys()
        return Subgraph(
            tuple(self.nodes[key] for key in sorted(kept)), tuple(touching[:limit]), len(touching) > limit
        )

    def ego(self, ids: Collection[str], hops: int, max_nodes: int, at: str | None = None) -> Subgraph:
        links = [link for link in self.links if not is_technical(link) and valid_at(link, at)]
        seeds = [key for key in sorted(set(ids) & self.nodes.keys()) if not kind_of(key).technical]
        seen, ring, truncated = seeds[:max_nodes], seeds[:max_nodes], len(seeds) > max_nodes
        for _ in range(hops):
            if truncated:
                break
            others = {other for key in ring for other in ends_from(key, links)} - set(seen)
            ring = sorted(others)[: max_nodes - len(seen)]
            truncated = len(others) > len(ring)
            seen = seen + ring
        within = tuple(link for link in links if link.start in seen and link.end in seen)
        return Subgraph(tuple(self.nodes[key] for key in sorted(seen)), within, truncated)

    def paths(
        self,
        start: str,
        end: str,
        max_hops: int,
        limit: int,
        avoid: Collection[str] = (),
        require: Collection[str] = (),
        time_consistent: bool = False,
    ) -> PathAnswer:
        nodes, links = self.nodes, [link for link in self.links if not is_technical(link)]
        if not {start, end} <= nodes.keys():
            return PathAnswer(())
        paths = []
        for keys in simple_paths(start, end, max_hops, links):
            inner = [nodes[key] for key in keys[1:-1]]
            barred = any(node.id in avoid or set(node.labels) & set(avoid) for node in inner)
            hops = [
                [link for link in links if {link.start, link.end} == {left, right}]
                for left, right in pairwise(keys)
            ]
            ways = [way for way in product(*hops) if not time_consistent or overlapping(way)]
            if not barred and set(require) <= set(keys) and ways:
                paths.append(Path(tuple(nodes[key] for key in keys), min(ways, key=ids_of)))
        shortest = min((len(path.links) for path in paths), default=0)
        found = sorted((path for path in paths if len(path.links) == shortest), key=lambda p: ids_of(p.nodes))
        return PathAnswer(tuple(found[:limit]), len(found) > limit)

    def shared(
        self, holders: Collection[str] | None, max_holders: int
    ) -> list[tuple[Node, tuple[Link, ...]]]:
        answer = []
        for node in self.nodes.values():
            links = tuple(link for link in self.links if link.end == node.id and link.type in HOLDING_TYPES)
            persons = {link.start for link in links}
            if 2 <= len(persons) <= max_holders and (holders is None or persons & set(holders)):
                answer.append((node, links))
        return answer

    def search(self, text: str, labels: Collection[str] | None, limit: int) -> list[Node]:
        words = set(fold(text).split())
        found = [
            node
            for node in self.nodes.values()
            if words and words <= words_of(node) and (labels is None or set(labels) & set(node.labels))
        ]
        return sorted(found, key=lambda node: (node.properties.get("display_name", ""), node.id))[:limit]

    def _counted(self, node: Node) -> Node:
        if not is_shared(node.id):
            return node
        holders = {
            link.start
            for link, _ in self.owned_links.values()
            if link.end == node.id and link.type in HOLDING_TYPES
        }
        band = "hub" if len(holders) > 50 else "shared" if len(holders) >= 2 else "single"
        return replace(
            node, properties={**node.properties, "holder_count": len(holders), "display_band": band}
        )


def kind_of(node_id: str):  # type: ignore[no-untyped-def]
    return kind_of_id(node_id)


def is_shared(node_id: str) -> bool:
    return kind_of(node_id).shared


def is_weak(link: Link) -> bool:
    return RELATIONSHIP_TYPE[link.type].weak


def is_technical(link: Link) -> bool:
    return RELATIONSHIP_TYPE[link.type].technical


def ends_from(key: str, links: Collection[Link]) -> set[str]:
    """Return the other ends of the links of a node (itself, for a loop)."""
    return {link.end for link in links if link.start == key} | {
        link.start for link in links if link.end == key
    }


def simple_paths(start: str, end: str, max_hops: int, links: Collection[Link]) -> list[tuple[str, ...]]:
    """Return every path without a repeated node, as node ids."""
    if start == end:
        return [(start,)]
    found, unfinished = [], [(start,)]
    while unfinished:
        path = unfinished.pop()
        for other in ends_from(path[-1], links) - set(path):
            if other == end:
                found.append((*path, other))
            elif len(path) < max_hops:
                unfinished.append((*path, other))
    return found


def ids_of(items: Collection[Node] | Collection[Link]) -> tuple[str, ...]:
    return tuple(item.id for item in items)


def interval(link: Link) -> tuple[str, str]:
    """Return the instants a link is valid in: a date is its first moment, absent is open."""
    bounds = [str(link.properties.get(name, "")) for name in ("valid_from", "valid_to")]
    low, high = (f"{bound}T00:00:00Z" if len(bound) == 10 else bound for bound in bounds)
    return low or FIRST, high or LAST


def valid_at(link: Link, at: str | None) -> bool:
    """Return whether a link is valid in some part of the day."""
    low, high = interval(link)
    return at is None or (low <= f"{at}T23:59:59Z" and high > f"{at}T00:00:00Z")


def overlapping(links: Collection[Link]) -> bool:
    """Return whether all these links are valid in one common instant."""
    low = max((interval(link)[0] for link in links), default=FIRST)
    return low < min((interval(link)[1] for link in links), default=LAST)


def words_of(node: Node) -> set[str]:
    said = [node.properties.get(name, "") for name in NODE_KIND[node.kind].search]
    return {
        word
        for value in said
        for word in fold(" ".join(value) if isinstance(value, tuple) else value).split()
    }
