"""The audit chain: each way to tamper with it, done to a copy past all triggers, is found."""

import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from builders import record

from ledger.audit import AuditEntry
from ledger.ledger import Ledger
from ledger.ledgers.sqlite import SqliteLedger

ROWS = 20

_TAMPERING = {
    "edit an actor": ("UPDATE audit SET body = replace(body, 'ann', 'bob') WHERE position = 7", 7),
    "edit a time": ("UPDATE audit SET recorded_at = '2026-01-01T00:00:00.000Z' WHERE position = 7", 7),
    "edit a mac": ("UPDATE audit SET mac = zeroblob(32) WHERE position = 7", 7),
    "edit and copy the next mac": (
        "UPDATE audit SET body = replace(body, 'ann', 'bob'), mac ="
        " (SELECT mac FROM audit WHERE position = 8)"
        " WHERE position = 7",
        7,
    ),
    "delete in the middle": ("DELETE FROM audit WHERE position = 7", 7),
    "delete the first": ("DELETE FROM audit WHERE position = 1", 1),
    "delete the last": (f"DELETE FROM audit WHERE position = {ROWS}", ROWS),
    "cut the tail": ("DELETE FROM audit WHERE position > 7", 8),
    "cut the tail and the head": (
        "DELETE FROM audit WHERE position > 7; UPDATE audit_head SET position = 7",
        8,
    ),
    "cut all": ("DELETE FROM audit", 1),
    "forget the head": ("DELETE FROM audit_head", ROWS + 1),
    "delete and close the gap": (
        "DELETE FROM audit WHERE position = 7; UPDATE audit SET position = position - 1 WHERE position > 7",
        7,
    ),
    "swap two": (
        "UPDATE audit SET position = 99 WHERE position = 7; UPDATE audit SET position = 7 WHERE position = 8;"
        " UPDATE audit SET position = 8 WHERE position = 99",
        7,
    ),
    "add one": ("INSERT INTO audit SELECT 21, recorded_at, body, mac FROM audit WHERE position = 20", 21),
    "hide whom it was about": ("DELETE FROM audit_object WHERE position = 7", 7),
    "lay it on another": ("UPDATE audit_object SET object = 'e9' WHERE position = 7", 7),
}


def _look(object_: str, actor: str = "ann") -> AuditEntry:
    return AuditEntry(actor, "investigator", "read_person", "GET /v1/entities", (object_,), 1)


@pytest.fixture
def copy(ledger: Ledger, tmp_path: Path) -> Path:
    """Return a copy of a data folder with twenty looks, its triggers gone."""
    for place in range(ROWS):
        with ledger.write() as session:
            session.audit.append(_look(f"e{place % 3}"))
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "data", copy)
    _run(copy, "DROP TRIGGER audit_never_updated; DROP TRIGGER audit_never_deleted")
    _run(copy, "DROP TRIGGER audit_object_never_updated; DROP TRIGGER audit_object_never_deleted")
    return copy


def _run(folder: Path, sql: str) -> None:
    connection = apsw.Connection(str(folder / "kith.db"))
    connection.execute(sql)
    connection.close()


def _verify(folder: Path) -> int | None:
    ledger = SqliteLedger(folder)
    try:
        with ledger.read() as session:
            return session.audit.verify()
    finally:
        ledger.close()


@pytest.mark.parametrize("name", _TAMPERING)
def test_tampering_is_found_where_it_was_done(copy: Path, name: str) -> None:
    sql, position = _TAMPERING[name]
    _run(copy, sql)
    assert _verify(copy) == position


def test_the_untouched_copy_holds(copy: Path) -> None:
    assert _verify(copy) is None


def test_a_chain_without_its_head_would_miss_a_cut_tail(copy: Path) -> None:
    """The twin: the rows alone, chained, say nothing of rows that are no longer there."""
    _run(copy, "DELETE FROM audit WHERE position > 7")
    ledger = SqliteLedger(copy)
    with ledger.read() as session:
        assert [row.position for row in session.audit.recent()] == list(range(1, 8))
        assert session.audit.verify() == 8
    ledger.close()
    _run(copy, "DELETE FROM audit_object WHERE position > 7")
    assert _verify(copy) == 8


def test_a_chain_made_anew_with_another_key_is_found(copy: Path) -> None:
    (copy / "kith.key").write_bytes(bytes(32))
    assert _verify(copy) == 1


@pytest.mark.parametrize("table", ["audit", "audit_object", "entry"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET rowid = rowid", "DELETE FROM {}"])
def test_rows_of_record_cannot_be_changed_by_sql(ledger: Ledger, table: str, verb: str) -> None:
    if table == "audit_object":
        verb = verb.replace("rowid = rowid", "object = object")
    with ledger.write() as session:
        session.audit.append(_look("e1"))
        session.records.put(record("hr|1"), None, "t")
        with pytest.raises(apsw.ConstraintError, match="never"):
            session.connection.execute(verb.format(table))


def test_who_looked_is_told_newest_first_also_after_a_merge(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.records.put_many([(record("hr|1"), None), (record("hr|2"), None)], "t")
        one, two = (c.entity_id for c in session.identity.assign([[1], [2]], (), "t"))
        session.audit.append(_look(one, "ann"))
        session.audit.append(_look(two, "bob"))
        session.identity.assign([[1, 2]], (), "t")
        assert [row.entry.actor for row in session.audit.about(one)] == ["bob", "ann"]
        assert [row.entry.actor for row in session.audit.about(two)] == ["bob"]
        assert [row.entry.actor for row in session.audit.about(one, limit=1)] == ["bob"]
        assert session.audit.about("e") == []


def test_recent_reads_on_from_a_position(ledger: Ledger) -> None:
    with ledger.write() as session:
        positions = [session.audit.append(_look(f"e{place}")) for place in range(5)]
        assert positions == [1, 2, 3, 4, 5]
        assert [row.position for row in session.audit.recent(after=2, limit=2)] == [3, 4]


def test_objects_are_capped_and_the_count_is_whole(ledger: Ledger) -> None:
    many = tuple(f"e{place}" for place in range(1_500))
    with ledger.write() as session:
        session.audit.append(AuditEntry("ann", "investigator", "search", "POST /v1/search", many, len(many)))
        (row,) = session.audit.recent()
        assert (len(row.entry.objects), row.entry.count) == (1_000, 1_500)
        assert session.audit.verify() is None


@pytest.mark.parametrize("way", ["rollback", "savepoint"])
def test_what_is_undone_leaves_the_chain_whole(ledger: Ledger, way: str) -> None:
    def fail(append: Callable[[AuditEntry], int]) -> None:
        raise RuntimeError(append(_look("e2")))

    with ledger.write() as session:
        session.audit.append(_look("e1"))
        if way == "savepoint":
            with pytest.raises(RuntimeError), session.savepoint():
                fail(session.audit.append)
    if way == "rollback":
        with pytest.raises(RuntimeError), ledger.write() as session:
            fail(session.audit.append)
    with ledger.write() as session:
        assert session.audit.append(_look("e3")) == 2
        assert session.audit.verify() is None
