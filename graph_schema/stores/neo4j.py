"""The graph in Neo4j (Community suffices; LTS and current), for analysts and for more than one machine."""

import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from heapq import merge
from itertools import groupby
from typing import Any

from graph_schema.conformance import known_labels, known_types
from graph_schema.constraints import STATE_LABEL, neo4j_schema
from graph_schema.desired import desired_state
from graph_schema.digest import graph_digest
from graph_schema.nodes import NODE_KIND, NODE_KINDS, Node, kind_of_id
from graph_schema.paths import PathQuestion, shortest_paths
from graph_schema.relationships import RELATIONSHIP_TYPE, RELATIONSHIP_TYPES, Link, Patch
from graph_schema.store import PathAnswer, SharedNode, StoreError, Subgraph
from graph_schema.stores import _cypher as cypher
from graph_schema.stores._neo4j_transactions import SCHEMA_SECONDS, TRANSACTION_SECONDS, Transactions, run
from graph_schema.stores._neo4j_values import day_parameters, to_link, to_node
from graph_schema.stores._neo4j_writing import write_state
from graph_schema.traversal import Walk, ego_network
from graph_schema.words import text_words

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")

PAGE = 1000
"""Rows read in one query by the verbs that yield."""

SECONDS_PER_PATCH = 0.02
"""What a write transaction may take, beyond the first ten seconds' worth."""


def open_url(url: str, user: str = "", password: str = "") -> "Neo4jStore":
    """Open the store of a server; nothing is asked of it yet."""
    return Neo4jStore(url, user, password)


