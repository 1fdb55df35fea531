"""The page on which a human decides doubtful matches."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse

from app.errors import Absent, Problem
from app.queries import review
from app.queries.identity import record_key
from app.security.audited import Looking, TheKith, policy
from app.security.roles import Action
from app.ui.page_route import PageRoute
from app.ui.rendering import page
from ledger.entry import NewJudgement, Verdict
from resolvers.errors import ConflictingJudgement

router = APIRouter(route_class=PageRoute, include_in_schema=False)

DONE = {
    "same": "Recorded: the same person.",
    "different": "Recorded: different people.",
    "unsure": "Left undecided.",
}


@router.get("/review")
@policy(Action.REVIEW)
def next_pair(
    kith: TheKith,
    look: Looking,
    after: Annotated[str | None, Query(max_length=60)] = None,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show the next possible match; `after` skips those left undecided."""
    return _pair_page(kith, look, after, message=DONE.get(done))


@router.post("/review")
@policy(Action.JUDGE)
def judge(
    kith: TheKith,
    look: Looking,
    left: Annotated[str, Form(max_length=400)],
    right: Annotated[str, Form(max_length=400)],
    decision: Annotated[str, Form(max_length=20)],
    reason: Annotated[str, Form(max_length=2000)] = "",
    after: Annotated[str, Form(max_length=60)] = "",
    following: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Record that two records are, or are not, one person; undecided pairs are only passed over."""
    if decision == "unsure":
        look.show(None)
        return _onwards(following, decision)
    if decision not in DONE:
        raise Problem("invalid", "decide same, different or unsure")
    if len(reason.strip()) < 3:
        return _pair_page(
            kith, look, after or None, problem="Write what settled it, then decide.", reason=reason
        )
    new = NewJudgement(record_key(left), record_key(right), Verdict(decision), look.actor, reason.strip())
    try:
        kith.pipeline.judge(new, look.committing())
    except KeyError as error:
        raise Absent from error
    except ConflictingJudgement as error:
        look.committed = False
        return _pair_page(kith, look, after or None, problem=str(error), reason=reason)
    return _onwards(after, decision)


def _onwards(after: str, decision: str) -> Response:
    query = {"after": after, "done": decision} if after else {"done": decision}
    return RedirectResponse(f"/review?{urlencode(query)}", 303)


def _pair_page(
    kith: TheKith,
    look: Looking,
    after: str | None,
    *,
    message: str | None = None,
    problem: str | None = None,
    reason: str | None = None,
) -> Response:
    view = look.show(review.following(kith, after))
    return page(
        "review.html",
        422 if problem else 200,
        here="/review",
        actor=look.principal.name,
        pair=view.pair,
        following=view.next,
        after=after,
        message=message,
        problem=problem,
        reason=reason,
    )
