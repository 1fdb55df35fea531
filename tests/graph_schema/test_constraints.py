"""The generated DDL: the Neo4j one as it was last looked at, the SQLite one as it runs."""

from pathlib import Path

import apsw

from graph_schema.constraints import neo4j_schema, sqlite_tables, sqlite_views
from graph_schema.nodes import NODE_KINDS
from graph_schema.relationships import RELATIONSHIP_TYPES

GOLDEN = Path(__file__).parents[1] / "golden" / "constraints.cypher"


def test_the_neo4j_schema_is_the_one_looked_at() -> None:
    """Make it again with `python -m graph_schema.constraints > tests/golden/constraints.cypher`."""
    assert [f"{statement};" for statement in neo4j_schema().values()] == GOLDEN.read_text().splitlines()


def test_every_kind_and_type_has_its_id_constraint_under_its_own_name() -> None:
    schema = neo4j_schema()
    unique = [text for text in schema.values() if text.startswith("CREATE CONSTRAINT")]
    assert len(unique) == len(NODE_KINDS) + len(RELATIONSHIP_TYPES) + 1
    assert all(f" {name} IF NOT EXISTS" in text for name, text in schema.items())


def test_the_sqlite_tables_are_made_twice_without_harm_and_every_view_can_be_read() -> None:
    connection = apsw.Connection(":memory:")
    for statement in (*sqlite_tables(), *sqlite_tables(), *sqlite_views().values()):
        connection.execute(statement)
    for name in sqlite_views():
        assert connection.execute(f"SELECT * FROM {name}").fetchall() == []
    assert connection.execute("SELECT sequence FROM graph_state").fetchall() == [(0,)]
