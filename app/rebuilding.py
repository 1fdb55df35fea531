"""Make everything derived again from what was said: features, edges, identities and the graph."""

from collections.abc import Callable, Iterator, Sequence

from app.judging import reopen
from app.pipeline import Pipeline
from app.projector import every_entity, every_owner
from app.resolving import resolve
from graph_schema.store import GraphStore
from ledger.ledger import Session
from resolvers.domain import RecordKey
from resolvers.features import Features, extract
from resolvers.linkage_model import LinkageModel

OWNERS_AT_ONCE = 5_000
ACTOR = "kith"

Progress = Callable[[str, int], None]


def rebuild(pipeline: Pipeline, graph: GraphStore, on_progress: Progress | None = None) -> None:
    """Re-compute partition and graph from the ledger, in one commit: same digests, same ids.

    A Neo4j graph is brought up to date owner by owner, so that unchanged nodes keep their element ids.
    """
    tell = on_progress or (lambda _stage, _done: None)

    def job(session: Session) -> None:
        _resolve_again(session, pipeline.model(session), tell)
        _project_again(session, pipeline, graph, tell)
        if pipeline.effects.within is not None:
            _take_over_queues(session, pipeline)
        session.append("rebuild", "graph", ACTOR, {})

    pipeline.run(job)
    pipeline.settle()


def promote(pipeline: Pipeline, model: LinkageModel, actor: str, on_progress: Progress | None = None) -> None:
    """Put a model in force: a ledger entry, then every pair is weighed again by it, in one commit."""
    tell = on_progress or (lambda _stage, _done: None)

    def job(session: Session) -> None:
        session.models.promote(model.to_json(), model.id, actor)
        before = set(every_entity(session))
        _resolve_again(session, model, tell)
        owners = list(every_owner(session))
        _project(session, pipeline, owners, sorted(before.difference(owners)), tell)

    pipeline.run(job)
    pipeline.settle()


def live_features(session: Session) -> Iterator[tuple[int, RecordKey, Features]]:
    """Yield number, key and features of each live record, by number, extracted afresh."""
    after = 0
    while rows := session.records.live(after):
        after = rows[-1].number
        for row in rows:
            if row.record is not None:
                yield row.number, row.key, extract(row.record)


def _resolve_again(session: Session, model: LinkageModel, tell: Progress) -> None:
    puts = list(live_features(session))
    session.resolution.clear()
    tell("records", len(puts))
    resolve(session, model, puts=puts, actor=ACTOR)
    reopen(session, model, [number for number, _, _ in puts])
    tell("persons", session.identity.count())


def _project_again(session: Session, pipeline: Pipeline, graph: GraphStore, tell: Progress) -> None:
    owners = list(every_owner(session))
    gone: list[str] = []
    within = pipeline.effects.within
    if within is not None:
        within(session).clear()
    else:
        gone = sorted(set(graph.owners()) - set(owners))
    _project(session, pipeline, owners, gone, tell)


def _project(
    session: Session, pipeline: Pipeline, owners: Sequence[str], gone: Sequence[str], tell: Progress
) -> None:
    for start in range(0, len(owners), OWNERS_AT_ONCE):
        pipeline.effects.project(session, owners[start : start + OWNERS_AT_ONCE])
        tell("graph", min(start + OWNERS_AT_ONCE, len(owners)))
    pipeline.effects.project(session, (), gone)


def _take_over_queues(session: Session, pipeline: Pipeline) -> None:
    """Do here what waited for another server's graph: changes are drawn already, persons are looked at."""
    while waiting := session.outbox.take(OWNERS_AT_ONCE):
        session.outbox.done([position for position, _ in waiting])
    while persons := session.detections.take(OWNERS_AT_ONCE):
        pipeline.effects.look(session, persons)
        session.detections.done(persons)
