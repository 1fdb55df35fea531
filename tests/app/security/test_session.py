"""The first key, the one-time link, the cookie, and forms of other sites."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from running_kith import LOOPBACK, Service, problem, running

from app.main import CannotServe, check_binding, create_app
from app.security.session import first_key, page_link

ORIGIN = "http://127.0.0.1"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path / "kith") as service:
        yield service


def opened(service: Service) -> TestClient:
    """Return a browser that opened the page by its link."""
    key_id = service.keys["all"].split("_")[1]
    link = service.kith.pipeline.run(lambda session: page_link(session, key_id, ORIGIN))
    answer = service.client.get(link.removeprefix(ORIGIN), follow_redirects=False)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert service.client.get(link.removeprefix(ORIGIN)).status_code == 403
    return service.client


def test_a_link_opens_the_page_once_and_the_cookie_serves(service: Service) -> None:
    browser = opened(service)
    assert browser.get("/v1/findings").status_code == 200
    assert browser.get("/").status_code == 200


def test_a_write_by_cookie_comes_from_our_own_page(service: Service) -> None:
    browser = opened(service)
    search = {"name": "Ann Example"}
    problem(browser.post("/v1/search", json=search), 403, "forbidden")
    for origin in ("https://evil.example", "http://127.0.0.1:9999"):
        problem(browser.post("/v1/search", json=search, headers={"Origin": origin}), 403, "forbidden")
    strange = {"Origin": "null", "Sec-Fetch-Site": "cross-site"}
    problem(browser.post("/v1/search", json=search, headers=strange), 403, "forbidden")
    assert browser.post("/v1/search", json=search, headers={"Origin": ORIGIN}).status_code == 200
    assert (
        browser.post("/v1/search", json=search, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    )


def test_a_wrong_link_opens_nothing(service: Service) -> None:
    for path in ("/open", "/open?token=x"):
        answer = service.client.get(path, follow_redirects=False)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_the_first_key_is_made_once_and_works_on_loopback_alone(tmp_path: Path) -> None:
    from app.settings import Settings
    from app.wiring import open_kith

    kith = open_kith(Settings(data=tmp_path / "kith"))
    try:
        key = first_key(kith.ledger)
        assert key is not None
        assert first_key(kith.ledger) is None
        headers = {"Authorization": f"Bearer {key}"}
        app = create_app(kith)
        here = TestClient(app, client=LOOPBACK)
        elsewhere = TestClient(app, client=("192.0.2.7", 50000))
        assert here.get("/v1/findings", headers=headers).status_code == 200
        problem(elsewhere.get("/v1/findings", headers=headers), 403, "forbidden")
        spoofed = {**headers, "X-Forwarded-For": "127.0.0.1"}
        problem(elsewhere.get("/v1/findings", headers=spoofed), 403, "forbidden")
        with pytest.raises(CannotServe, match="kith key create"):
            check_binding(kith, "0.0.0.0")
        check_binding(kith, "127.0.0.1")
        kith.pipeline.run(lambda session: session.keys.create("Ann", ["investigator"], None, "test"))
        check_binding(kith, "0.0.0.0")
    finally:
        kith.close()
