"""Judgements: the latest of a pair is in force, and none contradicts the closure of the others."""

import pytest
from builders import key, record

from ledger.ledger import Ledger, Session
from resolvers.errors import ConflictingJudgement
from resolvers.features import Features


def _known(session: Session, *names: str) -> None:
    session.records.put_many([(record(f"hr|{name}"), None) for name in names], "t")


def _judge(session: Session, left: str, right: str, same: bool, reason: str = "seen") -> str:
    return session.judgements.put(key(f"hr|{left}"), key(f"hr|{right}"), same, "rev", reason).id


def test_the_latest_word_on_a_pair_is_in_force(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, "a", "b")
        first = session.judgements.put(key("hr|b"), key("hr|a"), True, "rev", "same birth date")
        second = session.judgements.put(key("hr|a"), key("hr|b"), False, "rev", "they met")
        assert (first.left, first.right) == (key("hr|a"), key("hr|b"))
        assert (second.id, second.version, second.same) == (first.id, 2, False)
        assert session.judgements.all() == session.judgements.of([key("hr|b")]) == [second]


def test_the_same_word_again_is_not_written(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, "a", "b")
        first = session.judgements.put(key("hr|a"), key("hr|b"), True, "rev", "seen")
        assert session.judgements.put(key("hr|b"), key("hr|a"), True, "rev", "seen") == first


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
