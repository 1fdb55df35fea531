"""The Neo4j store against a real server: its plans, its types, and what it does when there is no answer."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import neo4j
import pytest
from graph_patches import event, finding, person
from neo4j.exceptions import ClientError, ConstraintError, IncompleteCommit

from graph_schema.constraints import neo4j_schema
from graph_schema.desired import desired_state
from graph_schema.rebuild import rebuild
from graph_schema.store import StoreError, StoreUnavailable
from graph_schema.stores import _neo4j_transactions as transactions_module
from graph_schema.stores import open_store
from graph_schema.stores._cypher import counts, read_catalogue
from graph_schema.stores._neo4j_transactions import Transactions, run
from graph_schema.stores._neo4j_writing import write_state
from graph_schema.stores.neo4j import Neo4jStore

SCANS = {"AllNodesScan", "NodeByLabelScan", "CartesianProduct", "DirectedAllRelationshipsScan"}


@pytest.fixture
def store(neo4j_url: str) -> Iterator[Neo4jStore]:
    with closing(Neo4jStore(neo4j_url)) as store:
        store.clear()
        yield store


@pytest.fixture
def driver(neo4j_url: str) -> Iterator[neo4j.Driver]:
    with neo4j.GraphDatabase.driver(neo4j_url, notifications_min_severity="OFF") as driver:
        yield driver


@pytest.fixture
def transactions(neo4j_url: str) -> Iterator[Transactions]:
    with closing(Transactions(neo4j_url, "", "")) as transactions:
        yield transactions


def operators(plan: dict[str, Any]) -> set[str]:
    """Return the operators of a plan and of those below it."""
    return {plan["operatorType"].split("@")[0]}.union(*map(operators, plan.get("children", [])))


@pytest.fixture(scope="module")
def plans(neo4j_url: str) -> dict[str, set[str]]:
    """Return the operators of each read query, and of two bad ones, over a graph of some size."""
    bad = {
        "by property": "MATCH (n:Person {sex: 'f'}) RETURN n",
        "any label": "MATCH (n {id: 'e1'}) RETURN n",
    }
    queries = {**read_catalogue(), "counts": counts(), **bad}
    with closing(Neo4jStore(neo4j_url)) as store:
        store.clear()
        store.apply([person(f"e{n}", f"a{n % 200}", f"p{n}", staff=n % 3 == 0) for n in range(600)], 1)
    with neo4j.GraphDatabase.driver(neo4j_url, notifications_min_severity="OFF") as driver:
        # A plan made while the graph was empty says nothing of how this one is read.
        driver.execute_query("CALL db.clearQueryCaches()")
        return {
            name: operators(driver.execute_query(f"EXPLAIN {query}").summary.plan)  # type: ignore[arg-type]
            for name, query in queries.items()
        }


@pytest.mark.parametrize("name", [*read_catalogue(), "counts"])
def test_no_read_query_scans_a_label(plans: dict[str, set[str]], name: str) -> None:
    assert not plans[name] & SCANS


def test_the_test_of_plans_sees_a_scan(plans: dict[str, set[str]]) -> None:
    assert plans["by property"] & SCANS
    assert plans["any label"] & SCANS


def test_every_constraint_and_index_is_on_line_before_the_first_write(
    store: Neo4jStore, driver: neo4j.Driver
) -> None:
    driver.execute_query("DROP CONSTRAINT person_id")
    driver.execute_query("DROP INDEX kith_words")
    with closing(Neo4jStore(store_url(driver))) as late:
        assert late.sequence() == 0
        rows = driver.execute_query("SHOW INDEXES YIELD name, state RETURN name, state").records
        assert neo4j_schema().keys() <= {row["name"] for row in rows if row["state"] == "ONLINE"}
        assert list(late.check()) == []
        driver.execute_query("DROP INDEX kith_words")
        assert [problem for problem in late.check() if "kith_words" in problem]
    with closing(Neo4jStore(store_url(driver))) as late:
        assert late.sequence() == 0


def store_url(driver: neo4j.Driver) -> str:
    address = driver.get_server_info().address
    return f"bolt://{address[0]}:{address[1]}"


def test_dates_are_native_for_analysts(store: Neo4jStore, driver: neo4j.Driver) -> None:
    store.apply([person("e1", ("a1", "2024-01-02", "2024-03-31T01:30:00Z"))], 1)
    (row,) = driver.execute_query("MATCH (:Person)-[r:LIVES_AT]->() RETURN r.valid_from, r.valid_to").records
    assert [type(value).__name__ for value in row.values()] == ["Date", "DateTime"]


def test_what_is_unchanged_keeps_its_element_id_through_a_rebuild(
    store: Neo4jStore, driver: neo4j.Driver
) -> None:
    wanted = [person("e1", "a1", records=["r1"]), person("e2", "a1"), event("x1", "e1"), finding("f1", "e1")]
    query = (
        "MATCH (n) RETURN n.id AS id, elementId(n) AS element "
        "UNION ALL MATCH ()-[r]->() RETURN r.id AS id, elementId(r) AS element"
    )
    store.apply([*wanted, person("e3", "a1")], 1)
    before = {row["id"]: row["element"] for row in driver.execute_query(query).records}
    rebuild(store, wanted, 2)
    after = {row["id"]: row["element"] for row in driver.execute_query(query).records}
    assert len(after) == len(before) - 2
    assert after.items() <= before.items()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def seconds_to_give_up(url: str, ask: Callable[[Neo4jStore], object]) -> float:
    with closing(Neo4jStore(url)) as store:
        started = time.monotonic()
        with pytest.raises(StoreUnavailable, match="does not answer"):
            ask(store)
        return time.monotonic() - started


QUESTIONS: dict[str, Callable[[Neo4jStore], object]] = {
    "get": lambda store: store.get(["e1"]),
    "apply": lambda store: store.apply([person("e1")], 1),
    "paths": lambda store: store.paths("e1", "e2"),
    "digest": lambda store: store.digest(),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_server_that_is_down_is_given_up_within_three_seconds(question: str) -> None:
    assert seconds_to_give_up(f"bolt://127.0.0.1:{free_port()}", QUESTIONS[question]) < 3


def test_a_server_that_accepts_and_says_nothing_is_given_up_within_three_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:
        url = f"bolt://127.0.0.1:{silent.getsockname()[1]}"
        assert seconds_to_give_up(url, QUESTIONS["get"]) < 3


def test_the_test_of_giving_up_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its twin goes on trying as long as six attempts of two seconds take."""
    monkeypatch.setattr(transactions_module, "GIVE_UP_SECONDS", 3.0)
    with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:
        url = f"bolt://127.0.0.1:{silent.getsockname()[1]}"
        assert seconds_to_give_up(url, QUESTIONS["get"]) > 3


