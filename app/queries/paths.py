"""How two people hang together: shortest paths, read as sentences, weighed in bits where that can be done."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import Absent, Problem
from app.messages import PathsView, PathView
from app.queries.graph_views import display_name, link_views, node_view, sentence
from app.queries.identity import current_entity
from app.wiring import Kith
from graph_schema.nodes import KIND_OF_LABEL
from graph_schema.relationships import Link
from graph_schema.store import GraphStore, Path
from patterns.interval import interval
from patterns.link_score import SHARING, Holding, link_score

CANDIDATES = 50
"""How many shortest paths are weighed when the weightiest are asked for."""

MOST_HOLDERS = 500
"""Links of a shared thing that are read to weigh it; a step by one of the others is not weighed."""


@dataclass(frozen=True, slots=True)
class Way:
    """Which paths are wanted: `avoid` are ids or labels, `require` ids; `by_bits` = weightiest first."""

    max_hops: int = 6
    limit: int = 10
    avoid: Sequence[str] = ()
    require: Sequence[str] = ()
    time_consistent: bool = False
    by_bits: bool = False


def paths(kith: Kith, start: str, end: str, way: Way) -> PathsView:
    """Return the paths between two nodes, fewest hops first (or weightiest first), ties by node ids.

    Raises: Absent, Problem (a node or label to avoid or pass is not there), StoreUnavailable.
    """
    with kith.ledger.look() as session:
        start, end = (current_entity(session, id_) if id_.startswith("e") else id_ for id_ in (start, end))
    if len(kith.graph.get([start, end])) < len({start, end}):
        raise Absent
    _check_stops(kith.graph, way)
    answer = kith.graph.paths(
        start,
        end,
        max_hops=way.max_hops,
        limit=CANDIDATES if way.by_bits else way.limit,
        avoid=way.avoid,
        require=way.require,
        time_consistent=way.time_consistent,
    )
    found = [_view(path) for path in answer.paths]
    if way.by_bits:
        found = _weighed(kith.graph, answer.paths, found)[: way.limit]
    shown = {id_ for view in found for id_ in view.nodes}
    nodes = {node.id: node for path in answer.paths for node in path.nodes if node.id in shown}
    walked = {id_ for view in found for id_ in view.links}
    links = {link.id: link for path in answer.paths for link in path.links if link.id in walked}
    return PathsView(
        paths=found,
        nodes=[node_view(nodes[id_]) for id_ in sorted(nodes)],
        links=link_views((links[id_] for id_ in sorted(links)), nodes.values()),
        truncated=answer.truncated,
    )


def _check_stops(graph: GraphStore, way: Way) -> None:
    """Refuse stops that are not there: a misspelt one would silently give other paths, or none."""
    known = graph.get({*way.avoid, *way.require}).keys()
    for name, absent in (
        ("avoid", set(way.avoid) - known - KIND_OF_LABEL.keys()),
        ("require", set(way.require) - known),
    ):
        if absent:
            there = f" and no label ({', '.join(sorted(KIND_OF_LABEL))})" if name == "avoid" else ""
            errors = [{"field": f"query.{name}", "problem": f"no node{there} is called so"}]
            raise Problem("invalid", "a stop of the path is not there", errors=errors)


def _view(path: Path) -> PathView:
    names = {node.id: display_name(node) for node in path.nodes}
    return PathView(
        nodes=[node.id for node in path.nodes],
        links=[link.id for link in path.links],
        sentence="; ".join(sentence(link, names) for link in path.links) or next(iter(names.values())),
    )


def _weighed(graph: GraphStore, found: Sequence[Path], views: Sequence[PathView]) -> list[PathView]:
    """Return the views with their bits, weightiest first; a path that cannot be weighed comes last."""
    known: dict[str, tuple[Link, ...]] = {}
    weighed = [
        view.model_copy(update={"bits": _bits(graph, path, known)})
        for path, view in zip(found, views, strict=True)
    ]
    return sorted(weighed, key=lambda view: (view.bits is None, -(view.bits or 0.0), view.nodes))


def _bits(graph: GraphStore, path: Path, known: dict[str, tuple[Link, ...]]) -> float | None:
    """Return the bits of a path's weakest step through a shared thing; None with other steps in it."""
    weakest: float | None = None
    for before, node, after in zip(path.nodes, path.nodes[1:], path.nodes[2:], strict=False):
        if node.kind not in SHARING:
            if before.kind not in SHARING or after.kind not in SHARING:
                return None
            continue
        if node.id not in known:
            known[node.id] = graph.neighbours(node.id, limit=MOST_HOLDERS).links
        held = _holdings(known[node.id])
        if before.id not in held or after.id not in held:
            return None
        score = link_score(node.kind, held[before.id], held[after.id], tuple(held.values()))
        weakest = score.bits if weakest is None else min(weakest, score.bits)
    return None if weakest is None else round(weakest, 3)


def _holdings(links: Sequence[Link]) -> dict[str, tuple[Holding, ...]]:
    """Return what each person (the start of such a link) is said to have held, and when."""
    held: dict[str, tuple[Holding, ...]] = {}
    for link in links:
        sources = link.properties.get("sources", ())
        span = interval(link.properties.get("valid_from"), link.properties.get("valid_to"))
        holding = Holding(span, sources if isinstance(sources, tuple) else ())
        held[link.start] = (*held.get(link.start, ()), holding)
    return held
