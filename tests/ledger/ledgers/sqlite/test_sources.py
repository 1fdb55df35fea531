"""Sources, quarantine and models: small facets, one file."""

import pytest
from builders import event, record

from ledger.ledger import Ledger

ROW = {
    "source": "hr",
    "line": 3,
    "field": "birth",
    "code": "date",
    "message": "not a date",
    "payload": "CANARY",
}


def test_a_source_is_known_once_registered(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.records.put(record("psd|1"), None, "t")
        session.sources.register("hr", "mapping: 1", "t")
        before = session.sequence()
        session.sources.register("hr", "mapping: 1", "t")
        assert session.sequence() == before
        assert session.sources.known("hr")
        assert not session.sources.known("psd")
        assert not session.sources.known("unknown")
        session.sources.register("hr", "mapping: 2", "t")
        assert session.sources.mapping("hr") == "mapping: 2"
        assert session.sources.mapping("psd") is None


def test_freshness_counts_what_is_live(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.records.put_many(
            [(record("hr|1"), None), (record("hr|2"), None), (record("hr|2"), None)], "t"
        )
        session.records.delete(record("hr|1").key, None, "t")
        session.events.put(event("psd|1"), None, "t")
        session.quarantine.put(ROW, "t")
        fresh = {row.pop("source"): row for row in map(dict, session.sources.freshness())}
    at = "2026-05-03T12:00:00.000Z"
    assert fresh == {
        "hr": {"records": 1, "events": 0, "rows": 0, "last_recorded_at": at, "quarantined": 1},
        "psd": {"records": 0, "events": 1, "rows": 0, "last_recorded_at": at, "quarantined": 0},
    }


def test_quarantine_keeps_a_row_until_it_is_resolved(ledger: Ledger) -> None:
    with ledger.write() as session:
        first = session.quarantine.put(ROW, "t")
        second = session.quarantine.put({**ROW, "source": "psd", "line": None}, "t")
        # A load that is tried again brings the same rows.
        assert session.quarantine.put(ROW, "t") == first
        assert session.quarantine.put({**ROW, "source": "psd", "line": None}, "t") == second
        assert [row["number"] for row in session.quarantine.page(None, 0, 9)] == [first, second]
        assert [row["number"] for row in session.quarantine.page("psd", 0, 9)] == [second]
        assert session.quarantine.page(None, first, 9)[0]["payload"] == "CANARY"
        session.quarantine.resolve(first, "t", "fixed at the source")
        assert session.quarantine.count() == 1
        assert session.quarantine.count("hr") == 0
        with pytest.raises(KeyError):
            session.quarantine.resolve(first, "t", "again")
        assert "CANARY" not in repr(session.entries(0, 9))


def test_a_resolved_row_forgets_its_payload(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.quarantine.resolve(session.quarantine.put(ROW, "t"), "t", "")
        found = session.connection.execute("SELECT count(*) FROM quarantine WHERE payload IS NOT NULL").get
    assert found == 0


def test_the_model_last_promoted_is_in_force(ledger: Ledger) -> None:
    with ledger.write() as session:
        assert (session.models.current(), session.models.current_id()) == (None, None)
        session.models.promote('{"v": 1}', "m1", "t")
        sequence = session.models.promote('{"v": 2}', "m2", "t")
        assert (session.models.current(), session.models.current_id()) == ('{"v": 2}', "m2")
        (entry,) = session.entries(sequence - 1, 1)
    assert (entry.kind, entry.subject) == ("model.promote", "m2")
