"""`kith export neo4j-import`: what the offline importer makes of the files is what the driver writes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import event, stranger
from neo4j_server import Server, connect
from running_command import Run
from running_kith import CUSTODY, DEXTER, ROSALIND, running

from app.ingest.canonical import parse_event
from app.rebuilding import rebuild
from app.settings import Settings
from app.wiring import open_kith
from graph_schema import import_files
from graph_schema.stores.neo4j import Neo4jStore

ODD = 'He said "no"; a\\b, c\nnew line'
"""A text with all that a file of commas could trip over."""


def say(data: Path) -> str:
    """Fill a data folder with persons, things they share, events and a finding; return the graph's digest."""
    with running(data, ("hr", "custody", "psd")) as service:
        service.push("custody", "N1", {**DEXTER, "vehicle": "KX19 VRT"})
        service.kith.pipeline.put_event(parse_event("custody", "D1", CUSTODY)[0], None, "test")
        service.push("hr", "1", {**ROSALIND, "unit": "Northway"})
        for number in range(2, 6):
            service.kith.pipeline.put_record(stranger(number), None, "test")
        declared = event("psd|R1", "hr|1 declarer", "hr|2 declared", kind="declaration", start="2024-01-01")
        named = event(
            "psd|C1", *(f"hr|{number} accused" for number in range(1, 6)), start="2024-06-01T00:00:00Z"
        )
        named = replace(named, attributes={"category": ODD})
        service.kith.pipeline.put_events([(declared, 1), (named, 1)], "test")
        assert service.get("/v1/findings")["items"]
        return service.kith.graph.digest()


def dump(url: str) -> tuple[list[Any], list[Any]]:
    """Return every node and relationship with its labels, its properties and their native types."""
    kept = "[name IN keys(it) | [name, toString(it[name]), valueType(it[name])]]"
    lists = "[name IN keys(it) WHERE valueType(it[name]) STARTS WITH 'LIST' | [name, it[name]]]"
    with connect(url) as driver:
        found = []
        for match, about in (
            ("(it)", "[label IN labels(it) | label], it.id"),
            ("(s)-[it]->(e)", "type(it), s.id, it.id, e.id"),
        ):
            scalars = kept.replace(
                "keys(it) |", "keys(it) WHERE NOT valueType(it[name]) STARTS WITH 'LIST' |"
            )
            query = f"MATCH {match} RETURN {about}, {scalars} AS kept, {lists} AS lists"
            rows, _, _ = driver.execute_query(query)  # type: ignore[arg-type]
            found.append(sorted([repr(_sorted(row.values())) for row in rows]))
    return found[0], found[1]


def _sorted(values: list[Any]) -> list[Any]:
    return [sorted(value, key=repr) if isinstance(value, list) else value for value in values]


@pytest.mark.neo4j
@pytest.mark.slow
def test_the_importer_makes_the_graph_that_the_driver_writes(
    run: Run,
    tmp_path: Path,
    import_offline: Callable[[Path], None],
    start_neo4j: Callable[[], Server],
    clean_neo4j: str,
) -> None:
    digest = say(tmp_path / "kith-data")
    status, _, err = run("export", "neo4j-import", "files")
    assert status == 0, err
    assert "neo4j-admin database import full neo4j @" in err
    import_offline(tmp_path / "files" / import_files.ARGUMENTS)
    imported = start_neo4j()
    kith = open_kith(Settings(data=tmp_path / "kith-data", neo4j_url=imported.url))
    assert kith.graph.digest() == digest
    assert kith.graph.sequence() > 0
    kith.close()
    written = open_kith(Settings(data=tmp_path / "kith-data", neo4j_url=clean_neo4j))
    rebuild(written.pipeline, written.graph)
    assert isinstance(written.graph, Neo4jStore)
    assert written.graph.digest() == digest
    written.close()
    theirs, ours = dump(imported.url), dump(clean_neo4j)
    assert [row for row in theirs[0] if "KithState" not in row] == [
        row for row in ours[0] if "KithState" not in row
    ]
    assert theirs[1] == ours[1]
    with connect(imported.url) as driver:
        names = driver.execute_query("MATCH (n:Complaint) RETURN n.category AS name").records
    assert [name["name"] for name in names] == [ODD]


def test_it_writes_into_a_new_folder_alone(run: Run, tmp_path: Path) -> None:
    run("ingest", "people.csv", "--mapping", "m.yaml")
    assert run("export", "neo4j-import", "files")[0] == 0
    assert run("export", "neo4j-import", "files")[0] == 2
    assert run("export")[0] == 2
    arguments = (tmp_path / "files" / import_files.ARGUMENTS).read_text().splitlines()
    named = [Path(line.strip('"').partition("=")[2]) for line in arguments if "csv" in line]
    assert {path.name.partition("-")[0] for path in named} >= {
        "Person",
        "SourceRecord",
        "DESCRIBES",
        "KithState",
    }
    assert all(path.exists() for path in named)
