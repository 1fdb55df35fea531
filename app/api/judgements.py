"""Doubtful matches: the next one to look at, and a human's word on two records."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.documentation import problems
from app.errors import Absent, Problem
from app.messages import JudgementReceipt, JudgementRequest, ReviewView
from app.queries import review
from app.queries.identity import record_key
from app.security.audited import AuditedRoute, Looking, TheKith, policy
from app.security.roles import Action

router = APIRouter(prefix="/v1", tags=["Review"], route_class=AuditedRoute)


@router.get("/review/next", responses=problems(400, 401, 403, 422, 429, 503))
@policy(Action.REVIEW)
def get_next(
    kith: TheKith, look: Looking, after: Annotated[str | None, Query(max_length=60)] = None
) -> ReviewView:
    """Return the next possible match that waits for a human; `after` skips those already seen."""
    return look.show(review.following(kith, after))


@router.post("/judgements", responses=problems(400, 401, 403, 404, 409, 422, 429, 503))
@policy(Action.JUDGE)
def post_judgement(kith: TheKith, look: Looking, request: JudgementRequest) -> JudgementReceipt:
    """Say that two records are one person, or two; it outranks every weight and survives a rebuild."""
    left, right = record_key(request.left), record_key(request.right)
    if left == right:
        raise Problem("invalid", "left and right are the same record; name two")
    try:
        return kith.pipeline.judge(left, right, request.same, look.actor, request.reason, look.committing())
    except KeyError as error:
        raise Absent from error
