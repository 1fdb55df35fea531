"""Write what patches ask for into the embedded tables, inside a transaction that the caller holds."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import apsw

from graph_schema.desired import STRONG_TYPES, WEAK_TYPES, Desired, holder_changes
from graph_schema.nodes import NODE_KIND, Node, PropertyValue
from graph_schema.store import StoreError
from graph_schema.words import node_words

_LISTED = "(SELECT value FROM json_each(?))"
_WEAK = ", ".join(f"'{type_}'" for type_ in WEAK_TYPES)

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_EncodedNode = tuple[str, str | None, str]
"""Labels (JSON), owner, properties (JSON)."""


def write_state(connection: apsw.Connection, desired: Desired) -> None:
    """Make the tables hold what is desired for its owners.

    Raises: StoreError when a link's end would be absent; the caller rolls back.
    """
    before = {
        row[0]: row[1:]
        for row in connection.execute(
            f"SELECT id, type, start_id, end_id, owner, properties FROM graph_links WHERE owner IN {_LISTED}",
            (json_list(desired.owners),),
        )
    }
    removed = {link_id: row for link_id, row in before.items() if link_id not in desired.links}
    connection.executemany(
        "DELETE FROM graph_links WHERE id = ?", [(link_id,) for link_id in sorted(removed)]
    )
    _write_nodes(connection, desired)
    _write_links(connection, desired, before)
    touched = desired.shared_ids(row[:3] for row in removed.values())
    changes = holder_changes((row[:3] for row in before.values()), desired.links.values())
    connection.executemany(
        "UPDATE graph_nodes SET holder_count = holder_count + ? WHERE id = ?",
        [(change, node_id) for node_id, change in changes.items()],
    )
    _remove_unheld(connection, touched)


def json_list(values: Iterable[str]) -> str:
    """Return a JSON array, the form in which lists cross into SQL."""
    return json.dumps(list(values))


def decode_properties(text: str) -> dict[str, Any]:
    """Return properties read from their JSON, lists as tuples."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()
    }


def _encode(properties: Mapping[str, PropertyValue]) -> str:
    return _ENCODER.encode(properties)


def _write_nodes(connection: apsw.Connection, desired: Desired) -> None:
    columns = "SELECT id, labels, owner, properties FROM graph_nodes WHERE"
    old: dict[str, _EncodedNode] = {
        row[0]: row[1:]
        for row in connection.execute(
            f"{columns} id IN {_LISTED} UNION {columns} owner IN {_LISTED}",
            (json_list(desired.nodes), json_list(desired.owners)),
        )
    }
    gone = sorted(old.keys() - desired.nodes.keys())
    _refuse_dangling(connection, gone)
    _delete_nodes(connection, {node_id: old[node_id] for node_id in gone})
    rows, words_gone, words_new = [], [], []
    for node_id, node in sorted(desired.nodes.items()):
        encoded = json.dumps(node.labels), desired.owner_of.get(node_id), _encode(node.properties)
        known = old.get(node_id)
        if encoded == known:
            continue
        rows.append((node_id, node.kind, *encoded, 0 if NODE_KIND[node.kind].shared else None))
        had = set(_words(node_id, known)) if known else set()
        has = set(node_words(node))
        words_gone += [(word, node_id) for word in sorted(had - has)]
        words_new += [(word, node_id) for word in sorted(has - had)]
    connection.executemany(
        "INSERT INTO graph_nodes (id, kind, labels, owner, properties, holder_count) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET labels = excluded.labels, "
        "owner = excluded.owner, "
        "properties = excluded.properties",
        rows,
    )
    connection.executemany("DELETE FROM graph_words WHERE word = ? AND node_id = ?", words_gone)
    connection.executemany("INSERT INTO graph_words VALUES (?, ?)", sorted(words_new))


def _words(node_id: str, encoded: _EncodedNode) -> list[str]:
    return node_words(Node(node_id, tuple(json.loads(encoded[0])), decode_properties(encoded[2])))


def _refuse_dangling(connection: apsw.Connection, gone: Collection[str]) -> None:
    """Refuse to remove nodes that links of other owners (weak ones apart) still join."""
    if not gone:
        return
    for column in ("start_id", "end_id"):
        for type_, owner in connection.execute(
            f"SELECT type, owner FROM graph_links WHERE {column} IN {_LISTED} "
            f"AND type NOT IN ({_WEAK}) LIMIT 1",
            (json_list(gone),),
        ):
            raise StoreError(
                f"a {type_} link of {owner} still joins a node that goes: apply that owner's patch too"
            )


def _delete_nodes(connection: apsw.Connection, gone: Mapping[str, _EncodedNode]) -> None:
    """Delete nodes with their words and the weak links that join them."""
    words = [(word, node_id) for node_id, encoded in gone.items() for word in _words(node_id, encoded)]
    connection.executemany("DELETE FROM graph_words WHERE word = ? AND node_id = ?", words)
    keys = [(node_id,) for node_id in gone]
    connection.executemany("DELETE FROM graph_links WHERE start_id = ?", keys)
    connection.executemany("DELETE FROM graph_links WHERE end_id = ?", keys)
    connection.executemany("DELETE FROM graph_nodes WHERE id = ?", keys)


def _write_links(connection: apsw.Connection, desired: Desired, before: Mapping[str, Sequence[str]]) -> None:
    rows = []
    for link_id, link in sorted(desired.links.items()):
        row = (link.type, link.start, link.end, desired.owner_of[link_id], _encode(link.properties))
        if row != before.get(link_id):
            rows.append((link_id, *row))
    absent = _absent_ends(connection, rows)
    if absent:
        rows = [row for row in rows if row[2] not in absent and row[3] not in absent]
    connection.executemany(
        "INSERT INTO graph_links (id, type, start_id, end_id, owner, properties) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, properties = excluded.properties",
        rows,
    )


def _absent_ends(
    connection: apsw.Connection, rows: Iterable[tuple[str, str, str, str, str, str]]
) -> set[str]:
    """Return the ends that no node has; only weak links may have one."""
    rows = list(rows)
    ends = sorted({end for row in rows for end in row[2:4]})
    absent = {
        node_id
        for (node_id,) in connection.execute(
            "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM graph_nodes)",
            (json_list(ends),),
        )
    }
    for _, type_, start, end, owner, _ in rows if absent else ():
        if (start in absent or end in absent) and type_ in STRONG_TYPES:
            raise StoreError(
                f"an end of a {type_} link of {owner} is absent: apply the patch that brings it first"
            )
    return absent


def _remove_unheld(connection: apsw.Connection, touched: Collection[str]) -> None:
    """Remove those of these shared nodes that no link (weak ones apart) holds."""
    unheld: dict[str, _EncodedNode] = {
        row[0]: row[1:]
        for row in connection.execute(
            f"SELECT id, labels, owner, properties FROM graph_nodes WHERE id IN {_LISTED} AND NOT EXISTS ("
            f"SELECT 1 FROM graph_links WHERE end_id = graph_nodes.id AND type NOT IN ({_WEAK}))",
            (json_list(touched),),
        )
    }
    _delete_nodes(connection, unheld)
