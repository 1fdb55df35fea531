"""axe finds nothing wrong, on each page in both themes."""

import pytest
from browser_service import Faults, Service, wrong
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "finding",
    "person",
    "why",
    "explorer",
    "list",
    "/review",
    "/model",
    "/sources",
    "/quarantine",
    "/audit",
    "empty",
    "absent",
)


def address(world: Service, empty: Service, name: str) -> str:
    """Return the address of a page by its name here."""
    finding = world.ask("/findings", state="new")["items"][0]
    people = [subject["entity_id"] for subject in finding["subjects"]]
    steps = [step for one in people for step in world.ask(f"/entities/{one}/how")["steps"]]
    paths = {
        "finding": f"/findings/{finding['id']}",
        "person": f"/entities/{people[0]}",
        "why": f"/why?left={steps[0]['left'][0]}&right={steps[0]['right'][0]}",
        "explorer": f"/explore?entity={people[0]}",
        "list": f"/explore?entity={people[0]}",
        "absent": "/entities/eaaaaaaa",
    }
    return empty.url if name == "empty" else world.url + paths.get(name, name)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wrong(page: Page, world: Service, empty: Service, name: str, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.goto((empty if name == "empty" else world).link())
    page.goto(address(world, empty, name))
    page.wait_for_load_state("networkidle")
    if name == "list":
        page.locator(".toolbar [data-show=list]").click()
    assert wrong(page) == []


def test_axe_sees_what_is_wrong(page: Page, world: Service, faults: Faults) -> None:
    page.goto(world.link())
    page.evaluate("document.querySelector('#findings').insertAdjacentElement('afterend', new Image())")
    assert any("image-alt" in one for one in wrong(page))
