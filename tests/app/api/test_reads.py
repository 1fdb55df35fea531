"""Persons, search, paths, why, findings, patterns, review, feeds: each answer, and each wrong question."""

import time
from dataclasses import replace
from typing import Any

import pytest
from running_kith import ROSALIND, Known, Service, problem, two_who_share_a_home

from app.rebuilding import promote
from resolvers.domain import Record, RecordKey
from resolvers.features import extract
from resolvers.linkage_model import BlockingRule, default_model


def test_a_person_is_shown_with_the_records_behind_each_value(known: Known) -> None:
    view = known.service.get(f"/v1/entities/{known.officer}")
    assert view["display_name"] == "Rosalind Quillfeather"
    assert view["staff"]
    assert view["findings"] == [known.finding]
    values = {attribute["name"]: attribute["values"] for attribute in view["attributes"]}
    assert values["date_of_birth"][0]["sources"] == ["hr|1"]
    records = known.service.get(f"/v1/entities/{known.officer}/records")["items"]
    assert [(record["source"], record["source_id"]) for record in records] == [("hr", "1")]
    assert known.service.get(f"/v1/entities/{known.officer}/how")["steps"] == []


def test_a_timeline_has_events_and_dated_facts(known: Known) -> None:
    items = known.service.get(f"/v1/entities/{known.detained}/timeline")["items"]
    assert {(item["lane"], item["start"]) for item in items} == {
        ("Addresses", "2022-01-01"),
        ("Custody", "2024-05-03T21:00:00Z"),
    }


def test_the_network_says_what_a_cap_cut(known: Known) -> None:
    whole = known.service.get(f"/v1/entities/{known.officer}/network", params={"hops": 2})
    assert {known.officer, known.detained} <= {node["id"] for node in whole["nodes"]}
    assert not whole["truncated"]
    assert all(link["sentence"] for link in whole["links"])
    cut = known.service.get(f"/v1/entities/{known.officer}/network", params={"hops": 2, "max_nodes": 2})
    assert cut["truncated"]
    assert "2 nodes" in cut["cut"]
    address = next(node["id"] for node in whole["nodes"] if node["kind"] == "Address")
    assert known.service.get(f"/v1/entities/{address}/network")["nodes"]


def test_a_path_is_read_as_sentences_and_may_be_weighed(known: Known) -> None:
    ends = {"from": known.officer, "to": known.detained}
    (path,) = known.service.get("/v1/paths", params={**ends, "rank": "bits"})["paths"][:1]
    assert len(path["nodes"]) == 3
    assert path["sentence"].count("lives or lived at") == 2
    assert path["bits"] > 5
    avoided = known.service.get("/v1/paths", params={**ends, "avoid": ["Address", "Finding"]})
    assert avoided["paths"] == []
    required = known.service.get("/v1/paths", params={**ends, "require": [path["nodes"][1]]})["paths"]
    assert all(path["nodes"][1] in found["nodes"] for found in required)


def test_why_not_names_what_speaks_against(known: Known) -> None:
    view = known.service.get("/v1/why", params={"left": "hr|1", "right": "custody|N1"})
    assert not view["same_entity"]
    assert view["sentence"].startswith("Not the same person")
    assert view["distance_bits"] < 0
    by_person = known.service.get("/v1/why", params={"left": known.officer, "right": known.detained})
    assert by_person["match_weight"] == view["match_weight"]


@pytest.mark.parametrize(
    ("asked", "exact", "reason"),
    [
        ({"staff_number": "S77310"}, True, "staff number is the same"),
        ({"phone": "+44 7700 900418"}, True, "phone is the same"),
        ({"name": "Quillfeather, Rosalind", "date_of_birth": "1984"}, False, "name"),
        ({"text": "S77310"}, True, "staff number is the same"),
        ({"text": "rosalind quillfeather 1984-03"}, False, "name"),
        ({"address": "14 Alder Close, ZZ9 7AB", "name": "Rosalind Quillfeather"}, False, "address"),
    ],
)
def test_search_finds_the_officer_and_says_why(known: Known, asked: Any, exact: bool, reason: str) -> None:
    answer = known.service.ask("investigator", "POST", "/v1/search", json=asked).json()
    assert [hit["entity_id"] for hit in answer["hits"]][:1] == [known.officer], answer
    assert answer["hits"][0]["exact"] is exact
    assert reason in answer["hits"][0]["reason"]


