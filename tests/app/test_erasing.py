"""An erasure: nothing of it is left in any file or answer, what was not erased stays byte for byte."""

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from builders import event, key
from canaries import CANARIES, CANARY, OWN, fill, hits
from running_kith import Service, problem, running

from app.doctor import examine
from app.erasing import NothingToErase, erase, finish
from ledger.entry import Erased, LedgerBusy
from ledger.ledgers.sqlite import ledger as sqlite_ledger
from ledger.ledgers.sqlite.connection import open_connection
from patterns.frames import SEGMENT_SCHEMA


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path / "kith", ("hr", "vetting", "custody", "psd")) as service:
        yield service


def test_a_person_is_erased_from_every_file(service: Service, tmp_path: Path) -> None:
    known = fill(service)
    findings = [one["id"] for one in service.get("/v1/findings")["items"]]
    assert findings
    assert len({canary for some in hits(tmp_path / "kith").values() for canary in some}) == len(CANARIES)
    erasure = erase(service.kith, [known["person"]], "request")
    # The street is the officer's too; all else was said of the erased person alone.
    assert hits(tmp_path / "kith", OWN) == {}
    assert erasure.finished
    assert erasure.counts | {"features": 2, "edges": 1} == {
        "records": 2, "versions": 3, "features": 2, "edges": 1, "judgements": 1, "segment_rows": 1,
        "quarantined": 1, "events": 2, "redacted_events": 2, "findings": len(findings),
    }  # fmt: skip
    for path in (
        f"/v1/entities/{known['person']}", "/v1/records/custody/CANARY-77", "/v1/records/vetting/V9",
        "/v1/events/custody/D1", *(f"/v1/findings/{id_}" for id_ in findings),
    ):  # fmt: skip
        body = problem(service.ask("all", "GET", path), 410, "erased")
        assert body["certificate"] == erasure.certificate
    decision = {"state": "innocent", "reason": "She is known to us"}
    path = f"/v1/findings/{findings[0]}/dispositions"
    problem(service.ask("all", "POST", path, json=decision, headers={"If-Match": '"9"'}), 410, "erased")
    assert service.get(f"/v1/entities/{known['officer']}")["findings"] == findings
    assert service.get("/v1/events/psd/C1")["participants"][0]["source_id"] == "1"
    assert [row.copy_of for row in examine(service.kith) if not row.sound] == []
    audit = service.get(f"/v1/audit?entity={known['person']}")["items"]
    assert audit[-1]["audit_class"] == "read_person" or any(row["audit_class"] == "erase" for row in audit)


def test_what_was_erased_does_not_come_back(service: Service, tmp_path: Path) -> None:
    known = fill(service)
    erase(service.kith, [known["person"]], "request")
    answer = service.ask("all", "PUT", "/v1/records/custody/CANARY-77", json={"attributes": CANARY})
    problem(answer, 410, "erased")
    again = event("psd|C1", "custody|CANARY-77 complainant", "hr|1 accused", start="2024-06-01T00:00:00Z")
    assert service.kith.pipeline.put_event(again, 1, "test").status == "duplicate"
    service.kith.pipeline.put_event(event("psd|C2", "custody|CANARY-77 accused", "hr|1 accused"), 1, "test")
    row = {"source": "crime", "event_id": "K2", "record_source": "custody", "record_id": "CANARY-77"}
    frame = pl.DataFrame([row, {**row, "record_source": "hr", "record_id": "1"}], schema=SEGMENT_SCHEMA)
    payload = json.dumps({"id": "CANARY-77", "name": "Zyxwanda"})
    quarantined = {"source": "custody", "code": "c", "message": "m", "payload": payload}
    service.kith.pipeline.run(lambda session: session.segments.append(frame, "test"))
    service.kith.pipeline.run(lambda session: session.quarantine.put(quarantined, "test"))
    assert hits(tmp_path / "kith", OWN) == {}
    assert list(service.kith.ledger.check()) == []


