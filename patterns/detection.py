"""Running patterns, and deciding what their answers change about the findings kept so far."""

import importlib
import pkgutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from patterns import catalogue
from patterns.finding import (
    OPEN_STATES,
    Evidence,
    ExplanationResult,
    Finding,
    Outcome,
    Severity,
    State,
    Subject,
)
from patterns.pattern import Pattern, Scope, View
from patterns.people import People, text

ACTOR = "kith"
"""Who acts where a run of patterns does."""

CLOSED_STATES = frozenset({State.INNOCENT, State.WRONG_DATA, State.NOT_REVIEWED})
"""States in which a human has put a finding away: only new evidence opens it again."""

_MOST_ADVANCED = (
    State.ESCALATED,
    State.IN_REVIEW,
    State.NEED_INFO,
    State.NEW,
    State.PROVISIONAL,
    State.NOT_REVIEWED,
    State.WRONG_DATA,
    State.INNOCENT,
    State.WITHDRAWN,
)


@dataclass(frozen=True, slots=True)
class Action:
    """What to do with one finding: raise, update, withdraw, reopen, redirect (to `into`) or keep.

    `finding` is the new snapshot (None when there is none), `state` the state it has afterwards, `reason` a
    sentence for its history. `explanation` is the id of the explanation that holds, where one does.
    """

    kind: str
    finding_id: str
    state: State
    reason: str
    finding: Finding | None = None
    into: str | None = None
    explanation: str | None = None


def load_patterns() -> Mapping[str, Pattern]:
    """Return the patterns of the catalogue by id, sorted: each module's `PATTERN`.

    Raises: ValueError when a pattern's id is not its file's stem.
    """
    found: dict[str, Pattern] = {}
    for module in sorted(pkgutil.iter_modules(catalogue.__path__), key=lambda module: module.name):
        pattern: Pattern = importlib.import_module(f"{catalogue.__name__}.{module.name}").PATTERN
        if pattern.id != module.name:
            raise ValueError(
                f"the pattern in {module.name}.py has the id {pattern.id!r}: name it as its file"
            )
        found[pattern.id] = pattern
    return found


def detect(view: View, patterns: Iterable[Pattern], scope: Scope) -> list[Finding]:
    """Return what the patterns say within the scope, explained findings included, by pattern and id.

    With `scope.about`, every finding about one of these persons. With `scope.unit`, those of which a
    subject works or worked for the organisation of this id or name.
    """
    people = view.people
    found = [
        finding
        for pattern in sorted(patterns, key=lambda pattern: pattern.id)
        for finding in pattern.run(view, scope)
        if scope.concerns(*_persons(finding)) and _in_unit(finding, scope.unit, people)
    ]
    return sorted(found, key=lambda finding: (finding.pattern, finding.id))


def reconcile(
    existing: Sequence[Mapping[str, Any]],
    found: Sequence[Finding],
    live: Mapping[str, str] | None = None,
    parted: Collection[str] = (),
) -> list[Action]:
    """Return what a run changes about the findings kept so far, by finding id.

    `existing` are all the kept findings (id, pattern, state, body) that the run could have found again: same
    patterns, same scope. `live` gives the entity that an entity id of their subjects stands for now, where
    it has been merged. `parted` are entity ids some of whose records have since gone to another entity: what
    rested on those being one person is withdrawn, an escalated finding too. Pure: nothing is read or written.
    """
    now = {finding.id: finding for finding in found}
    kept = {row["id"]: row for row in existing}
    moved = {row["id"]: new for row in existing if (new := _successor(row, now, live or {})) is not None}
    actions = []
    for key in sorted(kept):
        if key in moved:
            reason = "Its persons are known to be one with others: the finding continues under another id."
            actions.append(Action("redirect", key, State(kept[key]["state"]), reason, into=moved[key].id))
        elif key in now:
            actions.append(_again(kept[key], now[key]))
        else:
            actions.append(_gone(kept[key], live or {}, parted))
    for key in sorted(now.keys() - kept.keys()):
        heirs = [kept[old] for old, new in moved.items() if new.id == key]
        if heirs:
            actions.append(replace(_again(_merged(heirs), now[key]), kind="raise"))
        elif not now[key].explained:
            actions.append(Action("raise", key, State.NEW, "Found for the first time.", now[key]))
    changes = [action for action in actions if action.kind != "keep"]
    return sorted(changes, key=lambda action: (action.kind == "redirect", action.finding_id))


def to_body(finding: Finding) -> dict[str, Any]:
    """Return the finding as plain JSON values."""
    explanations = [
        {**_values(result), "outcome": result.outcome.value, "numbers": dict(result.numbers)}
        for result in finding.explanations
    ]
    return {
        **_values(finding),
        "severity": finding.severity.value,
        "numbers": dict(finding.numbers),
        "subjects": [_values(subject) for subject in finding.subjects],
        "evidence": [_values(row) for row in finding.evidence],
        "explanations": explanations,
    }


