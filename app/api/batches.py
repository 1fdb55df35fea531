"""Push many at once: NDJSON in, a line's answer a line, in order; good lines are kept."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Response

from app.api.bodies import Lines
from app.api.documentation import batch_body, problems
from app.api.pushes import Pushed, read_event, read_record
from app.errors import TYPE_PREFIX, Problem, problem_of
from app.ingest.mapping import Mapping
from app.messages import LineProblem, Message, Receipt
from app.queries.sources import mapping_of
from app.security.audited import AuditedRoute, Look, Looking, TheKith, policy
from app.security.body import strict_json
from app.security.roles import Action, authorize
from app.wiring import Kith
from ledger.ledger import Session

router = APIRouter(prefix="/v1", tags=["Batches"], route_class=AuditedRoute)

Read = Callable[[Mapping | None, str, str, object], Any]
Write = Callable[[Sequence[Any]], list[Receipt | Exception]]


@router.post(
    "/records:batch",
    response_class=Response,
    responses=problems(400, 401, 403, 413, 415, 422, 429, 503),
    openapi_extra=batch_body("RecordBody"),
)
@policy(Action.PUSH, batch=True)
def put_records(kith: TheKith, look: Looking, lines: Lines) -> Response:
    """Push records, one JSON object a line: the canonical body with `source` and `id` beside it."""
    entry = look.committing()
    return _batch(
        kith, look, lines, read_record, partial(kith.pipeline.put_records, actor=look.actor, audit=entry)
    )


@router.post(
    "/events:batch",
    response_class=Response,
    responses=problems(400, 401, 403, 413, 415, 422, 429, 503),
    openapi_extra=batch_body("EventBody"),
)
@policy(Action.PUSH, batch=True)
def put_events(kith: TheKith, look: Looking, lines: Lines) -> Response:
    """Push events, one JSON object a line: the canonical body with `source` and `id` beside it."""
    entry = look.committing()
    return _batch(
        kith, look, lines, read_event, partial(kith.pipeline.put_events, actor=look.actor, audit=entry)
    )


def _batch(kith: Kith, look: Look, lines: Sequence[bytes], read: Read, write: Write) -> Response:
    with kith.ledger.read() as session:
        rows = [_row(session, look, line, read) for line in lines]
    good = [row for row in rows if not isinstance(row, Exception)]
    written = iter(write(good))
    answers: list[Receipt | Exception] = [
        row if isinstance(row, Exception) else next(written) for row in rows
    ]
    body = "".join(_line(place, answer).model_dump_json() + "\n" for place, answer in enumerate(answers, 1))
    return Response(body, media_type="application/x-ndjson")


def _row(session: Session, look: Look, line: bytes, read: Read) -> Pushed | Exception:
    """Return what one line says, or what is wrong with it."""
    try:
        body = strict_json(line)
        if not isinstance(body, dict):
            raise Problem("invalid", "a line is one JSON object")
        source, id_ = body.pop("source", None), body.pop("id", None)
        if not isinstance(source, str) or not isinstance(id_, str):
            raise Problem("invalid", "a line names its `source` and its `id`, both text")
        decision = authorize(look.principal, Action.PUSH, source)
        if not decision.allowed:
            raise Problem("forbidden", decision.reason)
        pushed: Pushed = read(mapping_of(session, source), source, id_, body)
        return pushed
    except Exception as error:
        return error


def _line(place: int, answer: Receipt | Exception) -> Message:
    if isinstance(answer, Receipt):
        return answer
    problem = problem_of(answer)
    return LineProblem(
        type=TYPE_PREFIX + problem.kind,
        title=problem.title,
        status=problem.status_code,
        detail=str(problem.detail),
        errors=problem.members.get("errors", []),
        line=place,
    )
