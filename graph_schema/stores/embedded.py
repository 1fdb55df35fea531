"""The graph in SQLite tables beside the ledger's, so that one commit covers both."""

import json
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import apsw

from graph_schema.conformance import known_labels, known_types
from graph_schema.constraints import sqlite_tables, sqlite_views
from graph_schema.desired import desired_state, display_band
from graph_schema.digest import graph_digest
from graph_schema.nodes import KIND_OF_LABEL, NODE_KIND, Node
from graph_schema.paths import PathQuestion, shortest_paths
from graph_schema.relationships import HOLDING_TYPES, RELATIONSHIP_TYPE, Link, Patch
from graph_schema.store import PathAnswer, SharedNode, Subgraph
from graph_schema.stores._sqlite_writing import decode_properties, json_list, write_state
from graph_schema.traversal import Walk, ego_network
from graph_schema.words import node_words, text_words

SCHEMES = ("", "sqlite")
"""A URL of this store is a file path, with or without `sqlite:///`."""

PAGE = 1000
"""Rows read in one statement by the verbs that yield."""

COUNTED = 200
"""Nodes of a word that are counted to find the rarest word of a search."""

_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "cache_size = -65536")
_NODE = "id, labels, properties, holder_count"
_LINK = "link.id, link.type, start_id, end_id, properties"
_HOLDING = ", ".join(f"'{type_}'" for type_ in HOLDING_TYPES)
_VALID_AT = (
    " AND (:at IS NULL OR (coalesce(substr(properties ->> 'valid_from', 1, 10) <= :at, TRUE)"
    " AND coalesce(properties ->> 'valid_to' > :at || 'T00:00:00Z', TRUE)))"
)


def open_url(url: str, user: str = "", password: str = "") -> "EmbeddedStore":
    """Open the store of a file; user and password are not asked for."""
    return EmbeddedStore(url.removeprefix("sqlite://").removeprefix("/") if "://" in url else url)


