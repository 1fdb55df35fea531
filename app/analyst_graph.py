"""The second graph, for analysts in Neo4j Bloom: what Kith shows, without the records it was made from."""

from collections.abc import Callable, Iterator

from app.projector import Projector
from app.settings import Settings
from graph_schema.nodes import NODE_KIND
from graph_schema.rebuild import rebuild
from graph_schema.relationships import RELATIONSHIP_TYPE, Patch
from graph_schema.store import GraphStore
from graph_schema.stores import open_store
from ledger.ledger import Session


def open_analyst_graph(settings: Settings) -> GraphStore | None:
    """Return the store at `KITH_BLOOM_URL`; None where none is set. Raises: StoreError."""
    if settings.bloom_url is None:
        return None
    password = settings.bloom_password.get_secret_value()
    return open_store(settings.bloom_url, user=settings.bloom_user, password=password)


def fill(
    store: GraphStore, session: Session, projector: Projector, on_progress: Callable[[int], None]
) -> None:
    """Make the store hold what analysts may see, as of the session: a keyed diff, element ids stay.

    `on_progress` is told how many persons, events and findings are in. Raises: StoreError.
    """

    def told() -> Iterator[Patch]:
        for done, patch in enumerate(analyst_patches(session, projector), 1):
            on_progress(done)
            yield patch

    rebuild(store, told(), session.sequence())


def analyst_patches(session: Session, projector: Projector) -> Iterator[Patch]:
    """Yield what every owner contributes to the analysts' graph: no technical nodes and links."""
    for patch in projector.everything(session):
        yield Patch(
            patch.owner,
            tuple(node for node in patch.nodes if not NODE_KIND[node.kind].technical),
            tuple(link for link in patch.links if not RELATIONSHIP_TYPE[link.type].technical),
        )
