"""Sources: register one, see how new each is, and what a push to it looks like."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from app.api.documentation import problems
from app.extracts import Extract, delete_absent
from app.ingest.mapping import load_mapping
from app.ingest.vocabulary import SOURCE_PATTERN
from app.messages import SnapshotReceipt, SnapshotRequest, SourceRequest, SourcesView
from app.queries import sources
from app.security.audited import AuditedRoute, Looking, TheKith, policy
from app.security.roles import Action, Role

router = APIRouter(prefix="/v1/sources", tags=["Sources"], route_class=AuditedRoute)


@router.get("", responses=problems(401, 403, 429, 503))
@policy(Action.READ_SOURCE)
def get_sources(kith: TheKith, look: Looking) -> SourcesView:
    """Return the known sources (a pusher's own alone) and how new each is."""
    only = look.principal.source if look.role == Role.PUSHER else None
    return look.show(sources.sources(kith, only))


@router.put("/{source}", responses=problems(400, 401, 403, 413, 422, 429, 503))
@policy(Action.ADMINISTER)
def put_source(
    kith: TheKith, look: Looking, source: Annotated[str, Path(pattern=SOURCE_PATTERN)], request: SourceRequest
) -> SourcesView:
    """Register a source, or change its mapping; what it pushed before stays as it is."""
    if request.mapping is not None:
        load_mapping(request.mapping)
    kith.pipeline.run(lambda session: session.sources.register(source, request.mapping, look.actor))
    return look.show(sources.sources(kith, source))


@router.post("/{source}/snapshots", responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503))
@policy(Action.PUSH, batch=True)
def post_snapshot(kith: TheKith, look: Looking, source: str, request: SnapshotRequest) -> SnapshotReceipt:
    """Say which ids a full extract holds, after pushing what it says: what is live and absent is deleted.

    Refused above one in twenty unless the count is confirmed, so that half an extract cannot empty a source.
    """
    with kith.ledger.read() as session:
        sources.mapping_of(session, source)
    extract = Extract(source, request.records, request.events, request.up_to, confirmed=request.confirm)
    return delete_absent(kith.pipeline, extract, look.actor, look.committing())


@router.get("/{source}/schema", responses=problems(401, 403, 404, 429, 503))
@policy(Action.READ_SOURCE)
def get_schema(kith: TheKith, look: Looking, source: str) -> dict[str, Any]:
    """Return the JSON Schemas of pushes: `record`, `event`, and `own_fields` where it has a mapping."""
    return look.show(sources.schema(kith, source))
