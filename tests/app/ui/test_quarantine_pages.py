"""The quarantine as a page: listed without values, repaired, run again or put aside."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from page_html import Outline
from running_kith import Service, running

MAPPING = """mapping: 1
source: {value: crm}
id: nr
record:
  name: {columns: {given: first, family: last}}
  date_of_birth: born
"""
KEPT = {"nr": "4", "first": "Zyzzyva", "last": "Wrong", "born": "1990-13-45"}


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("quarantine") / "kith", ("hr",)) as service:
        assert service.ask("admin", "PUT", "/v1/sources/crm", json={"mapping": MAPPING}).status_code == 200
        yield service


@pytest.fixture
def rows(service: Service) -> list[int]:
    """Put rows into quarantine: of a mapped source, one that could not be split, and one without values."""

    def put(session: Any) -> list[int]:
        said = {"code": "impossible_date", "field": "date_of_birth", "message": "people.csv line 5"}
        return [
            session.quarantine.put({**said, "source": "crm", "line": 5, "payload": json.dumps(KEPT)}, "t"),
            session.quarantine.put({**said, "source": "crm", "line": 6, "payload": '{"row": "5,Cut"}'}, "t"),
            session.quarantine.put(
                {"source": "kith", "code": "graph: X", "field": "e1", "message": "m"}, "t"
            ),
        ]

    return service.kith.pipeline.run(put)


def form(outline: Outline, **changed: str) -> dict[str, Any]:
    """Return the form of a row as a browser would send it, with some of its fields changed."""
    names = [tag.attributes["value"] for tag in outline.all("input", name="name")]
    values = [tag.attributes.get("value", "") for tag in outline.all("input", name="value")]
    fields = {**dict(zip(names, values, strict=True)), **changed}
    id_ = outline.one("input", id="id").attributes["value"]
    return {"name": list(fields), "value": list(fields.values()), "id": id_, "kind": "record"}


def shown(service: Service, path: str, role: str = "all") -> Outline:
    answer = service.ask(role, "GET", path)
    assert answer.status_code == 200, answer.text
    return Outline(answer.text)


def test_the_list_has_no_values_and_a_row_has_those_of_its_fields(service: Service, rows: list[int]) -> None:
    listed = service.ask("admin", "GET", "/quarantine")
    assert "Zyzzyva" not in listed.text
    assert [tag.attributes["href"] for tag in Outline(listed.text).all("a", class_="main-link")] == [
        f"/quarantine/{number}" for number in rows
    ]
    assert "/quarantine?source=crm" in service.ask("all", "GET", "/sources").text
    sent = form(shown(service, f"/quarantine/{rows[0]}"))
    assert dict(zip(sent["name"], sent["value"], strict=True)) == KEPT
    assert sent["id"] == "4"
    looks = service.get(f"/v1/audit?entity=q{rows[0]}")["items"]
    assert [row["action"] for row in looks] == ["GET /quarantine/{number}"]


def test_a_row_is_repaired_once_what_is_wrong_is_mended(service: Service, rows: list[int]) -> None:
    path = f"/quarantine/{rows[0]}"
    sent = {**form(shown(service, path), born="1990-12-45"), "reason": "the year was mistyped"}
    wrong = service.ask("all", "POST", path, data=sent)
    assert wrong.status_code == 422
    assert "date_of_birth" in Outline(wrong.text).one("p", class_="wrong").text
    assert form(Outline(wrong.text))["value"] == sent["value"]
    sent = {**form(Outline(wrong.text), born="1990-12-15"), "reason": ""}
    assert "reason" in Outline(service.ask("all", "POST", path, data=sent).text).one("p", class_="wrong").text
    done = service.ask("all", "POST", path, data={**sent, "reason": "mistyped"})
    assert done.headers["location"] == "/quarantine?source=crm&done=accepted"
    assert "run again and taken" in shown(service, done.headers["location"]).one("p", class_="done").text
    assert service.get("/v1/records/crm/4")["attributes"]["date_of_birth"] == [{"value": "1990-12-15"}]
    assert service.ask("all", "GET", path).status_code == 404


def test_a_line_that_could_not_be_split_is_said_anew(service: Service, rows: list[int]) -> None:
    outline = shown(service, f"/quarantine/{rows[1]}")
    assert "5,Cut" in outline.one("textarea", id="body").text
    body = json.dumps({"nr": "5", "first": "Anna", "last": "Cut", "born": "1980-01-02"})
    sent = {"id": "5", "kind": "record", "body": body, "reason": "a comma was missing"}
    assert service.ask("all", "POST", f"/quarantine/{rows[1]}", data={**sent, "body": "{"}).status_code == 422
    assert service.ask("all", "POST", f"/quarantine/{rows[1]}", data=sent).status_code == 303
    assert service.get("/v1/records/crm/5")["attributes"]["name"] == [{"given": "Anna", "family": "Cut"}]


def test_a_row_is_put_aside_with_a_reason(service: Service, rows: list[int]) -> None:
    path = f"/quarantine/{rows[2]}"
    assert not shown(service, path).all("input", id="id")
    assert service.ask("all", "POST", f"{path}/dismiss", data={"reason": " "}).status_code == 422
    done = service.ask("all", "POST", f"{path}/dismiss", data={"reason": "rebuilt since"})
    assert done.headers["location"] == "/quarantine?done=aside"
    assert service.ask("all", "GET", path).status_code == 404


def test_rows_are_for_whom_the_source_is(service: Service, rows: list[int]) -> None:
    for role, status in (("pusher", 404), ("admin", 403), ("investigator", 403)):
        assert service.ask(role, "GET", f"/quarantine/{rows[0]}").status_code == status
        sent = {"id": "4", "reason": "because", "name": ["nr"], "value": ["4"]}
        assert service.ask(role, "POST", f"/quarantine/{rows[0]}", data=sent).status_code == status
        answer = service.ask(role, "POST", f"/quarantine/{rows[0]}/dismiss", data=sent)
        assert answer.status_code == status
    assert not shown(service, "/quarantine?source=crm", "pusher").all("a", class_="main-link")