class EmbeddedStore:
    """See `GraphStore`. Safe for many threads (a connection each) and processes (WAL)."""

    def __init__(self, path: str) -> None:
        """Open the file, making it and the tables where absent."""
        self._path = path
        self._bound: apsw.Connection | None = None
        self._local = threading.local()
        self._connections: list[apsw.Connection] = []
        self._lock = threading.Lock()
        _make_schema(self._connection())

    def within(self, connection: apsw.Connection) -> "EmbeddedStore":
        """Return this store on the caller's connection: it reads and writes inside the caller's transaction.

        It neither begins nor commits; an `apply` that raises leaves nothing of itself in the transaction.
        """
        bound = EmbeddedStore.__new__(EmbeddedStore)
        bound._path, bound._bound = self._path, connection
        bound._local, bound._connections, bound._lock = threading.local(), [], threading.Lock()
        return bound

    def apply(self, patches: Sequence[Patch], sequence: int) -> None:
        """See `GraphStore.apply`."""
        desired = desired_state(patches)
        with self._writing() as connection:
            write_state(connection, desired)
            connection.execute("UPDATE graph_state SET sequence = ?", (sequence,))

    def owners(self) -> Iterator[str]:
        """See `GraphStore.owners`."""
        for (owner,) in self._pages(
            "SELECT owner FROM (SELECT owner FROM graph_nodes WHERE owner > :after "
            "UNION SELECT owner FROM graph_links WHERE owner > :after) ORDER BY owner LIMIT :page"
        ):
            yield owner

    def clear(self) -> None:
        """See `GraphStore.clear`."""
        with self._writing() as connection:
            for table in ("graph_words", "graph_links", "graph_nodes"):
                connection.execute(f"DELETE FROM {table}")
            connection.execute("UPDATE graph_state SET sequence = 0")

    def sequence(self) -> int:
        """See `GraphStore.sequence`."""
        return int(self._connection().execute("SELECT sequence FROM graph_state").get)

    def get(self, ids: Collection[str]) -> Mapping[str, Node]:
        """See `GraphStore.get`."""
        rows = self._connection().execute(
            f"SELECT {_NODE} FROM graph_nodes WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json_list(ids),),
        )
        return {row[0]: _node(row) for row in rows}

    def neighbours(
        self, node_id: str, *, types: Collection[str] | None = None, at: str | None = None, limit: int = 500
    ) -> Subgraph:
        """See `GraphStore.neighbours`."""
        wanted = known_types(types, technical=True)
        side = (
            f"SELECT * FROM (SELECT {_LINK} FROM graph_links AS link WHERE {{}} = :id "
            f"AND link.type IN (SELECT value FROM json_each(:types)){_VALID_AT} ORDER BY id LIMIT :limit)"
        )
        with self._reading() as connection:
            rows = connection.execute(
                f"{side.format('start_id')} UNION {side.format('end_id')} ORDER BY id LIMIT :limit",
                {"id": node_id, "types": json_list(wanted), "at": at, "limit": limit + 1},
            ).fetchall()
            links = tuple(_link(row) for row in rows[:limit])
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
        with self._reading():
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
        question = PathQuestion(start, end, max_hops, max_nodes, limit, avoid, require, time_consistent)
        with self._reading():
            return shortest_paths(self, question)

    def ring(self, ids: Sequence[str], walk: Walk, exclude: Collection[str], limit: int) -> list[str]:
        """See `Walkable.ring`."""
        side = (
            "SELECT {other} AS other FROM json_each(:ids) AS seed "
            "CROSS JOIN graph_links AS link ON {own} = seed.value "
            f"WHERE link.type IN (SELECT value FROM json_each(:types)){_VALID_AT}"
        )
        outwards = side.format(own="start_id", other="end_id")
        inwards = side.format(own="end_id", other="start_id")
        avoided = _has_label(walk.avoid_labels)
        rows = self._connection().execute(
            f"SELECT other FROM ({outwards} UNION {inwards}) "
            "WHERE other NOT IN (SELECT value FROM json_each(:exclude)) AND ("
            "other IN (SELECT value FROM json_each(:allow)) OR other NOT IN "
            f"(SELECT id FROM graph_nodes WHERE id = other AND ({avoided}))) ORDER BY other LIMIT :limit",
            {
                "ids": json_list(ids),
                "types": json_list(walk.types),
                "at": walk.at,
                "exclude": json_list((*exclude, *walk.avoid)),
                "allow": json_list(walk.allow),
                "limit": limit,
            },
        )
        return [node_id for (node_id,) in rows]

    def links_among(self, ids: Collection[str], walk: Walk) -> list[Link]:
        """See `Walkable.links_among`."""
        rows = self._connection().execute(
            f"SELECT {_LINK} FROM json_each(:ids) AS seed "
            "CROSS JOIN graph_links AS link ON start_id = seed.value "
            "WHERE end_id IN (SELECT value FROM json_each(:ids)) "
            f"AND link.type IN (SELECT value FROM json_each(:types)){_VALID_AT} ORDER BY link.id",
            {"ids": json_list(ids), "types": json_list(walk.types), "at": walk.at},
        )
        return [_link(row) for row in rows]

    def shared(
        self, labels: Collection[str], *, holders: Collection[str] | None = None, max_holders: int = 200
    ) -> Iterator[SharedNode]:
        """See `GraphStore.shared`."""
        held = (
            ""
            if holders is None
            else f" AND id IN (SELECT end_id FROM json_each(:holders) AS seed CROSS JOIN graph_links AS link "
            f"ON start_id = seed.value WHERE link.type IN ({_HOLDING}))"
        )
        rows = self._pages(
            f"SELECT {_NODE} FROM graph_nodes WHERE kind IN (SELECT value FROM json_each(:labels)) "
            f"AND holder_count >= 2 AND holder_count <= :max AND id > :after{held} ORDER BY id LIMIT :page",
            {
                "labels": json_list(known_labels(labels)),
                "max": max_holders,
                "holders": json_list(holders or ()),
            },
        )
        for row in rows:
            links = self._connection().execute(
                f"SELECT {_LINK} FROM graph_links AS link WHERE end_id = ? "
                f"AND link.type IN ({_HOLDING}) ORDER BY id",
                (row[0],),
            )
            yield SharedNode(_node(row), tuple(_link(link) for link in links))

    def search(self, text: str, labels: Collection[str] | None = None, limit: int = 50) -> Sequence[Node]:
        """See `GraphStore.search`."""
        words = self._rarest_first(text_words(text))
        labelled = "" if labels is None else f" AND ({_has_label(known_labels(labels))})"
        if not words:
            return []
        rest = "".join(
            f" AND EXISTS (SELECT 1 FROM graph_words AS w{n} WHERE w{n}.word = ? AND w{n}.node_id = id)"
            for n in range(1, len(words))
        )
        rows = self._connection().execute(
            f"SELECT {_NODE} FROM graph_words CROSS JOIN graph_nodes ON id = node_id "
            f"WHERE word = ?{rest}{labelled} "
            "ORDER BY coalesce(properties ->> 'display_name', ''), id LIMIT ?",
            (*words, limit),
        )
        return [_node(row) for row in rows]

    def _rarest_first(self, words: Collection[str]) -> list[str]:
        """Return words by how many nodes have them, counted up to a limit: the first drives a search."""
        counted = "SELECT count(*) FROM (SELECT 1 FROM graph_words WHERE word = ? LIMIT ?)"
        count = {word: self._connection().execute(counted, (word, COUNTED)).get for word in words}
        return sorted(words, key=lambda word: (count[word], word))

    def scan(self, label: str) -> Iterator[Node]:
        """See `GraphStore.scan`."""
        (label,) = known_labels((label,))
        rows = self._pages(
            f"SELECT {_NODE} FROM graph_nodes WHERE kind = :kind AND id > :after "
            f"AND ({_has_label((label,))}) ORDER BY id LIMIT :page",
            {"kind": KIND_OF_LABEL[label].label},
        )
        return (_node(row) for row in rows)

    def scan_edges(self, types: Collection[str]) -> Iterator[Any]:
        """See `GraphStore.scan_edges`."""
        from graph_schema.edges import edge_batches

        rows = self._pages(
            "SELECT id, type, start_id, end_id, properties ->> 'valid_from', properties ->> 'valid_to', "
            "coalesce(properties ->> 'sources', '[]') FROM graph_links WHERE id > :after "
            "AND type IN (SELECT value FROM json_each(:types)) ORDER BY id LIMIT :page",
            {"types": json_list(known_types(types, technical=True))},
        )
        return edge_batches((*row[:6], json.loads(row[6])) for row in rows)

    def counts(self) -> Mapping[str, int]:
        """See `GraphStore.counts`."""
        rows = self._connection().execute(
            "SELECT kind, count(*) FROM graph_nodes GROUP BY kind "
            "UNION ALL SELECT type, count(*) FROM graph_links GROUP BY type"
        )
        return {**dict.fromkeys((*NODE_KIND, *RELATIONSHIP_TYPE), 0), **dict(rows)}

    def digest(self) -> str:
        """See `GraphStore.digest`."""
        with self._reading() as connection:
            return graph_digest(
                map(_node, connection.execute(f"SELECT {_NODE} FROM graph_nodes ORDER BY id")),
                map(_link, connection.execute(f"SELECT {_LINK} FROM graph_links AS link ORDER BY id")),
            )

    def check(self) -> Iterator[str]:
        """See `GraphStore.check`."""
        with self._reading() as connection:
            kept = connection.execute("SELECT word, node_id FROM graph_words ORDER BY word, node_id")
            nodes = map(_node, connection.execute(f"SELECT {_NODE} FROM graph_nodes"))
            given = sorted((word, node.id) for node in nodes for word in node_words(node))
            if kept.fetchall() != given:
                yield "the search words are not those of the nodes"

    def made_at(self) -> None:
        """See `GraphStore.made_at`: the tables lie in the ledger's file."""

    def close(self) -> None:
        """See `GraphStore.close`; a store within a transaction has nothing of its own to release."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._local = threading.local()

    def _connection(self) -> apsw.Connection:
        """Return the caller's connection, or this thread's own."""
        if self._bound is not None:
            return self._bound
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = apsw.Connection(self._path)
            connection.set_busy_timeout(10_000)
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            self._local.connection = connection
            with self._lock:
                self._connections.append(connection)
        return connection

    @contextmanager
    def _reading(self) -> Iterator[apsw.Connection]:
        """Give several statements one snapshot."""
        connection = self._connection()
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    @contextmanager
    def _writing(self) -> Iterator[apsw.Connection]:
        """Write all or nothing: in a savepoint of the caller's transaction, or in one of our own."""
        connection = self._connection()
        if self._bound is not None:
            with connection:
                yield connection
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _pages(self, statement: str, parameters: Mapping[str, object] | None = None) -> Iterator[Any]:
        """Yield rows page by page, each after the last key (first column): no snapshot is kept open."""
        after: object = ""
        while True:
            given = {"after": after, "page": PAGE, **(parameters or {})}
            rows = self._connection().execute(statement, given).fetchall()
            yield from rows
            if len(rows) < PAGE:
                return
            after = rows[-1][0]


