"""Pages of findings: the inbox, one finding with its evidence, and the decision on it."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.api.findings import packed, reply
from app.errors import Absent, Problem
from app.messages import EvidenceView, FindingView
from app.pipeline import StaleVersion
from app.queries import findings
from app.queries.outcomes import outcomes
from app.queries.sources import sources
from app.security.audited import Look, Looking, TheKith, policy
from app.security.roles import Action
from app.ui import words
from app.ui.page_route import PageRoute
from app.ui.rendering import page
from app.wiring import Kith

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ANY = "any"
QUEUES = {"week": "New findings of this week", "waiting": "New findings that wait"}
Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Tiles:
    """The numbers at the top of the inbox."""

    new: int
    in_hand: int
    innocent: int
    decided: int


def tiles(counts: dict[str, int]) -> Tiles:
    """Return the tiles from counts by state."""
    decided = [counts.get(state, 0) for state in ("innocent", "wrong_data", "escalated", "not_reviewed")]
    return Tiles(
        new=counts.get("new", 0) + counts.get("provisional", 0),
        in_hand=counts.get("in_review", 0) + counts.get("need_info", 0),
        innocent=decided[0],
        decided=sum(decided),
    )


@router.get("/")
@policy(Action.READ_FINDING)
def inbox(
    kith: TheKith,
    look: Looking,
    state: Text = "new",
    severity: Text = "",
    pattern: Text = "",
    queue: Text = "",
    cursor: Text = "",
) -> Response:
    """Show the findings that pass the filters, which stand in the address: new ones by default."""
    asked = {"state": state, "severity": severity, "pattern": pattern, "queue": queue}
    wanted = findings.Wanted(None if state == ANY else state, severity or None, pattern or None)
    if queue in QUEUES:
        view = look.show(findings.queue(kith, queue, cursor or None))
    else:
        view = look.show(findings.page(kith, wanted, cursor or None))
    every = findings.page(kith, findings.Wanted(), limit=1)
    return page(
        "findings.html",
        here="/",
        actor=look.principal.name,
        view=view,
        tiles=tiles(every.counts),
        severities=[(name, _number(kith, name)) for name in reversed(words.SEVERITIES)],
        asked=asked,
        queues=QUEUES,
        patterns=[(one.id, one.title) for one in kith.patterns.values() if one.writes_findings],
        next_url="/?" + urlencode({**asked, "cursor": view.next}) if view.next else None,
        loaded=bool(sources(kith).items),
        found=every.total,
    )


def _number(kith: TheKith, severity: str) -> int:
    return findings.page(kith, findings.Wanted(state="new", severity=severity), limit=1).total


@router.post("/findings/{finding_id}/replies")
@policy(Action.DISPOSE)
def answer(
    kith: TheKith,
    look: Looking,
    http: Request,
    finding_id: str,
    text: Annotated[str, Form(max_length=20_000)] = "",
    received_on: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Put a subject's answer on file, or show the form again with what is missing."""
    try:
        if not text.strip():
            raise Problem("invalid", "write what was answered")
        reply(kith, look, finding_id, text.strip(), received_on)
        return RedirectResponse(f"/findings/{finding_id}?done=answer", 303)
    except Problem:
        missing = "Write what was answered, and the day it came."
    view = look.show(findings.finding(kith, finding_id))
    return _finding_page(http, look, view, reply_problem=missing)


@router.get("/findings/{finding_id}")
@policy(Action.READ_FINDING)
def finding(kith: TheKith, look: Looking, http: Request, finding_id: str, done: Text = "") -> Response:
    """Show one finding whole; an id that another finding stands for leads there."""
    view = look.show(findings.finding(kith, finding_id))
    if view.id != finding_id:
        return RedirectResponse(f"/findings/{view.id}", 308)
    done_words = {"1": "Your decision is recorded.", "answer": "The answer is on file."}
    return _finding_page(http, look, view, message=done_words.get(done))


@router.get("/findings/{finding_id}/pack")
@policy(Action.EXPORT)
def pack(kith: TheKith, look: Looking, finding_id: str) -> Response:
    """Hand over the evidence pack of a finding as a file."""
    return packed(kith, look, finding_id)


@router.post("/findings/{finding_id}")
@policy(Action.DISPOSE)
def decide(
    kith: TheKith,
    look: Looking,
    http: Request,
    finding_id: str,
    state: Annotated[str, Form(max_length=20)] = "",
    reason: Annotated[str, Form(max_length=2000)] = "",
    version: Annotated[int, Form(ge=0)] = 0,
) -> Response:
    """Record a decision, or show the form again with what is missing or has changed meanwhile."""
    problem = None
    if state not in {key for key, _, _ in words.DECISIONS}:
        problem = "Choose what should happen."
    elif len(reason.strip()) < 3:
        problem = "Write the reason: it is what a later reader has."
    else:
        try:
            kith.pipeline.dispose(
                finding_id,
                state,
                reason.strip(),
                look.actor,
                expected_version=version,
                audit=look.committing(),
            )
            return RedirectResponse(f"/findings/{finding_id}?done=1", 303)
        except KeyError as error:
            raise Absent from error
        except StaleVersion:
            look.committed = False
            problem = "The finding has changed since you opened it. Read it again, then decide."
    view = look.show(findings.finding(kith, finding_id))
    return _finding_page(http, look, view, problem=problem, reason=reason)


def _finding_page(http: Request, look: Look, view: FindingView, **said: str | None) -> Response:
    """Return the page of a finding; `said` are its message, problem, reason or reply_problem."""
    kith: Kith = http.app.state.kith
    pattern = kith.patterns.get(view.pattern)
    with kith.ledger.look() as session:
        so_far = outcomes(kith, session, view.pattern, http.app.state.staff) if pattern is not None else None
    context = {"message": None, "problem": None, "reason": None, "reply_problem": None, **said}
    return page(
        "finding.html",
        422 if context["problem"] or context["reply_problem"] else 200,
        here="/",
        actor=look.principal.name,
        finding=view,
        names={node.id: node.display_name for node in view.graph.nodes}
        | {subject.entity_id: subject.name for subject in view.subjects},
        staff={node.id for node in view.graph.nodes if "Staff" in node.labels},
        weights={fact.link_id: fact.weight for fact in view.evidence if fact.link_id},
        sources=by_source(view.evidence),
        outcomes=so_far,
        outage=view.graph.cut if view.graph.truncated and not view.graph.nodes else None,
        **context,
    )


def by_source(evidence: list[EvidenceView]) -> list[tuple[str, int, str | None]]:
    """Return each source of the evidence with its number of facts and the latest of their loads, by name."""
    return [
        (source, len(facts), max((fact.recorded_at for fact in facts if fact.recorded_at), default=None))
        for source in sorted({fact.source for fact in evidence})
        for facts in [[fact for fact in evidence if fact.source == source]]
    ]
