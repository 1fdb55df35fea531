"""The pages over a real store: the same answers as the API, behind the same gate."""

from collections.abc import Iterator

import pytest
from page_html import Outline
from running_kith import Known, running, two_who_share_a_home

from app.ui.rendering import static_url
from resolvers.linkage_model import default_model

PAGES = (
    "/",
    "/explore",
    "/review",
    "/model",
    "/sources",
    "/quarantine",
    "/audit",
    "/why?left=hr%7C1&right=custody%7CN1",
)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    with running(tmp_path_factory.mktemp("pages") / "kith") as service:
        officer, detained = two_who_share_a_home(service)
        (finding,) = service.get("/v1/findings")["items"]
        yield Known(service, officer, detained, finding["id"])


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """Yield a store that the test may change."""
    with running(tmp_path_factory.mktemp("own") / "kith") as service:
        officer, detained = two_who_share_a_home(service)
        (finding,) = service.get("/v1/findings")["items"]
        yield Known(service, officer, detained, finding["id"])


def addresses(known: Known) -> list[str]:
    return [*PAGES, f"/findings/{known.finding}", f"/entities/{known.officer}"]


def shown(known: Known, path: str, role: str = "all") -> Outline:
    answer = known.service.ask(role, "GET", path)
    assert answer.status_code == 200, answer.text
    return Outline(answer.text)


def test_every_page_answers_and_is_never_kept(known: Known) -> None:
    for path in addresses(known):
        answer = known.service.ask("all", "GET", path)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_nobody_sees_a_page_without_a_key(known: Known) -> None:
    for path in addresses(known):
        answer = known.service.client.get(path)
        assert answer.status_code == 401, path
        assert "kith key open" in Outline(answer.text).one("main").text
        assert "Quillfeather" not in answer.text


def test_a_key_of_another_role_is_told_so(known: Known) -> None:
    for path, role in (("/audit", "investigator"), ("/", "auditor"), ("/review", "investigator")):
        answer = known.service.ask(role, "GET", path)
        assert answer.status_code == 403
        assert Outline(answer.text).one("h1").text == "Not for this key"


def test_each_view_of_a_person_is_in_the_audit(known: Known) -> None:
    before = len(known.service.get("/v1/audit", params={"entity": known.detained})["items"])
    shown(known, f"/entities/{known.detained}")
    rows = known.service.get("/v1/audit", params={"entity": known.detained})["items"]
    assert len(rows) == before + 1
    assert rows[-1]["action"] == "GET /entities/{entity_id}"


def test_the_audit_page_shows_its_own_look_first(known: Known) -> None:
    first = shown(known, "/audit").one("table", id="audit").text
    assert first.index("GET /audit") < first.index("PUT /v1/records")


def test_the_finding_page_says_what_the_api_says(known: Known) -> None:
    finding = known.service.get(f"/v1/findings/{known.finding}")
    outline = shown(known, f"/findings/{known.finding}")
    assert outline.one("h1").text == finding["title"]
    assert finding["sentence"] in outline.one("main").text
    for fact in finding["evidence"]:
        assert fact["sentence"] in outline.one("table", id="evidence").text
    for explanation in finding["explanations"]:
        assert explanation["sentence"] in outline.one("main").text


def test_filters_stand_in_the_address_and_hold(known: Known) -> None:
    assert shown(known, "/?state=new").all("tr", data_finding=known.finding)
    assert shown(known, "/?state=any&severity=").all("tr", data_finding=known.finding)
    assert not shown(known, "/?state=escalated").all("tr", data_finding=known.finding)
    assert not shown(known, "/?pattern=linked_lookup").all("tr", data_finding=known.finding)
    chosen = shown(known, "/?state=escalated").one("option", value="escalated")
    assert "selected" in chosen.attributes


def test_a_page_that_is_not_there_is_a_page(known: Known) -> None:
    for path in ("/entities/eaaaaaaa7", "/findings/f7", "/why?left=hr%7C404&right=hr%7C1", "/static/x/y.css"):
        answer = known.service.ask("all", "GET", path)
        assert answer.status_code == 404, path
        assert Outline(answer.text).one("h1").text == "Nothing here, or not for you"


def test_a_missing_parameter_is_said_without_repeating_the_rest(known: Known) -> None:
    answer = known.service.ask("all", "GET", "/why?left=Rosalind")
    assert answer.status_code == 422
    assert "Rosalind" not in answer.text