class Neo4jStore:
    """See `GraphStore`. One driver for many threads; a server that is down at start may come up later.

    Constraints and indexes are made, and checked, before the first question or write of this process.
    """

    def __init__(self, url: str, user: str = "", password: str = "") -> None:
        """Make the store without connecting. An empty user means a server without authentication."""
        self._transactions = Transactions(url, user, password)
        self._prepared = False
        self._lock = threading.Lock()

    def apply(self, patches: Sequence[Patch], sequence: int) -> None:
        """See `GraphStore.apply`."""
        desired = desired_state(patches)
        seconds = max(TRANSACTION_SECONDS, SECONDS_PER_PATCH * len(patches))
        self._ready().write(lambda transaction: write_state(transaction, desired, sequence), seconds)

    def owners(self) -> Iterator[str]:
        """See `GraphStore.owners`."""
        queries = [cypher.owners_of_nodes(kind.label) for kind in cypher.owned_kinds()]
        queries += [cypher.owners_of_links(kind.type) for kind in RELATIONSHIP_TYPES]
        streams = [(row["id"] for row in self._pages(query)) for query in queries]
        return (owner for owner, _ in groupby(merge(*streams)))

    def clear(self) -> None:
        """See `GraphStore.clear`. In batches: a graph of millions does not fit one transaction."""
        transactions = self._ready()
        transactions.write(lambda transaction: run(transaction, f"MATCH (s:{STATE_LABEL}) DELETE s"))
        for kind in NODE_KINDS:
            query = f"MATCH (n:{kind.label}) WITH n LIMIT 5000 DETACH DELETE n RETURN count(*) AS gone"
            while transactions.write(partial(run, query=query))[0]["gone"]:
                pass

    def sequence(self) -> int:
        """See `GraphStore.sequence`."""
        rows = self._ready().rows(cypher.sequence())
        return int(rows[0]["sequence"]) if rows else 0

    def get(self, ids: Collection[str]) -> Mapping[str, Node]:
        """See `GraphStore.get`."""
        seeds = _by_kind(ids)
        rows = self._ready().rows(cypher.get_nodes(seeds), seeds) if seeds else []
        return {row["id"]: to_node(row) for row in sorted(rows, key=_id)}

    def neighbours(
        self, node_id: str, *, types: Collection[str] | None = None, at: str | None = None, limit: int = 500
    ) -> Subgraph:
        """See `GraphStore.neighbours`."""
        wanted, kind = known_types(types, technical=True), kind_of_id(node_id)
        if kind is None:
            return Subgraph((), ())
        rows = (
            self._ready().rows(
                cypher.neighbour_links(kind.label, wanted),
                {"id": node_id, "limit": limit + 1, **day_parameters(at)},
            )
            if wanted
            else []
        )
        links = tuple(map(to_link, rows[:limit]))
        nodes = self.get({node_id, *(end for link in links for end in (link.start, link.end))})
        return Subgraph(tuple(nodes.values()), links, len(rows) > limit)

    def ego(
        self,
        ids: Collection[str],
        hops: int,
        *,
        max_nodes: int = 1500,
        types: Collection[str] | None = None,
        at: str | None = None,
    ) -> Subgraph:
        """See `GraphStore.ego`."""
        return ego_network(self, ids, hops, max_nodes, Walk(known_types(types), at))

    def paths(
        self,
        start: str,
        end: str,
        *,
        max_hops: int = 6,
        max_nodes: int = 5000,
        limit: int = 10,
        avoid: Collection[str] = (),
        require: Collection[str] = (),
        time_consistent: bool = False,
    ) -> PathAnswer:
        """See `GraphStore.paths`."""
        return shortest_paths(
            self, PathQuestion(start, end, max_hops, max_nodes, limit, avoid, require, time_consistent)
        )

    def ring(self, ids: Sequence[str], walk: Walk, exclude: Collection[str], limit: int) -> list[str]:
        """See `Walkable.ring`."""
        seeds = _by_kind(ids)
        if not seeds or not walk.types:
            return []
        rows = self._ready().rows(
            cypher.ring(seeds, walk.types, walk.avoid_labels),
            {
                **seeds,
                **day_parameters(walk.at),
                "exclude": [*exclude, *walk.avoid],
                "allow": list(walk.allow),
                "limit": limit,
            },
        )
        return [row["id"] for row in rows]

    def links_among(self, ids: Collection[str], walk: Walk) -> list[Link]:
        """See `Walkable.links_among`."""
        seeds = {label: listed for label, listed in _by_kind(ids).items() if not NODE_KIND[label].shared}
        if not seeds or not walk.types:
            return []
        parameters = {**seeds, **day_parameters(walk.at), "all": list(ids)}
        return list(map(to_link, self._ready().rows(cypher.links_among(seeds, walk.types), parameters)))

    def shared(
        self, labels: Collection[str], *, holders: Collection[str] | None = None, max_holders: int = 200
    ) -> Iterator[SharedNode]:
        """See `GraphStore.shared`."""
        wanted = set(known_labels(labels))
        parameters = {"max": max_holders, "holders": list(holders or ())}
        for kind in cypher.KINDS_BY_PREFIX:
            if kind.label in wanted and kind.shared:
                query = cypher.shared_nodes(kind.label, of_holders=holders is not None)
                for page in self._row_pages(query, parameters):
                    links = self._holder_links(kind.label, [row["id"] for row in page])
                    yield from (SharedNode(to_node(row), tuple(links[row["id"]])) for row in page)

    def search(self, text: str, labels: Collection[str] | None = None, limit: int = 50) -> Sequence[Node]:
        """See `GraphStore.search`."""
        wanted = known_labels(NODE_KIND if labels is None else labels)
        words = text_words(text)
        if not words:
            return []
        # Folded words are letters and digits, so none of them means anything to the query parser.
        query = " ".join(f"+{word}" for word in words)
        rows = self._ready().rows(cypher.search(), {"query": query, "labels": list(wanted), "limit": limit})
        return list(map(to_node, rows))

    def scan(self, label: str) -> Iterator[Node]:
        """See `GraphStore.scan`."""
        (label,) = known_labels((label,))
        return map(to_node, self._pages(cypher.scan_nodes(label)))

    def scan_edges(self, types: Collection[str]) -> Iterator[Any]:
        """See `GraphStore.scan_edges`."""
        from graph_schema.edges import edge_batches

        links = map(to_link, self._links(known_types(types, technical=True)))
        return edge_batches(
            (
                link.id,
                link.type,
                link.start,
                link.end,
                link.properties.get("valid_from"),
                link.properties.get("valid_to"),
                link.properties.get("sources", ()),
            )
            for link in links
        )

    def counts(self) -> Mapping[str, int]:
        """See `GraphStore.counts`."""
        found = {row["name"]: row["number"] for row in self._ready().rows(cypher.counts())}
        return {**dict.fromkeys((*NODE_KIND, *RELATIONSHIP_TYPE), 0), **found}

    def digest(self) -> str:
        """See `GraphStore.digest`."""
        nodes = (
            to_node(row)
            for kind in cypher.KINDS_BY_PREFIX
            for row in self._pages(cypher.scan_nodes(kind.label))
        )
        types = [kind.type for kind in RELATIONSHIP_TYPES]
        return graph_digest(nodes, map(to_link, self._links(types)))

    def check(self) -> Iterator[str]:
        """See `GraphStore.check`."""
        for name in sorted(neo4j_schema().keys() - _on_line(self._ready())):
            yield f"the constraint or index {name} is absent or not on line"

    def made_at(self) -> str:
        """See `GraphStore.made_at`. Store files and transaction logs keep what was deleted."""
        made = self._ready().rows("CALL db.info() YIELD creationDate RETURN creationDate AS made")[0]["made"]
        return f"{made[:-1]:0<23}Z" if len(made) < 24 else str(made)

    def close(self) -> None:
        """See `GraphStore.close`."""
        self._transactions.close()

    def _ready(self) -> Transactions:
        """Make what constraints and indexes are absent, wait for them, and check; once a process."""
        if not self._prepared:
            with self._lock:
                if not self._prepared:
                    _prepare(self._transactions)
                    self._prepared = True
        return self._transactions

    def _links(self, types: Collection[str]) -> Iterator[dict[str, Any]]:
        """Yield the links of these types by id."""
        return merge(*(self._pages(cypher.scan_links(type_)) for type_ in sorted(types)), key=_id)

    def _holder_links(self, label: str, ids: list[str]) -> Mapping[str, list[Link]]:
        links: dict[str, list[Link]] = defaultdict(list)
        for link in map(to_link, self._ready().rows(cypher.holder_links(label), {"ids": ids})):
            links[link.end].append(link)
        return links

    def _pages(self, query: str) -> Iterator[dict[str, Any]]:
        for page in self._row_pages(query, {}):
            yield from page

    def _row_pages(self, query: str, parameters: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
        """Yield pages of rows, each after the last id: no transaction is kept open."""
        after = ""
        while True:
            rows = self._ready().rows(query, {**parameters, "after": after, "page": PAGE})
            yield rows
            if len(rows) < PAGE:
                return
            after = rows[-1]["id"]


def _prepare(transactions: Transactions) -> None:
    """Make what is absent of the declared schema. Raises: StoreError when something does not come on line."""
    schema = neo4j_schema()
    for name in sorted(schema.keys() - _on_line(transactions)):
        transactions.schema(schema[name])
    transactions.schema(f"CALL db.awaitIndexes({SCHEMA_SECONDS})")
    absent = sorted(schema.keys() - _on_line(transactions))
    if absent:
        raise StoreError(
            f"Neo4j lacks {absent[0]} of {len(absent)} constraints and indexes: "
            "grant the user schema rights, or drop what has its name and stop in state FAILED"
        )


def _on_line(transactions: Transactions) -> set[str]:
    """Return the names of the indexes that answer; each uniqueness constraint has one of its name."""
    rows = transactions.rows("SHOW INDEXES YIELD name, state WHERE state = 'ONLINE' RETURN name")
    return {row["name"] for row in rows}


def _by_kind(ids: Collection[str]) -> dict[str, list[str]]:
    """Return the ids of each kind, sorted; what is no node id is left out."""
    seeds: dict[str, list[str]] = defaultdict(list)
    for node_id in sorted(set(ids)):
        kind = kind_of_id(node_id)
        if kind is not None:
            seeds[kind.label].append(node_id)
    return dict(sorted(seeds.items()))


def _id(row: Mapping[str, Any]) -> str:
    return str(row["id"])
