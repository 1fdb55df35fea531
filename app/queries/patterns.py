"""The catalogue of patterns, and runs of them: about somebody at once, over everybody as a job."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import partial
from inspect import getdoc
from typing import Any, cast

from app import detector
from app.errors import Absent, Problem
from app.messages import (
    FindingSummary,
    FindingView,
    PatternsView,
    PatternView,
    RunRequest,
    RunView,
    SubjectView,
)
from app.queries import findings
from app.queries.identity import current_entity, staff_among
from app.queries.jobs import Job, Jobs
from app.queries.outcomes import StaffCount, outcomes
from app.queries.sources import freshness
from app.wiring import Kith
from ledger.ledger import Session
from patterns.finding import Finding
from patterns.pattern import Pattern, Scope, View

MOST_FINDINGS = 200
"""Findings in one answer; more are cut, and the answer says so."""


def catalogue(kith: Kith, counted: StaffCount) -> PatternsView:
    """Return every pattern, by id, with what became of its findings."""
    with kith.ledger.look() as session:
        return PatternsView(
            items=[pattern_view(kith, session, kith.patterns[id_], counted) for id_ in sorted(kith.patterns)]
        )


def pattern_view(kith: Kith, session: Session, pattern: Pattern, counted: StaffCount) -> PatternView:
    """Return what a pattern asks, needs and tests, and what became of its findings."""
    return PatternView(
        outcomes=outcomes(kith, session, pattern.id, counted) if pattern.writes_findings else None,
        id=pattern.id,
        version=pattern.version,
        title=pattern.title,
        question=pattern.question,
        categories=list(pattern.categories),
        data_needed=list(pattern.data_needed),
        parameters=[
            {"name": one.name, "default": one.default, "unit": one.unit, "meaning": one.meaning}
            for one in pattern.parameters
        ],
        explanations=[{"id": one.id, "title": one.title} for one in pattern.explanations],
        refuter=pattern.refuter,
        writes_findings=pattern.writes_findings,
        documentation=getdoc(type(pattern)) or "",
    )


def run(kith: Kith, jobs: Jobs[RunView], pattern_id: str, request: RunRequest) -> RunView:
    """Run a pattern: about somebody at once (nothing is kept), over everybody as a job.

    A run over everybody with nothing set otherwise keeps what it finds; any other only shows it.
    Raises: Absent (pattern or person), Problem (a threshold or date that is none).
    """
    pattern = _pattern(kith, pattern_id)
    scope = _scope(kith, pattern, request)
    if scope.about is not None:
        return _look(kith, pattern, scope)
    keeps = pattern.writes_findings and scope == Scope()
    job = jobs.start(pattern_id, partial(_keep if keeps else _look, kith, pattern, scope))
    return progress(kith, jobs, pattern_id, job.id)


def progress(kith: Kith, jobs: Jobs[RunView], pattern_id: str, job_id: str) -> RunView:
    """Return how far a job is, with its answer once it is done. Raises: Absent."""
    job = jobs.get(job_id, pattern_id)
    if job.result is not None:
        with kith.ledger.look() as session:
            since = job.result.sequence
            if session.erasures.since(since) or session.restrictions.since(since):
                raise Absent  # what it holds in memory may name who was erased or is withheld
        return job.result.model_copy(update={"job_id": job_id, "progress": 1.0})
    with kith.ledger.look() as session:
        return RunView(
            pattern=pattern_id,
            status=job.status,
            job_id=job_id,
            progress=0.0,
            found=job.found,
            problem=job.problem,
            freshness=freshness(session),
            sequence=session.sequence(),
        )


def _pattern(kith: Kith, pattern_id: str) -> Pattern:
    if pattern_id not in kith.patterns:
        raise Absent
    return kith.patterns[pattern_id]


def _scope(kith: Kith, pattern: Pattern, request: RunRequest) -> Scope:
    known = sorted(one.name for one in pattern.parameters)
    if not request.thresholds.keys() <= set(known):
        errors = [{"field": "body.thresholds", "problem": f"this pattern has: {', '.join(known) or 'none'}"}]
        raise Problem("invalid", "a threshold is not one of this pattern's; leave it out", errors=errors)
    for name, value in (("from", request.start), ("to", request.end)):
        if value is not None and not _is_date(value):
            errors = [{"field": f"body.{name}", "problem": "no date; write YYYY-MM-DD"}]
            raise Problem("invalid", "a date cannot be read", errors=errors)
    if request.start is not None and request.end is not None and request.end < request.start:
        errors = [{"field": "body.to", "problem": "is before `from`"}]
        raise Problem("invalid", "the dates are the wrong way round", errors=errors)
    _check_sources(kith, request.sources or ())
    about = None
    if request.about is not None:
        with kith.ledger.look() as session:
            about = frozenset(current_entity(session, entity_id) for entity_id in request.about)
    return Scope(
        about=about,
        start=request.start,
        end=request.end,
        unit=request.unit,
        sources=None if request.sources is None else frozenset(request.sources),
        parameters=request.thresholds,
    )


def _check_sources(kith: Kith, named: Collection[str]) -> None:
    """Refuse a source that is not there: a misspelt one would give no findings without a word."""
    with kith.ledger.look() as session:
        known = sorted(row.source for row in freshness(session))
    if not set(named) <= set(known):
        errors = [{"field": "body.sources", "problem": f"there are: {', '.join(known) or 'none yet'}"}]
        raise Problem("invalid", "a source is not one of those known here", errors=errors)


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _look(kith: Kith, pattern: Pattern, scope: Scope, job: Job[RunView] | None = None) -> RunView:
    """Return what the pattern says in this scope, explained findings apart; keep nothing."""
    with kith.ledger.look() as session:
        found = detector.look(session, kith.graph, [_watched(pattern, job)], scope)
        raised = [finding for finding in found if not finding.explained]
        explained = [finding for finding in found if finding.explained]
        return RunView(
            pattern=pattern.id,
            status="done",
            findings=[_view(kith, session, finding) for finding in raised[:MOST_FINDINGS]],
            explained=[_view(kith, session, finding) for finding in explained[:MOST_FINDINGS]],
            truncated=max(len(raised), len(explained)) > MOST_FINDINGS,
            found=len(raised),
            freshness=freshness(session),
            sequence=session.sequence(),
        )


def _keep(kith: Kith, pattern: Pattern, scope: Scope, job: Job[RunView]) -> RunView:
    """Run over everybody and keep what is found; return the pattern's findings as kept."""
    kith.pipeline.detect(kith.graph, [_watched(pattern, job)], scope)
    page = findings.page(kith, findings.Wanted(pattern=pattern.id), limit=MOST_FINDINGS)
    kept = [findings.finding(kith, row.id) for row in page.items]
    with kith.ledger.look() as session:
        return RunView(
            pattern=pattern.id,
            status="done",
            findings=[view for view in kept if view.state != "withdrawn"],
            explained=[view for view in kept if view.state == "withdrawn"],
            truncated=page.next is not None,
            found=page.total,
            freshness=freshness(session),
            sequence=session.sequence(),
        )