def _make_schema(connection: apsw.Connection) -> None:
    """Make absent tables; make the views anew when the declaration has changed."""
    views = sqlite_views()
    declared = sha256("".join(views.values()).encode()).hexdigest()
    with connection:
        for statement in sqlite_tables():
            connection.execute(statement)
        if connection.execute("SELECT views FROM graph_state").get != declared:
            for name, statement in views.items():
                connection.execute(f"DROP VIEW IF EXISTS {name}")
                connection.execute(statement)
            connection.execute("UPDATE graph_state SET views = ?", (declared,))


def _has_label(labels: Collection[str]) -> str:
    """Return the SQL condition that a node carries one of these (declared) labels; false for none."""
    conditions = [
        f"kind = '{label}'" if label in NODE_KIND else f"instr(labels, '\"{label}\"') > 0" for label in labels
    ]
    return " OR ".join(conditions) or "FALSE"


def _node(row: tuple[Any, ...]) -> Node:
    node_id, labels, text, holders = row
    properties = decode_properties(text)
    if holders is not None:
        properties |= {"display_band": display_band(holders), "holder_count": holders}
    return Node(node_id, tuple(json.loads(labels)), properties)


def _link(row: tuple[Any, ...]) -> Link:
    link_id, type_, start, end, text = row
    return Link(link_id, type_, start, end, decode_properties(text))
