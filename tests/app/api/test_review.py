"""The review queue over HTTP: order, what closes a question and what opens it again."""

from dataclasses import replace
from typing import Any

from running_kith import CUSTODY, DEXTER, ROSALIND, Service

from app.rebuilding import promote
from resolvers.doubt import expected_change
from resolvers.linkage_model import default_model

MODEL = replace(default_model(), join=1 - 2.0**-25)
"""So sure before it joins that a name and a birth date are left to a human."""

DAY = "1975-05-16"
DOUBTFUL = ("Daphne Oakhanger", "Delphine Oakengate", "D Oakhangar", "Mark Oakhanger")


def next_pair(service: Service, after: str | None = None) -> Any:
    return service.get("/v1/review/next", params={} if after is None else {"after": after})


def queue(service: Service) -> list[Any]:
    """Return every question in order, by following the cursors."""
    found, after = [], None
    while (view := next_pair(service, after))["pair"] is not None:
        found.append(view["pair"])
        assert view["position"] == len(found)
        after = view["next"]
    assert len(found) == view["waiting"]
    return found


def judge(service: Service, pair: Any, same: bool | None, **more: Any) -> Any:
    body = {"left": pair["left"], "right": pair["right"], "same": same, "reason": "A tester says so.", **more}
    answer = service.ask("reviewer", "POST", "/v1/judgements", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def doubtful(service: Service) -> Any:
    """Push somebody, and records ever less like that one; return the first question."""
    promote(service.kith.pipeline, MODEL, "test")
    service.push("hr", "1", {"name": [{"full": "Delphine Oakhanger"}], "date_of_birth": DAY})
    for number, name in enumerate(DOUBTFUL):
        service.push("custody", str(number), {"name": [{"full": name}], "date_of_birth": DAY})
    pair = next_pair(service)["pair"]
    assert pair is not None
    return pair


def test_the_most_expected_change_comes_first_one_question_a_pair_of_persons(service: Service) -> None:
    doubtful(service)
    pairs = queue(service)
    changes = [pair["expected_change"] for pair in pairs]
    assert changes == sorted(changes, reverse=True)
    persons = set()
    for pair in pairs:
        why, sides = pair["why"], (pair["left_person"], pair["right_person"])
        assert why["match_weight"] >= MODEL.review_bits
        effect = min(side["record_count"] for side in sides) + sum(len(side["findings"]) for side in sides)
        assert pair["expected_change"] == expected_change(why["match_weight"], effect)
        persons.add(frozenset(side["entity_id"] for side in sides))
    assert len(persons) == len(pairs)


def test_an_answer_closes_the_question_and_a_look_at_it_is_in_the_audit(service: Service) -> None:
    pair = doubtful(service)
    who = pair["left_person"]["entity_id"]
    looks = service.get("/v1/audit", params={"entity": who})["items"]
    assert "GET /v1/review/next" in {look["action"] for look in looks}
    judge(service, pair, False)
    asked = [{one["left"], one["right"]} for one in queue(service)]
    assert {pair["left"], pair["right"]} not in asked


def test_not_sure_is_not_asked_again_until_something_changes(service: Service) -> None:
    pair = doubtful(service)
    both = {pair["left"], pair["right"]}
    judge(service, pair, None, reason="")

    def asked() -> list[Any]:
        return [one for one in queue(service) if {one["left"], one["right"]} == both]

    assert asked() == []
    key = next(one for one in sorted(both) if one.startswith("custody"))
    number = int(key.partition("|")[2])
    attributes = {"name": [{"full": DOUBTFUL[number]}], "date_of_birth": DAY}
    service.push("custody", str(number), attributes)
    assert asked() == []
    service.push("custody", str(number), {**attributes, "vehicle": "KX19 VRT"})
    (again,) = asked()
    assert "has changed since" in again["asked_because"]
    assert [one["verdict"] for one in again["history"]] == ["unsure"]
    judge(service, pair, None, reason="")
    assert asked() == []


def test_what_humans_left_open_comes_before_possible_matches(service: Service) -> None:
    doubtful(service)
    for number in (1, 2, 3):
        service.push("vetting", str(number), {"name": [{"full": f"Person{'abc'[number - 1]} Alone"}]})
    for left, right, same in ((1, 2, True), (2, 3, True), (1, 3, False)):
        judge(service, {"left": f"vetting|{left}", "right": f"vetting|{right}"}, same, version=1)
    first = queue(service)[0]
    assert first["kind"] == "suspended"
    assert "keeps them apart" in first["asked_because"]
    judge(service, first, False)
    assert {one["kind"] for one in queue(service)} == {"possible"}

    service.push("hr", "9", ROSALIND)
    service.push("vetting", "9", {"name": [{"full": "R Quillfeather"}]})
    pair = {"left": "hr|9", "right": "vetting|9"}
    judge(service, pair, False)
    service.push("vetting", "9", ROSALIND)
    first = queue(service)[0]
    assert (first["kind"], first["left"], first["right"]) == ("reopened", "hr|9", "vetting|9")
    judge(service, pair, False, reason="Met both of them again.")
    assert {one["kind"] for one in queue(service)} == {"possible"}


def test_open_findings_about_the_persons_raise_a_question(service: Service) -> None:
    doubtful(service)
    before = {frozenset((one["left"], one["right"])): one for one in queue(service)}
    service.push("custody", "N1", DEXTER)
    assert service.ask("all", "PUT", "/v1/events/custody/D1", json=CUSTODY).status_code == 200
    home = {"address": ROSALIND["address"], "staff_number": "S1", "date_of_birth": DAY}
    service.push("hr", "1", {"name": [{"full": "Delphine Oakhanger"}], **home})
    raised = [
        (before[pair], one)
        for one in queue(service)
        if (pair := frozenset((one["left"], one["right"]))) in before and "hr|1" in pair
    ]
    for old, new in raised:
        assert len(new["left_person"]["findings"]) + len(new["right_person"]["findings"]) == 1
        assert new["expected_change"] == expected_change(new["why"]["match_weight"], 2)
        assert old["expected_change"] == expected_change(old["why"]["match_weight"], 1)
    assert raised


def test_a_person_of_very_many_records_is_asked_about_once_until_it_changes(service: Service) -> None:
    promote(service.kith.pipeline, replace(default_model(), review_cluster=3), "test")
    for number in range(4):
        service.push("hr", str(number), ROSALIND)
    (first,) = [one for one in queue(service) if one["kind"] == "large"]
    assert first["why"]["same_entity"]
    assert "weakest link" in first["asked_because"]
    judge(service, first, None, reason="")
    assert [one for one in queue(service) if one["kind"] == "large"] == []
    service.push("hr", "4", ROSALIND)
    (again,) = [one for one in queue(service) if one["kind"] == "large"]
    judge(service, again, True)
    assert [one for one in queue(service) if one["kind"] == "large"] == []