@pytest.mark.slow
def test_a_server_that_comes_back_is_used_again_without_a_restart(start_neo4j: Callable[[], Any]) -> None:
    server = start_neo4j()
    with closing(Neo4jStore(server.url)) as store:
        store.apply([person("e1", "a1")], 1)
        server.stop()
        with pytest.raises(StoreUnavailable):
            store.get(["e1"])
        start_neo4j()
        store.apply([person("e2", "a1")], 2)
        assert store.get(["a1"])["a1"].properties["holder_count"] == 2


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("gopher://127.0.0.1", "known: .*bolt"),
        ("bolt://127.0.0.1?database=other", "bolt://host:port"),
        ("bolt://127.0.0.1:bolt", "bolt://host:port"),
        ("neo4j://127.0.0.1:99999", "bolt://host:port"),
    ],
)
def test_a_url_of_no_store_names_the_remedy(url: str, remedy: str) -> None:
    with pytest.raises(StoreError, match=remedy):
        open_store(url)


def test_a_commit_whose_answer_was_lost_is_repeated_without_harm(
    store: Neo4jStore, transactions: Transactions
) -> None:
    """The first attempt commits and then looks as if the link had been cut during the commit."""
    desired = desired_state([person("e1", "a1"), person("e2", "a1")])
    attempts = []

    def work(transaction: neo4j.ManagedTransaction) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            store.apply([person("e1", "a1"), person("e2", "a1")], 5)
            raise IncompleteCommit("cut")
        write_state(transaction, desired, 5)

    transactions.write(work)
    assert len(attempts) == 2
    assert store.get(["a1"])["a1"].properties["holder_count"] == 2


@pytest.mark.parametrize("error", [IncompleteCommit("cut"), ConstraintError("race")])
def test_the_driver_alone_would_not_have_tried_again(driver: neo4j.Driver, error: Exception) -> None:
    attempts = []

    def work(transaction: neo4j.ManagedTransaction) -> None:
        attempts.append(1)
        raise error

    with driver.session() as session, pytest.raises(type(error)):
        session.execute_write(work)
    assert len(attempts) == 1


def test_a_write_that_timed_out_is_repeated_and_a_read_is_not(transactions: Transactions) -> None:
    endless = "UNWIND range(1, 100000000) AS n WITH n WHERE n % 7 = 8 RETURN count(n) AS n"
    attempts = []

    def work(transaction: neo4j.ManagedTransaction) -> object:
        attempts.append(1)
        return run(transaction, endless if len(attempts) == 1 else "RETURN 1 AS n")

    assert transactions.write(work, 0.5) == [{"n": 1}]
    assert len(attempts) == 2
    attempts.clear()
    with pytest.raises(StoreUnavailable, match="too long"):
        transactions._run(work, 0.5, write=False)
    assert len(attempts) == 1


def test_a_query_the_server_refuses_is_no_outage(transactions: Transactions) -> None:
    with pytest.raises(StoreError, match="SyntaxError") as refused:
        transactions.rows("MATCH")
    assert not isinstance(refused.value, StoreUnavailable)
    assert isinstance(refused.value.__cause__, ClientError)


def test_writers_at_once_count_every_holder_once(store: Neo4jStore, neo4j_url: str) -> None:
    failures: list[BaseException] = []

    def write(first: int) -> None:
        try:
            with closing(Neo4jStore(neo4j_url)) as other:
                for number in range(first, first + 8):
                    other.apply([person(f"e{number}", "a1", "p1")], number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(8 * n + 4 * (n % 2),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    persons = len(list(store.scan("Person")))
    held = store.get(["a1", "p1"])
    assert [node.properties["holder_count"] for node in held.values()] == [persons, persons]
