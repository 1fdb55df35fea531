"""The life of findings: the week's budget, replies, precision, and what an undone merge takes with it."""

from pathlib import Path
from typing import Any

import pytest
from running_kith import CUSTODY, DEXTER, ROSALIND, Service, problem, running, two_who_share_a_home

from app.settings import Settings


def decide(service: Service, finding: str, state: str) -> Any:
    path = f"/v1/findings/{finding}"
    tag = service.ask("all", "GET", path).headers["etag"]
    body = {"state": state, "reason": "A tester says so."}
    answer = service.ask("all", "POST", f"{path}/dispositions", json=body, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text
    return answer.json()


def homes(service: Service, number: int) -> None:
    """Push so many officers, each with a nominal at home."""
    for place in range(number):
        home = [{"line": f"{place + 1} Alder Close", "postcode": "ZZ9 7AB", "valid_from": "2021-01-01"}]
        names = ("Abel", "Brina", "Corwin", "Delphine", "Egbert")
        service.push("custody", f"N{place}", {
            "name": [{"given": names[place], "family": f"Harrow{place}"}], "address": home,
            "date_of_birth": f"19{70 + place}-01-0{place + 1}"})  # fmt: skip
        participants = [{"source": "custody", "source_id": f"N{place}", "role": "detained"}]
        detention = {**CUSTODY, "participants": participants}
        assert service.ask("all", "PUT", f"/v1/events/custody/D{place}", json=detention).is_success
        service.push("hr", str(place), {
            "name": [{"given": names[-place - 1], "family": f"Quill{place}"}], "staff_number": f"S{place}77",
            "address": home, "date_of_birth": f"19{80 + place}-05-1{place}"})  # fmt: skip


def test_what_is_over_the_budget_waits_and_is_not_lost(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "kith", findings_per_week=2)
    with running(settings.data, settings=settings) as service:
        homes(service, 4)
        every = [one["id"] for one in service.get("/v1/findings", params={"state": "new"})["items"]]
        week = service.get("/v1/findings", params={"queue": "week"})
        waiting = service.get("/v1/findings", params={"queue": "waiting", "limit": 1})
        assert week["week"] == {"budget": 2, "decided": 0, "shown": 2, "waiting": 2}
        rest = service.get("/v1/findings", params={"queue": "waiting", "cursor": waiting["next"]})
        seen = [one["id"] for page in (week, waiting, rest) for one in page["items"]]
        assert seen == every
        assert len(every) == 4
        decide(service, every[0], "innocent")
        decide(service, every[1], "escalated")
        assert service.get("/v1/findings", params={"queue": "week"})["items"] == []
        waiting = service.get("/v1/findings", params={"queue": "waiting"})
        assert [one["id"] for one in waiting["items"]] == every[2:]
        assert waiting["week"] == {"budget": 2, "decided": 2, "shown": 0, "waiting": 2}
        (rule,) = [one for one in service.get("/v1/patterns")["items"] if one["id"] == "shared_home"]
        assert rule["outcomes"]["precision"] == 0.5
        assert (rule["outcomes"]["decided"], rule["outcomes"]["named"]) == (2, 3)
        assert rule["outcomes"]["states"] == {"new": 2, "innocent": 1, "escalated": 1}
        problem(service.ask("all", "GET", "/v1/findings?queue=week&state=new"), 422, "invalid")


def test_a_reply_is_kept_with_the_finding_and_changes_it(service: Service) -> None:
    two_who_share_a_home(service)
    (finding,) = service.get("/v1/findings")["items"]
    path = f"/v1/findings/{finding['id']}"
    before = service.ask("all", "GET", path).headers["etag"]
    said = {"text": "He is my lodger; I told my inspector.", "received_on": "2026-02-03"}
    view = service.ask("investigator", "POST", f"{path}/replies", json=said).json()
    assert [(one["text"], one["received_on"]) for one in view["replies"]] == [tuple(said.values())]
    stale = {"state": "escalated", "reason": "Not having read the reply."}
    answer = service.ask("all", "POST", f"{path}/dispositions", json=stale, headers={"If-Match": before})
    problem(answer, 412, "if-match-stale")
    wrong = {**said, "received_on": "2026-02-30"}
    problem(service.ask("all", "POST", f"{path}/replies", json=wrong), 422, "invalid")
    problem(service.ask("all", "POST", "/v1/findings/fnone/replies", json=said), 404, "absent")
    problem(service.ask("reviewer", "POST", f"{path}/replies", json=said), 403, "forbidden")
    assert service.get(path)["state"] == "new"


@pytest.mark.parametrize("state", ["new", "escalated", "innocent"])
def test_an_undone_merge_withdraws_what_rested_on_it_and_says_so(service: Service, state: str) -> None:
    """The officer's home is known from vetting alone: once vetting is of another person, nothing is left."""
    two_records = {key: value for key, value in ROSALIND.items() if key != "address"}
    service.push("custody", "N1", DEXTER)
    assert service.ask("all", "PUT", "/v1/events/custody/D1", json=CUSTODY).is_success
    officer = service.push("hr", "1", two_records)["entity_id"]
    assert service.push("vetting", "V1", ROSALIND)["entity_id"] == officer
    (finding,) = service.get("/v1/findings")["items"]
    if state != "new":
        decide(service, finding["id"], state)
    word = {"left": "hr|1", "right": "vetting|V1", "same": False, "reason": "Namesakes; two passports seen."}
    receipt = service.ask("reviewer", "POST", "/v1/judgements", json=word).json()
    now = service.get(f"/v1/findings/{finding['id']}")
    if state == "innocent":
        assert (now["state"], receipt["withdrawn"]) == ("innocent", [])
        return
    assert now["state"] == "withdrawn"
    (gone,) = receipt["withdrawn"]
    assert (gone["finding"], gone["was"]) == (finding["id"], state)
    assert gone["reason"] == now["history"][-1]["reason"]
    assert "taken for one person" in gone["reason"]
    assert ("handed to" in gone["reason"]) == (state == "escalated")
    again = service.ask("reviewer", "POST", "/v1/judgements", json={**word, "same": True}).json()
    assert finding["id"] not in [one["finding"] for one in again["withdrawn"]]
    assert service.get(f"/v1/findings/{finding['id']}")["state"] == "new"
