"""Questions an analyst asks of the graph in Neo4j Bloom: search phrases, and actions on what is selected."""

from collections.abc import Iterable
from dataclasses import dataclass

from graph_schema.desired import HUB_HOLDERS
from graph_schema.nodes import NODE_KINDS
from graph_schema.relationships import HOLDING_TYPES

ROWS = 1_000
"""Rows a phrase returns at most: more is no picture."""

_HOLDS = "|".join(HOLDING_TYPES)
_SHARED = tuple(kind.label for kind in NODE_KINDS if kind.shared)
_NO_HUB = f"coalesce(n.holder_count, 0) <= {HUB_HOLDERS}"


@dataclass(frozen=True, slots=True)
class PhraseParameter:
    """A `$name` of a phrase. Suggested are the values of `property` of `label`, or what `cypher` returns."""

    name: str
    label: str | None = None
    property: str | None = None
    cypher: str | None = None


@dataclass(frozen=True, slots=True)
class SearchPhrase:
    """A sentence that an analyst types, with the query that answers it: paths or nodes, never a write."""

    text: str
    meaning: str
    cypher: str
    parameters: tuple[PhraseParameter, ...] = ()


@dataclass(frozen=True, slots=True)
class SceneAction:
    """A query on the selected nodes (`$nodes`, element ids), offered for nodes of `labels`; none = all."""

    name: str
    cypher: str
    labels: tuple[str, ...] = ()


def finding_phrase(pattern: str, title: str) -> SearchPhrase:
    """Return the phrase that shows a pattern's findings with all they are about."""
    return SearchPhrase(
        f"Findings: {title}",
        f"What the pattern {pattern} found, with the persons and things each finding is about",
        f'MATCH path = (:Finding {{pattern: "{pattern}"}})-[:ABOUT]->() RETURN path LIMIT {ROWS}',
    )


def _person(name: str) -> PhraseParameter:
    return PhraseParameter(name, "Person", "display_name")


def _holders(label: str) -> SearchPhrase:
    return SearchPhrase(
        f"Who holds {label.lower()} ${label.lower()}",
        f"Every person whose records say they have this {label.lower()}",
        f"MATCH path = (:Person)-[:{_HOLDS}]->(:{label} {{display_name: ${label.lower()}}}) "
        f"RETURN path LIMIT {ROWS}",
        (PhraseParameter(label.lower(), label, "display_name"),),
    )


SEARCH_PHRASES: tuple[SearchPhrase, ...] = (
    SearchPhrase(
        "Entity $entity",
        "One person by entity id: for links from elsewhere, since no name is in them",
        "MATCH (p:Person {id: $entity}) RETURN p",
        (PhraseParameter("entity", "Person", "id"),),
    ),
    SearchPhrase(
        "Person $name",
        "Every person shown by this name",
        f"MATCH (p:Person {{display_name: $name}}) RETURN p LIMIT {ROWS}",
        (_person("name"),),
    ),
    SearchPhrase(
        "Links of $name",
        "What a person holds, took part in and declared, and findings about them; no hubs",
        f"MATCH path = (:Person {{display_name: $name}})--(n) WHERE {_NO_HUB} RETURN path LIMIT {ROWS}",
        (_person("name"),),
    ),
    SearchPhrase(
        "Who shares with $name",
        "Persons who hold a thing that this person holds; no hubs",
        f"MATCH path = (:Person {{display_name: $name}})-[:{_HOLDS}]->(n)<-[:{_HOLDS}]-(:Person) "
        f"WHERE {_NO_HUB} RETURN path LIMIT {ROWS}",
        (_person("name"),),
    ),
    SearchPhrase(
        "How $first and $second are linked",
        "The shortest ways between two persons, up to six steps; no hubs, no findings",
        "MATCH (a:Person {display_name: $first}) CALL (a) { "
        "MATCH (b:Person {display_name: $second}) WHERE b <> a "
        "MATCH path = allShortestPaths((a)-[*..6]-(b)) "
        f"WHERE all(n IN nodes(path) WHERE {_NO_HUB} AND NOT n:Finding AND NOT n:SourceRecord) "
        "RETURN path LIMIT 25 } RETURN path",
        (
            _person("first"),
            PhraseParameter(
                "second",
                cypher=f"MATCH (a:Person {{display_name: $first}})-[:{_HOLDS}]->(n)<-[:{_HOLDS}]-(b:Person) "
                f"WHERE {_NO_HUB} RETURN DISTINCT b.display_name ORDER BY b.display_name LIMIT 100",
            ),
        ),
    ),
    SearchPhrase(
        "Declared ties of $name",
        "To whom a person declared a relation, and who declared one to them",
        f"MATCH path = (:Person {{display_name: $name}})-[:DECLARED]-(:Person) RETURN path LIMIT {ROWS}",
        (_person("name"),),
    ),
    SearchPhrase(
        "Findings about $name",
        "Findings that name a person, with all else they are about",
        "MATCH (:Person {display_name: $name})<-[:ABOUT]-(f:Finding) "
        f"MATCH path = (f)-[:ABOUT]->() RETURN path LIMIT {ROWS}",
        (_person("name"),),
    ),
    *(_holders(label) for label in _SHARED),
)

SCENE_ACTIONS: tuple[SceneAction, ...] = (
    SceneAction(
        "Show what they hold",
        f"MATCH path = (p:Person)-[:{_HOLDS}]->(n) WHERE elementId(p) IN $nodes AND {_NO_HUB} "
        f"RETURN path LIMIT {ROWS}",
        ("Staff", "Person"),
    ),
    SceneAction(
        "Show who else holds this",
        f"MATCH path = (s)<-[:{_HOLDS}]-(:Person) WHERE elementId(s) IN $nodes RETURN path LIMIT {ROWS}",
        _SHARED,
    ),
    SceneAction(
        "Show findings about these",
        f"MATCH path = (n)<-[:ABOUT]-(:Finding) WHERE elementId(n) IN $nodes RETURN path LIMIT {ROWS}",
    ),
    SceneAction(
        "Show links among these",
        "MATCH path = (a)--(b) WHERE elementId(a) IN $nodes AND elementId(b) IN $nodes "
        f"RETURN path LIMIT {ROWS}",
    ),
)


def every_phrase(patterns: Iterable[tuple[str, str]]) -> tuple[SearchPhrase, ...]:
    """Return the phrases of the graph and one for each pattern, given as (id, title)."""
    return (*SEARCH_PHRASES, *(finding_phrase(id_, title) for id_, title in patterns))
