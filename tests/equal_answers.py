"""Ask two stores the same questions and see that every answer is equal."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from random import Random

from graph_schema.nodes import NODE_KINDS
from graph_schema.relationships import RELATIONSHIP_TYPES
from graph_schema.store import GraphStore


def assert_equal_answers(left: GraphStore, right: GraphStore, questions: int = 1000, seed: int = 1) -> None:
    """Compare whole graphs, two hops of seeded persons, paths of seeded pairs, the 50 widest nodes."""
    assert left.counts() == right.counts()
    assert left.digest() == right.digest()
    assert list(left.owners()) == list(right.owners())
    for kind in NODE_KINDS:
        assert [node.id for node in left.scan(kind.label)] == [node.id for node in right.scan(kind.label)]
    shared = [kind.label for kind in NODE_KINDS if kind.shared]
    assert list(left.shared(shared)) == list(right.shared(shared))
    persons = [node.id for node in left.scan("Person")]
    random = Random(seed)
    for person in random.choices(persons, k=questions):
        assert left.ego([person], 2) == right.ego([person], 2)
        name = str(left.get([person])[person].properties["display_name"])
        assert list(left.search(name)) == list(right.search(name))
    for _ in range(questions):
        start, end = random.choices(persons, k=2)
        assert left.paths(start, end) == right.paths(start, end)
    for hub in widest(left, 50):
        assert left.neighbours(hub) == right.neighbours(hub)
        assert left.neighbours(hub, at="2021-06-01", limit=20) == right.neighbours(
            hub, at="2021-06-01", limit=20
        )


def widest(store: GraphStore, number: int) -> Sequence[str]:
    """Return the nodes with the most links."""
    batches = (batch.to_pylist() for batch in store.scan_edges([kind.type for kind in RELATIONSHIP_TYPES]))
    degree: Counter[str] = Counter()
    for row in chain.from_iterable(batches):
        degree.update((row["start"], row["end"]))
    return [node_id for node_id, _ in degree.most_common(number)]
