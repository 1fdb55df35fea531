"""Puts, repeats, late arrivals, conflicts and deletions, in any order, against a model of a few lines."""

import shutil
import tempfile
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import pytest
from builders import event, hasty_ledger, key, record
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ledger.entry import Erased, PutResult, Status, VersionConflict
from ledger.ledger import Ledger
from ledger.version import Held
from resolvers.domain import Record

_KEYS = ("hr|1", "hr|2", "psd|1")
_NAMES = ("Ann", "Bob", "Cy")
_VERSIONS = st.none() | st.integers(1, 5)
_PUSH = st.tuples(st.sampled_from(_KEYS), st.none() | st.sampled_from(_NAMES), _VERSIONS)


@dataclass
class Known:
    """What the model remembers of a key: the version in force and its name, None for a tombstone."""

    version: int
    name: str | None


class Puts(RuleBasedStateMachine):
    """Push names under keys; None is a deletion."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.ledger = hasty_ledger(self.folder)
        self.model: dict[str, Known] = {}
        self.sequence = 0

    def expect(self, text: str, name: str | None, version: int | None) -> str:
        """Return the status that a push must have, and bring the model to it."""
        known = self.model.get(text)
        if known is None:
            if name is None and version is None:
                return "unknown"
            self.model[text] = Known(version or 1, name)
            return "accepted"
        if version is None:
            version = known.version if name == known.name else known.version + 1
        if version < known.version:
            return "stale"
        if version == known.version:
            return "duplicate" if name == known.name else "conflict"
        self.model[text] = Known(version, name)
        return "accepted"

    @rule(push=_PUSH)
    def push_one(self, push: tuple[str, str | None, int | None]) -> None:
        text, name, version = push
        expected = self.expect(text, name, version)
        try:
            with self.ledger.write() as session:
                if name is None:
                    result = session.records.delete(key(text), version, "t")
                else:
                    result = session.records.put(record(text, name), version, "t")
            status = result.status.value
        except VersionConflict:
            status = "conflict"
        except KeyError:
            status = "unknown"
        assert status == expected

    @rule(pushes=st.lists(_PUSH.filter(lambda push: push[1] is not None), max_size=6))
    def push_many(self, pushes: list[tuple[str, str, int | None]]) -> None:
        expected = [self.expect(*push) for push in pushes]
        with self.ledger.write() as session:
            rows = [(record(text, name), version) for text, name, version in pushes]
            results = session.records.put_many(rows, "t")
        assert [r.status.value if isinstance(r, PutResult) else "conflict" for r in results] == expected

    @rule(push=_PUSH.filter(lambda push: push[1] is not None))
    def undo(self, push: tuple[str, str, int | None]) -> None:
        with self.ledger.write() as session:
            with pytest.raises(RuntimeError), session.savepoint():
                raise RuntimeError(session.records.put_many([(record(push[0], push[1]), push[2])], "t"))
            assert session.records.count() == sum(known.name is not None for known in self.model.values())

    @rule()
    def open_again(self) -> None:
        self.ledger.close()
        self.ledger = hasty_ledger(self.folder)

    @invariant()
    def agree(self) -> None:
        with self.ledger.read() as session:
            for text, known in self.model.items():
                stored = session.records.get(key(text))
                assert stored is not None
                expected = None if known.name is None else record(text, known.name)
                assert (stored.version, stored.record) == (known.version, expected)
            live = {str(row.key) for row in session.records.live()}
            assert live == {text for text, known in self.model.items() if known.name is not None}
            assert session.records.count() == len(live)
            assert session.sequence() >= self.sequence
            self.sequence = session.sequence()

    def teardown(self) -> None:
        assert list(self.ledger.check()) == []
        self.ledger.close()
        shutil.rmtree(self.folder)


TestPuts = Puts.TestCase
TestPuts.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)


@pytest.mark.slow
class TestManyPuts(Puts.TestCase):  # type: ignore[misc]
    settings = settings(TestPuts.settings, max_examples=200)


def test_a_ledger_where_the_last_push_wins_would_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def last_wins(held: Held | None, version: int | None, content: bytes) -> tuple[Status, int]:
        if held is not None and content == held.content_hash:
            return Status.DUPLICATE, held.version
        return Status.ACCEPTED, version or (held.version + 1 if held else 1)

    monkeypatch.setattr("ledger.ledgers.sqlite.versions.decide", last_wins)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            Puts, settings=settings(TestPuts.settings, database=None, phases=[Phase.generate])
        )


def test_versioned_puts_and_tombstones_give_one_live_state_in_any_order(ledger: Ledger) -> None:
    pushes: list[tuple[int, str | None]] = [(1, "Ann"), (2, None), (3, "Bob"), (4, "Bob")]
    states = set()
    for place, order in enumerate(permutations(pushes)):
        text = f"hr|{place}"
        with ledger.write() as session:
            for version, name in order:
                if name is None:
                    session.records.delete(key(text), version, "t")
                else:
                    session.records.put(record(text, name), version, "t")
            stored = session.records.get(key(text))
        assert stored is not None
        states.add((stored.version, stored.content_hash))
    assert len(states) == 1


def test_a_tombstone_that_comes_first_holds_against_late_puts(ledger: Ledger) -> None:
    with ledger.write() as session:
        gone = session.records.delete(key("hr|1"), 5, "t")
        late = session.records.put(record("hr|1"), 4, "t")
        again = session.records.put(record("hr|1"), 6, "t")
    assert [gone.status, late.status, again.status] == [Status.ACCEPTED, Status.STALE, Status.ACCEPTED]
    assert gone.number == late.number == again.number


def test_numbers_and_sequences_are_given_in_order_and_kept(ledger: Ledger) -> None:
    with ledger.write() as session:
        results = session.records.put_many([(record(f"hr|{i}"), None) for i in range(3)], "t")
        again = session.records.put(record("hr|1", "Other"), None, "t")
        stored = session.records.by_number([2])[2]
        entries = session.entries(0, 10)
    assert [(r.number, r.sequence) for r in results if isinstance(r, PutResult)] == [(1, 1), (2, 2), (3, 3)]
    assert (again.number, again.version, again.sequence) == (2, 2, 4)
    assert (stored.version, stored.sequence, stored.key) == (2, 4, key("hr|1"))
    assert [(entry.kind, entry.subject) for entry in entries] == [
        ("record.put", "1"),
        ("record.put", "2"),
        ("record.put", "3"),
        ("record.put", "2"),
    ]


def test_entries_hold_no_value_and_no_source_id(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.records.put(record("hr|CANARY-ID", "CANARY-NAME"), None, "t")
        session.events.put(event("psd|CANARY-EVENT", "hr|CANARY-ID accused"), None, "t")
        session.records.delete(key("hr|CANARY-ID"), None, "t")
        entries = session.entries(0, 10)
    assert len(entries) == 3
    assert "CANARY" not in repr(entries)


def test_a_refused_version_leaves_nothing_behind(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="1 or more"), ledger.write() as session:
        session.records.put_many([(record("hr|1"), None), (record("hr|2"), 0)], "t")
    with ledger.read() as session:
        assert session.records.count() == session.sequence() == 0


def test_an_odd_key_is_a_key_as_good_as_any(ledger: Ledger) -> None:
    odd = [Record(key(text), {}) for text in ("hr|a|b", "hr|", "hr| 1 ", "hr|Ünï'\"%", "hr|a\nb")]
    with ledger.write() as session:
        session.records.put_many([(one, None) for one in odd], "t")
        assert set(session.records.numbers([one.key for one in odd])) == {one.key for one in odd}
        assert [row.key for row in session.records.live()] == [one.key for one in odd]


def test_an_erased_record_answers_with_its_certificate(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.records.put(record("hr|1"), None, "t")
        session.records.delete(key("hr|1"), None, "t")
        certificate = session.erasures.begin("request", "t")
        session.erasures.erase_records(certificate, [1])
        with pytest.raises(Erased) as refusal:
            session.records.get(key("hr|1"))
        (again,) = session.records.put_many([(record("hr|1"), 9)], "t")
    assert isinstance(again, Erased)
    assert refusal.value.certificate == again.certificate == certificate
