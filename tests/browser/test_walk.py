"""The whole way by keyboard alone: list, finding, person, why, explorer, path; each as the API says."""

from collections import Counter
from typing import Any

import pytest
from browser_service import Faults, Service, ink, tab_to
from playwright.sync_api import Browser, Page, expect

from app.ui import words

pytestmark = pytest.mark.browser

INKED = 2000
"""Pixels that a drawing of a few nodes has at least; an empty canvas has none."""


FAR = "Imelda Sparrowhawk"
Network = dict[str, list[dict[str, Any]]]


def count(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"


def test_a_triage_without_a_mouse(page: Page, browser: Browser, world: Service, faults: Faults) -> None:
    page.goto(world.link())
    finding_id = walk_the_list(page, world)
    officer = walk_the_finding(page, browser, world, finding_id)
    network = walk_the_person(page, world, officer)
    walk_the_why(page, world, officer)
    walk_into_the_explorer(page, browser, world, officer, network)
    shown = expand_a_neighbour(page, world, officer, network)
    shown = find_a_path(page, world, officer, shown)
    assert ink(browser, page.locator("#graph")) > INKED
    read_the_list(page, shown)


def walk_the_list(page: Page, world: Service) -> str:
    """As many findings as the API has, with their titles and people; j and Enter open the first."""
    listed = world.ask("/findings", state="new")
    items = listed["items"]
    assert len(items) >= 2
    rows = page.locator("#findings tbody tr")
    expect(rows).to_have_count(len(items))
    expect(page.locator("#shown")).to_have_text(f"{len(items)} shown of {count(listed['total'], 'finding')}")
    for row, item in zip(rows.all(), items, strict=True):
        expect(row.locator(".main-link")).to_have_text(item["title"])
        for subject in item["subjects"]:
            expect(row).to_contain_text(subject["name"])
    for key in ("j", "j", "k", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/findings/*")
    return str(items[0]["id"])


def walk_the_finding(page: Page, browser: Browser, world: Service, finding_id: str) -> str:
    """Sentence, drawing, evidence; a row of the list that equals the drawing leads to the person."""
    finding = world.ask(f"/findings/{finding_id}")
    expect(page.locator("h1")).to_have_text(finding["title"])
    expect(page.locator("main")).to_contain_text(finding["sentence"])
    expect(page.locator("#evidence-count")).to_have_text(count(len(finding["evidence"]), "fact"))
    expect(page.locator(".explanations > li")).to_have_count(len(finding["explanations"]))
    expect(page.locator("#graph-count")).to_contain_text(
        size(finding["graph"]["nodes"], finding["graph"]["links"])
    )
    expect(page.locator("#graph canvas").first).to_be_visible()
    assert ink(browser, page.locator("#graph")) > INKED

    tab_to(page, "button[data-show=list]")
    page.keyboard.press("Enter")
    evidence = page.locator("#evidence tbody tr")
    expect(evidence).to_have_count(len(finding["evidence"]))
    for row, fact in zip(evidence.all(), finding["evidence"], strict=True):
        expect(row).to_contain_text(fact["sentence"])
        expect(row).to_contain_text(fact["source_id"])
    people = [subject["entity_id"] for subject in finding["subjects"]]
    officer = max(people, key=lambda person: world.ask(f"/entities/{person}")["record_count"])
    tab_to(page, f"#evidence a[href^='/entities/{officer}']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/entities/*")
    return str(officer)


def walk_the_person(page: Page, world: Service, officer: str) -> Network:
    """Name, values, links, records and steps are those of the API."""
    entity = world.ask(f"/entities/{officer}")
    expect(page.locator("h1")).to_have_text(entity["display_name"])
    expect(page.locator("#record-count")).to_have_text(count(entity["record_count"], "record"))
    values = [(one["name"], value["display"]) for one in entity["attributes"] for value in one["values"]]
    expect(page.locator("#golden tbody tr")).to_have_count(len(values))
    for name, display in values:
        said = words.day(display) if name == "date_of_birth" else display
        expect(page.locator("#golden")).to_contain_text(said)
    network: Network = world.ask(f"/entities/{officer}/network")
    own = [link for link in network["links"] if officer in {link["start"], link["end"]}]
    expect(page.locator("#link-count")).to_have_text(count(len(own), "link"))
    records = world.ask(f"/entities/{officer}/records")["items"]
    expect(page.locator("details.record")).to_have_count(len(records))
    expect(page.locator(".steps li")).to_have_count(len(world.ask(f"/entities/{officer}/how")["steps"]))
    return network


def walk_the_why(page: Page, world: Service, officer: str) -> None:
    """Why two of its records are one: the sentence, then each comparison; and back."""
    tab_to(page, ".steps a[href^='/why']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/why?*")
    step = world.ask(f"/entities/{officer}/how")["steps"][0]
    why = world.ask("/why", left=step["left"][0], right=step["right"][0])
    expect(page.locator("#sentence")).to_have_text(why["sentence"])
    expect(page.locator("#weights tbody tr")).to_have_count(len(why["comparisons"]) + 1)
    for view in why["comparisons"]:
        expect(page.locator("#weights")).to_contain_text(view["title"])
    tab_to(page, ".crumb a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/entities/*")


def walk_into_the_explorer(
    page: Page, browser: Browser, world: Service, officer: str, network: Network
) -> None:
    """The person and what lies around it are drawn, and counted."""
    tab_to(page, "a[href^='/explore?entity']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/explore?entity=*")
    expect(page.locator("#scene")).to_have_text(size(network["nodes"], network["links"]))
    expect(page.locator("#details h2").first).to_have_text(world.ask(f"/entities/{officer}")["display_name"])
    assert ink(browser, page.locator("#graph")) > INKED


def expand_a_neighbour(page: Page, world: Service, officer: str, network: Network) -> Network:
    """Walk along a link by an arrow, which is said, and expand: the counts are those of both answers."""
    tab_to(page, "#graph")
    for arrow in ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"):
        page.keyboard.press(arrow)
        if selected(page) != officer:
            break
    here = selected(page)
    assert here != officer
    name = next(node["display_name"] for node in network["nodes"] if node["id"] == here)
    expect(page.locator("#live")).to_contain_text(name)
    page.keyboard.press("e")
    shown = joined(network, world.ask(f"/entities/{here}/network"))
    expect(page.locator("#scene")).to_have_text(size(shown["nodes"], shown["links"]))
    kinds = Counter(node["kind"] for node in shown["nodes"])
    for kind, number in kinds.items():
        expect(page.locator(f"#kinds li:has([data-key={kind}]) .count")).to_have_text(str(number))
    return shown


def find_a_path(page: Page, world: Service, officer: str, shown: Network) -> Network:
    """Ask for a path to somebody two persons away in words: it is told and drawn as the API has it."""
    name = world.ask(f"/entities/{officer}")["display_name"]
    page.keyboard.press("/")
    page.keyboard.type(f"{name} to {FAR}")
    page.keyboard.press("Enter")
    hits = world.api.post("/v1/search", json={"text": FAR}).json()["hits"]
    paths = world.ask("/paths", **{"from": officer, "to": hits[0]["entity_id"], "avoid": "Finding"})
    assert paths["paths"]
    told = page.locator("#paths li")
    expect(told).to_have_count(len(paths["paths"]))
    for line, path in zip(told.all(), paths["paths"], strict=True):
        expect(line).to_have_text(f"{count(len(path['links']), 'step')}: {path['sentence']}")
    shown = joined(shown, paths)
    expect(page.locator("#scene")).to_have_text(size(shown["nodes"], shown["links"]))
    return shown


def read_the_list(page: Page, shown: Network) -> None:
    """The list has every item and link of the drawing."""
    tab_to(page, ".toolbar button[data-show=list]")
    page.keyboard.press("Enter")
    expect(page.locator("#item-list tbody tr")).to_have_count(len(shown["nodes"]))
    expect(page.locator("#link-list tbody tr")).to_have_count(len(shown["links"]))
    for node in shown["nodes"]:
        expect(page.locator("#item-list")).to_contain_text(node["display_name"])


def joined(*answers: Network) -> Network:
    """Return answers of the API put together, each node and link once."""
    return {
        part: list({one["id"]: one for answer in answers for one in answer[part]}.values())
        for part in ("nodes", "links")
    }


def size(nodes: list[Any], links: list[Any]) -> str:
    """Return how many items and links, as the page writes it."""
    return f"{count(len(nodes), 'item')} · {count(len(links), 'link')}"


def selected(page: Page) -> str:
    """Return the id of the node selected in the explorer."""
    chosen: str = page.evaluate("document.getElementById('graph')._cyreg.cy.$('node:selected').id()")
    return chosen


def test_explorer_keys(page: Page, world: Service, faults: Faults) -> None:
    page.goto(world.link())
    person = world.ask("/findings", state="new")["items"][0]["subjects"][0]["entity_id"]
    page.goto(f"{world.url}/explore?entity={person}")
    expect(page.locator("#scene")).to_contain_text("items")
    tab_to(page, "#graph")
    page.keyboard.press("p")
    expect(page.locator("[data-do=pin]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("p")
    expect(page.locator("[data-do=pin]")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("f")
    page.keyboard.press("n")
    assert selected(page)
    page.keyboard.press("a")
    expect(page.locator("#live")).to_contain_text("Path from")
    page.keyboard.press("n")
    page.keyboard.press("b")
    expect(page.locator("#paths li").first).to_contain_text("step")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    tab_to(page, "#graph")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "graph"


def test_the_legend_filters_and_keeps_its_numbers(page: Page, world: Service, faults: Faults) -> None:
    page.goto(world.link())
    person = world.ask("/findings", state="new")["items"][0]["subjects"][0]["entity_id"]
    page.goto(f"{world.url}/explore?entity={person}")
    nodes = world.ask(f"/entities/{person}/network")["nodes"]
    kind = next(node["kind"] for node in nodes if node["id"] != person and node["kind"] != "Person")
    away = sum(node["kind"] == kind for node in nodes)
    box = page.locator(f"#kinds [data-key={kind}]")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator("#scene")).to_contain_text(f"{count(len(nodes) - away, 'item')} ·")
    expect(page.locator("#scene")).to_contain_text(f"{away} hidden")
    expect(page.locator(f"#kinds li:has([data-key={kind}]) .count")).to_have_text(str(away))
    page.keyboard.press("Space")
    expect(page.locator("#scene")).not_to_contain_text("hidden")


def test_the_same_view_is_drawn_twice_alike(page: Page, world: Service, faults: Faults) -> None:
    page.goto(world.link())
    person = world.ask("/findings", state="new")["items"][0]["subjects"][0]["entity_id"]
    pictures = []
    for _ in range(2):
        page.goto(f"{world.url}/explore?entity={person}")
        expect(page.locator("#scene")).to_contain_text("items")
        expect(page.locator("#details h2").first).not_to_have_text("Nothing selected")
        page.wait_for_timeout(300)
        pictures.append(page.locator("#graph").screenshot())
    assert pictures[0] == pictures[1]
