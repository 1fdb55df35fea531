"""Nodes and links as messages: what is drawn, and the sentence each link is read as."""

from collections.abc import Iterable, Mapping

from app.messages import LinkView, NetworkView, NodeView
from graph_schema.nodes import Node
from graph_schema.relationships import RELATIONSHIP_TYPE, Link
from graph_schema.store import Subgraph


def network_view(subgraph: Subgraph, cut: str) -> NetworkView:
    """Return a subgraph as a message; `cut` says what a cap left out, where one did."""
    return NetworkView(
        nodes=[node_view(node) for node in subgraph.nodes],
        links=link_views(subgraph.links, subgraph.nodes),
        truncated=subgraph.truncated,
        cut=cut if subgraph.truncated else None,
    )


def node_view(node: Node) -> NodeView:
    """Return one node as a message."""
    return NodeView(
        id=node.id,
        kind=node.kind,
        labels=list(node.labels),
        display_name=display_name(node),
        properties={name: _plain(value) for name, value in sorted(node.properties.items())},
    )


def display_name(node: Node) -> str:
    """Return what a node is called on a page: its display name, else its kind."""
    return str(node.properties.get("display_name") or node.kind)


def link_views(links: Iterable[Link], nodes: Iterable[Node]) -> list[LinkView]:
    """Return links as messages, each with its sentence."""
    names = {node.id: display_name(node) for node in nodes}
    return [
        LinkView(
            id=link.id,
            type=link.type,
            sentence=sentence(link, names),
            start=link.start,
            end=link.end,
            properties={name: _plain(value) for name, value in sorted(link.properties.items())},
        )
        for link in links
    ]


def sentence(link: Link, names: Mapping[str, str]) -> str:
    """Return a link as a sentence: who, the verb, whom, in which role, and when."""
    verb = RELATIONSHIP_TYPE[link.type].sentence
    said = f"{names[link.start]} {verb.removesuffix(', in a role')} {names[link.end]}"
    role = link.properties.get("role") or link.properties.get("relation")
    if role:
        said += f" ({str(role).replace('_', ' ')})"
    return said + interval(link.properties.get("valid_from"), link.properties.get("valid_to"))


def interval(start: object, end: object) -> str:
    """Return `, from … until …` of what is known of a half-open interval, nothing of an unknown one."""
    said = ", ".join(
        f"{word} {str(value)[:10]}" for word, value in (("from", start), ("until", end)) if value is not None
    )
    return f", {said.replace(', until', ' until')}" if said else ""


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
