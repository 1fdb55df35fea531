"""Findings: the list, and one whole with its evidence, its tests and its graph."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import Absent, Problem
from app.messages import (
    EvidenceView,
    ExplanationView,
    FindingSummary,
    FindingsView,
    FindingView,
    HistoryView,
    NetworkView,
    ReplyView,
    SubjectView,
)
from app.queries.graph_views import network_view
from app.queries.identity import staff_among
from app.queries.moment import knowing
from app.queries.outcomes import week, week_view
from app.wiring import Kith
from graph_schema.store import GraphStore, StoreError
from ledger.entry import Erased
from ledger.event import EventKey
from ledger.ledger import Session
from patterns.detection import from_body
from patterns.finding import Evidence, Finding, Severity, State
from patterns.pattern import Pattern
from resolvers.domain import RecordKey

MOST_DRAWN = 30
"""Nodes of the graph drawn beside a finding."""

NOT_DRAWN = "the graph does not answer; the finding and its evidence are complete without it"

NOTHING_DRAWN = NetworkView(
    nodes=[],
    links=[],
    truncated=True,
    cut="the graph shows the present; the finding and its evidence are as they were known",
)


@dataclass(frozen=True, slots=True)
class Course:
    """What happened to a finding since it was raised: its states, and what its subjects answered."""

    history: Sequence[HistoryView] = ()
    replies: Sequence[ReplyView] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings: exact state, severity, pattern or subject, and words of the title; None = any.

    Raises: Problem for a state or severity that is none.
    """

    state: str | None = None
    severity: str | None = None
    pattern: str | None = None
    entity: str | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        for name, value, known in (("state", self.state, State), ("severity", self.severity, Severity)):
            if value and value not in set(known):
                errors = [{"field": f"query.{name}", "problem": f"not one of {', '.join(known)}"}]
                raise Problem("invalid", "a filter is not one of the words taken here", errors=errors)

    def filters(self) -> dict[str, str]:
        """Return the filters that are set."""
        given = {
            "state": self.state,
            "severity": self.severity,
            "pattern": self.pattern,
            "entity": self.entity,
            "text": self.text,
        }
        return {name: value for name, value in given.items() if value}


def page(
    kith: Kith, wanted: Wanted, cursor: str | None = None, limit: int = 50, known_at: str | None = None
) -> FindingsView:
    """Return one page of findings, the most severe first, then the newest; `counts` ignore the state."""
    filters = wanted.filters()
    with knowing(kith, known_at) as session:
        try:
            rows, following = session.findings.page(filters, cursor, limit)
        except ValueError as error:
            raise Problem("malformed", "cursor: use the one that came with the page before") from error
        return _page(kith, session, filters, rows, following)


def queue(kith: Kith, wanted: str, cursor: str | None = None, limit: int = 50) -> FindingsView:
    """Return one page of new findings: those of this `week`, or those `waiting` behind its budget.

    The week's are the first ones, as many as are left of the budget; together the two are all there are.
    """
    filters = {"state": State.NEW.value}
    with kith.ledger.look() as session:
        left = week(kith, session).left
        first, behind = session.findings.page(filters, None, left) if left else ([], None)
        if wanted == "week":
            return _page(kith, session, filters, first, None)
        if left and behind is None:
            return _page(kith, session, filters, [], None)
        try:
            rows, following = session.findings.page(filters, cursor or behind, limit)
        except ValueError as error:
            raise Problem("malformed", "cursor: use the one that came with the page before") from error
        return _page(kith, session, filters, rows, following)


def _page(
    kith: Kith,
    session: Session,
    filters: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
    following: str | None,
) -> FindingsView:
    counts = {state.value: session.findings.count({**filters, "state": state.value}) for state in State}
    return FindingsView(
        week=week_view(session, week(kith, session)),
        total=session.findings.count(filters),
        next=following,
        items=summaries(session, rows, kith.patterns),
        counts={state: count for state, count in counts.items() if count},
    )


