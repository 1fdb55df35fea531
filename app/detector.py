"""Run patterns over the graph and carry what they find into the ledger."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.framing import frames_of
from graph_schema.store import GraphStore
from ledger.content import canonical_json
from ledger.entry import Entry
from ledger.ledger import Session
from patterns.detection import ACTOR, Action, detect, reconcile, to_body
from patterns.finding import Finding, State
from patterns.frames import KeptRows
from patterns.pattern import Pattern, Scope, View


def look(
    session: Session,
    graph: GraphStore,
    patterns: Sequence[Pattern],
    scope: Scope,
    kept: KeptRows | None = None,
) -> list[Finding]:
    """Return what the patterns say in this scope, explained findings included; writes nothing."""
    view = View(graph=graph, frames=frames_of(session, kept), sequence=session.sequence())
    return detect(view, patterns, scope)


def keep(
    session: Session,
    found: Sequence[Finding],
    patterns: Sequence[Pattern],
    about: Collection[str] | None,
    seen: int | None = None,
) -> list[str]:
    """Write what changed against the findings kept so far; return the ids of the findings touched, sorted.

    `about` None = the whole population was looked at. `seen` is the sequence that was looked at, where others
    could write since (None = nobody could): findings that changed since, and those about persons who have
    been merged or are gone, are left to the look that follows such a change.
    """
    names = [pattern.id for pattern in patterns]
    existing = session.findings.about(about, names) if about is not None else _all(session, names)
    if seen is not None:
        left = _changed(session, seen) | {one.id for one in found if not _stands(session, one)}
        existing = [row for row in existing if row["id"] not in left]
        found = [one for one in found if one.id not in left]
    # What rests on withheld records cannot be found again: it waits as it is, it is not withdrawn.
    waiting = session.restrictions.findings_withheld([row["id"] for row in existing])
    waiting -= {finding.id for finding in found}
    existing = [row for row in existing if row["id"] not in waiting]
    subjects = {entity_id for row in existing for _, entity_id in row["subjects"]}
    live = {
        entity_id: now
        for entity_id in subjects
        if (now := session.identity.follow(entity_id)) not in (None, entity_id)
    }
    again = {finding.id for finding in found}
    gone = {id_ for row in existing if row["id"] not in again for _, id_ in row["subjects"]}
    actions = reconcile(existing, found, live, _parted(session, sorted(gone)))
    states = {row["id"]: State(row["state"]) for row in existing}
    for action in actions:
        _apply(session, action, states.get(action.finding_id, action.state))
    shown = _show_again(session, found)
    return sorted({action.finding_id for action in actions}.union(shown))


def _show_again(session: Session, found: Sequence[Finding]) -> list[str]:
    """Show withheld findings whose snapshot is what a pattern says now, without what is withheld."""
    withheld = session.restrictions.findings_withheld([finding.id for finding in found])
    said = {finding.id: canonical_json(to_body(finding)) for finding in found if finding.id in withheld}
    again = [
        id_
        for id_, body in sorted(said.items())
        if (row := session.findings.get(id_)) is not None and canonical_json(row["body"]) == body
    ]
    session.restrictions.clear(again)
    return again


def _changed(session: Session, seen: int) -> set[str]:
    """Return the findings written after a sequence."""
    changed: set[str] = set()
    while entries := session.entries(seen, 1000):
        changed |= {entry.subject for entry in entries if entry.kind.startswith("finding.")}
        seen = entries[-1].sequence
    return changed


def _stands(session: Session, finding: Finding) -> bool:
    """Return whether every subject still is the entity that was looked at."""
    return all(session.identity.follow(one.entity_id) == one.entity_id for one in finding.subjects)


def _all(session: Session, patterns: Sequence[str]) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    for pattern in patterns:
        after: str | None = None
        while True:
            page, after = session.findings.page({"pattern": pattern}, after, 500)
            rows.extend(page)
            if after is None:
                break
    return rows


def _parted(session: Session, entity_ids: Sequence[str]) -> set[str]:
    """Return the entities that once held a record which belongs to another than they stand for now."""
    parted = set()
    for entity_id in entity_ids:
        held = {number for entry in session.identity.history(entity_id) for number in _held(entry)}
        now = set(session.identity.entity_of(held).values())
        if not now <= {entity_id, session.identity.follow(entity_id)}:
            parted.add(entity_id)
    return parted


def _held(entry: Entry) -> Sequence[int]:
    """Return the record numbers an identity entry names."""
    numbers = entry.detail.get("to", ())
    return numbers if isinstance(numbers, list) else ()


def _apply(session: Session, action: Action, state: State) -> None:
    """Carry out one action on a finding in `state`: the new snapshot, then the move with its reason."""
    if action.kind == "redirect":
        session.findings.redirect(action.finding_id, action.into or "", ACTOR)
        return
    if action.finding is not None:
        _write(session, action.finding, state)
    if action.kind in {"withdraw", "reopen"}:
        session.findings.move(action.finding_id, action.state.value, ACTOR, action.reason)


def _write(session: Session, finding: Finding, state: State) -> None:
    row = {
        "id": finding.id,
        "pattern": finding.pattern,
        "state": state.value,
        "severity": finding.severity.value,
        "title": finding.title,
        "body": to_body(finding),
    }
    session.findings.put(row, [(subject.role, subject.entity_id) for subject in finding.subjects], ACTOR)
