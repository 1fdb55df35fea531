"""A person about whom something is said in every place that keeps it, and a search for it in files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from builders import event, key
from running_kith import Service

from ledger.entry import NewJudgement, Verdict
from patterns.frames import SEGMENT_SCHEMA

CANARIES = (
    "Zyxwanda",
    "Quopperling",
    "1961-07-19",
    "zyx.quopper@example.org",
    "7700900461",
    "CANARY-77",
    "Vexl",
)
"""What is said of the person who is erased: name, birth, mail, phone, record id, and a street shared."""

OWN = CANARIES[:-1]
"""Those said of nobody else."""

CANARY = {
    "name": [{"given": "Zyxwanda", "family": "Quopperling"}],
    "date_of_birth": "1961-07-19",
    "email": "zyx.quopper@example.org",
    "phone": "07700 900461",
    "address": [{"line": "3 Vexl Row, Northway", "postcode": "ZZ9 7AB"}],
}
OFFICER = {
    "name": [{"given": "Rosalind", "family": "Quillfeather"}],
    "date_of_birth": "1984-03-14",
    "staff_number": "S77310",
    "address": [{"line": "3 Vexl Row, Northway", "postcode": "ZZ9 7AB"}],
}


def fill(service: Service) -> dict[str, str]:
    """Say things of a person in every place that keeps them; return entities by name."""
    officer = service.push(
        "hr", "1", {**OFFICER, "address": [{"line": "3 Vexl Row, Northway", "postcode": "ZZ9 7AB"}]}
    )
    old = service.push("custody", "CANARY-77", {**CANARY, "name": [{"full": "Zyxwanda Quopperling-Former"}]})
    person = service.push("custody", "CANARY-77", CANARY)
    same = service.push("vetting", "V9", CANARY)
    assert person["entity_id"] == same["entity_id"] == old["entity_id"]
    session_events = [
        event("custody|D1", "custody|CANARY-77 detained", kind="custody", start="2024-05-03T21:00:00Z"),
        event("custody|D2", "vetting|V9 detained", kind="custody", start="2024-07-03T21:00:00Z"),
        event("psd|C1", "custody|CANARY-77 complainant", "hr|1 accused", start="2024-06-01T00:00:00Z"),
        event(
            "psd|L1", "hr|1 user", "custody|CANARY-77 subject", kind="look_up", start="2024-06-02T00:00:00Z"
        ),
    ]
    service.kith.pipeline.put_events([(one, 1) for one in session_events], "test")
    rows = [
        ("custody", "CANARY-77", "subject"),
        ("hr", "1", "user"),
    ]
    frame = pl.DataFrame(
        [{"source": "crime", "event_id": "K1", "version": 1, "kind": "look_up", "record_source": source,
          "record_id": id_, "role": role} for source, id_, role in rows],
        schema=SEGMENT_SCHEMA,
    )  # fmt: skip

    def more(session: Any) -> None:
        session.segments.append(frame, "test")
        session.judgements.put(
            NewJudgement(
                key("custody|CANARY-77"), key("vetting|V9"), Verdict.SAME, "r", "Both are Quopperling"
            )
        )
        session.quarantine.put(
            {"source": "custody", "code": "bad_date", "message": "m", "field": "date_of_birth",
             "payload": json.dumps({"id": "CANARY-77", "name": "Zyxwanda Quopperling"})},
            "test",
        )  # fmt: skip

    service.kith.pipeline.run(more)
    for finding in service.get("/v1/findings")["items"]:
        service.kith.pipeline.dispose(finding["id"], "in_review", "Spoke of Zyxwanda Quopperling", "test")
    return {"officer": officer["entity_id"], "person": person["entity_id"]}


def hits(folder: Path, canaries: Sequence[str] = CANARIES) -> dict[str, list[str]]:
    """Return which canaries each file under a folder holds."""
    files = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    found = {
        str(path.relative_to(folder)): [canary for canary in canaries if canary.encode() in content]
        for path, content in files.items()
    }
    frames = {path: pl.read_parquet(path).write_ndjson() for path in files if path.suffix == ".parquet"}
    for path, text in frames.items():
        found[str(path.relative_to(folder))] += [canary for canary in canaries if canary in text]
    return {name: some for name, some in found.items() if some}
