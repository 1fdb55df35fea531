"""Review: what waits for a human, and what humans decided."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.documentation import problems
from app.errors import Absent, Problem
from app.messages import (
    JudgementReceipt,
    JudgementRequest,
    ReviewView,
    UndoRequest,
    UnmergeReceipt,
    UnmergeRequest,
)
from app.queries import review
from app.queries.identity import record_key
from app.security.audited import AuditedRoute, Looking, TheKith, policy
from app.security.roles import Action
from ledger.entry import NewJudgement, Verdict

router = APIRouter(prefix="/v1", tags=["Review"], route_class=AuditedRoute)

VERDICTS = {True: Verdict.SAME, False: Verdict.DIFFERENT, None: Verdict.UNSURE}
LEAST_REASON = 3
_WRITES = problems(400, 401, 403, 404, 409, 422, 429, 503)


@router.get("/review/next", responses=problems(400, 401, 403, 422, 429, 503))
@policy(Action.REVIEW)
def get_next(
    kith: TheKith, look: Looking, after: Annotated[str | None, Query(max_length=80)] = None
) -> ReviewView:
    """Return the next question for a human, the most expected change first; `after` skips those seen."""
    return look.show(review.following(kith, after, look.actor))


@router.post("/judgements", responses=_WRITES)
@policy(Action.JUDGE)
def post_judgement(kith: TheKith, look: Looking, request: JudgementRequest) -> JudgementReceipt:
    """Say that two records are one person, or two, or that it cannot be told.

    It outranks every weight and survives a re-push and a rebuild.
    """
    left, right = record_key(request.left), record_key(request.right)
    if left == right:
        raise Problem("invalid", "left and right are the same record; name two")
    verdict, reason = VERDICTS[request.same], request.reason.strip()
    if verdict.binds and len(reason) < LEAST_REASON:
        raise Problem("invalid", "a decision needs its reason: say what settled it in `reason`")
    new = NewJudgement(left, right, verdict, look.actor, reason, request.version)
    try:
        return kith.pipeline.judge(new, look.committing())
    except KeyError as error:
        raise Absent from error


@router.post("/judgements/{judgement_id}/undo", responses={**_WRITES, **problems(412)})
@policy(Action.JUDGE)
def post_undo(kith: TheKith, look: Looking, judgement_id: str, request: UndoRequest) -> JudgementReceipt:
    """Take a judgement back: what was said of the pair before is in force again, and both stay on record."""
    try:
        return kith.pipeline.undo(
            judgement_id, request.version, look.actor, request.reason, look.committing()
        )
    except KeyError as error:
        raise Absent from error


@router.post("/entities/{entity_id}/unmerge", responses=_WRITES)
@policy(Action.JUDGE)
def post_unmerge(kith: TheKith, look: Looking, entity_id: str, request: UnmergeRequest) -> UnmergeReceipt:
    """Part records from the rest of a person; the receipt names every entity and finding affected."""
    keys = [record_key(text) for text in request.records]
    try:
        return kith.pipeline.unmerge(entity_id, keys, look.actor, request.reason, look.committing())
    except KeyError as error:
        raise Absent from error
    except ValueError as error:
        raise Problem("invalid", str(error)) from error