def test_an_address_alone_finds_who_lives_there(known: Known) -> None:
    for asked in ({"address": "14 Alder Close"}, {"text": "14 Alder Close ZZ9 7AB"}):
        hits = known.service.ask("investigator", "POST", "/v1/search", json=asked).json()["hits"]
        assert {hit["entity_id"] for hit in hits} == {known.officer, known.detained}
        assert all("address" in hit["reason"] for hit in hits)


def test_a_search_without_a_hit_shows_how_it_was_read(known: Known) -> None:
    asked = {"name": "Zacharias Nowhere", "date_of_birth": "12 May", "phone": "none"}
    answer = known.service.ask("investigator", "POST", "/v1/search", json=asked).json()
    assert answer["hits"] == []
    assert answer["advice"]
    assert answer["read_as"]["name"] == "zacharias nowhere"
    assert answer["read_as"]["date_of_birth"] == "not readable as date of birth"
    problem(known.service.ask("investigator", "POST", "/v1/search", json={}), 422, "invalid")
    wrong = {"collar_number": "12", "on": "2024-02-31"}
    problem(known.service.ask("investigator", "POST", "/v1/search", json=wrong), 422, "invalid")


def test_a_date_of_birth_alone_is_not_said_to_fit_nobody(known: Known) -> None:
    asked = {"date_of_birth": "1984-03-14"}
    answer = known.service.ask("investigator", "POST", "/v1/search", json=asked).json()
    assert answer["hits"] == []
    assert "not looked up by itself" in answer["advice"]


def test_a_collar_number_is_whose_it_was_that_day(service: Service) -> None:
    for id_, name, start, end in (
        ("1", "Ann Early", "2010-01-01", "2015-01-01"),
        ("2", "Bea Later", "2015-06-01", "2020-01-01"),
    ):
        collar = [{"value": "4711", "scope": "nwp", "valid_from": start, "valid_to": end}]
        service.push("hr", id_, {"name": [{"full": name}], "collar_number": collar})
    for on, found in (("2012-03-04", ["Ann Early"]), ("2016-01-01", ["Bea Later"]), ("2015-03-01", [])):
        asked = {"collar_number": "nwp/4711", "on": on}
        hits = service.ask("investigator", "POST", "/v1/search", json=asked).json()["hits"]
        assert [hit["display_name"] for hit in hits] == found


IDENTIFIERS = {
    "warrant_number": ("WX 20417", {"value": "WX20417"}),
    "collar_number": ("4711", {"value": "4711", "scope": "nwp"}),
    "national_id": ("QQ 12 34 56 C", {"value": "QQ123456C"}),
    "account": ("20-00-41 55779911", {"value": "20004155779911"}),
    "vehicle": ("ZZ19 ABC", {"value": "ZZ19ABC"}),
    "email": ("Q@Example.test", {"value": "q@example.test"}),
}


def test_each_identifier_finds_its_person_first_and_reads_nobody_else(service: Service) -> None:
    """With a model that blocks on no identifier: the posting lists of identifiers are no part of it."""
    blind = replace(default_model(), blocking=(BlockingRule(("names:name",)),))
    promote(service.kith.pipeline, blind, "test")
    for number in range(12):
        service.push("vetting", f"n{number}", {"name": [{"full": f"Ann Nobody{number}"}]})
    said = {attribute: [parts] for attribute, (_, parts) in IDENTIFIERS.items()}
    entity = service.push("hr", "1", {"name": [{"full": "Ann Some"}], **said})["entity_id"]
    for attribute, (typed, _) in IDENTIFIERS.items():
        for asked in ({attribute: typed}, {"text": typed}, {attribute: typed, "name": "Ann Nobody3"}):
            answer = service.ask("investigator", "POST", "/v1/search", json=asked).json()
            first = answer["hits"][0]
            assert (first["entity_id"], first["exact"]) == (entity, True), asked
            assert f"{attribute.replace('_', ' ')} is the same" in first["reason"]
            against = first["reason"].partition("but not")[2]
            unsaid = (
                ("number", "identifier", "account") if "text" in asked else (attribute.replace("_", " "),)
            )
            assert not [name for name in unsaid if name in against], (asked, against)
    with service.kith.ledger.read() as session:
        (number,) = session.records.numbers([RecordKey("hr", "1")]).values()
        asked_for = extract(
            Record(RecordKey("s", "i"), {name: (value[1],) for name, value in IDENTIFIERS.items()})
        )
        assert session.resolution.identified(asked_for, 100) == [number]
    service.ask("all", "DELETE", "/v1/records/hr/1")
    answer = service.ask("investigator", "POST", "/v1/search", json={"account": "20004155779911"}).json()
    assert answer["hits"] == []


