"""Outbox and detections: what is put again while it is being worked on is not lost."""

from ledger.ledger import Ledger


def test_the_outbox_gives_each_owner_once_in_order(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.outbox.put(["e1", "e2", "e1"])
        session.outbox.put(["x3"])
        assert [owner for _, owner in session.outbox.take(10)] == ["e2", "e1", "x3"]
        assert len(session.outbox.take(2)) == 2
        assert session.outbox.length() == 3


def test_the_gone_wait_until_nothing_else_does(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.outbox.put(["e1"], gone=["e2"])
        session.outbox.put(["x3"])
        assert [owner for _, owner in session.outbox.take(10)] == ["e1", "x3", "e2"]
        session.outbox.put(["e2"])
        assert [owner for _, owner in session.outbox.take(10)] == ["e1", "x3", "e2"]
        session.outbox.put([], gone=["e1"])
        assert [owner for _, owner in session.outbox.take(10)] == ["x3", "e2", "e1"]


def test_an_owner_put_again_while_projected_stays(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.outbox.put(["e1", "e2"])
        taken = session.outbox.take(10)
        session.outbox.put(["e1"])
        session.outbox.done([position for position, _ in taken])
        assert [owner for _, owner in session.outbox.take(10)] == ["e1"]


def test_a_position_is_never_given_twice(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.outbox.put(["e1"])
        ((position, _),) = session.outbox.take(1)
        session.outbox.done([position])
        session.outbox.put(["e2"])
        assert session.outbox.take(1)[0][0] > position


def test_an_entity_put_again_since_the_snapshot_is_looked_at_again(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.detections.put(["e1", "e2"])
    with ledger.read() as session:
        seen, taken = session.sequence(), session.detections.take(10)
    with ledger.write() as session:
        session.append("note", "n", "t", {})
        session.detections.put(["e1"])
    with ledger.write() as session:
        session.detections.done(taken, seen=seen)
        assert session.detections.take(10) == ["e1"]
        assert session.detections.length() == 1
        session.detections.done(["e1"])
        assert session.detections.length() == 0