def _view(kith: Kith, session: Session, finding: Finding) -> FindingView:
    """Return what a pattern said as a finding, with the state of the kept one where there is one."""
    row = session.findings.get(finding.id)
    if row is not None:
        (kept,) = findings.summaries(session, [row], kith.patterns)
    else:
        pattern, now = kith.patterns[finding.pattern], kith.ledger.now()
        staff = staff_among(session, [subject.entity_id for subject in finding.subjects])
        kept = FindingSummary(
            id=finding.id,
            pattern=finding.pattern,
            pattern_title=pattern.title,
            title=finding.title,
            severity=finding.severity.value,
            state="provisional",
            subjects=[
                SubjectView(
                    role=one.role, entity_id=one.entity_id, name=one.name, staff=one.entity_id in staff
                )
                for one in finding.subjects
            ],
            evidence_count=len(finding.evidence),
            created_at=now,
            updated_at=now,
            version=0,
        )
    return findings.whole(finding, kept, findings.drawing(kith.graph, finding), {})


class _Watched:
    """A pattern that counts what it finds for whoever watches its job."""

    def __init__(self, pattern: Pattern, job: Job[RunView]) -> None:
        self._pattern = pattern
        self._job = job

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pattern, name)

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield what the pattern yields."""
        found: Iterable[Finding] = self._pattern.run(view, scope)
        for finding in found:
            self._job.found += 1
            yield finding


def _watched(pattern: Pattern, job: Job[RunView] | None) -> Pattern:
    return pattern if job is None else cast(Pattern, _Watched(pattern, job))