def test_one_record_of_a_person_goes_and_the_person_stays(service: Service, tmp_path: Path) -> None:
    known = fill(service)
    before = service.get("/v1/records/vetting/V9")
    erase(service.kith, ["custody|CANARY-77"], "mistake")
    assert service.get("/v1/records/vetting/V9") == before
    assert service.get(f"/v1/entities/{known['person']}")["record_count"] == 1
    assert hits(tmp_path / "kith", ("CANARY-77", "Quopperling-Former", "Spoke of")) == {}
    # The vetting record says the same address: the finding is raised again, from it alone.
    (finding,) = service.get(f"/v1/findings?pattern=shared_home&entity={known['person']}")["items"]
    whole = service.get(f"/v1/findings/{finding['id']}")
    assert {(row["source"], row["source_id"]) for row in whole["evidence"]} >= {
        ("vetting", "V9"),
        ("hr", "1"),
    }
    assert whole["state"] == "in_review"
    assert [row.copy_of for row in examine(service.kith) if not row.sound] == []


def test_a_deleted_record_is_erased_with_its_person(service: Service, tmp_path: Path) -> None:
    known = fill(service)
    service.ask("all", "DELETE", "/v1/records/custody/CANARY-77")
    erase(service.kith, [known["person"]], "request")
    assert hits(tmp_path / "kith", OWN) == {}


def test_somebody_whom_only_events_name_is_erased(service: Service, tmp_path: Path) -> None:
    never = event("psd|C3", "psd|NEVER-CAME-1 accused", "hr|1 witness", start="2024-06-01T00:00:00Z")
    service.kith.pipeline.put_event(never, 1, "test")
    row = {"source": "crime", "event_id": "K3", "record_source": "psd", "record_id": "NEVER-CAME-2"}
    frame = pl.DataFrame([row], schema=SEGMENT_SCHEMA)
    service.kith.pipeline.run(lambda session: session.segments.append(frame, "test"))
    erase(service.kith, ["psd|NEVER-CAME-1", "psd|NEVER-CAME-2"], "request")
    assert hits(tmp_path / "kith", ("NEVER-CAME",)) == {}
    problem(
        service.ask("all", "PUT", "/v1/records/psd/NEVER-CAME-1", json={"attributes": CANARY}), 410, "erased"
    )
    assert list(service.kith.ledger.check()) == []


def test_the_partition_of_the_others_is_what_a_rebuild_gives(service: Service) -> None:
    known = fill(service)
    erase(service.kith, [known["person"]], "request")
    with service.kith.ledger.read() as session:
        assert session.records.count() == 1
        with pytest.raises(Erased):
            session.records.get(key("custody|CANARY-77"))
    with pytest.raises(NothingToErase, match="target 2"):
        erase(service.kith, [known["officer"], "hr|none"], "request")
    assert service.get(f"/v1/entities/{known['officer']}")["record_count"] == 1


@pytest.mark.parametrize("twin", ["deletes only", "leaves the log", "keeps old segments"])
def test_a_broken_twin_leaves_canaries(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, twin: str
) -> None:
    known = fill(service)
    if twin == "deletes only":
        monkeypatch.setattr(service.kith.ledger, "purge", lambda: [])
    elif twin == "leaves the log":
        monkeypatch.setattr(service.kith.ledger, "_truncate_log", lambda: None)
    else:
        monkeypatch.setattr(sqlite_ledger, "_unlink", lambda path: None)
    erase(service.kith, [known["person"]], "request")
    assert hits(tmp_path / "kith", OWN)


def test_a_reader_of_the_old_state_delays_the_finish(service: Service, tmp_path: Path) -> None:
    known = fill(service)
    reader = open_connection(tmp_path / "kith" / "kith.db", readonly=True, wait=1)
    reader.execute("BEGIN; SELECT count(*) FROM entry").fetchall()
    service.kith.ledger._writer.set_busy_timeout(200)
    with pytest.raises(LedgerBusy, match="--finish"):
        erase(service.kith, [known["person"]], "request")
    reader.close()
    assert finish(service.kith) == []
    assert hits(tmp_path / "kith", OWN) == {}
    with service.kith.ledger.read() as session:
        assert [one.finished for one in session.erasures.all()] == [True]
