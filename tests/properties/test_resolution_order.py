"""The partition is a function of live records, judgements and model: never of order, batches or detours."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.components import ClusterChange
from resolvers.domain import Record, RecordKey, partition_digest
from resolvers.features import Features, extract
from resolvers.linkage_model import LinkageModel, default_model
from resolvers.memory_state import MemoryState
from resolvers.resolution import redo, update

MODEL = replace(default_model(), max_block=3)
"""So small that a fourth record of one value makes its key generic."""


def _person(source_id: int, given: str, family: str, **parts: str) -> tuple[RecordKey, Features]:
    attributes = {name: ({"value": value},) for name, value in parts.items()}
    name = {"given": given, "family": family}
    record = Record(
        RecordKey("hr" if source_id % 2 else "roster", str(source_id)), {"name": (name,), **attributes}
    )
    return record.key, extract(record)


_DAY, _PHONE, _MAIL = "1980-03-26", "0113 496 0123", "anna.bell@example.org"
POOL: tuple[tuple[RecordKey, Features], ...] = (
    _person(1, "Anna", "Bell", date_of_birth=_DAY, phone=_PHONE),
    _person(2, "Anna", "Bell", date_of_birth=_DAY, email=_MAIL),
    _person(3, "Anna", "Bell", phone=_PHONE, email=_MAIL),
    _person(4, "Annie", "Bell", date_of_birth=_DAY, staff_number="48213"),
    _person(5, "Anna", "Marsh", date_of_birth=_DAY, phone=_PHONE),
    _person(6, "Anna", "Marsh", staff_number="48213", email="a.marsh@example.org"),
    _person(7, "Clare", "Bell", date_of_birth=_DAY, phone=_PHONE),
    _person(8, "Clare", "Bell", date_of_birth=_DAY, email=_MAIL),
    _person(9, "Zed", "Okoro", date_of_birth="1971-11-02", phone=_PHONE),
    _person(10, "Zed", "Okoro", date_of_birth="1971-11-02", phone=_PHONE),
    _person(11, "Zed", "Okoro", date_of_birth="1971-11-02", email=_MAIL),
    _person(12, "Zed", "Okoro", date_of_birth="1971-02-11", staff_number="77001"),
)


@dataclass(frozen=True)
class Step:
    """Put the features of pool entry `content` under the key of `record`, or delete, or judge a pair."""

    verb: str
    record: int
    content: int = 0
    same: bool | None = None


Updater = Callable[..., list[ClusterChange]]
Redoer = Callable[[MemoryState, LinkageModel, int], list[ClusterChange]]


class Run:
    """A state with the partition that its changes add up to, as a ledger would keep it."""

    def __init__(self, updater: Updater = update, redoer: Redoer = redo) -> None:
        self.state = MemoryState()
        self.numbers: dict[int, int] = {}
        self.cluster_of: dict[int, tuple[int, ...]] = {}
        self._update, self._redo = updater, redoer

    def number(self, record: int) -> int:
        """Return the record number of a pool entry's key, given at its first appearance."""
        return self.numbers.setdefault(record, len(self.numbers) + 1)

    def apply(self, steps: Sequence[Step]) -> None:
        """Apply steps as one batch: a later step on a record overrides an earlier one."""
        puts: dict[int, tuple[int, RecordKey, Features]] = {}
        deletes: set[int] = set()
        judged: set[int] = set()
        for step in steps:
            number = self.number(step.record)
            if step.verb == "judge":
                other = self.number(step.content)
                if other != number:
                    self.state.judge(number, other, step.same)
                    judged |= {number, other}
                continue
            puts.pop(number, None)
            deletes.discard(number)
            if step.verb == "put":
                puts[number] = (number, POOL[step.record][0], POOL[step.content][1])
            else:
                deletes.add(number)
        self._take(
            self._update(self.state, MODEL, puts=list(puts.values()), deletes=deletes, judged=judged), deletes
        )

    def drain(self) -> None:
        """Empty the redo queue."""
        while self.state.redo_length():
            self._take(self._redo(self.state, MODEL, 2), ())

    def digest(self) -> str:
        """Return the digest of the partition; empty where a live record is not in exactly one cluster."""
        live = self.state.live()
        clusters = set(self.cluster_of.values())
        if sorted(number for cluster in clusters for number in cluster) != sorted(live):
            return ""
        return partition_digest([live[number] for number in cluster] for cluster in clusters)

    def _take(self, changes: Sequence[ClusterChange], gone: Iterable[int]) -> None:
        for number in gone:
            self.cluster_of.pop(number, None)
        for change in changes:
            for cluster in change.clusters:
                for number in cluster:
                    self.cluster_of[number] = cluster


def play(
    batches: Sequence[Sequence[Step]], run: Run | None = None, drain_at: frozenset[int] = frozenset()
) -> str:
    """Return the digest after the batches, the redo queue emptied after some of them and at the end."""
    run = run or Run()
    for index, batch in enumerate(batches):
        run.apply(batch)
        if index in drain_at:
            run.drain()
    run.drain()
    return run.digest()


def straight(batches: Sequence[Sequence[Step]]) -> str:
    """Return the digest of what is left at the end, put into an empty state all at once in order of key."""
    said: dict[int, Step] = {}
    judged: dict[frozenset[int], Step] = {}
    for step in (step for batch in batches for step in batch):
        if step.verb == "judge":
            judged[frozenset((step.record, step.content))] = step
        else:
            said[step.record] = step
    live = sorted(
        (step for step in said.values() if step.verb == "put"), key=lambda step: POOL[step.record][0]
    )
    digest = play([[*live, *judged.values()]])
    assert digest, "not a partition"
    return digest


