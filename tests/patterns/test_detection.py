"""Running patterns and reconciling: what is raised, withdrawn, opened again, and what stays as it was."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pattern_worlds import World, entity

from graph_schema.stores.embedded import EmbeddedStore
from patterns.detection import Action, detect, from_body, load_patterns, reconcile, to_body
from patterns.finding import (
    Evidence,
    ExplanationResult,
    Finding,
    Outcome,
    Severity,
    State,
    Subject,
    finding_id,
)
from patterns.pattern import Scope, UnknownParameter

PATTERNS = load_patterns()
HOME = {"line": "12 Oak Street", "postcode": "ZZ1 1AA", "valid_from": "2020-01-01"}
ANA = {"person": "ana", "source": "hr", "id": 1, "number": 1, "name": "Ana Pike", "staff_number": "S1"}
BO = {"person": "bo", "source": "custody", "id": 7, "number": 2, "name": "Bo Tran"}
DETENTION = {"source": "custody", "id": "D1", "kind": "custody", "from": "2023-05-03"}
PAIR: dict[str, Any] = {
    "records": [{**ANA, "address": HOME}, {**BO, "address": HOME}],
    "events": [{**DETENTION, "participants": [["custody", 7, "detained"]]}],
}


def evidence(id_: str, weight: str = "makes") -> Evidence:
    return Evidence("record", "hr", id_, "HR has it.", weight)


def finding(
    *subjects: str, facts: tuple[str, ...] = ("1",), explained: bool = False, place: str = "a1"
) -> Finding:
    result = ExplanationResult(
        "declared", "Declared", Outcome.PASSED if explained else Outcome.FAILED, "They did."
    )
    founding = [("person", sum(map(ord, subject))) for subject in subjects]
    return Finding(
        id=finding_id("shared_home", founding, place),
        pattern="shared_home",
        pattern_version=1,
        title="A title",
        sentence="A sentence.",
        severity=Severity.LOOK,
        subjects=tuple(Subject("staff", subject, 1, subject) for subject in subjects),
        place_key=place,
        numbers={"bits": 19.5, "overlap_to": None},
        evidence=tuple(evidence(fact) for fact in facts),
        explanations=(result,),
        refuter="A record.",
    )


def kept(row: Finding, state: State) -> Mapping[str, Any]:
    """Return the finding as the ledger gives it back: its body has been JSON."""
    body = json.loads(json.dumps(to_body(row)))
    return {"id": row.id, "pattern": row.pattern, "state": state.value, "body": body}


def only(actions: list[Action]) -> Action:
    (action,) = actions
    return action


def test_a_body_is_json_and_comes_back_whole() -> None:
    whole = finding("ea", "eb", facts=("1", "2"))
    assert from_body(json.loads(json.dumps(to_body(whole)))) == whole


def test_a_new_finding_is_raised_unless_it_is_explained() -> None:
    action = only(reconcile([], [finding("ea", "eb")]))
    assert (action.kind, action.state) == ("raise", State.NEW)
    assert reconcile([], [finding("ea", "eb", explained=True)]) == []


@pytest.mark.parametrize("state", list(State))
def test_found_again_just_the_same(state: State) -> None:
    """Nothing changes, but that a withdrawn one opens again: what explained it holds no longer."""
    same = finding("ea", "eb")
    actions = reconcile([kept(same, state)], [same])
    assert [action.kind for action in actions] == (["reopen"] if state is State.WITHDRAWN else [])


@pytest.mark.parametrize(
    "state", [State.NEW, State.IN_REVIEW, State.NEED_INFO, State.PROVISIONAL, State.ESCALATED]
)
def test_an_open_finding_is_updated_where_it_stands(state: State) -> None:
    action = only(reconcile([kept(finding("ea", "eb"), state)], [finding("ea", "eb", facts=("1", "2"))]))
    assert (action.kind, action.state) == ("update", state)


@pytest.mark.parametrize("state", list(State))
def test_an_explanation_withdraws_what_is_open_and_names_itself(state: State) -> None:
    actions = reconcile([kept(finding("ea", "eb"), state)], [finding("ea", "eb", explained=True)])
    if state in {State.NEW, State.IN_REVIEW, State.NEED_INFO, State.PROVISIONAL}:
        action = only(actions)
        assert (action.kind, action.state, action.explanation) == ("withdraw", State.WITHDRAWN, "declared")
        assert "Declared" in action.reason
    else:
        assert actions == []


@pytest.mark.parametrize("state", list(State))
def test_lost_evidence_withdraws_what_is_open(state: State) -> None:
    actions = reconcile([kept(finding("ea", "eb"), state)], [])
    expected = (
        ["withdraw"] if state in {State.NEW, State.IN_REVIEW, State.NEED_INFO, State.PROVISIONAL} else []
    )
    assert [action.kind for action in actions] == expected


@pytest.mark.parametrize("state", [State.INNOCENT, State.WRONG_DATA, State.NOT_REVIEWED])
def test_only_new_facts_open_what_a_human_closed(state: State) -> None:
    closed = kept(finding("ea", "eb"), state)
    reworded = replace(finding("ea", "eb"), title="Another title")
    fewer = replace(finding("ea", "eb"), evidence=(evidence("1"), evidence("9", "context")))
    assert reconcile([closed], [reworded]) == []
    assert reconcile([closed], [fewer]) == []
    action = only(reconcile([closed], [finding("ea", "eb", facts=("1", "2"))]))
    assert (action.kind, action.state) == ("reopen", State.NEW)
    assert action.reason.startswith("1 new fact")


def test_a_merge_redirects_and_keeps_what_a_human_decided() -> None:
    """Two findings about entities that became one continue as one, in the state taken furthest."""
    first, second, merged = finding("ea", "eb"), finding("ea", "ec"), finding("ea", "eb", facts=("1", "2"))
    merged = replace(merged, id="fmerged")
    existing = [kept(first, State.INNOCENT), kept(second, State.IN_REVIEW)]
    actions = reconcile(existing, [merged], {"ec": "eb"})
    assert [(action.kind, action.finding_id, action.into) for action in actions] == [
        ("raise", "fmerged", None),
        *sorted([("redirect", first.id, "fmerged"), ("redirect", second.id, "fmerged")]),
    ]
    assert actions[0].state is State.IN_REVIEW


def test_a_merge_of_a_closed_finding_stays_closed_without_new_facts() -> None:
    old, new = kept(finding("ea", "ec"), State.INNOCENT), replace(finding("ea", "eb"), id="fnew")
    raised, redirected = reconcile([old], [new], {"ec": "eb"})
    assert (raised.kind, raised.state) == ("raise", State.INNOCENT)
    assert (redirected.kind, redirected.into) == ("redirect", "fnew")


def test_subjects_that_became_one_person_withdraw_with_that_reason() -> None:
    action = only(reconcile([kept(finding("ea", "eb"), State.NEW)], [], {"eb": "ea"}))
    assert action.kind == "withdraw"
    assert "one person" in action.reason


FINDINGS = st.builds(
    finding,
    st.sampled_from(["ea", "eb"]),
    st.sampled_from(["ec", "ed"]),
    facts=st.lists(st.sampled_from("1234"), min_size=1, max_size=3, unique=True).map(tuple),
    explained=st.booleans(),
)


@given(st.lists(FINDINGS, unique_by=lambda f: f.id), st.lists(FINDINGS, unique_by=lambda f: f.id), st.data())
def test_reconciling_does_not_depend_on_order_and_settles(
    before: list[Finding], found: list[Finding], data: st.DataObject
) -> None:
    rows = [kept(row, data.draw(st.sampled_from(list(State)))) for row in before]
    actions = reconcile(rows, found)
    assert reconcile(rows[::-1], found[::-1]) == actions
    after = {row["id"]: row for row in rows}
    for action in actions:
        snapshot = action.finding or from_body(after[action.finding_id]["body"])
        after[action.finding_id] = kept(snapshot, action.state)
    assert reconcile(list(after.values()), found) == []


def test_a_run_refuses_a_parameter_it_does_not_know(store: EmbeddedStore) -> None:
    view = World.of(PAIR).load(store)
    with pytest.raises(UnknownParameter, match="min_bit"):
        detect(view, [PATTERNS["shared_home"]], Scope(parameters={"min_bit": 3}))


def test_a_parameter_takes_effect(store: EmbeddedStore) -> None:
    view = World.of(PAIR).load(store)
    assert detect(view, [PATTERNS["shared_home"]], Scope(parameters={"min_bits": 25})) == []
    assert len(detect(view, [PATTERNS["shared_home"]], Scope(parameters={"min_bits": 10}))) == 1


def test_a_unit_limits_findings_to_its_people(store: EmbeddedStore) -> None:
    spell = {
        "source": "units",
        "id": "U1",
        "kind": "assignment",
        "from": "2020-01-01",
        "place": {"type": "unit", "id": "Northway"},
    }
    view = World.of(PAIR, {"events": [{**spell, "participants": [["hr", 1, "member"]]}]}).load(store)
    run = [PATTERNS["shared_home"]]
    assert len(detect(view, run, Scope(unit="Northway"))) == 1
    assert detect(view, run, Scope(unit="Southway")) == []


def names(count: int) -> list[str]:
    return [f"extra{number}" for number in range(count)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 4), st.integers(0, 9), st.randoms(use_true_random=False))
def test_ids_are_stable_under_growth_renaming_and_order(
    store: EmbeddedStore, others: int, salt: int, random: Any
) -> None:
    """More records of the pair, other people by any name, in any order: the findings keep their ids."""
    grown = {
        "records": [
            {
                "person": "bo",
                "source": "stops",
                "id": 70,
                "number": 50,
                "name": f"Bo Tran{salt}",
                "address": HOME,
            },
            *(
                {
                    "person": person,
                    "source": f"other{salt}",
                    "id": number,
                    "number": 100 + salt + number,
                    "name": f"Some Body{salt}",
                    "address": HOME if number % 2 else {**HOME, "line": f"{number} Elm Road"},
                }
                for number, person in enumerate(names(others))
            ),
        ]
    }
    pattern = [PATTERNS["shared_home"]]
    before = detect(World.of(PAIR).load(store), pattern, Scope())
    world = World.of(PAIR, grown)
    random.shuffle(world.records)
    random.shuffle(world.events)
    after = detect(world.load(store), pattern, Scope())
    assert [f.id for f in before] == [f.id for f in after]
    assert after == detect(World.of(PAIR, grown).load(store), pattern, Scope())


def test_a_finding_says_nothing_of_who_was_not_asked_about(store: EmbeddedStore) -> None:
    view = World.of(PAIR).load(store)
    assert detect(view, PATTERNS.values(), Scope(about=frozenset({entity("nobody")}))) == []


def test_a_pattern_in_a_wrongly_named_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "misnamed_pattern.py").write_text(
        "from patterns.catalogue.shared_home import PATTERN as PATTERN\n"
    )
    from patterns import catalogue

    monkeypatch.setattr(catalogue, "__path__", [*catalogue.__path__, str(tmp_path)])
    with pytest.raises(ValueError, match=r"misnamed_pattern\.py"):
        load_patterns()
