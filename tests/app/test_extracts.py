"""Full extracts: what is absent is deleted with all that rests on it; half an extract deletes nothing."""

from pathlib import Path
from typing import Any

import pytest
from builders import event, record, stranger
from running_kith import CUSTODY, Service, problem, running

from app import extracts
from app.extracts import Extract, delete_absent
from app.settings import Settings
from app.wiring import Kith, open_kith

IDS = [str(number) for number in range(40)]
NAMES = ("Ann Abbott", "Boris Brzeski", "Chidi Castellan")


def filled(folder: Path) -> Kith:
    """Return a Kith whose source `hr` has forty records and whose `psd` has a complaint about one."""
    kith = open_kith(Settings(data=folder, neo4j_url=None))
    rows = [(stranger(number), None) for number in range(40)]
    kith.pipeline.put_records(rows, "test")
    kith.pipeline.put_event(event("psd|C1", "hr|39 accused"), None, "test")
    return kith


@pytest.fixture
def kith(tmp_path: Path) -> Any:
    kith = filled(tmp_path)
    yield kith
    kith.close()


def live(kith: Kith) -> int:
    with kith.ledger.read() as session:
        return len(session.records.live_ids("hr"))


def test_what_is_absent_is_deleted_with_its_person_and_links(kith: Kith) -> None:
    done = delete_absent(kith.pipeline, Extract("hr", IDS[:38], None), "test")
    assert (done.live, done.deleted, done.entities) == (40, 2, 2)
    assert live(kith) == kith.graph.counts()["Person"] == 38
    assert kith.graph.counts()["Event"] == 1
    again = delete_absent(kith.pipeline, Extract("hr", IDS[:38], None), "test")
    assert (again.live, again.deleted) == (38, 0)


@pytest.mark.parametrize("confirmed", [None, 2, 4])
def test_more_than_one_in_twenty_needs_the_very_count(kith: Kith, confirmed: int | None) -> None:
    with pytest.raises(extracts.TooManyAbsent, match="3 of 40"):
        delete_absent(kith.pipeline, Extract("hr", IDS[:37], None, confirmed=confirmed), "test")
    assert live(kith) == 40
    assert delete_absent(kith.pipeline, Extract("hr", IDS[:37], None, confirmed=3), "test").deleted == 3


def test_a_brake_that_does_not_hold_would_empty_the_source(
    kith: Kith, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extracts, "BRAKE", 1.0)
    delete_absent(kith.pipeline, Extract("hr", [], None), "test")
    assert live(kith) == 0


def test_what_was_said_since_the_extract_was_made_stays(kith: Kith) -> None:
    with kith.ledger.read() as session:
        then = session.sequence()
    kith.pipeline.put_record(record("hr|new", "Farah Fitzhugh"), None, "test")
    kith.pipeline.put_record(record("hr|0", "Ann Abbott-Mills"), None, "test")
    done = delete_absent(kith.pipeline, Extract("hr", IDS[1:39], None, up_to=then), "test")
    assert (done.live, done.deleted) == (39, 1)
    with kith.ledger.read() as session:
        assert {"new", "0"} <= set(session.records.live_ids("hr"))


def test_a_row_that_could_not_be_read_holds_the_brake(kith: Kith) -> None:
    with pytest.raises(extracts.TooManyAbsent, match="1 of its rows"):
        delete_absent(kith.pipeline, Extract("hr", IDS[:39], None, unread=1), "test")
    assert delete_absent(kith.pipeline, Extract("hr", IDS, None, unread=1), "test").deleted == 0


def test_events_and_other_sources_are_left_alone_unless_named(kith: Kith) -> None:
    with pytest.raises(extracts.TooManyAbsent, match="1 of 1"):
        delete_absent(kith.pipeline, Extract("psd", None, []), "test")
    done = delete_absent(kith.pipeline, Extract("psd", None, [], confirmed=1), "test")
    assert done.deleted == 1
    assert live(kith) == 40
    assert kith.graph.counts().get("Event", 0) == 0


def test_a_snapshot_is_pushed_and_audited(tmp_path: Path) -> None:
    with running(tmp_path / "kith") as service:
        for id_ in ("1", "2"):
            service.push("hr", id_, {"name": [{"full": NAMES[int(id_)]}]})
        path = "/v1/sources/hr/snapshots"
        braked = problem(post(service, path, {"records": ["1"]}), 409, "too-many-absent")
        assert (braked["absent"], braked["live"]) == (1, 2)
        done = post(service, path, {"records": ["1"], "confirm": 1})
        assert done.status_code == 200, done.text
        assert done.json()["deleted"] == 1
        assert service.ask("all", "GET", "/v1/records/hr/2").status_code == 404
        problem(post(service, "/v1/sources/crm/snapshots", {"records": []}, "all"), 404, "unknown-source")
        problem(post(service, "/v1/sources/custody/snapshots", {"records": []}), 403, "forbidden")
        looks = service.ask("auditor", "GET", "/v1/audit").json()["items"]
        assert [row["count"] for row in looks if row["action"] == "POST /v1/sources/{source}/snapshots"][
            1
        ] == 1
        assert service.ask("all", "PUT", "/v1/events/custody/D1", json=CUSTODY).status_code == 200


def post(service: Service, path: str, body: Any, role: str = "pusher") -> Any:
    return service.ask(role, "POST", path, json=body)