def test_a_search_says_what_it_left_out(service: Service) -> None:
    for number in range(3):
        service.push("hr", str(number), {"name": [{"full": f"{'ABC'[number]} Quill"}]})
    answer = service.ask("investigator", "POST", "/v1/search", json={"name": "Quill", "limit": 2}).json()
    assert len(answer["hits"]) == 2
    assert answer["truncated"]
    assert answer["cut"].startswith("2 of 3 persons")
    whole = service.ask("investigator", "POST", "/v1/search", json={"name": "Quill"}).json()
    assert (whole["truncated"], whole["cut"]) == (False, None)


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "/v1/entities/{officer}/network?type=CANARY", {}),
        ("GET", "/v1/entities/{officer}/network?at=2024-02-31", {}),
        ("GET", "/v1/paths?from={officer}&to={detained}&avoid=CANARY", {}),
        ("GET", "/v1/paths?from={officer}&to={detained}&require=CANARY", {}),
        ("GET", "/v1/findings?state=CANARY", {}),
        ("GET", "/v1/findings?severity=CANARY", {}),
        ("POST", "/v1/patterns/shared_home/run", {"json": {"sources": ["CANARY"]}}),
        ("POST", "/v1/patterns/shared_home/run", {"json": {"from": "2024-02-01", "to": "2024-01-01"}}),
    ],
)
def test_a_question_that_would_quietly_find_nothing_is_refused(
    known: Known, method: str, path: str, more: Any
) -> None:
    where = path.format(officer=known.officer, detained=known.detained)
    body = problem(known.service.ask("all", method, where, **more), 422, "invalid")
    assert "CANARY" not in str(body)


