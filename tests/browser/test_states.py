"""The page where there is nothing, where the graph is down, where a link is stale, and at 200 % zoom."""

import re

import pytest
from browser_service import Faults, Service
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

PAGES = ("/", "/explore", "/review", "/model", "/sources", "/audit")


def test_an_empty_store_says_what_to_do(page: Page, empty: Service, faults: Faults) -> None:
    page.goto(empty.link())
    expect(page.locator("main")).to_contain_text("The store is empty")
    expect(page.locator("main")).to_contain_text("kith ingest")
    page.keyboard.press("/")
    page.keyboard.type("Nobody Atall")
    page.keyboard.press("Enter")
    page.wait_for_url("**/explore")
    expect(page.locator("#hits")).to_contain_text("Nobody found")
    expect(page.locator("#scene")).to_have_text("Nothing shown yet")
    page.goto(f"{empty.url}/review")
    expect(page.locator("main")).to_contain_text("No possible match is waiting")
    page.goto(f"{empty.url}/sources")
    expect(page.locator("main")).to_contain_text("No source has been loaded")
    page.goto(f"{empty.url}/audit")
    looks = empty.ask("/audit")["items"]
    expect(page.locator("#audit tbody tr")).to_have_count(len(looks))


def test_the_graph_down_is_said_and_the_rest_works(page: Page, graph_down: Service, faults: Faults) -> None:
    page.goto(graph_down.link())
    listed = graph_down.ask("/findings", state="new")["items"]
    assert listed
    expect(page.locator("#findings tbody tr")).to_have_count(len(listed))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/findings/*")
    finding = graph_down.ask(f"/findings/{listed[0]['id']}")
    expect(page.get_by_role("alert")).to_contain_text("The graph cannot be reached")
    expect(page.locator("#evidence tbody tr")).to_have_count(len(finding["evidence"]))
    expect(page.locator("#evidence")).to_be_visible()
    person = finding["subjects"][0]
    page.goto(f"{graph_down.url}/entities/{person['entity_id']}")
    expect(page.get_by_role("alert")).to_contain_text("The graph cannot be reached")
    expect(page.locator("h1")).to_contain_text(person["name"])
    expect(page.locator("#golden")).to_be_visible()
    page.goto(f"{graph_down.url}/explore?entity={person['entity_id']}")
    expect(page.locator("#scene")).to_contain_text("the graph does not answer", timeout=20_000)
    page.goto(f"{graph_down.url}/sources")
    expect(page.get_by_role("alert")).to_contain_text("graph:")
    faults.seen[:] = [fault for fault in faults.seen if not re.search("status of 503", fault)]


def test_a_link_opens_the_page_once(page: Page, world: Service) -> None:
    link = world.link()
    page.goto(link)
    expect(page.locator("h1")).to_have_text("Findings inbox")
    page.context.clear_cookies()
    page.goto(link)
    expect(page.locator("body")).to_contain_text("kith key open")
    page.goto(world.url)
    expect(page.locator("h1")).to_have_text("Open Kith by its link")


def test_what_is_not_there_is_a_page(page: Page, world: Service) -> None:
    page.goto(world.link())
    for path in ("/entities/eaaaaaaa", "/findings/faaaaaaa", "/why?left=hr|404&right=hr|405"):
        answer = page.goto(world.url + path)
        assert answer is not None
        assert answer.status == 404
        expect(page.locator("h1")).to_have_text("Nothing here, or not for you")


@pytest.mark.parametrize("path", [*PAGES, "finding", "person"])
def test_at_200_percent_nothing_is_cut_off(page: Page, world: Service, faults: Faults, path: str) -> None:
    page.set_viewport_size({"width": 640, "height": 700})
    page.goto(world.link())
    page.goto(world.url + address(world, path))
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_the_first_tab_leads_past_the_header(page: Page, world: Service, faults: Faults) -> None:
    page.goto(world.link())
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_fault_is_noticed(page: Page, browser: Browser, world: Service) -> None:
    noted = Faults([])
    noted.watch(page)
    page.goto(world.link())
    page.evaluate("fetch('https://elsewhere.invalid/').catch(() => null)")
    page.evaluate("setTimeout(() => { throw new Error('broken') })")
    page.wait_for_timeout(200)
    seen = " ".join(noted.seen)
    assert "Content Security Policy" in seen
    assert "broken" in seen


def address(world: Service, path: str) -> str:
    """Return the address of a page, of the first finding or its first person where one is named."""
    if path.startswith("/"):
        return path
    finding = world.ask("/findings", state="new")["items"][0]
    return (
        f"/findings/{finding['id']}"
        if path == "finding"
        else f"/entities/{finding['subjects'][0]['entity_id']}"
    )
