"""Carry what changed from the ledger through the resolver to identities, within one unit of work."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ledger.entry import IdentityChange
from ledger.ledger import Session
from resolvers.components import ClusterChange
from resolvers.domain import RecordKey
from resolvers.features import Features
from resolvers.linkage_model import LinkageModel
from resolvers.resolution import redo, update

REDO_AT_ONCE = 256
"""Keys taken from the redo queue at a time."""


@dataclass(slots=True)
class Touched:
    """What one unit of work changed: identities (last word per entity) and records that changed entity."""

    identities: dict[str, IdentityChange] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)


def resolve(
    session: Session,
    model: LinkageModel,
    *,
    puts: Sequence[tuple[int, RecordKey, Features]] = (),
    deletes: Collection[int] = (),
    judged: Collection[int] = (),
    actor: str,
) -> Touched:
    """Re-compute every affected cluster, drain the redo queue, and give the clusters their ids."""
    touched = Touched()
    changes = update(session.resolution, model, puts=puts, deletes=deletes, judged=judged)
    _assign(session, changes, deletes, actor, touched)
    while session.resolution.redo_length():
        _assign(session, redo(session.resolution, model, REDO_AT_ONCE), (), actor, touched)
    return touched


def _assign(
    session: Session, changes: Sequence[ClusterChange], gone: Collection[int], actor: str, touched: Touched
) -> None:
    clusters = [cluster for change in changes for cluster in change.clusters]
    numbers = [number for cluster in clusters for number in cluster]
    before = session.identity.entity_of([*numbers, *gone])
    for identity in session.identity.assign(clusters, gone, actor):
        touched.identities[identity.entity_id] = identity
    after = session.identity.entity_of(numbers)
    touched.moved.update(number for number in numbers if before.get(number) != after.get(number))
    touched.moved.update(gone)
