"""Tables, constraints and indexes of every back end, generated from the one declaration."""

import re

from graph_schema.desired import HUB_HOLDERS
from graph_schema.nodes import NODE_KINDS, NodeKind
from graph_schema.relationships import RELATIONSHIP_TYPES, RelationshipType

WORDS_INDEX = "kith_words"
"""The Neo4j full-text index over the words of every searched kind."""

STATE_LABEL = "KithState"
"""The label of the one technical Neo4j node that keeps the sequence and serialises writers."""


def neo4j_schema() -> dict[str, str]:
    """Return the Cypher statement that makes each constraint and index, by its name; Community suffices.

    Ids are unique per kind and per type; what an owner contributed is found by `owner`; one full-text index
    holds the folded words of the search properties, so that every store finds the same.
    """
    schema = {"kith_state_id": _unique_node("kith_state_id", STATE_LABEL)}
    for kind in NODE_KINDS:
        stem = _snake(kind.label)
        schema[f"{stem}_id"] = _unique_node(f"{stem}_id", kind.label)
        indexed = kind.indexed if kind.shared else (*kind.indexed, "owner")
        for name in indexed:
            schema[f"{stem}_{name}"] = (
                f"CREATE INDEX {stem}_{name} IF NOT EXISTS FOR (n:{kind.label}) ON (n.{name})"
            )
    for relationship in RELATIONSHIP_TYPES:
        stem, pattern = relationship.type.lower(), f"()-[r:{relationship.type}]-()"
        schema[f"{stem}_id"] = (
            f"CREATE CONSTRAINT {stem}_id IF NOT EXISTS FOR {pattern} REQUIRE r.id IS UNIQUE"
        )
        schema[f"{stem}_owner"] = f"CREATE INDEX {stem}_owner IF NOT EXISTS FOR {pattern} ON (r.owner)"
    searched = "|".join(kind.label for kind in NODE_KINDS if kind.search)
    schema[WORDS_INDEX] = (
        f"CREATE FULLTEXT INDEX {WORDS_INDEX} IF NOT EXISTS FOR (n:{searched}) ON EACH [n.search_words] "
        "OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}"
    )
    return schema


def sqlite_tables() -> tuple[str, ...]:
    """Return the statements that make the embedded tables where they are absent.

    Every secondary index ends in the id, so the links of a node come in id order. `owner` is null for shared
    nodes, `holder_count` null for all others. `properties` and `labels` are JSON.
    """
    return (
        "CREATE TABLE IF NOT EXISTS graph_state ("
        "one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL, views TEXT NOT NULL)",
        "INSERT OR IGNORE INTO graph_state VALUES (1, 0, '')",
        "CREATE TABLE IF NOT EXISTS graph_nodes ("
        "id TEXT PRIMARY KEY, kind TEXT NOT NULL, labels TEXT NOT NULL, owner TEXT, "
        "properties TEXT NOT NULL, holder_count INTEGER) WITHOUT ROWID",
        "CREATE INDEX IF NOT EXISTS graph_nodes_kind ON graph_nodes (kind)",
        "CREATE INDEX IF NOT EXISTS graph_nodes_owner ON graph_nodes (owner) WHERE owner IS NOT NULL",
        "CREATE INDEX IF NOT EXISTS graph_nodes_held ON graph_nodes (kind) WHERE holder_count >= 2",
        "CREATE TABLE IF NOT EXISTS graph_links ("
        "id TEXT PRIMARY KEY, type TEXT NOT NULL, start_id TEXT NOT NULL, end_id TEXT NOT NULL, "
        "owner TEXT NOT NULL, properties TEXT NOT NULL) WITHOUT ROWID",
        "CREATE INDEX IF NOT EXISTS graph_links_start ON graph_links (start_id)",
        "CREATE INDEX IF NOT EXISTS graph_links_end ON graph_links (end_id)",
        "CREATE INDEX IF NOT EXISTS graph_links_owner ON graph_links (owner)",
        "CREATE INDEX IF NOT EXISTS graph_links_type ON graph_links (type)",
        "CREATE TABLE IF NOT EXISTS graph_words ("
        "word TEXT NOT NULL, node_id TEXT NOT NULL, PRIMARY KEY (word, node_id)) WITHOUT ROWID",
    )


def sqlite_views() -> dict[str, str]:
    """Return one view for each kind and type, by name, with declared properties as columns."""
    # For analysts who read the file with SQL; the store itself reads the tables.
    views = {f"graph_{_snake(kind.label)}": _node_view(kind) for kind in NODE_KINDS}
    views |= {f"graph_{kind.type.lower()}": _link_view(kind) for kind in RELATIONSHIP_TYPES}
    return views


def _unique_node(name: str, label: str) -> str:
    return f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE"


def _node_view(kind: NodeKind) -> str:
    band = (
        f"CASE WHEN holder_count > {HUB_HOLDERS} THEN 'hub' WHEN holder_count >= 2 THEN 'shared' "
        "ELSE 'single' END AS display_band"
    )
    kept = {"holder_count": "holder_count", "display_band": band}
    columns = ["id", "labels", *(kept.get(name, _column(name)) for name in kind.properties)]
    return (
        f"CREATE VIEW graph_{_snake(kind.label)} AS SELECT {', '.join(columns)} "
        f"FROM graph_nodes WHERE kind = '{kind.label}'"
    )


def _link_view(relationship: RelationshipType) -> str:
    columns = ["id", "start_id", "end_id", *map(_column, relationship.properties)]
    return (
        f"CREATE VIEW graph_{relationship.type.lower()} AS SELECT {', '.join(columns)} "
        f"FROM graph_links WHERE type = '{relationship.type}'"
    )


def _column(name: str) -> str:
    return f"properties ->> '$.{name}' AS {name}"


def _snake(label: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", label).lower()


if __name__ == "__main__":
    print("\n".join(f"{statement};" for statement in neo4j_schema().values()))
