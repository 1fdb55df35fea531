"""The composition root: the only place that picks concrete back ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.group_commit import GroupCommit
from app.outbox import OutboxDrain
from app.pipeline import Pipeline
from app.projector import Projector
from app.settings import Settings
from app.unit_of_work import Effects, Within
from graph_schema.store import GraphStore
from graph_schema.stores import open_store
from graph_schema.stores.embedded import EmbeddedStore
from ledger.ledger import Ledger
from ledger.ledgers import open_ledger
from patterns.detection import load_patterns
from patterns.pattern import Pattern


@dataclass(frozen=True, slots=True)
class Kith:
    """The whole system, put together: what routes, page and commands are given."""

    settings: Settings
    ledger: Ledger
    graph: GraphStore
    pipeline: Pipeline
    patterns: dict[str, Pattern]

    def close(self) -> None:
        """Stop background work and release files and connections."""
        self.pipeline.close()
        self.graph.close()
        self.ledger.close()


def open_kith(settings: Settings) -> Kith:
    """Open the data folder (made if absent) and the graph the settings name.

    Raises: LedgerError (folder not usable, newer store), StoreError. A Neo4j server that is down is no
    error: pushes go on and the graph follows when it is back.
    """
    ledger = open_ledger(settings.data)
    patterns = load_patterns()
    within: Within | None = None
    if settings.neo4j_url is None:
        embedded = EmbeddedStore(str(settings.data / "kith.db"))
        within = lambda session: embedded.within(session.connection)  # noqa: E731
        graph: GraphStore = embedded
    else:
        graph = open_store(
            settings.neo4j_url,
            user=settings.neo4j_user,
            password=settings.neo4j_password.get_secret_value(),
        )
    live = [pattern for pattern in patterns.values() if pattern.live and pattern.writes_findings]
    effects = Effects(Projector(ledger.secret), within, live)
    commit = GroupCommit(ledger)
    drain = None
    if within is None:
        drain = OutboxDrain(ledger, graph, commit, effects, settings.data / "outbox.lock")
    return Kith(settings, ledger, graph, Pipeline(ledger, effects, commit, drain), dict(patterns))


@contextmanager
def running(settings: Settings) -> Iterator[Kith]:
    """Open Kith, run its background work, and close it at the end."""
    kith = open_kith(settings)
    kith.pipeline.start()
    try:
        yield kith
    finally:
        kith.close()