def test_a_step_by_one_of_too_many_holders_is_not_weighed(
    known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.queries.paths.MOST_HOLDERS", 1)
    ends = {"from": known.officer, "to": known.detained, "rank": "bits"}
    assert {path["bits"] for path in known.service.get("/v1/paths", params=ends)["paths"]} == {None}


def test_findings_are_listed_counted_and_paged(known: Known) -> None:
    page = known.service.get("/v1/findings", params={"state": "new", "entity": known.officer})
    assert (page["total"], page["counts"], page["next"]) == (1, {"new": 1}, None)
    finding = known.service.get(f"/v1/findings/{known.finding}")
    assert {one["entity_id"] for one in finding["subjects"]} == {known.officer, known.detained}
    assert 2 < len(finding["graph"]["nodes"]) <= 30
    assert finding["refuter"]
    assert known.service.get("/v1/findings", params={"q": "no such words"})["items"] == []
    problem(known.service.ask("all", "GET", "/v1/findings?cursor=zzz"), 400, "malformed")


def test_a_decision_needs_the_version_read_and_a_reason(service: Service) -> None:
    two_who_share_a_home(service)
    (finding,) = service.get("/v1/findings")["items"]
    path = f"/v1/findings/{finding['id']}"
    tag = service.ask("all", "GET", path).headers["etag"]
    decide = {"state": "innocent", "reason": "Siblings; declared on paper."}
    problem(service.ask("all", "POST", f"{path}/dispositions", json=decide), 428, "if-match-required")
    stale = service.ask("all", "POST", f"{path}/dispositions", json=decide, headers={"If-Match": '"99"'})
    problem(stale, 412, "if-match-stale")
    for wrong in ({**decide, "state": "guilty"}, {**decide, "reason": ""}, {**decide, "state": "withdrawn"}):
        answer = service.ask("all", "POST", f"{path}/dispositions", json=wrong, headers={"If-Match": tag})
        problem(answer, 422, "invalid")
    done = service.ask("all", "POST", f"{path}/dispositions", json=decide, headers={"If-Match": tag})
    assert done.json()["state"] == "innocent"
    assert done.json()["history"][-1]["reason"] == decide["reason"]
    again = service.ask("all", "POST", f"{path}/dispositions", json=decide, headers={"If-Match": tag})
    problem(again, 412, "if-match-stale")


def test_a_pattern_answers_at_once_about_somebody_and_as_a_job_about_everybody(known: Known) -> None:
    catalogue = {one["id"]: one for one in known.service.get("/v1/patterns")["items"]}
    assert catalogue["shared_home"]["explanations"]
    path = "/v1/patterns/shared_home/run"
    seeded = known.service.ask("all", "POST", path, json={"about": [known.officer]}).json()
    assert (seeded["status"], [one["id"] for one in seeded["findings"]]) == ("done", [known.finding])
    assert {row["source"] for row in seeded["freshness"]} >= {"hr", "custody"}
    assert known.service.get(path, params={"about": known.officer})["findings"] == seeded["findings"]
    job = known.service.ask("all", "POST", path, json={}).json()
    deadline = time.monotonic() + 60
    while job["status"] == "running" and time.monotonic() < deadline:
        time.sleep(0.05)
        job = known.service.get(path, params={"job": job["job_id"]})
    assert (job["status"], job["progress"]) == ("done", 1.0)
    assert [one["id"] for one in job["findings"]] == [known.finding]


@pytest.mark.parametrize(
    ("path", "body", "status", "kind"),
    [
        ("/v1/patterns/none/run", {}, 404, "absent"),
        ("/v1/patterns/shared_home/run", {"about": ["enobody"]}, 404, "absent"),
        ("/v1/patterns/shared_home/run", {"about": []}, 422, "invalid"),
        ("/v1/patterns/shared_home/run", {"sources": []}, 422, "invalid"),
        ("/v1/patterns/shared_home/run", {"from": "2024-13-01"}, 422, "invalid"),
        ("/v1/patterns/shared_home/run", {"thresholds": {"nought": 1.0}}, 422, "invalid"),
        (
            "/v1/judgements",
            {"left": "hr|1", "right": "hr|1", "same": True, "reason": "why not"},
            422,
            "invalid",
        ),
        (
            "/v1/judgements",
            {"left": "hr|1", "right": "hr|9", "same": True, "reason": "why not"},
            404,
            "absent",
        ),
        ("/v1/judgements", {"left": "hr|1", "right": "hr", "same": True, "reason": "why not"}, 404, "absent"),
    ],
)
def test_a_wrong_question_is_a_problem(known: Known, path: str, body: Any, status: int, kind: str) -> None:
    problem(known.service.ask("all", "POST", path, json=body), status, kind)


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/v1/entities/enobody", 404, "absent"),
        ("/v1/entities/enobody/network", 404, "absent"),
        ("/v1/entities/anothing/network", 404, "absent"),
        ("/v1/entities/enobody/how", 404, "absent"),
        ("/v1/findings/fnone", 404, "absent"),
        ("/v1/why?left=hr|1&right=hr|1", 422, "invalid"),
        ("/v1/why?left=hr|1&right=hr|404", 404, "absent"),
        ("/v1/why?left=hr|1", 422, "invalid"),
        ("/v1/paths?from=enobody&to=enobody", 404, "absent"),
        ("/v1/paths?from=e1&to=e2&max_hops=7", 422, "invalid"),
        ("/v1/review/next?after=x", 400, "malformed"),
        ("/v1/patterns/shared_home/run", 422, "invalid"),
        ("/v1/patterns/shared_home/run?job=jnone", 404, "absent"),
        ("/v1/changes?after=-1", 422, "invalid"),
        ("/v1/entities/enobody?known_at=2024-01-01", 400, "malformed"),
        ("/v1/entities/enobody/timeline?known_at=1", 400, "not-supported"),
        ("/v1/why?left=a&right=b&valid_at=2024-01-01", 400, "not-supported"),
        ("/v1/entities/enobody?known_at=99999", 400, "malformed"),
        ("/v1/findings?known_at=2999-01-01T00:00:00Z", 400, "malformed"),
        ("/v1/paths?from=e1&to=e2&valid_at=2024-01-01", 400, "not-supported"),
        ("/v1/nothing", 404, "absent"),
    ],
)
def test_a_wrong_address_is_a_problem(known: Known, path: str, status: int, kind: str) -> None:
    problem(known.service.ask("all", "GET", path), status, kind)


