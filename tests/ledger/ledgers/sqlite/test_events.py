"""Events: versions as for records, and who takes part."""

from builders import event, key, record

from ledger.event import EventKey
from ledger.ledger import Ledger


def test_an_event_may_name_records_that_come_later(ledger: Ledger) -> None:
    with ledger.write() as session:
        put = session.events.put(event("psd|1", "hr|1 accused", "hr|2 witness"), None, "t")
        assert session.events.of_records([key("hr|1"), key("hr|2")]) == [put.number]
        session.records.put(record("hr|1"), None, "t")
        assert session.events.of_records([key("hr|1")]) == [put.number]
        assert session.events.of_records([key("hr|9")]) == []


def test_another_version_changes_who_takes_part(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.events.put(event("psd|1", "hr|1 accused", "hr|1 witness"), 1, "t")
        session.events.put(event("psd|1", "hr|2 accused"), 3, "t")
        session.events.put(event("psd|1", "hr|3 accused"), 2, "t")
        assert session.events.of_records([key("hr|1")]) == []
        assert session.events.of_records([key("hr|2")]) == [1]
        assert session.events.of_records([key("hr|3")]) == []


def test_a_deleted_event_has_no_participants_and_no_content(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.events.put(event("psd|1", "hr|1 accused"), None, "t")
        session.events.delete(EventKey("psd", "1"), None, "t")
        stored = session.events.get(EventKey("psd", "1"))
        assert session.events.of_records([key("hr|1")]) == []
        assert session.events.live() == []
        assert session.events.count() == 0
    assert stored is not None
    assert (stored.version, stored.event) == (2, None)


def test_bulk_kinds_are_kept_apart(ledger: Ledger) -> None:
    with ledger.write() as session:
        rows = [event("psd|1", "hr|1 accused"), event("roster|1", "hr|1 worker", kind="shift")]
        session.events.put_many([(row, None) for row in rows], "t")
        assert [row.number for row in session.events.live()] == [1]
        assert [row.number for row in session.events.live(bulk=True)] == [2]
        assert session.events.of_records([key("hr|1")]) == [1]
        assert session.events.of_records([key("hr|1")], bulk=True) == [2]
        assert session.events.count() == 2


def test_live_events_come_in_pages(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.events.put_many([(event(f"psd|{i}"), None) for i in range(5)], "t")
        first = session.events.live(limit=3)
        rest = session.events.live(after=first[-1].number, limit=3)
        assert [row.number for row in (*first, *rest)] == [1, 2, 3, 4, 5]
        stored = session.events.by_number([4, 2, 99])
    assert {number: row.event for number, row in stored.items()} == {2: event("psd|1"), 4: event("psd|3")}


def test_tombstones_that_may_hide_rows_of_a_segment_are_told(ledger: Ledger) -> None:
    with ledger.write() as session:
        for text, kind in (("roster|1", "shift"), ("psd|1", "complaint")):
            session.events.put(event(text, kind=kind), 1, "t")
        session.events.delete(EventKey("roster", "1"), 2, "t")
        session.events.delete(EventKey("psd", "1"), 2, "t")
        session.events.delete(EventKey("roster", "never seen here"), 3, "t")
        assert session.events.bulk_tombstones() == [("roster", "1", 2), ("roster", "never seen here", 3)]
        session.events.put(event("roster|never seen here", kind="complaint"), 4, "t")
        assert [row.number for row in session.events.live()] == [3]
