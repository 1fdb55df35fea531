"""The page on which a human decides doubtful matches."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse

from app.errors import Absent, Problem
from app.pipeline import StaleVersion
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
    "unsure": "Recorded: not sure. It is asked again when something changes.",
    "undone": "Taken back. What was said of the pair before is in force again.",
}
LAST = r"^[a-z0-9]{1,40}\.[0-9]{1,9}$"
"""A judgement with its version, to be taken back."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says beside the question: what was done, what is wrong, and what can be taken back."""

    message: str | None = None
    problem: str | None = None
    reason: str | None = None
    last: str | None = None


@router.get("/review")
@policy(Action.REVIEW)
def next_pair(
    kith: TheKith,
    look: Looking,
    after: Annotated[str | None, Query(max_length=80)] = None,
    done: Annotated[str, Query(max_length=20)] = "",
    last: Annotated[str | None, Query(pattern=LAST)] = None,
) -> Response:
    """Show the next question; `after` skips those passed over."""
    return _pair_page(kith, look, after, Told(message=DONE.get(done), last=last))


@router.post("/review")
@policy(Action.JUDGE)
def judge(
    kith: TheKith,
    look: Looking,
    left: Annotated[str, Form(max_length=400)],
    right: Annotated[str, Form(max_length=400)],
    decision: Annotated[str, Form(max_length=20)],
    reason: Annotated[str, Form(max_length=2000)] = "",
    after: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    """Record what a human says of two records: one person, two, or not to be told."""
    if decision not in {"same", "different", "unsure"}:
        raise Problem("invalid", "decide same, different or unsure")
    verdict, reason = Verdict(decision), reason.strip()
    if verdict.binds and len(reason) < 3:
        told = Told(problem="Write what settled it, then decide.", reason=reason)
        return _pair_page(kith, look, after or None, told)
    new = NewJudgement(record_key(left), record_key(right), verdict, look.actor, reason)
    try:
        receipt = kith.pipeline.judge(new, look.committing())
    except KeyError as error:
        raise Absent from error
    except ConflictingJudgement as error:
        look.committed = False
        said = f"{error} ({' – '.join(error.chain)})"
        return _pair_page(kith, look, after or None, Told(problem=said, reason=reason))
    return _onwards(after, decision, f"{receipt.id}.{receipt.version}")


@router.post("/review/undo")
@policy(Action.JUDGE)
def undo(
    kith: TheKith,
    look: Looking,
    last: Annotated[str, Form(pattern=LAST)],
    after: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    """Take a judgement back; it stays on record."""
    judgement_id, _, version = last.partition(".")
    try:
        kith.pipeline.undo(judgement_id, int(version), look.actor, "Taken back.", look.committing())
    except KeyError as error:
        raise Absent from error
    except (StaleVersion, ConflictingJudgement) as error:
        look.committed = False
        return _pair_page(kith, look, after or None, Told(problem=f"Not taken back: {error}."))
    return _onwards(after, "undone", None)


def _onwards(after: str, done: str, last: str | None) -> Response:
    query = {"after": after, "done": done, "last": last}
    return RedirectResponse(
        f"/review?{urlencode({name: value for name, value in query.items() if value})}", 303
    )


def _pair_page(kith: TheKith, look: Looking, after: str | None, told: Told) -> Response:
    view = look.show(review.following(kith, after, look.actor))
    return page(
        "review.html",
        422 if told.problem else 200,
        here="/review",
        actor=look.principal.name,
        view=view,
        pair=view.pair,
        after=after,
        told=told,
    )
