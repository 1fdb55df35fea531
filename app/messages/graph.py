"""Bodies of the graph: nodes, links, networks, paths."""

from typing import Any

from app.messages.base import Message


class LinkView(Message):
    """One link of an entity, read as a sentence."""

    id: str
    type: str
    sentence: str
    start: str
    end: str
    properties: dict[str, Any]


class NodeView(Message):
    """One node of the graph."""

    id: str
    kind: str
    labels: list[str]
    display_name: str
    properties: dict[str, Any]


class NetworkView(Message):
    """A part of the graph; `truncated` says what a cap cut."""

    nodes: list[NodeView]
    links: list[LinkView]
    truncated: bool
    cut: str | None = None


class PathView(Message):
    """One path: nodes and the links between them, and its sentence."""

    nodes: list[str]
    links: list[str]
    sentence: str
    bits: float | None = None


class PathsView(Message):
    """Shortest paths between two nodes."""

    paths: list[PathView]
    nodes: list[NodeView]
    links: list[LinkView]
    truncated: bool
