"""What the browser tests share: a Kith that answers, a page's faults, keys pressed, pixels counted."""

import base64
from dataclasses import dataclass
from typing import Any

import httpx
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

from app.security.session import page_link
from app.wiring import Kith


@dataclass(frozen=True, slots=True)
class Service:
    """A Kith that answers at `url`; `api` asks it with a key of every role."""

    kith: Kith
    url: str
    api: httpx.Client
    key_id: str

    def ask(self, path: str, **query: Any) -> Any:
        """Return what the API says."""
        answer = self.api.get(f"/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def link(self) -> str:
        """Return a link that opens the page once."""
        with self.kith.ledger.write() as session:
            return page_link(session, self.key_id, self.url)


@dataclass  # without slots: Playwright keeps a note on the object whose methods it calls
class Faults:
    """What a page did wrong: requests off this host, console errors and warnings, page errors."""

    seen: list[str]

    def watch(self, page: Page) -> None:
        """Note each fault of a page from now on."""
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"page error: {error}"))

    def _request(self, request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:http://127.0.0.1:", "about:")):
            self.seen.append(f"off host: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.seen.append(f"console: {message.text}")


def tab_to(page: Page, selector: str, most: int = 200) -> None:
    """Press Tab until what has the focus is of the selector. Raises: AssertionError after `most` presses."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""What axe looks for."""


def wrong(page: Page) -> list[str]:
    """Return what axe finds wrong, each with where."""
    page.evaluate(AXE_SCRIPT)
    answer: dict[str, Any] = page.evaluate("rules => axe.run({ runOnly: rules })", list(RULES))
    assert answer["passes"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in answer["violations"]]


_INK = """async (picture) => {
  const image = new Image();
  image.src = `data:image/png;base64,${picture}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  let ink = 0;
  for (let at = 0; at < data.length; at += 4)
    if (data[at] !== data[0] || data[at + 1] !== data[1] || data[at + 2] !== data[2]) ink += 1;
  return ink;
}"""


def ink(browser: Browser, drawn: Locator) -> int:
    """Return how many pixels of a screenshot differ from its first, counted on a page of its own."""
    picture = base64.b64encode(drawn.screenshot()).decode()
    counting = browser.new_page()
    try:
        pixels: int = counting.evaluate(_INK, picture)
    finally:
        counting.close()
    return pixels