RECORD = st.integers(0, len(POOL) - 1)
PUT = st.builds(lambda record, content: Step("put", record, content), RECORD, RECORD)
PUT_OWN = RECORD.map(lambda record: Step("put", record, record))
DELETE = RECORD.map(lambda record: Step("delete", record))
JUDGE = st.builds(
    lambda record, other, same: Step("judge", record, other, same),
    RECORD,
    RECORD,
    st.sampled_from([True, False, None]),
)
BATCHES = st.lists(
    st.lists(st.one_of(PUT_OWN, PUT_OWN, PUT, DELETE, JUDGE), min_size=1, max_size=6), min_size=1, max_size=8
)


@settings(max_examples=60, deadline=None)
@given(BATCHES, st.frozensets(st.integers(0, 7)))
def test_any_history_ends_in_the_partition_of_what_is_left(
    batches: list[list[Step]], drain_at: frozenset[int]
) -> None:
    assert play(batches, drain_at=drain_at) == straight(batches)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(len(POOL))), st.lists(st.integers(1, 5), min_size=12, max_size=12))
def test_any_order_and_any_batch_split_give_one_digest(order: list[int], sizes: list[int]) -> None:
    steps = [Step("put", record, record) for record in order]
    batches, start = [], 0
    for size in sizes:
        batches.append(steps[start : start + size])
        start += size
    assert play([batch for batch in batches if batch]) == straight([steps])


def random_history(chance: random.Random) -> list[list[Step]]:
    """Return up to eight batches of puts, updates, deletes and judgements, contradictions among them."""
    return [[_random_step(chance) for _ in range(chance.randint(1, 6))] for _ in range(chance.randint(1, 8))]


def _random_step(chance: random.Random) -> Step:
    record, other, kind = chance.randrange(len(POOL)), chance.randrange(len(POOL)), chance.random()
    if kind < 0.6:
        return Step("put", record, record if kind < 0.4 else other)
    if kind < 0.8:
        return Step("delete", record)
    return Step("judge", record, other, chance.choice([True, False, None]))


def histories_told_apart(number: int, made: Callable[[], Run]) -> int:
    """Return how many of `number` random histories end elsewhere than in the partition of what is left."""
    chance, wrong = random.Random(20), 0
    for _ in range(number):
        batches = random_history(chance)
        drains = frozenset(chance.sample(range(8), 2))
        wrong += play(batches, made(), drains) != straight(batches)
    return wrong


@pytest.mark.slow
def test_a_thousand_random_histories_end_in_the_partition_of_what_is_left() -> None:
    assert histories_told_apart(1_000, Run) == 0


# -- deliberately broken twins: each must end elsewhere on its scenario ------------------

ALL = [[Step("put", record, record)] for record in range(len(POOL))]


def join_first(state: MemoryState, model: LinkageModel, **what: Any) -> list[ClusterChange]:
    """Join a new record to whatever it is linked to, without clustering the component again."""
    changes = update(state, model, **what)
    return [ClusterChange((tuple(sorted(n for c in change.clusters for n in c)),)) for change in changes]


def no_split(state: MemoryState, model: LinkageModel, **what: Any) -> list[ClusterChange]:
    """Take deleted records out, and leave those that they held together in one cluster."""
    changes = update(state, model, **what)
    left = tuple(sorted(n for change in changes for c in change.clusters for n in c))
    return [ClusterChange((left,))] if what["deletes"] and left else changes


def no_redo(state: MemoryState, model: LinkageModel, limit: int) -> list[ClusterChange]:
    """Forget the keys of the redo queue."""
    state.take_redo(limit)
    return []


CHAIN = [[Step("put", record, record)] for record in (0, 4, 5)]
"""0 and 4 are one, 5 is linked to 4 alone and contradicts 0."""
BRIDGE = [[Step("put", record, record)] for record in (2, 3, 0)] + [[Step("delete", 0)]]
"""2 and 3 are one only as long as 0 holds them together."""
CROSSING = [[Step("put", record, record)] for record in (8, 9, 10, 0, 2, 4, 6, 11)] + [
    [Step("delete", record)] for record in (0, 2, 4, 6, 9)
]
"""The phone that four share, and the name of Zed Okoro, become generic and then are not."""


def test_the_scenarios_hold_for_the_real_thing() -> None:
    for batches in (ALL, CHAIN, BRIDGE, CROSSING):
        assert play(batches) == straight(batches)


def test_joining_first_is_found_out() -> None:
    assert play(CHAIN, Run(updater=join_first)) != straight(CHAIN)


def test_never_splitting_is_found_out() -> None:
    assert play(BRIDGE, Run(updater=no_split)) != straight(BRIDGE)


def test_forgetting_the_redo_queue_is_found_out() -> None:
    assert play(CROSSING, Run(redoer=no_redo)) != straight(CROSSING)


def test_random_histories_find_each_of_them_out() -> None:
    for broken in ({"updater": join_first}, {"updater": no_split}, {"redoer": no_redo}):
        assert histories_told_apart(25, lambda broken=broken: Run(**broken)) > 0, broken