def finding(kith: Kith, finding_id: str, known_at: str | None = None) -> FindingView:
    """Return a finding whole, a redirected one followed; while the graph is down, without its drawing.

    The graph knows the present alone: a past finding is not drawn.
    Raises: Absent, Erased, Problem (a moment that is none).
    """
    with knowing(kith, known_at) as session:
        now = session.findings.follow(finding_id)
        row = session.findings.get(now) if now is not None else None
        if row is None:
            raise Absent
        if row["certificate"] is not None:
            raise Erased(row["certificate"])
        said = from_body(row["body"])
        recorded = {evidence: _recorded_at(session, evidence) for evidence in said.evidence}
        (kept,) = summaries(session, [row], kith.patterns)
        history = [
            HistoryView(at=step["at"], state=step["to"], actor=step["actor"], reason=step["reason"])
            for step in row["history"]
        ]
        replies = [ReplyView(**reply) for reply in session.findings.replies(row["id"])]
    try:
        graph = drawing(kith.graph, said) if known_at is None else NOTHING_DRAWN
    except StoreError:
        graph = NetworkView(nodes=[], links=[], truncated=True, cut=NOT_DRAWN)
    return whole(said, kept, graph, recorded, Course(history, replies))


def whole(
    said: Finding,
    kept: FindingSummary,
    graph: NetworkView,
    recorded: Mapping[Evidence, str | None],
    course: Course = Course(),
) -> FindingView:
    """Return the message of a finding from what the pattern said and what is kept of it."""
    return FindingView(
        **{name: getattr(kept, name) for name in FindingSummary.model_fields},
        sentence=said.sentence,
        numbers=dict(said.numbers),
        evidence=[evidence_view(one, recorded.get(one)) for one in said.evidence],
        explanations=[
            ExplanationView(
                id=result.id,
                title=result.title,
                outcome=result.outcome.value,
                sentence=result.sentence,
                numbers=dict(result.numbers),
            )
            for result in said.explanations
        ],
        refuter=said.refuter,
        pattern_version=said.pattern_version,
        graph=graph,
        history=list(course.history),
        replies=list(course.replies),
    )


def summaries(
    session: Session, rows: Sequence[Mapping[str, Any]], patterns: Mapping[str, Pattern]
) -> list[FindingSummary]:
    """Return the lines of kept findings, in their order."""
    staff = staff_among(
        session, {subject["entity_id"] for row in rows for subject in row["body"]["subjects"]}
    )
    return [_summary(row, patterns, staff) for row in rows]


def _summary(
    row: Mapping[str, Any], patterns: Mapping[str, Pattern], staff: Collection[str]
) -> FindingSummary:
    body = row["body"]
    pattern = patterns.get(row["pattern"])
    return FindingSummary(
        id=row["id"],
        pattern=row["pattern"],
        pattern_title=pattern.title if pattern is not None else row["pattern"],
        title=row["title"],
        severity=row["severity"],
        state=row["state"],
        subjects=[
            SubjectView(
                role=subject["role"],
                entity_id=subject["entity_id"],
                name=subject["name"],
                staff=subject["entity_id"] in staff,
            )
            for subject in body["subjects"]
        ],
        evidence_count=len(body["evidence"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        version=row["version"],
    )


def evidence_view(evidence: Evidence, recorded_at: str | None) -> EvidenceView:
    """Return one fact as a message."""
    return EvidenceView(
        origin=evidence.origin,
        source=evidence.source,
        source_id=evidence.source_id,
        sentence=evidence.sentence,
        weight=evidence.weight,
        valid_from=evidence.valid_from,
        valid_to=evidence.valid_to,
        entity_id=evidence.entity_id,
        node_id=evidence.node_id,
        link_id=evidence.link_id,
        recorded_at=recorded_at,
    )


def drawing(graph: GraphStore, said: Finding) -> NetworkView:
    """Return the subjects and the things the evidence names, and the links between them; subjects first."""
    wanted = [subject.entity_id for subject in said.subjects]
    weights = ("makes", "supports", "context")
    for evidence in sorted(said.evidence, key=lambda one: weights.index(one.weight)):
        wanted += [id_ for id_ in (evidence.node_id, evidence.entity_id) if id_ is not None]
    distinct = list(dict.fromkeys(wanted))
    found = graph.ego(distinct[:MOST_DRAWN], 0, max_nodes=MOST_DRAWN)
    view = network_view(found, "")
    if len(distinct) > MOST_DRAWN:
        view.truncated, view.cut = (
            True,
            f"{len(distinct) - MOST_DRAWN} more nodes are not drawn; open the explorer",
        )
    return view


def _recorded_at(session: Session, evidence: Evidence) -> str | None:
    if evidence.origin == "record":
        record = session.records.get(RecordKey(evidence.source, evidence.source_id))
        return record.recorded_at if record is not None else None
    event = session.events.get(EventKey(evidence.source, evidence.source_id))
    return event.recorded_at if event is not None else None
