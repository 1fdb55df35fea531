"""Whether Kith can answer now, and what keeps it from it."""

from app.messages import ReadyView
from app.wiring import Kith
from graph_schema.store import StoreError
from ledger.entry import LedgerError


def readiness(kith: Kith) -> ReadyView:
    """Return readiness and the queues; a graph that lags is no problem, one that is down is."""
    problems: list[str] = []
    sequence = redo = outbox = detections = 0
    try:
        with kith.ledger.read() as session:
            sequence = session.sequence()
            redo = session.resolution.redo_length()
            outbox = session.outbox.length()
            detections = session.detections.length()
    except LedgerError as error:
        problems.append(f"ledger: {error}")
    graph = "embedded" if kith.settings.neo4j_url is None else "neo4j"
    try:
        kith.graph.sequence()
    except StoreError as error:
        problems.append(f"graph: {error}")
    return ReadyView(
        ready=not problems,
        sequence=sequence,
        redo=redo,
        outbox=outbox,
        detections=detections,
        graph=graph,
        problems=problems,
    )
