"""The canonical dump of a graph, by which stores, rebuilds and restores are compared."""

import hashlib
import json
from collections.abc import Iterable

from graph_schema.nodes import Node
from graph_schema.relationships import Link


def graph_digest(nodes: Iterable[Node], links: Iterable[Link]) -> str:
    """Return the SHA-256 (hex) of nodes and links, each given sorted by id."""
    sha = hashlib.sha256()
    for node in nodes:
        sha.update(_line([node.id, node.labels, node.properties]))
    for link in links:
        sha.update(_line([link.id, link.type, link.start, link.end, link.properties]))
    return sha.hexdigest()


def _line(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=dict)
    return text.encode() + b"\n"
