"""The state of resolution, against dictionaries that do the same."""

import shutil
import tempfile
from pathlib import Path

from builders import hasty_ledger, key, record
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.entry import NewJudgement, Verdict
from ledger.ledger import Ledger
from ledger.ledgers.sqlite.resolution import SqliteResolution
from resolvers.domain import Edge
from resolvers.features import Features, extract
from resolvers.linkage_model import default_model
from resolvers.resolution import update

NUMBERS = range(1, 6)
_NUMBER = st.integers(1, 5)
_KEYS = st.sets(st.sampled_from([-(2**63), -1, 0, 1, 2**63 - 1]))
_PHONES = [Features((("name", (("ann", "lee"), "bob")), ("phone", (phone,)))) for phone in ("+1", "+2")]
_FEATURES = st.sampled_from([Features(()), *_PHONES])


class State(RuleBasedStateMachine):
    """Put and delete records, edges and redo keys."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.ledger = hasty_ledger(self.folder)
        self.records: dict[int, tuple[Features, set[int]]] = {}
        self.edges: dict[tuple[int, int], float] = {}
        self.redo: set[int] = set()
        with self.ledger.write() as session:
            session.records.put_many([(record(f"hr|{number}"), None) for number in NUMBERS], "t")

    @rule(rows=st.dictionaries(_NUMBER, st.tuples(_FEATURES, _KEYS), max_size=4))
    def put_records(self, rows: dict[int, tuple[Features, set[int]]]) -> None:
        with self.ledger.write() as session:
            session.resolution.put_records(
                (number, key(f"hr|{number}"), features, keys) for number, (features, keys) in rows.items()
            )
        self.records.update(rows)

    @rule(numbers=st.sets(_NUMBER, max_size=3))
    def delete_records(self, numbers: set[int]) -> None:
        with self.ledger.write() as session:
            session.resolution.delete_records(numbers)
        self.records = {number: row for number, row in self.records.items() if number not in numbers}
        self.edges = {pair: weight for pair, weight in self.edges.items() if numbers.isdisjoint(pair)}

    @rule(edges=st.dictionaries(st.tuples(_NUMBER, _NUMBER).filter(lambda p: p[0] < p[1]), st.floats(-9, 9)))
    def put_edges(self, edges: dict[tuple[int, int], float]) -> None:
        with self.ledger.write() as session:
            session.resolution.put_edges(Edge(*pair, weight) for pair, weight in edges.items())
        self.edges.update(edges)

    @rule(pair=st.tuples(_NUMBER, _NUMBER))
    def delete_edge(self, pair: tuple[int, int]) -> None:
        with self.ledger.write() as session:
            session.resolution.delete_edges([pair])
        self.edges.pop(pair, None)

    @rule(keys=_KEYS, take=st.integers(1, 3))
    def queue_redo(self, keys: set[int], take: int) -> None:
        with self.ledger.write() as session:
            session.resolution.enqueue_redo(keys)
            self.redo |= keys
            taken = session.resolution.take_redo(take)
        assert taken == sorted(self.redo)[:take]
        self.redo -= set(taken)

    @invariant()
    def agree(self) -> None:
        among = {1, 3, 5, 77}
        blocks = {k: sorted(n for n, (_, keys) in self.records.items() if k in keys) for k in (-1, 0, 1, 9)}
        with self.ledger.read() as session:
            state = session.resolution
            known = {number: row for number, row in self.records.items() if number in among}
            assert state.features(among) == {number: features for number, (features, _) in known.items()}
            assert {n: set(k) for n, k in state.blocking_keys(among).items()} == {
                number: keys for number, (_, keys) in known.items()
            }
            assert state.block_sizes(list(blocks)) == {k: len(members) for k, members in blocks.items()}
            assert state.block_members(list(blocks), 2) == {
                k: members for k, members in blocks.items() if 0 < len(members) <= 2
            }
            for asked in _PHONES:
                said = asked.column("phone")
                assert list(state.identified(asked, 9)) == sorted(
                    number for number, (has, _) in self.records.items() if has.column("phone") == said
                )
            assert not SqliteResolution(session._tx).misposted()  # type: ignore[attr-defined]
            assert list(state.edges(among)) == [
                Edge(*pair, weight) for pair, weight in sorted(self.edges.items()) if among & set(pair)
            ]
            assert state.redo_length() == len(self.redo)

    def teardown(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.folder)


TestState = State.TestCase
TestState.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


def test_more_keys_than_a_statement_has_parameters(ledger: Ledger) -> None:
    many = range(-60_000, 60_000)
    with ledger.write() as session:
        session.records.put(record("hr|1"), None, "t")
        session.resolution.put_records([(1, key("hr|1"), Features(()), many)])
        session.identity.assign([[1]], (), "t")
        assert set(session.resolution.block_sizes(many).values()) == {1}
        assert len(session.resolution.block_members(many, 1)) == len(many)
        session.resolution.put_records([(1, key("hr|1"), Features(()), [7])])
        assert session.resolution.block_sizes([6, 7]) == {6: 0, 7: 1}


def test_a_bridge_of_judgements_that_is_deleted_falls(ledger: Ledger) -> None:
    """What only must-links to a record held together comes apart when that record's tombstone is applied."""
    model = default_model()
    with ledger.write() as session:
        rows = [record(f"hr|{n}", name) for n, name in enumerate(("Ann Lee", "Bob Roy", "Cy Dow"), 1)]
        session.records.put_many([(row, None) for row in rows], "t")
        puts = [(n, row.key, extract(row)) for n, row in enumerate(rows, 1)]
        update(session.resolution, model, puts=puts)
        for left, right in ((1, 2), (2, 3)):
            session.judgements.put(
                NewJudgement(key(f"hr|{left}"), key(f"hr|{right}"), Verdict.SAME, "rev", "seen")
            )
        (whole,) = update(session.resolution, model, puts=[], judged=[1, 2, 3])
        assert whole.clusters == ((1, 2, 3),)
        session.identity.assign(whole.clusters, (), "t")
        session.records.delete(key("hr|2"), None, "t")
        parts = update(session.resolution, model, puts=[], deletes=[2])
        assert sorted(cluster for change in parts for cluster in change.clusters) == [(1,), (3,)]
        session.identity.assign([cluster for change in parts for cluster in change.clusters], [2], "t")