def from_body(body: Mapping[str, Any]) -> Finding:
    """Return the finding that `to_body` wrote."""
    values = {**body, "severity": Severity(body["severity"])}
    values["subjects"] = tuple(Subject(**row) for row in body["subjects"])
    values["evidence"] = tuple(Evidence(**row) for row in body["evidence"])
    values["explanations"] = tuple(
        ExplanationResult(**{**row, "outcome": Outcome(row["outcome"])}) for row in body["explanations"]
    )
    return Finding(**values)


def _values(one: Finding | Subject | Evidence | ExplanationResult) -> dict[str, Any]:
    """Return the fields of one object by name. `asdict`, which copies what they hold, is ten times dearer."""
    return {name: getattr(one, name) for name in one.__slots__}


def _persons(finding: Finding) -> tuple[str, ...]:
    return tuple(subject.entity_id for subject in finding.subjects)


def _in_unit(finding: Finding, unit: str | None, people: People) -> bool:
    if unit is None:
        return True
    return any(
        unit in {organisation.id, text(organisation, "display_name")}
        for person in _persons(finding)
        for organisation, _ in people.workplaces(person)
    )


def _again(row: Mapping[str, Any], finding: Finding) -> Action:
    """Decide on a kept finding that was found again."""
    state = State(row["state"])
    holding = next((result for result in finding.explanations if result.outcome is Outcome.PASSED), None)
    if holding is not None:
        if state in OPEN_STATES:
            reason = f"{holding.title}: {holding.sentence}"
            return Action("withdraw", finding.id, State.WITHDRAWN, reason, finding, explanation=holding.id)
        return Action("keep", finding.id, state, "An explanation holds.", finding, explanation=holding.id)
    if state is State.WITHDRAWN:
        return Action("reopen", finding.id, State.NEW, "What explained it holds no longer.", finding)
    body = to_body(finding)
    if state in CLOSED_STATES:
        fresh = _facts(body) - _facts(row["body"])
        if fresh:
            return Action(
                "reopen", finding.id, State.NEW, f"{len(fresh)} new facts since it was closed.", finding
            )
        return Action("keep", finding.id, state, "Nothing new since it was closed.", finding)
    changed = body != {name: row["body"].get(name) for name in body}
    return Action(("update" if changed else "keep"), finding.id, state, "The evidence changed.", finding)


def _gone(row: Mapping[str, Any], live: Mapping[str, str], parted: Collection[str]) -> Action:
    """Decide on a kept finding that was not found again."""
    state = State(row["state"])
    subjects = [subject["entity_id"] for subject in row["body"]["subjects"]]
    undone = not set(parted).isdisjoint(subjects)
    if undone and state in (*OPEN_STATES, State.ESCALATED):
        told = " Tell whoever it was handed to." if state is State.ESCALATED else ""
        reason = f"It rested on records that were taken for one person and are known to be of two.{told}"
        return Action("withdraw", row["id"], State.WITHDRAWN, reason)
    if state not in OPEN_STATES:
        return Action("keep", row["id"], state, "Not found again.")
    if len(set(subjects)) > len({live.get(person, person) for person in subjects}):
        return Action("withdraw", row["id"], State.WITHDRAWN, "Its subjects are known to be one person now.")
    return Action("withdraw", row["id"], State.WITHDRAWN, "The records no longer make this pattern.")


def _successor(row: Mapping[str, Any], now: Mapping[str, Finding], live: Mapping[str, str]) -> Finding | None:
    """Return the finding that continues a kept one whose subjects were merged into others."""
    if row["id"] in now:
        return None
    body = row["body"]
    subjects = sorted(live.get(subject["entity_id"], subject["entity_id"]) for subject in body["subjects"])
    for key in sorted(now):
        finding = now[key]
        same = finding.pattern == row["pattern"] and finding.place_key == body["place_key"]
        if same and sorted(_persons(finding)) == subjects:
            return finding
    return None


def _merged(heirs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return one kept finding for several that became one: the state taken furthest, the facts of all."""
    first = min(heirs, key=lambda row: (_MOST_ADVANCED.index(State(row["state"])), row["id"]))
    evidence = [fact for row in heirs for fact in row["body"]["evidence"]]
    return {**first, "body": {**first["body"], "evidence": evidence}}


def _facts(body: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """Return the facts that make a finding, whoever they are of and however they are put."""
    rows = [row for row in body["evidence"] if row["weight"] == "makes"]
    return {(row["origin"], row["source"], row["source_id"]) for row in rows}
