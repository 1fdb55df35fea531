"""Quarantine: what could not be taken, repaired and run again, or put aside."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from app.api.documentation import problems
from app.api.pushes import read_event, read_record
from app.errors import Absent
from app.messages import DismissRequest, QuarantineView, Receipt, RepairRequest
from app.queries import quarantine
from app.queries.sources import mapping_of
from app.security.audited import AuditedRoute, Look, Looking, TheKith, policy
from app.security.roles import Action, Role, authorize
from app.wiring import Kith

router = APIRouter(prefix="/v1/quarantine", tags=["Quarantine"], route_class=AuditedRoute)

Number = Annotated[int, Path(ge=1, le=2**53)]
_WRITES = problems(400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 503)


@router.get("", responses=problems(400, 401, 403, 422, 429, 503))
@policy(Action.READ_SOURCE)
def get_quarantine(
    kith: TheKith,
    look: Looking,
    source: Annotated[str | None, Query(max_length=64)] = None,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> QuarantineView:
    """Return the rows that could not be taken, with code and field; a pusher sees its own source alone."""
    only = look.principal.source if look.role == Role.PUSHER else None
    if only is not None and source not in {None, only}:
        return look.show(QuarantineView(items=[]))
    return look.show(quarantine.open_rows(kith, only or source, after))


@router.post("/{number}/repair", responses=_WRITES)
@policy(Action.PUSH)
def post_repair(kith: TheKith, look: Looking, number: Number, request: RepairRequest) -> Receipt:
    """Put what the row should have said, and close it; said twice, it is a duplicate."""
    return run_again(kith, look, number, request)


@router.post("/{number}/dismiss", status_code=204, responses=_WRITES)
@policy(Action.PUSH)
def post_dismiss(kith: TheKith, look: Looking, number: Number, request: DismissRequest) -> Response:
    """Close a row without running it again; its values are forgotten."""
    put_aside(kith, look, number, request.reason)
    return look.show(Response(status_code=204))


def own_row(kith: Kith, look: Look, number: int) -> Mapping[str, Any]:
    """Return an open row of a source to which whoever looks may push. Raises: Absent for any other."""
    row = quarantine.open_row(kith, number)
    if not authorize(look.principal, Action.PUSH, row["source"]).allowed:
        raise Absent
    return row


def run_again(kith: Kith, look: Look, number: int, request: RepairRequest) -> Receipt:
    """Put what a row should have said, and close it. Raises: Absent, BadInput, as a push."""
    row = own_row(kith, look, number)
    with kith.ledger.read() as session:
        mapping = mapping_of(session, row["source"])
    body = quarantine.corrected(row, request.body)
    if request.kind == "record":
        record, version = read_record(mapping, row["source"], request.id, body)
        receipt = kith.pipeline.put_record(record, version, look.actor, look.committing())
    else:
        event, version = read_event(mapping, row["source"], request.id, body)
        receipt = kith.pipeline.put_event(event, version, look.actor, look.committing())
    kith.pipeline.run(lambda session: session.quarantine.resolve(number, look.actor, request.reason))
    return receipt


def put_aside(kith: Kith, look: Look, number: int, reason: str) -> None:
    """Close a row without running it again. Raises: Absent."""
    own_row(kith, look, number)
    kith.pipeline.run(lambda session: session.quarantine.resolve(number, look.actor, reason))
