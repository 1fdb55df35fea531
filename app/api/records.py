"""Push, read and delete person records."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.bodies import JsonObject
from app.api.catching_up import Follows, after
from app.api.documentation import RECEIPT, RECORD_BODY, problems
from app.api.moments import BOTH, AtTime
from app.api.pushes import read_record
from app.errors import Absent
from app.messages import DryRunView, Receipt, RecordView
from app.queries import entities
from app.queries.sources import mapping_of
from app.security.audited import AuditedRoute, Looking, TheKith, policy
from app.security.roles import Action
from resolvers.domain import RecordKey
from resolvers.features import extract

router = APIRouter(prefix="/v1/records", tags=["Records"], route_class=AuditedRoute)


@router.put(
    "/{source}/{id:path}",
    responses={200: RECEIPT, **problems(400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 503)},
    openapi_extra=RECORD_BODY,
)
@policy(Action.PUSH)
def put_record(
    kith: TheKith, look: Looking, source: str, id: str, body: JsonObject, dry_run: bool = False
) -> Receipt | DryRunView:
    """Add or replace one record; it is a person with links and findings when this answers.

    Idempotent: the same content again is `duplicate`, an older version `stale`. `dry_run` writes nothing.
    """
    with kith.ledger.read() as session:
        mapping = mapping_of(session, source)
    record, version = read_record(mapping, source, id, body)
    if not dry_run:
        return kith.pipeline.put_record(record, version, look.actor, look.committing())
    with kith.ledger.look() as session:
        numbers = session.records.numbers([record.key]).values()
        known = session.identity.entity_of(list(numbers))
    features = {
        column: [value if isinstance(value, str) else " ".join(filter(None, value)) for value in values]
        for column, values in extract(record).columns
    }
    entity_id = next(iter(known.values()), None)
    return look.show(
        DryRunView(source=source, id=id, version=version, features=features, known_entity_id=entity_id),
        *known.values(),
    )


@router.get(
    "/{source}/{id:path}",
    dependencies=[after(Follows.LEDGER)],
    responses=problems(400, 401, 403, 404, 410, 422, 429, 503),
)
@policy(Action.READ_PERSON, at=BOTH)
def get_record(
    kith: TheKith, look: Looking, response: Response, source: str, id: str, when: AtTime
) -> RecordView:
    """Return one record as its source last said it, and the entity it belongs to."""
    view: RecordView = look.show(entities.record(kith, RecordKey(source, id), when))
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.delete(
    "/{source}/{id:path}", responses={200: RECEIPT, **problems(401, 403, 404, 409, 410, 422, 429, 503)}
)
@policy(Action.PUSH)
def delete_record(
    kith: TheKith, look: Looking, source: str, id: str, version: Annotated[int | None, Query(ge=1)] = None
) -> Receipt:
    """Delete one record: a versioned tombstone, so that a late older push cannot bring it back."""
    try:
        return kith.pipeline.delete_record(RecordKey(source, id), version, look.actor, look.committing())
    except KeyError as error:
        raise Absent from error
