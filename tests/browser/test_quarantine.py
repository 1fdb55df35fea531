"""The quarantine by keys alone: from the sources to a row, its field mended, run again; axe finds nothing."""

import json

import pytest
from browser_service import Faults, Service, tab_to, wrong
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

MAPPING = """mapping: 1
source: {value: crm}
id: nr
record:
  name: {columns: {given: first, family: last}}
  date_of_birth: born
"""


def test_a_row_is_repaired_by_keys(page: Page, own_world: Service, faults: Faults) -> None:
    assert own_world.api.put("/v1/sources/crm", json={"mapping": MAPPING}).status_code == 200
    with own_world.kith.ledger.write() as session:
        for line, name in ((5, "Zyzzyva"), (6, "Yolanda")):
            kept = {"nr": str(line), "first": name, "last": "Wrong", "born": "1990-13-45"}
            said = {"source": "crm", "line": line, "code": "impossible_date", "field": "date_of_birth"}
            payload = {"message": f"people.csv line {line}", "payload": json.dumps(kept)}
            session.quarantine.put({**said, **payload}, "test")
    page.goto(own_world.link())
    page.goto(f"{own_world.url}/sources")
    tab_to(page, "a[href='/quarantine?source=crm']")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Quarantine")
    assert wrong(page) == []
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("#field-4")).to_have_value("1990-13-45")
    assert wrong(page) == []
    page.keyboard.press("r")
    expect(page.locator("#live")).to_contain_text("Write what settled it")
    page.keyboard.type("r d b: the month was mistyped")
    page.keyboard.press("Escape")
    page.locator("#field-4").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1990-12-15")
    tab_to(page, "button[data-key=r]")
    page.keyboard.press("Enter")
    expect(page.locator(".done")).to_contain_text("run again and taken")
    assert own_world.ask("/records/crm/5")["attributes"]["date_of_birth"] == [{"value": "1990-12-15"}]
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#field-4")).to_have_value("1990-13-45")
    page.keyboard.press("d")
    page.keyboard.type("A test row.")
    page.keyboard.press("Enter")
    expect(page.locator(".done")).to_contain_text("Put aside")
    expect(page.locator("main")).to_contain_text("Nothing is in quarantine")
