"""The evidence pack of a finding: a zip that is read, and checked, without Kith."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from inspect import getdoc
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.errors import Absent
from app.messages import FindingView
from app.queries import findings
from app.queries.evidence import Received, RowKey, received
from app.wiring import Kith
from ledger.ledger import Session
from patterns.detection import from_body
from patterns.pattern import Pattern

FORMAT = 1
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""Every file of the zip has this time: when the pack was made stands in the manifest."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Pack:
    """A zip and its SHA-256 (hex); `view` is the finding it holds."""

    content: bytes
    sha256: str
    view: FindingView

    @property
    def file_name(self) -> str:
        return f"kith-finding-{self.view.id}.zip"


def pack(kith: Kith, finding_id: str, actor: str) -> Pack:
    """Return the pack of a finding as it stands, its evidence as it was when the finding was last written.

    Raises: Absent.
    """
    view = findings.finding(kith, finding_id)
    with kith.ledger.look() as session:
        row = session.findings.get(view.id)
        if row is None:
            raise Absent
        rows = received(session, from_body(row["body"]).evidence, row["said"])
        persons = _persons(session, [subject.entity_id for subject in view.subjects])
        sequence, model = session.sequence(), kith.pipeline.model(session).id
    pattern = kith.patterns.get(view.pattern)
    about = {
        "format": FORMAT,
        "kith": version("kith"),
        "finding": view.id,
        "state": view.state,
        "made_by": actor,
        "made_at": kith.ledger.now(),
        "ledger_sequence": sequence,
        "evidence_as_of_sequence": row["said"],
        "linkage_model": model,
        "rule": _rule(view, pattern),
    }
    files = _files(view, rows, persons, about)
    content = _zip(files)
    return Pack(content, hashlib.sha256(content).hexdigest(), view)


def _files(
    view: FindingView,
    rows: Mapping[RowKey, Received],
    persons: Sequence[tuple[str, str, str]],
    about: Mapping[str, Any],
) -> dict[str, bytes]:
    """Return the files by name, those that a reader opens first coming first."""
    texts = {
        key: f"evidence/{number:03d}.json" for number, key in enumerate(rows, 1) if rows[key].text is not None
    }
    names = {subject.entity_id: subject.name for subject in view.subjects}
    context = {"finding": view, "rows": rows, "files": texts, "about": about, "names": names}
    said = view.model_dump(exclude={"graph"})
    files = {
        "READ-ME-FIRST.txt": _template("pack.txt").render(context).encode(),
        "finding.html": _template("pack.html").render(context).encode(),
        "finding.json": _json(said),
        "evidence.csv": _csv(_EVIDENCE, _evidence_rows(view, rows, texts)),
        "explanations.csv": _csv(
            ("id", "title", "outcome", "sentence", "numbers"),
            [
                (one.id, one.title, one.outcome, one.sentence, json.dumps(one.numbers, sort_keys=True))
                for one in view.explanations
            ],
        ),
        "persons.csv": _csv(("name", "entity_id", "source", "source_id"), [
            (names[entity], entity, source, source_id) for entity, source, source_id in persons
        ]),
        **{texts[key]: (row.text or "").encode() for key, row in rows.items() if key in texts},
    }  # fmt: skip
    listed = [
        {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    ]
    files["manifest.json"] = _json({**about, "files": listed})
    sums = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()]
    return {**files, "SHA256SUMS": "".join(sums).encode()}


_EVIDENCE = (
    *("number", "fact", "weight", "valid_from", "valid_to", "entity_id", "origin", "source", "source_id"),
    *("version", "ledger_sequence", "loaded_at", "sha256_as_received", "file", "note"),
)


def _evidence_rows(
    view: FindingView, rows: Mapping[RowKey, Received], texts: Mapping[RowKey, str]
) -> list[tuple[object, ...]]:
    listed: list[tuple[object, ...]] = []
    for number, fact in enumerate(view.evidence, 1):
        key = fact.origin, fact.source, fact.source_id
        row = rows[key]
        listed.append(
            (
                *(number, fact.sentence, fact.weight, fact.valid_from, fact.valid_to, fact.entity_id, *key),
                *(row.version, row.sequence, row.loaded_at, row.sha256, texts.get(key), note(row)),
            )
        )
    return listed


def note(row: Received) -> str:
    """Return what a reader must know of a row beside its content; empty where there is nothing."""
    said = []
    if row.erased is not None:
        said.append(f"erased, certificate {row.erased}")
    elif row.text is None:
        said.append("no longer held")
    if row.withheld:
        said.append(f"withheld by law, so the file has another SHA-256: {', '.join(row.withheld)}")
    if row.changed:
        said.append("the source has changed or deleted it since")
    return "; ".join(said)


def _rule(view: FindingView, pattern: Pattern | None) -> dict[str, Any]:
    """Return the pattern as a reader needs it, with the version in force beside the finding's."""
    rule: dict[str, Any] = {"pattern": view.pattern, "version": view.pattern_version}
    if pattern is None:
        return rule
    return rule | {
        "version_in_force": pattern.version,
        "title": pattern.title,
        "question": pattern.question,
        "definition": getdoc(type(pattern)) or "",
        "data_needed": list(pattern.data_needed),
        "parameters": [
            {"name": one.name, "value": one.default, "unit": one.unit, "meaning": one.meaning}
            for one in pattern.parameters
        ],
    }


def _persons(session: Session, entity_ids: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return (entity, source, source id) of every record that is taken for one of the subjects."""
    members = session.identity.members(entity_ids)
    keys = session.resolution.record_keys([number for numbers in members.values() for number in numbers])
    return [
        (entity, keys[number].source, keys[number].source_id)
        for entity in dict.fromkeys(entity_ids)
        for number in members.get(entity, ())
    ]


def _zip(files: Mapping[str, bytes]) -> bytes:
    """Return the zip; equal files give equal bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, data)
    return content.getvalue()


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """Return CSV for a spreadsheet: UTF-8 with its mark, and no cell that a spreadsheet would calculate."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([["" if value is None else _cell(str(value)) for value in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["note"] = note
    return made


def _template(name: str) -> Any:
    return _environment().get_template(name)
