"""Scoring findings against an answer key, and a plain count that must fail it."""

from itertools import combinations

import polars as pl
import pytest

from patterns.evaluation import lookalike_hits, score_findings, true_persons
from patterns.finding import ExplanationResult, Finding, Outcome, Severity, Subject

PLANTS = pl.DataFrame(
    {
        "pattern": ["shared_address", "shared_address", "linked_lookup"],
        "persons": [["u1", "u2"], ["u3", "u4"], ["u5", "u6"]],
        "blatant": [True, False, True],
    }
)
PERSON_OF = {f"e{number}": f"u{number}" for number in range(1, 10)} | {"e1b": "u1"}


def finding(pattern: str, *entities: str, explained: bool = False) -> Finding:
    results = (ExplanationResult("declared", "", Outcome.PASSED, ""),) if explained else ()
    subjects = tuple(Subject("person", entity, 1, entity) for entity in entities)
    return Finding("f", pattern, 1, "", "", Severity.LOOK, subjects, "", {}, (), results, "")


def test_what_was_planted_and_found() -> None:
    found = [finding("shared_address", "e2", "e1"), finding("shared_address", "e7", "e8")]
    score = score_findings(found, PLANTS, PERSON_OF)["shared_address"]
    assert (score.blatant_recall, score.recall, score.precision) == (1.0, 0.5, 0.5)
    assert score_findings(found, PLANTS, PERSON_OF)["linked_lookup"].blatant_recall == 0.0


def test_a_plant_of_one_pattern_does_not_excuse_another() -> None:
    score = score_findings([finding("shared_address", "e5", "e6")], PLANTS, PERSON_OF)["shared_address"]
    assert score.precision == 0.0


def test_explained_findings_are_not_counted() -> None:
    assert (
        score_findings([finding("shared_address", "e7", "e8", explained=True)], PLANTS, PERSON_OF)[
            "shared_address"
        ].findings
        == 0
    )


def test_a_person_paired_with_itself_is_wrong() -> None:
    score = score_findings([finding("shared_address", "e1", "e1b")], PLANTS, PERSON_OF)["shared_address"]
    assert (score.findings, score.right) == (1, 0)


def test_declared_pairs_are_counted() -> None:
    found = [finding("shared_address", "e7", "e8")]
    assert score_findings(found, PLANTS, PERSON_OF, [("u8", "u7")])["shared_address"].declared == 1


def test_an_entity_is_the_true_person_of_most_of_its_records() -> None:
    membership = pl.DataFrame(
        {
            "record_source": ["a", "a", "b", "b"],
            "record_id": ["1", "2", "1", "2"],
            "entity_id": ["e1", "e1", "e1", "e2"],
        }
    )
    truth = pl.DataFrame(
        {"source": ["a", "a", "b", "b"], "source_id": ["1", "2", "1", "2"], "uid": ["x", "y", "y", "z"]}
    )
    assert true_persons(membership, truth) == {"e1": "y", "e2": "z"}


@pytest.mark.parametrize("people", [12, 30])
def test_flagging_everybody_fails(people: int) -> None:
    """The broken twin: all pairs of a team find each plant and drown it."""
    entities = [f"e{number}" for number in range(1, people)]
    found = [finding("shared_address", *pair) for pair in combinations(entities, 2)]
    score = score_findings(found, PLANTS, PERSON_OF)["shared_address"]
    assert score.blatant_recall == 1.0
    assert score.precision < 0.9


def test_a_look_alike_is_hit_by_a_finding_about_two_of_its_persons() -> None:
    """Not by one about somebody else too, of another pattern, or explained away."""
    person_of = {f"e{n}": f"u{n}" for n in range(1, 10)}
    cases = pl.DataFrame(
        {
            "resembles_pattern": ["shared_home", "shared_home", "own_case", "paid_not_there"],
            "explanation": ["hostel", "hostel", "tasked", "court"],
            "persons": [["u1", "u2", "u3"], ["u4", "u5"], ["u1", "u2"], ["u6"]],
        }
    )
    about = [
        finding("shared_home", "e2", "e3"),
        finding("shared_home", "e4", "e9"),
        finding("shared_home", "e4", "e5", explained=True),
        finding("paid_not_there", "e6"),
    ]
    hits = lookalike_hits(about, cases, person_of)
    assert hits == {
        ("own_case", "tasked"): (0, 1),
        ("paid_not_there", "court"): (1, 1),
        ("shared_home", "hostel"): (1, 2),
    }
