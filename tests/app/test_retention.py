"""Retention: by source and kind, by age, and nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from builders import event, key, record

from app.retention import retain, seconds_to_next
from app.settings import Settings
from app.wiring import Kith, open_kith
from ledger.entry import Erased
from ledger.instant import instant
from ledger.retention import Rule
from patterns.frames import SEGMENT_SCHEMA

NOW = datetime.now(UTC)


def ago(days: float) -> str:
    return instant(NOW - timedelta(days=days))[:19] + "Z"


@pytest.fixture
def kith(tmp_path: Path) -> Kith:
    kith = open_kith(Settings(data=tmp_path / "kith"))
    kith.pipeline.put_record(record("hr|1", "Old Timer"), None, "t")
    for id_, kind, days in (("D1", "custody", 400), ("D2", "custody", 300), ("C1", "complaint", 400)):
        one = event(f"custody|{id_}", "hr|1 detained", kind=kind, start=ago(days), end=ago(days - 0.5))
        kith.pipeline.put_event(one, 1, "t")
    rows = [
        {"source": "crime", "event_id": f"L{days}", "kind": kind, "record_source": "hr", "record_id": "1",
         "role": "user", "start": datetime.fromisoformat(ago(days)), "version": 1}
        for days, kind in ((400, "look_up"), (100, "look_up"), (401, "shift"))
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=SEGMENT_SCHEMA)
    kith.pipeline.run(lambda session: session.segments.append(frame, "t"))
    return kith


def rule(kith: Kith, source: str, kind: str, days: int) -> None:
    with kith.ledger.write() as session:
        session.retention.put(Rule(source, kind, days), "t")


def left(kith: Kith) -> list[str]:
    """Return the events and rows that are there."""
    found = []
    with kith.ledger.read() as session:
        for id_ in ("D1", "D2", "C1"):
            try:
                found += [id_] * (session.events.get(event(f"custody|{id_}").key) is not None)
            except Erased:
                continue
        for path in session.segments.paths():
            found += pl.read_parquet(path).get_column("event_id").to_list()
    return sorted(found)


ALL = ["C1", "D1", "D2", "L100", "L400", "L401"]


def test_without_rules_everything_stays(kith: Kith) -> None:
    assert retain(kith) == []
    assert left(kith) == ALL
    kith.close()


@pytest.mark.parametrize(
    ("rules", "gone"),
    [
        ([("custody", "custody", 365)], {"D1"}),
        ([("*", "custody", 200)], {"D1", "D2"}),
        ([("hr", "custody", 1)], set()),
        ([("crime", "look_up", 365)], {"L400"}),
        ([("*", "look_up", 1), ("custody", "complaint", 365)], {"L400", "L100", "C1"}),
    ],
)
def test_what_is_older_than_its_rule_goes(
    kith: Kith, rules: list[tuple[str, str, int]], gone: set[str]
) -> None:
    for one in rules:
        rule(kith, *one)
    certificates = retain(kith)
    assert left(kith) == [id_ for id_ in ALL if id_ not in gone]
    assert bool(certificates) is bool(gone)
    assert retain(kith) == []
    with kith.ledger.read() as session:
        assert all(one.finished and one.reason == "retention" for one in session.erasures.all())
    assert list(kith.ledger.check()) == []
    kith.close()


def test_a_record_goes_when_it_was_not_said_for_long(kith: Kith, monkeypatch: pytest.MonkeyPatch) -> None:
    rule(kith, "hr", "record", 30)
    assert retain(kith) == []
    later = instant(NOW + timedelta(days=31))
    monkeypatch.setattr(kith.ledger, "now", lambda: later)
    assert len(retain(kith)) == 1
    with pytest.raises(Erased), kith.ledger.read() as session:
        session.records.get(key("hr|1"))
    assert left(kith) == []
    kith.close()


def test_a_rule_is_an_entry_and_can_be_taken_back(kith: Kith) -> None:
    rule(kith, "hr", "record", 30)
    rule(kith, "hr", "record", 30)
    rule(kith, "hr", "record", 60)
    with kith.ledger.write() as session:
        assert session.retention.all() == [Rule("hr", "record", 60)]
        assert len(session.entries(0, 99, ["retention.set"])) == 2
        session.retention.drop("hr", "record", "t")
        with pytest.raises(KeyError):
            session.retention.drop("hr", "record", "t")
        assert session.retention.all() == []
    kith.close()


def test_the_nightly_run_waits_for_its_hour() -> None:
    assert seconds_to_next("2026-05-03T02:59:00.000Z") == 60
    assert seconds_to_next("2026-05-03T03:00:00.000Z") == 86_400
