"""The pages say what is so: their links lead somewhere, their commands and settings exist."""

import re
from pathlib import Path

import pytest

from app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def dead_links(page: Path, text: str) -> list[str]:
    """Return the relative links of a page's text that lead nowhere."""
    targets = [target for target in LINK.findall(text) if not re.match(r"[a-z]+:", target)]
    return [target for target in targets if not (page.parent / target).exists()]


@pytest.mark.parametrize("document", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    assert dead_links(document, document.read_text()) == []


def test_a_dead_link_would_be_seen() -> None:
    text = "[here](CONTRIBUTING.md), [there](docs/nowhere.md#part), [far](https://example.org/x)"
    assert dead_links(ROOT / "README.md", text) == ["docs/nowhere.md"]


def test_make_targets_in_the_pages_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    # In code only: a page may well "make demands".
    code = [
        part for page in PAGES for part in re.findall(r"`[^`\n]+`|```.*?```", page.read_text(), re.DOTALL)
    ]
    named = {name for part in code for name in re.findall(r"^`?(?:```\n)?make ([a-z-]+)", part, re.MULTILINE)}
    assert named >= {"demo", "test", "check"}
    assert named <= targets


def test_every_setting_is_on_the_operating_page() -> None:
    page = (ROOT / "docs" / "operating.md").read_text()
    named = {name.removeprefix("KITH_").lower() for name in re.findall(r"KITH_[A-Z0-9_]+", page)}
    assert set(Settings.model_fields) <= named


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(path.name for path in folder.glob("0*.md"))
    listed = re.findall(r"\((0[\w-]+\.md)\)", (folder / "README.md").read_text())
    assert listed == pages
    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1))


def test_readme_is_one_screen() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 50
