"""The analysts' graph on a real Neo4j: every phrase and action answers, from indexes, what REST answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import neo4j
import pytest
from neo4j_server import wipe
from running_kith import Service, running, two_who_share_a_home
from typer.testing import CliRunner

from app.analyst_graph import fill
from app.cli import application
from app.doctor import examine
from app.ingest import load_mapping, read
from app.loading import load
from app.settings import Settings
from app.synthetic import generate
from app.wiring import Kith, open_kith
from graph_schema.phrases import SCENE_ACTIONS, SEARCH_PHRASES, SceneAction, SearchPhrase, every_phrase
from graph_schema.stores import open_store
from ledger.ledger import Session
from patterns.detection import load_patterns
from patterns.finding import finding_id
from patterns.pattern import Scope

pytestmark = [pytest.mark.slow, pytest.mark.neo4j]

ROOT = Path(__file__).parents[1]
PATTERNS = [(id_, one.title) for id_, one in load_patterns().items() if one.writes_findings]
PHRASES = every_phrase(PATTERNS)


@dataclass(frozen=True)
class Analyst:
    """A Kith with a generated force, and a driver on the graph that analysts are given."""

    service: Service
    driver: neo4j.Driver
    url: str

    def ask(self, cypher: str, **given: Any) -> list[neo4j.Record]:
        return self.driver.execute_query(cypher, given).records

    def nodes(self, cypher: str, **given: Any) -> set[str]:
        """Return the ids of all nodes in an answer of paths or nodes."""
        found = set()
        for record in self.ask(cypher, **given):
            for value in record.values():
                found.update(node["id"] for node in getattr(value, "nodes", [value]))
        return found


@pytest.fixture(scope="module")
def analyst(neo4j_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analyst]:
    folder = tmp_path_factory.mktemp("analysts")
    made = generate(folder / "force", staff=500, related=1_500, years=0.25, seed=3)
    kith = open_kith(Settings(data=folder / "data"))
    for system, files in made.files.items():
        load(kith.pipeline, read(files, load_mapping(ROOT / "sources" / f"{system}.yaml")), "test")
    writing = [pattern for pattern in kith.patterns.values() if pattern.writes_findings]
    kith.pipeline.detect(kith.graph, writing, Scope())
    lent = kith.pipeline.run(lambda session: lend_findings(session, [pattern.id for pattern in writing]))
    kith.pipeline.run(lambda session: kith.pipeline.effects.project(session, lent))
    kith.close()
    wipe(neo4j_url)
    with running(folder / "data", sources=()) as service:
        refill(service.kith, neo4j_url)
        with neo4j.GraphDatabase.driver(neo4j_url) as driver:
            yield Analyst(service, driver, neo4j_url)


def lend_findings(session: Session, patterns: Sequence[str]) -> list[str]:
    """Give patterns that find nothing in so small a force a finding of another one, under their own name."""
    made = []
    rows, _ = session.findings.page({}, None, 1_000)
    lent = session.findings.get(next(row["id"] for row in rows if row["state"] == "new"))
    assert lent is not None
    for pattern in sorted(set(patterns) - {row["pattern"] for row in rows}):
        row = {**lent, "id": finding_id(pattern, [("lent", 1)], ""), "pattern": pattern}
        session.findings.put(row, lent["subjects"], "test")
        made.append(row["id"])
    return made


def refill(kith: Kith, url: str) -> None:
    store = open_store(url)
    with kith.ledger.read() as session:
        fill(store, session, kith.pipeline.effects.projector, lambda _done: None)
    store.close()


@pytest.fixture(scope="module")
def given(analyst: Analyst) -> Mapping[str, str]:
    """Return a value for each parameter: two who share a home, one in a finding; things that are held."""
    (pair,) = analyst.ask(
        "MATCH (a:Person)-[:LIVES_AT]->(n)<-[:LIVES_AT]-(b:Person) "
        "WHERE n.holder_count <= 5 AND (a)<-[:ABOUT]-(:Finding) "
        "RETURN a.id AS entity, a.display_name AS first, b.display_name AS second ORDER BY a.id, b.id LIMIT 1"
    )
    values = {**pair, "name": pair["first"]}
    for label in ("Address", "Phone", "Email", "Account", "Vehicle", "Organisation"):
        (held,) = analyst.ask(
            f"MATCH (n:{label}) WHERE n.holder_count > 0 RETURN n.display_name AS name "
            "ORDER BY n.holder_count DESC, n.id LIMIT 1"
        )
        values[label.lower()] = held["name"]
    (declarer,) = analyst.ask(
        "MATCH (a:Person)-[:DECLARED]->() RETURN a.display_name AS name ORDER BY a.id LIMIT 1"
    )
    values["Declared ties of $name"] = declarer["name"]
    return values


def wanted(phrase: SearchPhrase, given: Mapping[str, str]) -> dict[str, str]:
    """Return the values of a phrase's parameters: its own where it needs somebody in particular."""
    return {one.name: given.get(phrase.text, given[one.name]) for one in phrase.parameters}


