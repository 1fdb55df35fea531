"""Both stores answer alike on a graph with hubs, chains, intervals and events."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from equal_answers import assert_equal_answers
from graph_patches import event, finding, person

from graph_schema.relationships import Patch
from graph_schema.stores.embedded import EmbeddedStore
from graph_schema.stores.neo4j import Neo4jStore

pytestmark = pytest.mark.neo4j
DAYS = (None, "2020-01-01", "2021-06-01", "2021-06-01T12:00:00Z", "2022-01-01")
FAMILIES = ("Smith", "Müller", "O’Brien", "Khan", "Wójcik")


def town(people: int) -> Iterator[Patch]:
    """Yield a town: homes of about three, phones of about two, five units, complaints of one to five."""
    random = Random(7)

    def held(prefix: str, number: int) -> tuple[str, str | None, str | None]:
        start, end = sorted(random.sample(range(len(DAYS)), 2))
        return f"{prefix}{random.randrange(number)}", DAYS[start], DAYS[end]

    for number in range(people):
        holdings = {held("a", people // 3), held("a", people // 3), held("p", people // 2), held("o", 5)}
        name = f"Given{number % 40} {random.choice(FAMILIES)}"
        records = [f"r{2 * number}", f"r{2 * number + 1}"]
        yield person(
            f"e{number}", *sorted(holdings, key=str), name=name, staff=number % 2 == 0, records=records
        )
    for number in range(people // 4):
        who = random.sample(range(people), random.randint(1, 5))
        yield event(f"x{number}", *(f"e{one}" for one in who), place=f"o{random.randrange(5)}")
    for number in range(10):
        yield finding(f"f{number}", f"e{number}", f"a{number}")


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with closing(EmbeddedStore(str(tmp_path / "graph.db"))) as store:
        yield store


@pytest.fixture
def neo4j(neo4j_url: str) -> Iterator[Neo4jStore]:
    with closing(Neo4jStore(neo4j_url)) as store:
        store.clear()
        yield store


def test_both_stores_answer_alike(embedded: EmbeddedStore, neo4j: Neo4jStore) -> None:
    patches = list(town(400))
    for store in (embedded, neo4j):
        for start in range(0, len(patches), 200):
            store.apply(patches[start : start + 200], start)
    assert_equal_answers(embedded, neo4j, questions=60)


def test_one_link_less_is_seen(embedded: EmbeddedStore, neo4j: Neo4jStore) -> None:
    """The broken twin: the comparison must not be blind."""
    embedded.apply([person("e1", "a1", "p1"), person("e2", "a1")], 1)
    neo4j.apply([person("e1", "a1"), person("e2", "a1")], 1)
    with pytest.raises(AssertionError):
        assert_equal_answers(embedded, neo4j, questions=5)