def test_static_files_need_no_key(known: Known) -> None:
    for name in ("app.css", "page.mjs", "kith.svg", "vendor/graph.mjs"):
        answer = known.service.client.get(static_url(name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


def test_a_search_is_posted_and_stands_in_no_address(known: Known) -> None:
    answer = known.service.ask("all", "POST", "/explore", data={"q": "Rosalind Quillfeather"})
    assert answer.status_code == 200
    outline = Outline(answer.text)
    assert outline.one("input", id="phrase").attributes["value"] == "Rosalind Quillfeather"
    header = outline.one("form", class_="find")
    assert header.attributes["method"] == "post"


def decide(known: Known, **form: object) -> tuple[int, Outline | None]:
    answer = known.service.ask("all", "POST", f"/findings/{known.finding}", data=form)
    return answer.status_code, Outline(answer.text) if answer.text else None


def test_a_decision_needs_a_state_a_reason_and_the_version_it_was_made_on(own: Known) -> None:
    version = own.service.get(f"/v1/findings/{own.finding}")["version"]
    reason = "They are neighbours."
    for form in (
        {"reason": reason, "version": version},
        {"state": "withdrawn", "reason": reason, "version": version},
        {"state": "innocent", "reason": " x ", "version": version},
        {"state": "innocent", "reason": reason, "version": version + 1},
        {"state": "innocent", "reason": reason},
    ):
        status, outline = decide(own, **form)
        assert status == 422, form
        assert outline is not None
        assert outline.one("p", class_="wrong").text
        assert own.service.get(f"/v1/findings/{own.finding}")["state"] == "new"
    status, _ = decide(own, state="innocent", reason=reason, version=version)
    assert status == 303
    finding = own.service.get(f"/v1/findings/{own.finding}")
    assert finding["state"] == "innocent"
    assert finding["history"][-1]["reason"] == reason
    rows = own.service.get("/v1/audit", params={"limit": 1000})["items"]
    assert [row["outcome"] for row in rows if row["action"] == "POST /findings/{finding_id}"].count(
        "allowed"
    ) == 6


def test_a_merged_person_leads_to_the_one_it_became(own: Known) -> None:
    service = own.service
    other = service.push(
        "vetting", "V1", {"name": [{"full": "Somebody Else"}], "date_of_birth": "1950-01-01"}
    )
    judgement = {"left": "hr|1", "right": "vetting|V1", "same": True, "reason": "One badge, seen twice."}
    assert service.ask("all", "POST", "/v1/judgements", json=judgement).status_code == 200
    gone, now = other["entity_id"], service.get("/v1/records/hr/1")["entity_id"]
    assert gone != now
    answer = service.ask("all", "GET", f"/entities/{gone}")
    assert answer.status_code == 308
    assert answer.headers["location"] == f"/entities/{now}"


def test_a_judgement_needs_a_reason_and_not_sure_decides_nothing(own: Known) -> None:
    pair = {"left": "hr|1", "right": "custody|N1"}
    answer = own.service.ask("all", "POST", "/review", data={**pair, "decision": "different"})
    assert answer.status_code == 422
    unsure = {**pair, "decision": "unsure", "after": "2_-0.4_1_2"}
    answer = own.service.ask("all", "POST", "/review", data=unsure)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/review?after=2_-0.4_1_2&done=unsure&last=j")
    assert own.service.get("/v1/why", params=pair)["judgement"] == "not sure"
    reason = {"decision": "different", "reason": "Two birth dates."}
    assert own.service.ask("all", "POST", "/review", data={**pair, **reason}).status_code == 303
    assert own.service.get("/v1/why", params=pair)["judgement"] == "cannot-link"
    absent = {"left": "hr|1", "right": "hr|404", "decision": "same", "reason": "No such record."}
    assert own.service.ask("all", "POST", "/review", data=absent).status_code == 404


def test_a_decision_is_taken_back_on_the_page_once(own: Known) -> None:
    word = {"left": "hr|1", "right": "custody|N1", "decision": "different", "reason": "Two birth dates."}
    answer = own.service.ask("all", "POST", "/review", data=word)
    shown = Outline(own.service.ask("all", "GET", answer.headers["location"]).text)
    last = {"last": shown.one("input", name="last").attributes["value"]}
    assert own.service.ask("all", "POST", "/review/undo", data=last).status_code == 303
    pair = {"left": "hr|1", "right": "custody|N1"}
    assert own.service.get("/v1/why", params=pair)["judgement"] is None
    again = own.service.ask("all", "POST", "/review/undo", data=last)
    assert again.status_code == 422
    assert own.service.ask("all", "POST", "/review/undo", data={"last": "jnone.1"}).status_code == 404


def test_the_model_page_says_what_the_model_says(known: Known) -> None:
    outline, model = shown(known, "/model", "auditor"), default_model()
    table = outline.one("table", id="thresholds").text
    assert "from here on joined" in table
    assert "from here on a person decides" in table
    text = outline.one("main").text
    for comparison in model.comparisons:
        assert comparison.title in text
        for level in comparison.levels:
            assert level.label in text
    assert model.id in text