def operators(plan: Mapping[str, Any]) -> Iterator[str]:
    yield plan["operatorType"].split("@")[0]
    for child in plan.get("children", ()):
        yield from operators(child)


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.text)
def test_a_phrase_answers_from_an_index(
    analyst: Analyst, given: Mapping[str, str], phrase: SearchPhrase
) -> None:
    assert analyst.nodes(phrase.cypher, **wanted(phrase, given))
    plan = analyst.driver.execute_query(f"EXPLAIN {phrase.cypher}", wanted(phrase, given)).summary.plan
    used = set(operators(plan))
    assert not used & {"NodeByLabelScan", "AllNodesScan", "CartesianProduct"}, used
    for parameter in phrase.parameters:
        if parameter.cypher is not None:
            assert analyst.ask(parameter.cypher, **wanted(phrase, given))


def test_a_query_without_an_index_would_be_seen(analyst: Analyst) -> None:
    plan = analyst.driver.execute_query("EXPLAIN MATCH (p:Person) WHERE p.sex = 'F' RETURN p").summary.plan
    assert "NodeByLabelScan" in set(operators(plan))


@pytest.mark.parametrize("pattern", [id_ for id_, _ in PATTERNS])
def test_the_phrase_of_a_pattern_shows_the_findings_that_rest_gives(analyst: Analyst, pattern: str) -> None:
    (phrase,) = [one for one in PHRASES if f'pattern: "{pattern}"' in one.cypher]
    shown = {id_ for id_ in analyst.nodes(phrase.cypher) if id_.startswith("f")}
    told = {
        row["id"]
        for state in ("new", "in_review", "need_info", "escalated", "provisional")
        for row in pages(analyst.service, f"/v1/findings?pattern={pattern}&state={state}")
    }
    assert told
    assert shown == told


def test_the_links_of_a_person_are_those_that_rest_gives(analyst: Analyst, given: Mapping[str, str]) -> None:
    phrase = one_called("Links of $name")
    shown = analyst.nodes(phrase.cypher, name=given["name"])
    around = analyst.service.get(f"/v1/entities/{given['entity']}/network?hops=1")["nodes"]
    told = {node["id"] for node in around if node["properties"].get("holder_count", 0) <= 50}
    assert shown == told


def one_called(text: str) -> SearchPhrase:
    (phrase,) = [one for one in SEARCH_PHRASES if one.text == text]
    return phrase


def pages(service: Service, path: str) -> Iterator[Mapping[str, Any]]:
    cursor = ""
    while True:
        page = service.get(f"{path}&limit=100{cursor}")
        yield from page["items"]
        if page["next"] is None:
            return
        cursor = f"&cursor={page['next']}"


