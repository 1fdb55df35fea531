"""The evidence pack: whole, checkable with common tools, as the rows were received, and written down."""

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import polars as pl
from builders import record
from running_kith import CUSTODY, DEXTER, ROSALIND, Known, Service, problem, two_who_share_a_home

from app.queries.evidence import received
from ledger.ledger import Session
from patterns.finding import Evidence


def unpacked(service: Service, finding: str) -> dict[str, bytes]:
    answer = service.ask("investigator", "GET", f"/v1/findings/{finding}/pack")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_every_fact_is_there_as_received_and_every_sum_holds(known: Known) -> None:
    files = unpacked(known.service, known.finding)
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert sums == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "SHA256SUMS"
    }
    view = known.service.get(f"/v1/findings/{known.finding}")
    listed = rows(files["evidence.csv"])
    assert [row["fact"] for row in listed] == [fact["sentence"] for fact in view["evidence"]]
    for row in listed:
        assert hashlib.sha256(files[row["file"]]).hexdigest() == row["sha256_as_received"]
        assert row["loaded_at"]
        assert row["version"] == "1"
        assert not row["note"]
    officer = known.service.get("/v1/records/hr/1")
    (said,) = (row for row in listed if row["source"] == "hr")
    assert said["sha256_as_received"] == officer["content_hash"]
    assert json.loads(files[said["file"]])["name"] == ROSALIND["name"]
    assert {row["outcome"] for row in rows(files["explanations.csv"])} == {
        one["outcome"] for one in view["explanations"]
    }
    assert {(row["source"], row["source_id"]) for row in rows(files["persons.csv"])} == {
        ("hr", "1"),
        ("custody", "N1"),
    }


def test_it_is_read_without_kith_and_names_rule_and_model(known: Known) -> None:
    files = unpacked(known.service, known.finding)
    page, manifest = files["finding.html"].decode(), json.loads(files["manifest.json"])
    for words in ("Rosalind Quillfeather", "14 Alder Close", "What would refute it", "Does not explain it"):
        assert words in page
    assert "<script" not in page
    assert "src=" not in page
    assert manifest["rule"]["pattern"] == "shared_home"
    assert manifest["rule"]["version"] == manifest["rule"]["version_in_force"]
    assert manifest["linkage_model"].startswith("m")
    assert manifest["made_by"].startswith("investigator#")
    assert {file["name"] for file in manifest["files"]} == files.keys() - {"manifest.json", "SHA256SUMS"}


def test_the_export_is_in_the_audit_with_the_sum_of_the_file(known: Known) -> None:
    answer = known.service.ask("investigator", "GET", f"/v1/findings/{known.finding}/pack")
    sum_ = hashlib.sha256(answer.content).hexdigest()
    (look,) = known.service.get("/v1/audit", params={"entity": sum_})["items"]
    assert look["audit_class"] == "export"
    assert look["actor"].startswith("investigator#")
    about = known.service.get("/v1/audit", params={"entity": known.officer})["items"]
    assert look in about


def test_only_an_investigator_gets_one(known: Known) -> None:
    path = f"/v1/findings/{known.finding}/pack"
    for role in ("pusher", "reviewer", "auditor", "admin"):
        problem(known.service.ask(role, "GET", path), 403, "forbidden")
    problem(known.service.ask("investigator", "GET", "/v1/findings/fabsent/pack"), 404, "absent")


