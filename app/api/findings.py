"""Findings: questions for a named human, and what humans decided on them."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Response

from app.api.catching_up import Follows, after
from app.api.documentation import problems
from app.api.moments import KnownAt
from app.errors import Absent, Problem
from app.messages import DispositionRequest, FindingsView, FindingView, ReplyRequest
from app.queries import findings
from app.queries.pack import pack
from app.security.audited import AuditedRoute, Look, Looking, TheKith, policy
from app.security.roles import Action
from app.wiring import Kith

router = APIRouter(prefix="/v1/findings", tags=["Findings"], route_class=AuditedRoute)

DECISIONS = frozenset({"in_review", "need_info", "innocent", "wrong_data", "escalated", "not_reviewed"})
"""States that a human may set; the others are the patterns' own."""

Text = Annotated[str | None, Query(max_length=200)]


@router.get("", dependencies=[after(Follows.FINDINGS)], responses=problems(400, 401, 403, 422, 429, 503))
@policy(Action.READ_FINDING, at=("known_at",))
def get_findings(
    kith: TheKith,
    look: Looking,
    state: Text = None,
    severity: Text = None,
    pattern: Text = None,
    entity: Text = None,
    q: Text = None,
    queue: Annotated[Literal["week", "waiting"] | None, Query()] = None,
    cursor: Text = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    known_at: KnownAt = None,
) -> FindingsView:
    """Return findings, the most severe first, then the newest; `queue` alone: this week's, or the waiting."""
    if queue is not None:
        if any((state, severity, pattern, entity, q)):
            raise Problem("invalid", "`queue` takes no other filter; leave it out to filter")
        return look.show(findings.queue(kith, queue, cursor, limit))
    wanted = findings.Wanted(state, severity, pattern, entity, q)
    return look.show(findings.page(kith, wanted, cursor, limit, known_at))


@router.get(
    "/{finding_id}",
    dependencies=[after(Follows.FINDINGS)],
    responses=problems(400, 401, 403, 404, 410, 422, 429, 503),
)
@policy(Action.READ_FINDING, at=("known_at",))
def get_finding(
    kith: TheKith, look: Looking, response: Response, finding_id: str, known_at: KnownAt = None
) -> FindingView:
    """Return one finding whole; its ETag is what a decision names in If-Match."""
    view = look.show(findings.finding(kith, finding_id, known_at))
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.get(
    "/{finding_id}/pack",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}, **problems(401, 403, 404, 429, 503)},
)
@policy(Action.EXPORT)
def get_pack(kith: TheKith, look: Looking, finding_id: str) -> Response:
    """Return the evidence pack, a zip read without Kith; the audit keeps who made it and its SHA-256."""
    return packed(kith, look, finding_id)


@router.post("/{finding_id}/dispositions", responses=problems(400, 401, 403, 404, 412, 422, 428, 429, 503))
@policy(Action.DISPOSE)
def post_disposition(
    kith: TheKith,
    look: Looking,
    response: Response,
    finding_id: str,
    request: DispositionRequest,
    if_match: Annotated[str | None, Header(max_length=40)] = None,
) -> FindingView:
    """Decide on a finding, with a reason; the decision is kept for good in its history."""
    if request.state not in DECISIONS:
        detail = f"state is one of {', '.join(sorted(DECISIONS))}"
        raise Problem("invalid", detail, errors=[{"field": "body.state", "problem": detail}])
    try:
        kith.pipeline.dispose(
            finding_id,
            request.state,
            request.reason,
            look.actor,
            expected_version=version_of(if_match),
            audit=look.committing(),
        )
    except KeyError as error:
        raise Absent from error
    view = findings.finding(kith, finding_id)
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.post("/{finding_id}/replies", responses=problems(400, 401, 403, 404, 422, 429, 503))
@policy(Action.DISPOSE)
def post_reply(kith: TheKith, look: Looking, finding_id: str, request: ReplyRequest) -> FindingView:
    """Put on file what a subject of the finding answered; it is shown with the finding from then on."""
    reply(kith, look, finding_id, request.text, request.received_on)
    return findings.finding(kith, finding_id)


def reply(kith: Kith, look: Look, finding_id: str, text: str, received_on: str) -> None:
    """Keep a reply, audited in the same commit. Raises: Absent, Problem (no such day)."""
    try:
        date.fromisoformat(received_on)
    except ValueError as error:
        errors = [{"field": "body.received_on", "problem": "no date; write YYYY-MM-DD"}]
        raise Problem("invalid", "a date cannot be read", errors=errors) from error
    try:
        kith.pipeline.reply(finding_id, text, received_on, look.actor, audit=look.committing())
    except KeyError as error:
        raise Absent from error


def packed(kith: Kith, look: Look, finding_id: str) -> Response:
    """Make the pack of a finding, noting in the look whom it shows and which file it is."""
    made = pack(kith, finding_id, look.actor)
    look.show(made.view, made.sha256)
    headers = {
        "Content-Disposition": f'attachment; filename="{made.file_name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(made.content, media_type="application/zip", headers=headers)


def version_of(if_match: str | None) -> int:
    """Return the version that If-Match names. Raises: Problem if-match-required, if-match-stale."""
    if if_match is None:
        detail = "read the finding and send its ETag as If-Match, so that nobody's decision is overwritten"
        raise Problem("if-match-required", detail)
    digits = if_match.strip().removeprefix("W/").strip('"')
    if not digits.isdecimal() or len(digits) > 15:
        raise Problem("if-match-stale", "If-Match is no ETag of this finding: read it again, then decide")
    return int(digits)
