"""Is each copy of the truth sound? A row a copy: sequence, counts, digest, lag, and what mends it."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from app.analyst_graph import analyst_patches, open_analyst_graph
from app.messages import CopyRow
from app.rebuilding import live_features
from app.shadow import partition
from app.wiring import Kith
from graph_schema.nodes import NODE_KIND
from graph_schema.rebuild import rebuild
from graph_schema.relationships import RELATIONSHIP_TYPE, Patch
from graph_schema.store import GraphStore, StoreError, StoreUnavailable
from graph_schema.stores import open_store
from ledger.ledger import Session
from resolvers.blocking import blocking_keys
from resolvers.domain import partition_digest


def examine(kith: Kith) -> list[CopyRow]:
    """Return a row for each copy: ledger, persons, graph, frames, outbox, and the analysts' if one is set.

    Persons and graph are made again from the ledger beside the kept ones, so that a difference shows whatever
    caused it; this takes as long as a rebuild and changes nothing.
    """
    problems: dict[str, list[str]] = {"persons": [], "segment": []}
    for problem in kith.ledger.check():
        problems.setdefault(problem.partition(" ")[0].rstrip(":"), []).append(problem)
    made, segments = problems.pop("persons"), problems.pop("segment")
    with kith.ledger.read() as session:
        rows = [
            _ledger(kith, session, [problem for found in problems.values() for problem in found]),
            _persons(kith, session, made),
            _graph(kith, session),
            _frames(kith, session, segments),
            _outbox(kith, session),
        ]
        analysts = _analysts(kith, session)
    return rows if analysts is None else [*rows, analysts]


def _ledger(kith: Kith, session: Session, problems: list[str]) -> CopyRow:
    counts = {
        "records": session.records.count(),
        "events": session.events.count(),
        "judgements": len(session.judgements.all()),
        "findings": session.findings.count({}),
    }
    return CopyRow(
        copy_of="ledger",
        sequence=session.sequence(),
        counts=counts,
        digest=None,
        lag=0,
        sound=not problems,
        problem="; ".join(problems[:5]) or None,
        repair=_restore(kith) if problems else None,
    )


def _persons(kith: Kith, session: Session, problems: list[str]) -> CopyRow:
    """Compare persons, features and blocking keys with those that resolution makes of the live records."""
    kept, lag = session.identity.partition_digest(), session.resolution.redo_length()
    made, differing = _partition(kith, session)
    problem = "; ".join(problems) or None
    if kept != made:
        problem = "the persons are not those that the records, judgements and model give"
    elif differing:
        problem = f"features or blocking keys of {differing:,} records are not those of their content"
    return CopyRow(
        copy_of="persons",
        sequence=session.sequence(),
        counts={"persons": session.identity.count()},
        digest=kept,
        lag=lag,
        sound=problem is None,
        problem=problem,
        repair=_command(kith, "rebuild") if problem else None,
    )


def _partition(kith: Kith, session: Session) -> tuple[str, int]:
    """Return the digest of the partition made afresh, and how many records have other features or keys."""
    model = kith.pipeline.model(session)
    puts = list(live_features(session))
    keys = {number: key for number, key, _ in puts}
    features, blocking = session.resolution.features(keys), session.resolution.blocking_keys(keys)
    differing = sum(
        features.get(number) != values or set(blocking.get(number, ())) != set(blocking_keys(values, model))
        for number, _, values in puts
    )
    clusters = partition(session, model, puts)
    return partition_digest([keys[number] for number in cluster] for cluster in clusters), differing


def _graph(kith: Kith, session: Session) -> CopyRow:
    """Compare the graph with a projection of the ledger into an empty store."""
    name = "embedded graph" if kith.settings.neo4j_url is None else "neo4j graph"
    everything = kith.pipeline.effects.projector.everything(session)
    return _compared(kith, name, kith.graph, everything, session.outbox.length(), _command(kith, "rebuild"))


def _analysts(kith: Kith, session: Session) -> CopyRow | None:
    """Compare the analysts' graph likewise; it lags by what was written since `kith bloom` filled it."""
    repair = _command(kith, "bloom")
    try:
        store = open_analyst_graph(kith.settings)
        if store is None:
            return None
        lag = session.sequence() - store.sequence()
    except StoreError as error:
        return _unanswered(kith, "analysts' graph", error, 0, repair)
    try:
        told = analyst_patches(session, kith.pipeline.effects.projector)
        return _compared(kith, "analysts' graph", store, told, lag, repair)
    finally:
        store.close()


def _compared(
    kith: Kith, name: str, graph: GraphStore, told: Iterable[Patch], lag: int, repair: str
) -> CopyRow:
    """Return the row of a graph; one that lags is sound, since it is known to be older than the ledger."""
    try:
        sequence, counts, digest = graph.sequence(), dict(graph.counts()), graph.digest()
    except StoreError as error:
        return _unanswered(kith, name, error, lag, repair)
    problem = next(iter(graph.check()), None)
    if problem is None and lag == 0 and digest != _drawn(told):
        problem = "the graph is not what the ledger gives"
    return CopyRow(
        copy_of=name,
        sequence=sequence,
        counts={
            "nodes": sum(number for kind, number in counts.items() if kind in NODE_KIND),
            "links": sum(number for kind, number in counts.items() if kind in RELATIONSHIP_TYPE),
        },
        digest=digest,
        lag=lag,
        sound=problem is None,
        problem=problem,
        repair=repair if problem else None,
    )


def _unanswered(kith: Kith, name: str, error: StoreError, lag: int, repair: str) -> CopyRow:
    """Return the row of a graph that cannot be read."""
    if isinstance(error, StoreUnavailable):
        repair = "start the server, then: " + _command(kith, "doctor")
    return CopyRow(
        copy_of=name,
        sequence=None,
        counts={},
        digest=None,
        lag=lag,
        sound=False,
        problem=str(error),
        repair=repair,
    )


def _drawn(told: Iterable[Patch]) -> str:
    """Return the digest of a graph drawn afresh, in a passing store of its own."""
    with tempfile.TemporaryDirectory(prefix="kith-doctor-") as folder:
        store = open_store(str(Path(folder) / "graph.db"))
        try:
            rebuild(store, told, 1)
            return store.digest()
        finally:
            store.close()


def _frames(kith: Kith, session: Session, problems: list[str]) -> CopyRow:
    return CopyRow(
        copy_of="frames",
        sequence=session.sequence(),
        counts={"segments": len(session.segments.paths()), "rows": session.segments.rows()},
        digest=None,
        lag=0,
        sound=not problems,
        problem="; ".join(problems[:5]) or None,
        repair=_restore(kith) if problems else None,
    )


def _outbox(kith: Kith, session: Session) -> CopyRow:
    waiting, looking = session.outbox.length(), session.detections.length()
    stuck = kith.settings.neo4j_url is None and waiting + looking > 0
    return CopyRow(
        copy_of="outbox",
        sequence=session.sequence(),
        counts={"graph changes": waiting, "persons to look at": looking},
        digest=None,
        lag=waiting,
        sound=not stuck,
        problem="changes wait to be drawn: a load broke off, or they were for a graph at KITH_NEO4J_URL"
        if stuck
        else None,
        repair=_command(kith, "rebuild") if stuck else None,
    )


def _command(kith: Kith, name: str) -> str:
    return f"kith {name} --data {kith.settings.data}"


def _restore(kith: Kith) -> str:
    return f"kith restore BACKUP --data {kith.settings.data}"