@pytest.mark.parametrize("action", SCENE_ACTIONS, ids=lambda action: action.name)
def test_an_action_on_the_selection_answers(
    analyst: Analyst, given: Mapping[str, str], action: SceneAction
) -> None:
    chosen = "MATCH (p:Person {id: $entity})-[:LIVES_AT|USES]->(n)<--(:Person) RETURN p, n"
    (*_, row) = analyst.ask(chosen, entity=given["entity"])
    nodes = [node.element_id for node in row.values()]
    assert analyst.ask(action.cypher, nodes=nodes)
    plan = analyst.driver.execute_query(f"EXPLAIN {action.cypher}", {"nodes": nodes}).summary.plan
    assert not set(operators(plan)) & {"NodeByLabelScan", "AllNodesScan"}


def test_analysts_are_not_given_source_records(analyst: Analyst) -> None:
    assert analyst.ask("MATCH (n:SourceRecord) RETURN n LIMIT 1") == []
    assert analyst.ask("MATCH ()-[r:DESCRIBES]->() RETURN r LIMIT 1") == []
    store = open_store(analyst.url)
    counts, own = store.counts(), analyst.service.kith.graph.counts()
    store.close()
    assert own["SourceRecord"] > 0
    shown = own.keys() - {"SourceRecord", "DESCRIBES"}
    assert {name: counts[name] for name in shown} == {name: own[name] for name in shown}


@pytest.fixture
def small(tmp_path: Path, clean_neo4j: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Yield a service that knows two persons and their finding, and the analysts' graph filled from it."""
    with running(tmp_path / "data") as service:
        two_who_share_a_home(service)
        refill(service.kith, clean_neo4j)
        monkeypatch.setenv("KITH_BLOOM_URL", clean_neo4j)
        yield service


def persons(url: str) -> dict[str, str]:
    """Return the element id of each person by its id."""
    with neo4j.GraphDatabase.driver(url) as driver:
        rows = driver.execute_query("MATCH (p:Person) RETURN p.id AS id, elementId(p) AS at").records
    return {row["id"]: row["at"] for row in rows}


def test_filling_again_keeps_element_ids_and_takes_up_what_changed(small: Service, clean_neo4j: str) -> None:
    before = persons(clean_neo4j)
    receipt = small.push("hr", "new", {"name": [{"full": "Wilhelmina Ostrander"}]})
    assert analysts_row(small).lag > 0
    refill(small.kith, clean_neo4j)
    after = persons(clean_neo4j)
    assert after.keys() - before.keys() == {receipt["entity_id"]}
    assert {id_: after[id_] for id_ in before} == before


def test_doctor_names_a_damaged_graph_and_its_command_mends_it(small: Service, clean_neo4j: str) -> None:
    assert analysts_row(small).sound
    with neo4j.GraphDatabase.driver(clean_neo4j) as driver:
        driver.execute_query("MATCH (p:Person) WITH p LIMIT 1 SET p.display_name = 'Somebody Else'")
    row = analysts_row(small)
    assert not row.sound
    _, *arguments = row.repair.split()
    output = small.kith.settings.data / "bloom"
    done = CliRunner().invoke(application, [*arguments, "--output", str(output)])
    assert done.exit_code == 0, done.output
    assert analysts_row(small).sound
    assert {path.name for path in output.iterdir()} == {"kith-perspective.json", "kith.grass"}


def analysts_row(service: Service) -> Any:
    settings = Settings(data=service.kith.settings.data)
    rows = examine(replace(service.kith, settings=settings))
    (row,) = [one for one in rows if one.copy_of == "analysts' graph"]
    return row


def test_the_service_s_own_graph_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, neo4j_url: str
) -> None:
    monkeypatch.setenv("KITH_BLOOM_URL", neo4j_url)
    monkeypatch.setenv("KITH_NEO4J_URL", neo4j_url)
    done = CliRunner().invoke(
        application, ["bloom", "--data", str(tmp_path), "--output", str(tmp_path / "b")]
    )
    assert "a server of their own" in str(done.exception)