def test_a_merged_entity_redirects_and_a_judgement_parts_it_again(service: Service) -> None:
    first = service.push("hr", "1", ROSALIND)["entity_id"]
    other = {
        **ROSALIND,
        "name": [{"full": "Xavier Zed"}],
        "date_of_birth": "1950-05-05",
        "staff_number": "S5",
    }
    second = service.push("hr", "2", {**other, "phone": "07700 900111"})["entity_id"]
    assert first != second
    word = {"left": "hr|1", "right": "hr|2", "same": True, "reason": "A tester says so."}
    receipt = service.ask("reviewer", "POST", "/v1/judgements", json=word).json()
    assert {one["entity_id"] for one in receipt["touched"]} == {first, second}
    moved = service.ask("all", "GET", f"/v1/entities/{second}/network?hops=2")
    assert (moved.status_code, moved.headers["location"]) == (308, f"/v1/entities/{first}/network?hops=2")
    how = service.get(f"/v1/entities/{first}/how")
    assert [step["weight"] for step in how["steps"]] == [None]
    assert "a human said so" in how["steps"][0]["sentence"]
    assert service.get("/v1/why", params={"left": "hr|1", "right": "hr|2"})["judgement"] == "must-link"
    apart = service.ask("reviewer", "POST", "/v1/judgements", json={**word, "same": False}).json()
    assert apart["version"] == 2
    assert service.get("/v1/records/hr/2")["entity_id"] != first


def test_a_judgement_against_the_others_names_the_chain(service: Service) -> None:
    for number in (1, 2, 3):
        service.push("hr", str(number), {"name": [{"full": f"Person{'abc'[number - 1]} Alone"}]})

    def judge(left: int, right: int, same: bool) -> Any:
        word = {"left": f"hr|{left}", "right": f"hr|{right}", "same": same, "reason": "A tester says so."}
        return service.ask("reviewer", "POST", "/v1/judgements", json=word)

    assert judge(1, 2, True).status_code == 200
    assert judge(2, 3, True).status_code == 200
    body = problem(judge(1, 3, False), 409, "conflicting-judgement")
    assert set(body["chain"]) >= {"hr|1", "hr|2", "hr|3"}


def test_how_names_the_facts_without_which_a_person_falls_apart(service: Service) -> None:
    service.push("hr", "1", ROSALIND)
    entity = service.push("vetting", "1", {"name": ROSALIND["name"], "staff_number": "S77310"})["entity_id"]
    how = service.get(f"/v1/entities/{entity}/how")
    assert len(how["steps"]) == 1
    assert how["weakest"]["weight"] == pytest.approx(
        service.get("/v1/why", params={"left": "hr|1", "right": "vetting|1"})["match_weight"]
    )
    assert "Staff number" in how["minimal_evidence"]


def test_the_change_feed_resumes_and_holds_no_value(known: Known) -> None:
    first = known.service.get("/v1/changes", params={"limit": 3})
    rest = known.service.get("/v1/changes", params={"after": first["after"], "limit": 1000})
    sequences = [item["sequence"] for item in (*first["items"], *rest["items"])]
    assert sequences == sorted(set(sequences))
    assert "Quillfeather" not in str(rest)


def test_health_and_metrics_tell_how_it_goes(known: Known) -> None:
    assert known.service.client.get("/health/live").status_code == 200
    ready = known.service.client.get("/health/ready").json()
    graph = "neo4j" if known.service.kith.settings.neo4j_url else "embedded"
    assert (ready["ready"], ready["graph"], ready["redo"]) == (True, graph, 0)
    known.service.get(f"/v1/entities/{known.officer}")
    metrics = known.service.client.get("/metrics").text
    assert "kith_ledger_sequence" in metrics
    assert 'route="/v1/entities/{entity_id}"' in metrics
    assert known.officer not in metrics
