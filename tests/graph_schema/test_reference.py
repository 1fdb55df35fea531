"""The reference page says what the declaration says."""

from pathlib import Path

from graph_schema.nodes import NODE_KINDS
from graph_schema.reference import reference
from graph_schema.relationships import RELATIONSHIP_TYPES

PAGE = Path(__file__).parents[2] / "docs" / "graph.md"


def test_the_page_is_current() -> None:
    """Make it again with `python -m graph_schema.reference > docs/graph.md`."""
    assert PAGE.read_text(encoding="utf-8") == reference()


def test_the_page_names_every_kind_type_and_property() -> None:
    page = reference()
    for declared in (*NODE_KINDS, *RELATIONSHIP_TYPES):
        assert all(f"| `{name}` |" in page for name in declared.properties)
    assert all(f"### {kind.label}\n" in page for kind in NODE_KINDS)
    assert all(f"| `{kind.type}` |" in page for kind in RELATIONSHIP_TYPES)
