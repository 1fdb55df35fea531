"""Identity in the ledger: ids, redirects and history after many re-clusterings."""

import shutil
import tempfile
from pathlib import Path

from builders import hasty_ledger, key, record
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.entry import IdentityChange
from ledger.identity import entity_number
from ledger.ledger import Ledger, Session
from resolvers.domain import partition_digest

RECORDS = 7


def _known(session: Session, count: int) -> None:
    session.records.put_many([(record(f"hr|{i}"), None) for i in range(1, count + 1)], "t")


def _kinds(changes: list[IdentityChange] | object) -> list[tuple[str, tuple[int, ...]]]:
    return [(change.kind, change.records) for change in changes]  # type: ignore[attr-defined]


def test_the_oldest_survives_a_merge_and_the_other_redirects(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, 4)
        old, young = session.identity.assign([[1, 2], [3, 4]], (), "t")
        changes = session.identity.assign([[1, 2, 3, 4]], (), "t")
        assert _kinds(changes) == [("changed", (1, 2, 3, 4)), ("merged", ())]
        assert changes[1].into == old.entity_id
        assert session.identity.follow(young.entity_id) == old.entity_id
        assert session.identity.members([old.entity_id, young.entity_id]) == {old.entity_id: (1, 2, 3, 4)}
        assert session.identity.entities() == [old.entity_id]
        assert [entry.kind for entry in session.identity.history(young.entity_id)] == [
            "identity.created",
            "identity.merged",
        ]


def test_a_split_leaves_the_id_where_the_oldest_record_is(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, 4)
        (whole,) = session.identity.assign([[1, 2, 3, 4]], (), "t")
        new, kept = session.identity.assign([[1], [2, 3, 4]], (), "t")
        assert (kept.entity_id, kept.records) == (whole.entity_id, (1,))
        assert (new.kind, new.records) == ("created", (2, 3, 4))
        assert session.identity.entity_of([1, 4]) == {1: whole.entity_id, 4: new.entity_id}


def test_an_entity_whose_records_are_gone_is_emptied(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, 2)
        (one,) = session.identity.assign([[1, 2]], (), "t")
        assert _kinds(session.identity.assign([[2]], [1], "t")) == [("changed", (2,))]
        assert _kinds(session.identity.assign([], [2], "t")) == [("emptied", ())]
        assert session.identity.follow(one.entity_id) is None
        assert session.identity.count() == 0


def test_what_does_not_change_is_not_written(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, 3)
        session.identity.assign([[1, 2], [3]], (), "t")
        before = session.sequence()
        assert session.identity.assign([[3], [2, 1]], (), "t") == []
        assert session.sequence() == before


def test_history_says_from_what_to_what_and_why(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, 2)
        (one,) = session.identity.assign([[1]], (), "t")
        cause = session.sequence()
        session.identity.assign([[1, 2]], (), "t")
        last = session.identity.history(one.entity_id)[-1]
    assert last.detail == {"cause": cause, "from": [1], "to": [1, 2]}


def test_entities_come_in_pages_in_order_of_creation(ledger: Ledger) -> None:
    with ledger.write() as session:
        _known(session, 5)
        made = [change.entity_id for change in session.identity.assign([[i] for i in range(1, 6)], (), "t")]
        first = session.identity.entities(limit=2)
        assert [*first, *session.identity.entities(after=first[-1])] == made


def test_unknown_ids_lead_nowhere(ledger: Ledger) -> None:
    with ledger.read() as session:
        assert session.identity.follow("eaaaaaaaa") is None
        assert session.identity.follow("nonsense") is None
        assert session.identity.members(["eaaaaaaaa", ""]) == {}
        assert session.identity.history("eaaaaaaaa") == []


class Reclusterings(RuleBasedStateMachine):
    """Re-cluster records at random; the ids must follow the rule whatever came before."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.ledger = hasty_ledger(self.folder)
        self.before: dict[str, tuple[int, ...]] = {}
        with self.ledger.write() as session:
            _known(session, RECORDS)

    @rule(labels=st.lists(st.integers(-1, 3), min_size=RECORDS, max_size=RECORDS))
    def recluster(self, labels: list[int]) -> None:
        clusters = [
            [r for r, own in enumerate(labels, 1) if own == label] for label in sorted({*labels} - {-1})
        ]
        gone = [r for r, label in enumerate(labels, 1) if label == -1]
        with self.ledger.write() as session:
            self.changes = session.identity.assign(clusters, gone, "t")
            self.after = dict(session.identity.members(session.identity.entities()))
            held = session.identity.entity_of(range(1, RECORDS + 1))
            follow = {entity: session.identity.follow(entity) for entity in self.before}
            digest = session.identity.partition_digest()
        assert sorted(self.after.values()) == sorted(tuple(cluster) for cluster in clusters)
        assert held == {r: entity for entity, records in self.after.items() for r in records}
        keys = [[key(f"hr|{r}") for r in cluster] for cluster in clusters]
        assert digest == partition_digest(keys)
        for entity, records in self.before.items():
            left = [r for r in records if r not in gone]
            assert follow[entity] == (held[left[0]] if left else None)
        for entity in self.after.keys() & self.before.keys():
            heirs = [old for old, now in follow.items() if now == entity]
            assert min(map(_age, heirs)) == _age(entity)
        self.before = self.after

    @invariant()
    def only_real_changes(self) -> None:
        for change in getattr(self, "changes", ()):
            assert change.kind == "merged" or change.records == self.after.get(change.entity_id, ())

    def teardown(self) -> None:
        assert list(self.ledger.check()) == []
        self.ledger.close()
        shutil.rmtree(self.folder)


def _age(entity_id: str) -> int:
    number = entity_number(entity_id)
    assert number is not None
    return number


TestReclusterings = Reclusterings.TestCase
TestReclusterings.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)
