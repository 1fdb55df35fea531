"""Who and what lies around somebody."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import Absent
from app.messages import NetworkView
from app.queries.graph_views import network_view
from app.queries.identity import live_entity
from app.wiring import Kith

MOST_HOPS = 3
USUAL_NODES = 1500
MOST_NODES = 5000


@dataclass(frozen=True, slots=True)
class Around:
    """How far to look: hops, nodes at most, relationship types (None = all), and when (ISO date)."""

    hops: int = 1
    max_nodes: int = USUAL_NODES
    types: Sequence[str] | None = None
    at: str | None = None


def network(kith: Kith, node_id: str, around: Around) -> NetworkView:
    """Return what lies around a person, or around any other node of the graph.

    Raises: Absent, Merged, StoreUnavailable.
    """
    if node_id.startswith("e"):
        with kith.ledger.look() as session:
            live_entity(session, node_id)
    found = kith.graph.ego(
        [node_id], around.hops, max_nodes=around.max_nodes, types=around.types, at=around.at
    )
    if not found.nodes and not node_id.startswith("e"):
        raise Absent
    return network_view(found, f"only {around.max_nodes} nodes are shown; look at fewer hops or types")
