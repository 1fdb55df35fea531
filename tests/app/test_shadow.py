"""What a model would change is what its promotion then changes."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from builders import record

from app.cli.models import told
from app.rebuilding import promote
from app.settings import Settings
from app.shadow import shadow
from app.wiring import Kith, open_kith
from ledger.entry import NewJudgement, Verdict
from resolvers.linkage_model import LinkageModel, default_model

STRICT = replace(default_model(), join=1 - 2.0**-40)
"""So sure before it joins that a name and a day are not enough."""


@pytest.fixture
def kith(tmp_path: Path) -> Iterator[Kith]:
    kith = open_kith(Settings(data=tmp_path / "data"))
    day = {"date_of_birth": "1980-03-26"}
    said = [
        record("hr|1", "Delphine Oakhanger", **day),
        record("hr|2", "Delphine Oakhanger", **day),
        record("hr|3", "Delphine Oakhanger", **day),
        record("hr|4", "Brian Quarry", staff_number="48213", email="b.quarry@example.org", **day),
        record("hr|5", "Brian Quarry", staff_number="48213", email="b.quarry@example.org", **day),
        record("hr|6", "Zed Okoro", date_of_birth="1971-11-02"),
    ]
    kith.pipeline.put_records([(one, None) for one in said], "test")
    kith.pipeline.judge(NewJudgement(said[0].key, said[1].key, Verdict.SAME, "rev", "Met once."))
    yield kith
    kith.close()


def pairs(kith: Kith) -> set[tuple[int, int]]:
    with kith.ledger.read() as session:
        members = session.identity.members(session.identity.entities())
    return {pair for numbers in members.values() for pair in combinations(numbers, 2)}


@pytest.mark.parametrize("models", [(default_model(), STRICT), (STRICT, default_model())])
def test_what_is_shown_before_is_what_happens(kith: Kith, models: tuple[LinkageModel, LinkageModel]) -> None:
    old, new = models
    promote(kith.pipeline, old, "test")
    before = pairs(kith)
    with kith.ledger.read() as session:
        found = shadow(session, new)
        sequence = session.sequence()
    assert found.merges or found.splits
    assert len(told(found)) >= 5
    with kith.ledger.read() as session:
        assert session.sequence() == sequence
    promote(kith.pipeline, new, "test")
    after = pairs(kith)
    assert (found.pairs_gained, found.pairs_lost) == (len(after - before), len(before - after))
    with kith.ledger.read() as session:
        assert session.identity.count() == found.persons_after
        for merged in found.merges:
            assert len({session.identity.follow(id_) for id_ in merged}) == 1
        for id_, sizes in found.splits:
            members = session.identity.members([id_])[id_]
            assert len(members) in sizes
    assert (1, 2) in after


def test_the_model_in_force_changes_nothing(kith: Kith) -> None:
    with kith.ledger.read() as session:
        found = shadow(session, kith.pipeline.model(session))
    assert (found.merges, found.splits, found.pairs_gained, found.pairs_lost) == ((), (), 0, 0)
    assert found.persons_before == found.persons_after == 3
