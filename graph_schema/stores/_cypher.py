"""The Cypher by which the Neo4j store reads; every text is made of declared labels and types only."""

from collections.abc import Collection, Iterable

from graph_schema.constraints import STATE_LABEL, WORDS_INDEX
from graph_schema.nodes import KIND_OF_LABEL, NODE_KIND, NODE_KINDS, NodeKind
from graph_schema.relationships import HOLDING_TYPES, RELATIONSHIP_TYPES

NODE = "n.id AS id, labels(n) AS labels, properties(n) AS properties"
LINK = (
    "r.id AS id, type(r) AS type, startNode(r).id AS start, endNode(r).id AS end, properties(r) AS properties"
)

# A DATE compared with a DATETIME is null, so the comparison that fits the value's type counts, and an
# absent bound is open.
_VALID_AT = (
    "($day IS NULL OR (coalesce(r.valid_from <= $day, r.valid_from < $day_end, true) "
    "AND coalesce(r.valid_to > $day, r.valid_to > $day_start, true)))"
)

KINDS_BY_PREFIX = sorted(NODE_KINDS, key=lambda kind: kind.prefix)
"""The kinds in the order of their ids: reading kind after kind gives all nodes by id."""


def types_pattern(types: Iterable[str]) -> str:
    """Return relationship types as they stand in a pattern."""
    return "|".join(types)


def seeded(labels: Collection[str]) -> str:
    """Return the clause that binds `n` to the nodes of ids in parameters named by their kinds."""
    branches = (f"MATCH (n:{label}) WHERE n.id IN ${label} RETURN n" for label in labels)
    return "CALL () { " + " UNION ALL ".join(branches) + " }"


def get_nodes(labels: Collection[str]) -> str:
    """Return the nodes of given ids."""
    return f"{seeded(labels)} RETURN {NODE}"


def neighbour_links(label: str, types: Collection[str]) -> str:
    """Return the links of node $id, by id, at most $limit."""
    return (
        f"MATCH (:{label} {{id: $id}})-[r:{types_pattern(types)}]-() WHERE {_VALID_AT} "
        f"RETURN DISTINCT {LINK} ORDER BY id LIMIT $limit"
    )


def ring(labels: Collection[str], types: Collection[str], avoid_labels: Collection[str]) -> str:
    """Return the ids at the other ends of links, by id, without $exclude and avoided labels."""
    avoided = " OR ".join(f"m:{label}" for label in avoid_labels) or "false"
    return (
        f"{seeded(labels)} MATCH (n)-[r:{types_pattern(types)}]-(m) WHERE {_VALID_AT} WITH DISTINCT m "
        f"WHERE NOT m.id IN $exclude AND (m.id IN $allow OR NOT ({avoided})) "
        "RETURN m.id AS id ORDER BY id LIMIT $limit"
    )


def links_among(labels: Collection[str], types: Collection[str]) -> str:
    """Return the links from the seeded nodes to those of $all, by id."""
    return (
        f"{seeded(labels)} MATCH (n)-[r:{types_pattern(types)}]->(m) "
        f"WHERE m.id IN $all AND {_VALID_AT} "
        f"RETURN {LINK} ORDER BY id"
    )


def shared_nodes(label: str, *, of_holders: bool) -> str:
    """Return a page of shared nodes held by two to $max persons, by id, of $holders only if asked."""
    start = (
        f"MATCH (p:Person) WHERE p.id IN $holders MATCH (p)-[:{types_pattern(HOLDING_TYPES)}]->(n:{label})"
        if of_holders
        else f"MATCH (n:{label}) USING INDEX n:{label}(id)"
    )
    return (
        f"{start} WHERE n.id > $after AND n.holder_count >= 2 AND n.holder_count <= $max "
        f"RETURN DISTINCT {NODE} ORDER BY id LIMIT $page"
    )


def holder_links(label: str) -> str:
    """Return the links by which persons hold the nodes $ids, by id."""
    return (
        f"MATCH (n:{label}) WHERE n.id IN $ids MATCH (n)<-[r:{types_pattern(HOLDING_TYPES)}]-() "
        f"RETURN {LINK} ORDER BY id"
    )


def search() -> str:
    """Return the nodes whose words match $query and that carry one of $labels."""
    return (
        f"CALL db.index.fulltext.queryNodes('{WORDS_INDEX}', $query) YIELD node AS n "
        "WHERE any(label IN labels(n) WHERE label IN $labels) "
        f"RETURN {NODE} ORDER BY coalesce(n.display_name, ''), id LIMIT $limit"
    )


def scan_nodes(label: str) -> str:
    """Return a page of the nodes that carry a label, by id; read through the index of their kind."""
    kind = KIND_OF_LABEL[label].label
    return (
        f"MATCH (n:{kind}) USING INDEX n:{kind}(id) WHERE n.id > $after AND n:{label} "
        f"RETURN {NODE} ORDER BY id LIMIT $page"
    )


def scan_links(type_: str) -> str:
    """Return a page of the links of a type, by id."""
    return f"MATCH ()-[r:{type_}]->() WHERE r.id > $after RETURN {LINK} ORDER BY id LIMIT $page"


def owners_of_nodes(label: str) -> str:
    """Return a page of the owners that have a node of the kind."""
    return f"MATCH (n:{label}) WHERE n.owner > $after RETURN DISTINCT n.owner AS id ORDER BY id LIMIT $page"


def owners_of_links(type_: str) -> str:
    """Return a page of the owners that have a link of the type."""
    pattern = f"MATCH ()-[r:{type_}]->() WHERE r.owner > $after"
    return f"{pattern} RETURN DISTINCT r.owner AS id ORDER BY id LIMIT $page"


def counts() -> str:
    """Return how many nodes of each kind and links of each type there are, from the count store."""
    nodes = (
        f"MATCH (n:{kind.label}) WITH count(n) AS number RETURN '{kind.label}' AS name, number"
        for kind in NODE_KINDS
    )
    links = (
        f"MATCH ()-[r:{kind.type}]->() WITH count(r) AS number RETURN '{kind.type}' AS name, number"
        for kind in RELATIONSHIP_TYPES
    )
    return " UNION ALL ".join((*nodes, *links))


def sequence() -> str:
    """Return the sequence last applied."""
    return f"MATCH (s:{STATE_LABEL} {{id: 'graph'}}) RETURN s.sequence AS sequence"


def owned_kinds() -> list[NodeKind]:
    """Return the kinds whose nodes have an owner."""
    return [kind for kind in NODE_KINDS if not kind.shared]


def read_catalogue() -> dict[str, str]:
    """Return one text of every read query but counts, for the test that none of them scans a label."""
    kinds = list(NODE_KIND)
    types = [kind.type for kind in RELATIONSHIP_TYPES]
    starts = [kind.label for kind in owned_kinds()]
    return {
        "get": get_nodes(kinds),
        "neighbours": neighbour_links("Person", types),
        "ring": ring(kinds, types, ("Staff", "Organisation")),
        "links_among": links_among(starts, types),
        "shared": shared_nodes("Address", of_holders=False),
        "shared of holders": shared_nodes("Address", of_holders=True),
        "holder_links": holder_links("Address"),
        "search": search(),
        "scan kind": scan_nodes("Person"),
        "scan extra label": scan_nodes("Staff"),
        "scan_links": scan_links("LIVES_AT"),
        "owners_of_nodes": owners_of_nodes("SourceRecord"),
        "owners_of_links": owners_of_links("LIVES_AT"),
        "sequence": sequence(),
    }
