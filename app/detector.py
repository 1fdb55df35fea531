"""Run patterns over the graph and carry what they find into the ledger."""

from collections.abc import Collection, Sequence
from typing import Any

from app.framing import frames_of
from graph_schema.store import GraphStore
from ledger.ledger import Session
from patterns.detection import Action, detect, reconcile, to_body
from patterns.finding import Finding
from patterns.pattern import Pattern, Scope, View

ACTOR = "kith"


def look(session: Session, graph: GraphStore, patterns: Sequence[Pattern], scope: Scope) -> list[Finding]:
    """Return what the patterns say in this scope, explained findings included; writes nothing."""
    view = View(graph=graph, frames=frames_of(session, scope.about), sequence=session.sequence())
    return detect(view, patterns, scope)


def keep(
    session: Session, found: Sequence[Finding], patterns: Sequence[Pattern], about: Collection[str] | None
) -> list[str]:
    """Write what changed against the findings kept so far; return the ids of the findings touched, sorted.

    `about` None = the whole population was looked at.
    """
    names = [pattern.id for pattern in patterns]
    existing = session.findings.about(about, names) if about is not None else _all(session, names)
    actions = reconcile(existing, found)
    for action in actions:
        _apply(session, action)
    return sorted({action.finding_id for action in actions})


def _all(session: Session, patterns: Sequence[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for pattern in patterns:
        after: str | None = None
        while True:
            page, after = session.findings.page({"pattern": pattern}, after, 500)
            rows.extend(dict(row) for row in page)
            if after is None:
                break
    return rows


def _apply(session: Session, action: Action) -> None:
    finding = action.finding
    if finding is not None and action.kind in {"raise", "update", "reopen"}:
        row = {
            "id": finding.id,
            "pattern": finding.pattern,
            "state": action.state,
            "severity": finding.severity.value,
            "title": finding.title,
            "body": to_body(finding),
        }
        subjects = [(subject.role, subject.entity_id) for subject in finding.subjects]
        session.findings.put(row, subjects, ACTOR)
    if action.kind in {"withdraw", "reopen"}:
        session.findings.move(action.finding_id, action.state, ACTOR, action.reason)
    if action.kind == "redirect":
        session.findings.redirect(action.finding_id, action.into or "", ACTOR)
