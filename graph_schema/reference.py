"""Write the reference page of the graph from the declaration: `python -m graph_schema.reference`."""

from collections.abc import Iterable, Iterator, Mapping

from graph_schema.constraints import neo4j_schema, sqlite_tables, sqlite_views
from graph_schema.nodes import NODE_KINDS, NodeKind
from graph_schema.relationships import RELATIONSHIP_TYPES

_INTRODUCTION = """\
# The graph

Generated from the declaration by `python -m graph_schema.reference`; change `graph_schema/`, not this page.

Nodes have an `id` whose first letter names their kind, and labels: the kind first. Dates are DATE and
instants ZONED DATETIME in Neo4j, `YYYY-MM-DD` and `YYYY-MM-DDTHH:MM:SSZ` in every answer. Intervals are
half-open, [`valid_from`, `valid_to`): an absent end is open, an absent beginning unknown. `sources` are the
record or event keys (`source|id`) that say so.

A shared node is one that several persons may hold. It lives as long as a link holds it; `holder_count` is
the number of persons that do, `display_band` is `single`, `shared` (2 to 50) or `hub`.
"""

_STORES = """\
## In Neo4j

Each node also carries `owner` (the person, event or finding whose patch brought it) and `search_words`
(folded words for the full-text index); each relationship its `id` and `owner`. Community edition suffices.
"""

_EMBEDDED = """\
## In SQLite

Beside the ledger's tables; `properties` and `labels` are JSON. For reading with SQL there is a view for
each kind and type, with its properties as columns:
"""


def reference() -> str:
    """Return the page as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    yield "## Nodes\n"
    for kind in NODE_KINDS:
        yield f"### {kind.label}\n"
        yield f"{kind.meaning} {_remarks(kind)}\n"
        yield from _property_table(kind.properties)
    yield "## Relationships\n"
    yield from _table(
        ("Type", "From", "To", "Reads as", "Remarks"),
        (
            (
                f"`{kind.type}`",
                _listed(kind.starts),
                _listed(kind.ends),
                kind.sentence,
                "technical"
                if kind.technical
                else "weak: left out where an end is absent"
                if kind.weak
                else "",
            )
            for kind in RELATIONSHIP_TYPES
        ),
    )
    for relationship in RELATIONSHIP_TYPES:
        if relationship.properties:
            yield f"### {relationship.type}\n"
            yield from _property_table(relationship.properties)
    yield _STORES
    yield "```cypher\n" + "\n".join(f"{text};" for text in neo4j_schema().values()) + "\n```\n"
    yield _EMBEDDED
    yield ", ".join(f"`{name}`" for name in sqlite_views()) + "\n"
    yield "```sql\n" + "\n".join(f"{text};" for text in sqlite_tables()) + "\n```\n"


def _remarks(kind: NodeKind) -> str:
    remarks = [f"Ids begin with `{kind.prefix}`."]
    if kind.shared:
        remarks.append("Shared.")
    if kind.technical:
        remarks.append("Technical: neither walked nor searched.")
    if kind.extra_labels:
        remarks.append(f"May also be {_listed(kind.extra_labels)}.")
    if kind.search:
        remarks.append(f"Searched by {_listed(kind.search)}.")
    return " ".join(remarks)


def _property_table(properties: Mapping[str, str]) -> Iterator[str]:
    yield from _table(
        ("Property", "Type"), ((f"`{name}`", type_.replace("_", " ")) for name, type_ in properties.items())
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    print(reference(), end="")
