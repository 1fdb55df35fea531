"""Findings: their states, their order, whom they are about after merges, and where they redirect."""

from collections.abc import Sequence
from typing import Any

import pytest
from builders import record

from ledger.ledger import Ledger, Session


def _put(session: Session, id_: str, subjects: Sequence[tuple[str, str]] = (), **row: Any) -> int:
    whole = {"pattern": "shared_address", "state": "new", "severity": "look", "title": "Two at one address"}
    return session.findings.put(
        {"id": id_, **whole, "body": {"sentence": "A and B"}, **row}, subjects, "kith"
    )


def _ids(rows: Sequence[Any]) -> list[str]:
    return [row["id"] for row in rows]


def _entities(session: Session, count: int) -> list[str]:
    session.records.put_many([(record(f"hr|{i}"), None) for i in range(count)], "t")
    return [c.entity_id for c in session.identity.assign([[i + 1] for i in range(count)], (), "t")]


def test_a_finding_remembers_its_states(ledger: Ledger) -> None:
    with ledger.write() as session:
        first = _put(session, "f1", [("holder", "e1"), ("holder", "e2")])
        moved = session.findings.move("f1", "innocent", "rev", "they are married")
        row = session.findings.get("f1")
    assert row is not None
    assert (row["state"], row["version"], row["subjects"]) == (
        "innocent",
        2,
        [("holder", "e1"), ("holder", "e2")],
    )
    steps = [(s["sequence"], s["from"], s["to"], s["actor"], s["reason"]) for s in row["history"]]
    assert steps == [(first, None, "new", "kith", ""), (moved, "new", "innocent", "rev", "they are married")]


def test_a_finding_that_says_nothing_new_is_not_written_again(ledger: Ledger) -> None:
    with ledger.write() as session:
        first = _put(session, "f1", [("holder", "e1")])
        assert _put(session, "f1", [("holder", "e1")]) == first == session.sequence()
        for change in ({"title": "x"}, {"body": {}}, {"severity": "urgent"}, {"state": "withdrawn"}):
            before = session.sequence()
            assert _put(session, "f1", [("holder", "e1")], **change) == before + 1
        assert _put(session, "f1", [("holder", "e2")]) == session.sequence()
        row = session.findings.get("f1")
    assert row is not None
    assert row["version"] == 6
    assert [step["to"] for step in row["history"]] == ["new", "withdrawn", "new"]


def test_pages_go_by_severity_then_newest_and_miss_none(ledger: Ledger) -> None:
    severities = ["note", "urgent", "look", "review", "look", "urgent"]
    with ledger.write() as session:
        for place, severity in enumerate(severities):
            _put(session, f"f{place}", severity=severity)
        seen: list[str] = []
        after: str | None = None
        while True:
            rows, after = session.findings.page({}, after, 2)
            seen += _ids(rows)
            if after is None:
                break
        assert seen == ["f5", "f1", "f3", "f4", "f2", "f0"]
        assert session.findings.count({}) == 6


def test_filters(ledger: Ledger) -> None:
    with ledger.write() as session:
        one, two, _ = _entities(session, 3)
        _put(session, "f1", [("holder", one)], title="100% of_them")
        _put(session, "f2", [("holder", two)], state="innocent", pattern="crew", body={"sentence": "Älpha"})
        for filters, ids in (
            ({"state": "new"}, ["f1"]),
            ({"pattern": "crew", "state": "innocent"}, ["f2"]),
            ({"pattern": "crew", "state": "new"}, []),
            ({"entity": two}, ["f2"]),
            ({"text": "0% OF_"}, ["f1"]),
            ({"text": "0_"}, []),
            ({"text": "Älph"}, ["f2"]),
            ({"severity": "urgent"}, []),
        ):
            assert _ids(session.findings.page(filters, None, 9)[0]) == ids
            assert session.findings.count(filters) == len(ids)
        with pytest.raises(ValueError, match="filter"):
            session.findings.page({"sql": "1"}, None, 1)
        with pytest.raises(ValueError, match="cursor"):
            session.findings.page({}, "1.x", 1)


def test_a_finding_is_about_whoever_its_subject_became(ledger: Ledger) -> None:
    with ledger.write() as session:
        one, two, three = _entities(session, 3)
        _put(session, "f1", [("holder", three)])
        _put(session, "f2", [("holder", two)], pattern="crew")
        session.identity.assign([[2, 3]], (), "t")
        session.identity.assign([[1, 2, 3]], (), "t")
        assert _ids(session.findings.about([one])) == ["f2", "f1"]
        assert _ids(session.findings.about([one], ["crew"])) == ["f2"]
        assert _ids(session.findings.about([one], [])) == []
        assert _ids(session.findings.page({"entity": one}, None, 9)[0]) == ["f2", "f1"]
        assert _ids(session.findings.about([three])) == ["f1"]
        assert session.findings.about([]) == []


def test_a_redirected_finding_leads_on_and_is_no_longer_listed(ledger: Ledger) -> None:
    with ledger.write() as session:
        for id_ in ("f1", "f2", "f3"):
            _put(session, id_, [("holder", "e1")])
        session.findings.redirect("f1", "f2", "kith")
        session.findings.redirect("f2", "f3", "kith")
        assert [session.findings.follow(id_) for id_ in ("f1", "f2", "f3", "f4")] == ["f3", "f3", "f3", None]
        assert _ids(session.findings.page({}, None, 9)[0]) == _ids(session.findings.about(["e1"])) == ["f3"]
        with pytest.raises(ValueError, match="redirect"):
            session.findings.redirect("f3", "f1", "kith")
        with pytest.raises(KeyError):
            session.findings.redirect("f3", "f9", "kith")


def test_a_redirected_finding_that_is_found_again_stands_for_itself(ledger: Ledger) -> None:
    """Two persons were one for a while: the finding of the one led to the other's, and no longer does."""
    with ledger.write() as session:
        for id_ in ("f1", "f2"):
            _put(session, id_, [("holder", "e1")])
        session.findings.redirect("f1", "f2", "kith")
        _put(session, "f1", [("holder", "e1")])
        session.findings.redirect("f2", "f1", "kith")
        assert [session.findings.follow(id_) for id_ in ("f1", "f2")] == ["f1", "f1"]
        assert _ids(session.findings.page({}, None, 9)[0]) == ["f1"]


def test_unknown_findings_and_severities_are_refused(ledger: Ledger) -> None:
    with ledger.write() as session:
        with pytest.raises(KeyError):
            session.findings.move("f1", "innocent", "rev", "")
        with pytest.raises(ValueError, match="severity"):
            _put(session, "f1", severity="guilty")
        assert session.findings.get("f1") is None


def test_titles_bodies_and_reasons_stay_out_of_the_entries(ledger: Ledger) -> None:
    with ledger.write() as session:
        _put(session, "f1", title="CANARY", body={"sentence": "CANARY"})
        session.findings.move("f1", "escalated", "rev", "CANARY")
        assert "CANARY" not in repr(session.entries(0, 99))
