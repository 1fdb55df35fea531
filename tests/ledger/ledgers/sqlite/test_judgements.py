"""Judgements: the latest of a pair is in force, and none contradicts the closure of the others."""

import pytest
from builders import key, record

from ledger.entry import NewJudgement, Status, Verdict, VersionConflict
from ledger.ledger import Ledger, Session
from resolvers.errors import ConflictingJudgement
from resolvers.features import Features


def _known(session: Session, *names: str) -> None:
    session.records.put_many([(record(f"hr|{name}"), None) for name in names], "t")


def word(left: str, right: str, same: bool, reason: str = "seen", version: int | None = None) -> NewJudgement:
    verdict = Verdict.SAME if same else Verdict.DIFFERENT
    return NewJudgement(key(f"hr|{left}"), key(f"hr|{right}"), verdict, "rev", reason, version)


def _judge(session: Session, left: str, right: str, same: bool, reason: str = "seen") -> str:
    return session.judgements.put(word(left, right, same, reason)).entry.id


def test_the_latest_word_on_a_pair_is_in_force(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, "a", "b")
        first = session.judgements.put(word("b", "a", True, "same birth date")).entry
        second = session.judgements.put(word("a", "b", False, "they met")).entry
        assert (first.left, first.right) == (key("hr|a"), key("hr|b"))
        assert (second.id, second.version, second.verdict) == (first.id, 2, Verdict.DIFFERENT)
        assert session.judgements.all() == session.judgements.of([key("hr|b")]) == [second]


def test_the_same_word_again_is_not_written(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, "a", "b")
        first = session.judgements.put(word("a", "b", True))
        again = session.judgements.put(word("b", "a", True))
        assert (again.status, again.entry) == (Status.DUPLICATE, first.entry)


def test_a_cannot_link_inside_a_closure_is_refused_with_its_chain(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, "a", "b", "c")
        _judge(session, "a", "b", True)
        _judge(session, "c", "b", True)
        with pytest.raises(ConflictingJudgement) as refusal:
            _judge(session, "a", "c", False)
        assert refusal.value.chain == ("hr|a", "hr|b", "hr|c")
        assert "hr|" not in str(refusal.value)
        assert len(session.judgements.all()) == 2


def test_a_must_link_that_closes_over_a_cannot_link_is_refused(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, "a", "b", "c", "d")
        _judge(session, "a", "b", True)
        _judge(session, "c", "d", True)
        _judge(session, "a", "d", False)
        with pytest.raises(ConflictingJudgement) as refusal:
            _judge(session, "b", "c", True)
        assert refusal.value.chain == ("hr|a", "hr|b", "hr|c", "hr|d")


def test_a_judgement_may_turn_itself_round(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, "a", "b")
        _judge(session, "a", "b", True)
        _judge(session, "a", "b", False)
        _judge(session, "a", "b", True, "looked again")
        assert [entry.version for entry in session.judgements.all()] == [3]


def test_versions_count_in_any_order_of_arrival(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, "a", "b")
        third = session.judgements.put(word("a", "b", False, version=3))
        first = session.judgements.put(word("b", "a", True, version=1))
        assert (third.status, first.status) == (Status.ACCEPTED, Status.STALE)
        assert first.entry.version == 3
        assert [entry.verdict for entry in session.judgements.all()] == [Verdict.DIFFERENT]
        assert [entry.version for entry in session.judgements.history(third.entry.id)] == [1, 3]
        assert session.judgements.put(word("a", "b", False, version=3)).status is Status.DUPLICATE
        with pytest.raises(VersionConflict):
            session.judgements.put(word("a", "b", True, version=3))
        assert session.judgements.put(word("a", "b", True)).entry.version == 4


def test_a_late_judgement_is_kept_though_it_contradicts_and_may_come_before_its_records(
    ledger: Ledger,
) -> None:
    with ledger.write() as session:
        for left, right, same in (("a", "b", True), ("b", "c", True), ("a", "c", False)):
            assert session.judgements.put(word(left, right, same, version=1)).status is Status.ACCEPTED
        _known(session, "a", "b", "c")
        assert [row.version for row in session.records.live()] == [1, 1, 1]
        session.resolution.put_records((n, key(f"hr|{x}"), Features(()), []) for n, x in enumerate("abc", 1))
        session.identity.assign([[1, 2], [3]], (), "t")
        (suspended,) = (one for one in session.judgements.placed() if one.suspended)
        assert (suspended.entry.left, suspended.entry.right) == (key("hr|b"), key("hr|c"))
        assert session.judgements.put(word("b", "c", False)).entry.version == 2
        assert not any(one.suspended for one in session.judgements.placed())


def test_unknown_records_and_a_record_with_itself_are_refused(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, "a")
        with pytest.raises(KeyError):
            _judge(session, "a", "z", True)
        with pytest.raises(ValueError, match="two different records"):
            _judge(session, "a", "a", True)


def test_resolution_reads_judgements_between_live_records_only(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, "a", "b", "c", "d")
        session.resolution.put_records(
            (n, key(f"hr|{name}"), Features(()), []) for n, name in enumerate("abc", 1)
        )
        session.identity.assign([[1], [2], [3]], (), "t")
        _judge(session, "a", "b", True)
        _judge(session, "b", "c", True)
        _judge(session, "b", "d", False)
        session.records.delete(key("hr|c"), None, "t")
        assert session.resolution.judgements([3]) == [(2, 3, True)]
        session.resolution.delete_records([3])
        session.identity.assign([], [3], "t")
        assert session.resolution.judgements([2]) == [(1, 2, True)]
        assert session.resolution.judgements([3]) == []


def test_a_reason_stays_out_of_the_entries(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, "a", "b")
        _judge(session, "a", "b", True, "CANARY")
        assert "CANARY" not in repr(session.entries(0, 99))