def test_the_evidence_is_that_of_the_finding_whatever_was_said_since(service: Service) -> None:
    """A finding that was put away keeps the rows it rested on; the reader is told that they changed."""
    two_who_share_a_home(service)
    (finding,) = service.get("/v1/findings")["items"]
    path = f"/v1/findings/{finding['id']}"
    tag = service.ask("all", "GET", path).headers["etag"]
    decide = {"state": "innocent", "reason": "A lodger, known."}
    assert service.ask(
        "all", "POST", f"{path}/dispositions", json=decide, headers={"If-Match": tag}
    ).is_success
    moved: dict[str, Any] = {**DEXTER, "address": [{"line": "3 Elm Row", "postcode": "ZZ9 1AA"}]}
    service.push("custody", "N1", moved)
    service.ask("all", "DELETE", "/v1/records/hr/1")
    files = unpacked(service, finding["id"])
    listed = {(row["source"], row["source_id"]): row for row in rows(files["evidence.csv"])}
    for key, line in ((("custody", "N1"), "14 Alder Close"), (("hr", "1"), "14 Alder Close")):
        assert line in files[listed[key]["file"]].decode()
        assert "since" in listed[key]["note"]
    assert not listed["custody", "D1"]["note"]
    assert "A lodger, known." in files["finding.html"].decode()


def test_what_a_law_withholds_is_left_out_and_said(service: Service) -> None:
    said = record("custody|N1", "Dexter Harrowgate", ethnicity="zzz-ethnic", date_of_birth="1979-11-02")
    home = {"line": "14 Alder Close, Northway", "postcode": "ZZ9 7AB", "valid_from": "2022-01-01"}
    said = replace(said, attributes={**said.attributes, "address": (home,)})
    service.kith.pipeline.put_record(said, None, "test")
    assert service.ask("all", "PUT", "/v1/events/custody/D1", json=CUSTODY).is_success
    service.push("hr", "1", ROSALIND)
    (finding,) = service.get("/v1/findings")["items"]
    files = unpacked(service, finding["id"])
    assert not [name for name, content in files.items() if b"zzz-ethnic" in content]
    (row,) = (row for row in rows(files["evidence.csv"]) if row["source_id"] == "N1")
    assert "ethnicity" in row["note"]
    assert row["sha256_as_received"] == service.get("/v1/records/custody/N1")["content_hash"]
    assert hashlib.sha256(files[row["file"]]).hexdigest() != row["sha256_as_received"]


def test_rows_of_a_bulk_load_come_from_their_segment(service: Service) -> None:
    """The highest version that was loaded by then, every participant, and when it was loaded."""
    columns = {"version": pl.Int64, "kind": pl.String, "record_id": pl.String, "role": pl.String}
    parts = [(1, "look_up", "u1", "user"), (1, "look_up", "n1", "subject"), (2, "look_up", "u2", "user")]
    frame = pl.DataFrame(parts, schema=columns, orient="row")
    frame = frame.with_columns(source=pl.lit("access"), event_id=pl.lit("L1"))

    def load(session: Session) -> list[int | None]:
        return [session.segments.append(frame.filter(pl.col("version") == n), "t") for n in (1, 2)]

    first, second = service.kith.pipeline.run(load)
    assert first is not None
    assert second is not None
    fact = Evidence("event", "access", "L1", "Opened.")
    with service.kith.ledger.read() as session:
        (early,) = received(session, [fact], first).values()
        (late,) = received(session, [fact, fact], second).values()
    assert [row["record_id"] for row in json.loads(early.text or "")] == ["n1", "u1"]
    assert (early.version, early.sequence) == (1, first)
    assert [row["record_id"] for row in json.loads(late.text or "")] == ["u2"]
    assert (late.version, late.sequence) == (2, second)
    assert late.loaded_at
    assert late.sha256 == hashlib.sha256((late.text or "").encode()).hexdigest()


def test_a_spreadsheet_calculates_nothing(service: Service) -> None:
    """The broken twin, plain cells, would hand `=1+1` to the spreadsheet as a formula."""
    named = {**DEXTER, "name": [{"full": "=1+1 Harrowgate"}]}
    two_who_share_a_home(service)
    service.push("custody", "N1", named)
    (finding,) = service.get("/v1/findings")["items"]
    cells = [value for row in rows(unpacked(service, finding["id"])["persons.csv"]) for value in row.values()]
    assert [cell for cell in cells if "Harrowgate" in cell]
    assert not [cell for cell in cells if cell.startswith("=")]
