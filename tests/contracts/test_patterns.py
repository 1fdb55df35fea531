"""Every pattern of the catalogue, found by discovery: its shape, its words, and its cases on every store."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pattern_worlds import World, entity

from graph_schema.store import GraphStore
from graph_schema.stores import open_store
from patterns.detection import detect, from_body, load_patterns, to_body
from patterns.finding import Finding, Outcome
from patterns.pattern import Pattern, Scope

CASES = Path(__file__).parents[1] / "cases" / "patterns"
PATTERNS = load_patterns()
ACCUSING = re.compile(
    r"\b(suspicio\w*|guilt\w*|culprit|collu\w*|corrupt\w*|crimin\w*|offender|fraudster|score of)\b", re.I
)
"""Words that a sentence for a human never holds: a finding is a question."""


def cases() -> list[Any]:
    return [
        pytest.param(PATTERNS[path.stem], written.get("base", {}), case, id=f"{path.stem}: {case['name']}")
        for path in sorted(CASES.glob("*.yaml"))
        for written in [yaml.safe_load(path.read_text())]
        for case in written["cases"]
    ]


def _written(pattern_id: str) -> dict[str, Any]:
    path = CASES / f"{pattern_id}.yaml"
    assert path.exists(), f"pattern {pattern_id} has no case file {path.name}: write one"
    written: dict[str, Any] = yaml.safe_load(path.read_text())
    return written


@pytest.fixture(scope="module", params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    """Yield one store for all cases; each case clears it."""
    file = str(tmp_path_factory.mktemp("store") / "graph.db")
    url = request.getfixturevalue("neo4j_url") if request.param == "neo4j" else file
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS.keys())
def test_a_pattern_says_what_it_is(pattern: Pattern) -> None:
    assert pattern.__doc__
    assert pattern.__doc__.strip().splitlines()[0].endswith(".")
    assert pattern.question.endswith("?")
    assert pattern.refuter.endswith(".")
    assert pattern.title
    assert pattern.version >= 1
    assert pattern.categories
    assert pattern.data_needed
    assert all(explanation.test.__doc__ for explanation in pattern.explanations)
    names = [parameter.name for parameter in pattern.parameters]
    assert len(set(names)) == len(names)
    ids = [explanation.id for explanation in pattern.explanations]
    assert len(set(ids)) == len(ids)
    assert bool(ids) == pattern.writes_findings


@pytest.mark.parametrize("pattern_id", PATTERNS)
def test_a_pattern_has_all_kinds_of_case(pattern_id: str) -> None:
    written = _written(pattern_id)["cases"]
    assert {"positive", "negative", "look_alike"} <= {case["kind"] for case in written}
    shown = {(case["by"], case["kind"]) for case in written if "by" in case}
    expected = {
        (explanation.id, "hint" if explanation.hint else "look_alike" if explanation.null else "explained")
        for explanation in PATTERNS[pattern_id].explanations
    }
    assert shown == expected
    for case in written:
        if "by" in case and case["kind"] != "look_alike":
            assert sum(len(rows) for rows in case["add"].values()) == 1, (
                f"{case['name']}: add one record or event"
            )


@pytest.mark.parametrize(("pattern", "base", "case"), cases())
def test_cases(store: GraphStore, pattern: Pattern, base: dict[str, Any], case: dict[str, Any]) -> None:
    """The expected findings; one more record explains them, or hints; seeded runs say the same."""
    world = (case,) if case.get("replace") else (base, case)
    found = _run(store, pattern, case, *world, case.get("add", {}))
    raised = [finding for finding in found if not finding.explained]
    if "by" in case and case["kind"] != "look_alike":
        (before,) = detect(World.of(*world).load(store), [pattern], _scope(case))
        _reads_well(before, pattern)
        assert not before.explained
        assert [finding.id for finding in found] == [before.id]
        passed = [result.id for result in found[0].explanations if result.outcome is Outcome.PASSED]
        if case["kind"] == "explained":
            assert passed == [case["by"]]
        else:
            assert passed == []
            assert _outcome(before, case["by"]) is Outcome.FAILED
            assert _outcome(found[0], case["by"]) is Outcome.NOT_CHECKABLE
    else:
        assert len(raised) == len(case["expect"])
        for finding, wanted in zip(raised, case["expect"], strict=True):
            _matches(finding, wanted)
    for finding in found:
        _reads_well(finding, pattern)


def _run(store: GraphStore, pattern: Pattern, case: dict[str, Any], *parts: dict[str, Any]) -> list[Finding]:
    """Run on the whole population, and check that runs about a person find the same of that person."""
    world = World.of(*parts)
    view = world.load(store)
    found = detect(view, [pattern], _scope(case))
    people = sorted({entity(row["person"]) for row in world.records})
    subjects = {subject.entity_id for finding in found for subject in finding.subjects}
    others = [person for person in people if person not in subjects][:1]
    for person in (*sorted(subjects), *others):
        seeded = detect(view, [pattern], _scope(case, person))
        assert seeded == [f for f in found if person in {subject.entity_id for subject in f.subjects}]
    return found


def _scope(case: dict[str, Any], person: str | None = None) -> Scope:
    limits = dict(case.get("scope", {}))
    sources = frozenset(limits.pop("sources", ())) or None
    return Scope(about=None if person is None else frozenset({person}), sources=sources, **limits)


def _outcome(finding: Finding, explanation: str) -> Outcome:
    return next(result.outcome for result in finding.explanations if result.id == explanation)


def _matches(finding: Finding, wanted: dict[str, Any]) -> None:
    subjects = {subject.entity_id: subject.role for subject in finding.subjects}
    assert subjects == {entity(person): role for person, role in wanted["subjects"].items()}
    if "severity" in wanted:
        assert finding.severity == wanted["severity"]
    for explanation, outcome in wanted.get("outcomes", {}).items():
        assert _outcome(finding, explanation) == outcome
    for name, number in wanted.get("numbers", {}).items():
        assert finding.numbers[name] == pytest.approx(number)
    if "evidence" in wanted:
        rows = {(row.source, row.source_id) for row in finding.evidence}
        assert rows == {(source, str(id_)) for source, id_ in wanted["evidence"]}


def _reads_well(finding: Finding, pattern: Pattern) -> None:
    assert from_body(to_body(finding)) == finding
    assert [result.id for result in finding.explanations] == [
        explanation.id for explanation in pattern.explanations
    ]
    sentences = [finding.title, finding.sentence, *(row.sentence for row in finding.evidence)]
    sentences += [result.sentence for result in finding.explanations]
    assert not [sentence for sentence in sentences if ACCUSING.search(sentence)]
    assert all(sentence.endswith((".", "?")) for sentence in sentences[1:])
    assert any(row.weight == "makes" for row in finding.evidence)
    assert all(row.source and row.source_id for row in finding.evidence)
    for subject in finding.subjects:
        assert subject.name in finding.sentence
        assert subject.founding_record >= 1
