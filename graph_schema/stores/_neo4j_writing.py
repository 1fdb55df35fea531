"""Write what patches ask for into Neo4j, inside one transaction, by key and in sorted order."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import neo4j

from graph_schema.constraints import STATE_LABEL
from graph_schema.desired import (
    HUB_HOLDERS,
    STRONG_TYPES,
    WEAK_TYPES,
    Desired,
    holder_changes,
)
from graph_schema.nodes import NODE_KIND, Node, kind_of_id
from graph_schema.relationships import RELATIONSHIP_TYPES
from graph_schema.store import StoreError
from graph_schema.stores._cypher import owned_kinds, types_pattern
from graph_schema.stores._neo4j_transactions import run
from graph_schema.stores._neo4j_values import native_link_properties, to_native
from graph_schema.words import node_words

BATCH = 2000
"""Rows of one UNWIND."""

_LOCK = f"MERGE (s:{STATE_LABEL} {{id: 'graph'}}) SET s.sequence = coalesce(s.sequence, 0)"
_SET_SEQUENCE = f"MATCH (s:{STATE_LABEL} {{id: 'graph'}}) SET s.sequence = $sequence"
_BEFORE = " UNION ALL ".join(
    f"MATCH ()-[r:{kind.type}]->() WHERE r.owner IN $owners "
    f"RETURN r.id AS id, '{kind.type}' AS type, startNode(r).id AS start, endNode(r).id AS end"
    for kind in RELATIONSHIP_TYPES
)
_OWNED = " UNION ALL ".join(
    f"MATCH (n:{kind.label}) WHERE n.owner IN $owners RETURN n.id AS id" for kind in owned_kinds()
)


def write_state(transaction: neo4j.ManagedTransaction, desired: Desired, sequence: int) -> None:
    """Make the graph hold what is desired for its owners.

    The lock on the state node comes first: writers wait for one another, so what is read here holds until the
    commit. Raises: StoreError when a link's end would be absent.
    """
    run(transaction, _LOCK)
    before = [
        (row["id"], (row["type"], row["start"], row["end"]))
        for owners in _batches(desired.owners)
        for row in run(transaction, _BEFORE, {"owners": owners})
    ]
    removed = {link_id: ends for link_id, ends in before if link_id not in desired.links}
    _delete_links(transaction, removed)
    _delete_nodes(transaction, desired)
    _write_nodes(transaction, desired)
    _write_links(transaction, desired)
    touched = desired.shared_ids(removed.values())
    _count_holders(transaction, touched, holder_changes((ends for _, ends in before), desired.links.values()))
    _delete_unheld(transaction, touched)
    run(transaction, _SET_SEQUENCE, {"sequence": sequence})


def _delete_links(transaction: neo4j.ManagedTransaction, removed: Mapping[str, tuple[str, str, str]]) -> None:
    for type_, ids in _grouped(sorted(removed), lambda link_id: removed[link_id][0]):
        for batch in _batches(ids):
            run(
                transaction, f"UNWIND $ids AS id MATCH ()-[r:{type_} {{id: id}}]->() DELETE r", {"ids": batch}
            )


def _delete_nodes(transaction: neo4j.ManagedTransaction, desired: Desired) -> None:
    """Delete nodes that the owners no longer have; refuse where links of other owners still join them."""
    owned = {
        row["id"]
        for owners in _batches(desired.owners)
        for row in run(transaction, _OWNED, {"owners": owners})
    }
    for label, ids in _grouped(sorted(owned - desired.nodes.keys()), _label_of):
        for batch in _batches(ids):
            joined = run(
                transaction,
                f"UNWIND $ids AS id MATCH (n:{label} {{id: id}})-[r:{types_pattern(STRONG_TYPES)}]-() "
                "RETURN type(r) AS type, r.owner AS owner LIMIT 1",
                {"ids": batch},
            )
            for row in joined:
                raise StoreError(
                    f"a {row['type']} link of {row['owner']} still joins a node that goes: "
                    "apply that owner's patch too"
                )
            run(
                transaction, f"UNWIND $ids AS id MATCH (n:{label} {{id: id}}) DETACH DELETE n", {"ids": batch}
            )


def _write_nodes(transaction: neo4j.ManagedTransaction, desired: Desired) -> None:
    """Write nodes by id; what they are is set whole, so that no property or label outlives its reason."""
    nodes = (desired.nodes[node_id] for node_id in sorted(desired.nodes))
    for labels, group in _grouped(nodes, lambda node: node.labels):
        kind = NODE_KIND[labels[0]]
        others = [label for label in kind.extra_labels if label not in labels]
        statement = (
            f"UNWIND $rows AS row MERGE (n:{kind.label} {{id: row.id}}) "
            "WITH n, row, n.holder_count AS holders, n.display_band AS band SET n = row "
            + ("SET n.holder_count = coalesce(holders, 0), n.display_band = band " if kind.shared else "")
            + "".join(f"SET n:{label} " for label in labels[1:])
            + "".join(f"REMOVE n:{label} " for label in others)
        )
        for batch in _batches(group):
            rows = [_node_row(node, desired.owner_of.get(node.id)) for node in batch]
            run(transaction, statement, {"rows": rows})


def _node_row(node: Node, owner: str | None) -> dict[str, Any]:
    kind = NODE_KIND[node.kind]
    row: dict[str, Any] = {"id": node.id, **to_native(node.properties, kind.properties)}
    if owner is not None:
        row["owner"] = owner
    if kind.search:
        row["search_words"] = " ".join(node_words(node))
    return row


def _write_links(transaction: neo4j.ManagedTransaction, desired: Desired) -> None:
    links = (desired.links[link_id] for link_id in sorted(desired.links))
    for (type_, start, end), group in _grouped(
        links, lambda link: (link.type, _label_of(link.start), _label_of(link.end))
    ):
        statement = (
            f"UNWIND $rows AS row MATCH (s:{start} {{id: row.start}}) MATCH (e:{end} {{id: row.end}}) "
            f"MERGE (s)-[r:{type_} {{id: row.id}}]->(e) SET r = row.properties RETURN count(r) AS written"
        )
        for batch in _batches(group):
            rows = [
                {
                    "id": link.id,
                    "start": link.start,
                    "end": link.end,
                    "properties": {
                        "id": link.id,
                        "owner": desired.owner_of[link.id],
                        **native_link_properties(link),
                    },
                }
                for link in batch
            ]
            (answer,) = run(transaction, statement, {"rows": rows})
            if answer["written"] < len(rows) and type_ not in WEAK_TYPES:
                raise StoreError(f"an end of a {type_} link is absent: apply the patch that brings it first")


def _count_holders(
    transaction: neo4j.ManagedTransaction, touched: Sequence[str], changes: Mapping[str, int]
) -> None:
    """Add the changes to the counts and set the band of every shared node touched."""
    for label, ids in _grouped(touched, _label_of):
        for batch in _batches(ids):
            rows = [{"id": node_id, "change": changes.get(node_id, 0)} for node_id in batch]
            run(
                transaction,
                f"UNWIND $rows AS row MATCH (n:{label} {{id: row.id}}) "
                "SET n.holder_count = n.holder_count + row.change SET n.display_band = CASE "
                f"WHEN n.holder_count > {HUB_HOLDERS} THEN 'hub' "
                "WHEN n.holder_count >= 2 THEN 'shared' ELSE 'single' END",
                {"rows": rows},
            )


def _delete_unheld(transaction: neo4j.ManagedTransaction, touched: Sequence[str]) -> None:
    """Delete those of these shared nodes that no link (weak ones apart) holds."""
    for label, ids in _grouped(touched, _label_of):
        for batch in _batches(ids):
            run(
                transaction,
                f"UNWIND $ids AS id MATCH (n:{label} {{id: id}}) "
                f"WHERE NOT EXISTS {{ (n)<-[:{types_pattern(STRONG_TYPES)}]-() }} DETACH DELETE n",
                {"ids": batch},
            )


def _label_of(node_id: str) -> str:
    kind = kind_of_id(node_id)
    if kind is None:
        raise StoreError("an id that belongs to no kind of node")
    return kind.label


def _batches(rows: Collection[Any]) -> Iterator[list[Any]]:
    whole = list(rows)
    for start in range(0, len(whole), BATCH):
        yield whole[start : start + BATCH]


def _grouped(items: Iterable[Any], key: Callable[[Any], Any]) -> list[tuple[Any, list[Any]]]:
    """Return the items of each key, in the order of keys and of the items given."""
    groups: dict[Any, list[Any]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return sorted(groups.items(), key=lambda group: group[0])
