"""Decisions on findings and pairs: by keys, with a reason, against what has changed, and without scripts."""

import re

import pytest
from browser_service import Faults, Service, tab_to
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


def test_typing_a_letter_is_not_a_key(page: Page, own_world: Service, faults: Faults) -> None:
    page.goto(own_world.link())
    finding = own_world.ask("/findings", state="new")["items"][0]["id"]
    page.goto(f"{own_world.url}/findings/{finding}")
    page.locator("#reason").focus()
    page.keyboard.type("1 2 3 4 ?")
    expect(page.locator("#decide input:checked")).to_have_count(0)
    expect(page.locator("#reason")).to_have_value("1 2 3 4 ?")


def test_a_decision_by_keys_is_recorded(page: Page, own_world: Service, faults: Faults) -> None:
    page.goto(own_world.link())
    finding = own_world.ask("/findings", state="new")["items"][0]["id"]
    page.goto(f"{own_world.url}/findings/{finding}")
    expect(page.locator("#decide input:checked")).to_have_count(0)
    page.keyboard.press("1")
    tab_to(page, "#reason")
    page.keyboard.type("They are neighbours who share a stairwell.")
    tab_to(page, "#decide button")
    page.keyboard.press("Enter")
    expect(page.locator(".done")).to_have_text("Your decision is recorded.")
    view = own_world.ask(f"/findings/{finding}")
    assert view["state"] == "innocent"
    assert view["history"][-1]["reason"] == "They are neighbours who share a stairwell."
    expect(page.locator("main")).to_contain_text(view["history"][-1]["reason"])


def test_a_decision_on_what_has_changed_is_refused(page: Page, own_world: Service, faults: Faults) -> None:
    page.goto(own_world.link())
    finding = own_world.ask("/findings", state="new")["items"][0]
    page.goto(f"{own_world.url}/findings/{finding['id']}")
    decision = {"state": "in_review", "reason": "I have it."}
    etag = {"If-Match": f'"{finding["version"]}"'}
    answer = own_world.api.post(f"/v1/findings/{finding['id']}/dispositions", json=decision, headers=etag)
    assert answer.status_code == 200
    page.keyboard.press("4")
    page.locator("#reason").fill("Seen by two sources.")
    page.locator("#decide button").press("Enter")
    expect(page.locator(".wrong")).to_contain_text("has changed since you opened it")
    expect(page.locator("#reason")).to_have_value("Seen by two sources.")
    assert own_world.ask(f"/findings/{finding['id']}")["state"] == "in_review"
    faults.seen[:] = [fault for fault in faults.seen if not re.search("status of 422", fault)]


def test_review_by_keys_alone(page: Page, own_world: Service, faults: Faults) -> None:
    page.goto(own_world.link())
    page.goto(f"{own_world.url}/review")
    waiting = own_world.ask("/review/next")
    pair = waiting["pair"]
    records = {"left": pair["left"], "right": pair["right"]}

    def judgement() -> str | None:
        said: str | None = own_world.ask("/why", **records)["judgement"]
        return said

    expect(page.locator("main")).to_contain_text(pair["why"]["sentence"])
    expect(page.locator("main")).to_contain_text(pair["if_same"])
    page.keyboard.press("h")
    expect(page.locator("#history")).to_have_attribute("open", "")
    expect(page.locator("#history")).to_contain_text("nobody has decided it yet")
    page.keyboard.press("o")
    expect(page.locator("#sources")).to_have_attribute("open", "")
    page.keyboard.press("s")
    expect(page.locator("#live")).to_contain_text("Write what settled it")
    page.keyboard.type("d s u n z")
    expect(page.locator("#reason")).to_have_value("d s u n z")
    assert judgement() is None
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator(".done")).to_have_text("Recorded: different people.")
    assert judgement() == "cannot-link"
    page.keyboard.press("z")
    expect(page.locator(".done")).to_contain_text("Taken back")
    assert judgement() is None

    page.keyboard.press("s")
    page.keyboard.type("Same birth date and phone; seen together.")
    page.keyboard.press("Enter")
    expect(page.locator(".done")).to_have_text("Recorded: the same person.")
    assert judgement() == "must-link"
    page.keyboard.press("z")
    expect(page.locator(".done")).to_contain_text("Taken back")
    page.keyboard.press("u")
    expect(page.locator(".done")).to_contain_text("not sure")
    assert judgement() == "not sure"
    following = own_world.ask("/review/next")
    assert following["waiting"] == waiting["waiting"] - 1
    if following["pair"] is not None:
        expect(page.locator("main")).to_contain_text(following["pair"]["asked_because"])
        page.keyboard.press("n")
        page.wait_for_url("**/review?after=*")


def test_without_scripts_a_decision_still_works(browser: Browser, own_world: Service) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(own_world.link())
    page.locator("#findings .main-link").first.click()
    page.locator("input[value=need_info]").check()
    page.locator("#reason").fill("Ask housing for the tenancy.")
    page.locator("#decide button").click()
    expect(page.locator(".done")).to_have_text("Your decision is recorded.")
    context.close()
