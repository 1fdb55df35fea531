"""Every page as HTML: well formed, labelled, local, without anything the content security policy forbids."""

import hashlib
import re
from itertools import pairwise

import pytest
from page_html import Outline
from page_messages import pages

from app.ui.rendering import CONTENT_SECURITY_POLICY, STATIC, page, static_file, static_url, static_version

PAGES = pages()


@pytest.fixture(params=sorted(PAGES))
def outline(request: pytest.FixtureRequest) -> Outline:
    template, context = PAGES[request.param]
    return Outline(page(template, **context).body.decode())


def test_headings_go_down_one_level_at_a_time(outline: Outline) -> None:
    headings = [
        tag for tag in outline.tags if re.fullmatch("h[1-6]", tag.name) and "dialog" not in tag.within
    ]
    levels = [int(tag.name[1]) for tag in headings]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_control_has_a_label(outline: Outline) -> None:
    labelled = {tag.attributes.get("for") for tag in outline.all("label")}
    controls = [control for name in ("input", "select", "textarea") for control in outline.all(name)]
    for control in controls:
        hidden = control.attributes.get("type") == "hidden"
        assert hidden or control.attributes.get("id") in labelled or "label" in control.within, control


def test_ids_are_unique_and_what_names_an_id_finds_it(outline: Outline) -> None:
    ids = [tag.attributes["id"] for tag in outline.tags if "id" in tag.attributes]
    assert len(ids) == len(set(ids))
    for tag in outline.tags:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            assert set(tag.attributes.get(name, "").split()) <= set(ids)


def test_nothing_inline_and_nothing_from_elsewhere(outline: Outline) -> None:
    for tag in outline.tags:
        assert not [name for name in tag.attributes if name == "style" or name.startswith("on")]
        for name in ("src", "href", "action"):
            assert re.match(r"/(?!/)|#|$", tag.attributes.get(name, "/")), tag
    for script in outline.all("script"):
        assert "src" in script.attributes or script.attributes["type"] == "application/json"
    assert not outline.all("style")


def test_the_words_accuse_nobody(outline: Outline) -> None:
    text = outline.one("body").text.lower()
    for word in ("suspect", "guilty", "suspicious", "offender", "culprit", "risk score"):
        assert word not in text


def test_a_hostile_name_is_only_text() -> None:
    template, context = PAGES["person"]
    hostile = '</script><img src=x onerror="alert(1)">'
    entity = context["entity"].model_copy(update={"display_name": hostile})  # type: ignore[attr-defined]
    outline = Outline(page(template, **{**context, "entity": entity}).body.decode())
    assert hostile in outline.one("h1").text
    assert not [tag for tag in outline.all("img") if "onerror" in tag.attributes]


def test_a_page_is_never_kept_and_runs_only_what_is_ours() -> None:
    template, context = PAGES["inbox"]
    headers = page(template, **context).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"):
        assert rule in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_static_files_are_kept_under_their_own_version_alone() -> None:
    kept = static_file(static_version(), "app.css")
    stale = static_file("another", "app.css")
    assert kept is not None
    assert stale is not None
    assert "immutable" in kept.headers["cache-control"]
    assert stale.headers["cache-control"] == "no-cache"
    assert static_url("app.css") == f"/static/{static_version()}/app.css"


@pytest.mark.parametrize(
    "name", ["../pages.py", "../../messages.py", "nothing.css", "", "vendor", "vendor/SHA256SUMS"]
)
def test_nothing_else_is_served_as_static(name: str) -> None:
    assert static_file(static_version(), name) is None


def test_vendored_bundles_are_those_that_were_built() -> None:
    for line in (STATIC / "vendor" / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest


def test_modules_import_only_what_is_there() -> None:
    modules = list(STATIC.glob("*.mjs"))
    assert modules
    for module in modules:
        for name in re.findall(r"""(?:from|URL\()\s*"(\./[^"]+)\"""", module.read_text()):
            assert (STATIC / name).is_file(), f"{module.name} names {name}"


def test_no_decision_is_chosen_beforehand_and_innocent_comes_first() -> None:
    template, context = PAGES["finding"]
    outline = Outline(page(template, **context).body.decode())
    offered = outline.all("input", type="radio", name="state")
    assert next(tag.attributes["value"] for tag in offered) == "innocent"
    assert [tag.attributes["data-key"] for tag in offered] == ["1", "2", "3", "4"]
    assert not [tag for tag in offered if "checked" in tag.attributes]
    assert "required" in outline.one("textarea", id="reason").attributes


def test_innocent_explanations_stand_before_the_decision() -> None:
    template, context = PAGES["finding"]
    titles = [tag.text for tag in Outline(page(template, **context).body.decode()).all("h2")]
    assert titles.index("Innocent explanations first") < titles.index("Decision")


def test_the_finding_says_as_much_as_its_message() -> None:
    template, context = PAGES["finding"]
    outline = Outline(page(template, **context).body.decode())
    finding = context["finding"]
    text = outline.one("main").text
    assert finding.sentence in text  # type: ignore[attr-defined]
    for fact in finding.evidence:  # type: ignore[attr-defined]
        assert fact.sentence in outline.one("table", id="evidence").text
    for explanation in finding.explanations:  # type: ignore[attr-defined]
        assert explanation.sentence in text
    assert finding.refuter in text  # type: ignore[attr-defined]


def test_a_decided_finding_has_no_form() -> None:
    template, context = PAGES["finding decided"]
    assert Outline(page(template, **context).body.decode()).all("form", id="decide") == []


def test_a_graph_that_is_down_is_said_with_what_still_works() -> None:
    template, context = PAGES["person, graph down"]
    outline = Outline(page(template, **context).body.decode())
    assert outline.one("div", class_="outage").attributes["role"] == "alert"
    assert outline.one("table", id="golden")
    assert outline.all("table", id="links") == []


def test_an_empty_store_says_how_to_fill_it() -> None:
    template, context = PAGES["inbox of an empty store"]
    assert "kith ingest" in Outline(page(template, **context).body.decode()).one("main").text
