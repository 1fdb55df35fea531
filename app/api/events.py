"""Push, read and delete events."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.bodies import JsonObject
from app.api.catching_up import Follows, after
from app.api.documentation import EVENT_BODY, RECEIPT, problems
from app.api.pushes import read_event
from app.errors import Absent
from app.messages import DryRunView, EventView, Receipt
from app.queries import entities
from app.queries.sources import mapping_of
from app.security.audited import AuditedRoute, Looking, TheKith, policy
from app.security.roles import Action
from ledger.event import EventKey

router = APIRouter(prefix="/v1/events", tags=["Events"], route_class=AuditedRoute)


@router.put(
    "/{source}/{id:path}",
    responses={200: RECEIPT, **problems(400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 503)},
    openapi_extra=EVENT_BODY,
)
@policy(Action.PUSH)
def put_event(
    kith: TheKith, look: Looking, source: str, id: str, body: JsonObject, dry_run: bool = False
) -> Receipt | DryRunView:
    """Add or replace one event; participants whose records are not there yet are linked when they arrive."""
    with kith.ledger.read() as session:
        mapping = mapping_of(session, source)
    event, version = read_event(mapping, source, id, body)
    if dry_run:
        return look.show(DryRunView(source=source, id=id, version=version, features={}))
    return kith.pipeline.put_event(event, version, look.actor, look.committing())


@router.get(
    "/{source}/{id:path}",
    dependencies=[after(Follows.LEDGER)],
    responses=problems(400, 401, 403, 404, 410, 422, 429, 503),
)
@policy(Action.READ_PERSON)
def get_event(kith: TheKith, look: Looking, response: Response, source: str, id: str) -> EventView:
    """Return one event as its source last said it, with the entities that took part."""
    view: EventView = look.show(entities.event(kith, EventKey(source, id)))
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.delete(
    "/{source}/{id:path}", responses={200: RECEIPT, **problems(401, 403, 404, 409, 410, 422, 429, 503)}
)
@policy(Action.PUSH)
def delete_event(
    kith: TheKith, look: Looking, source: str, id: str, version: Annotated[int | None, Query(ge=1)] = None
) -> Receipt:
    """Delete one event: a versioned tombstone."""
    try:
        return kith.pipeline.delete_event(EventKey(source, id), version, look.actor, look.committing())
    except KeyError as error:
        raise Absent from error
