"""Rows that could not be taken: listed without their values, and read again with corrections."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import Absent
from app.messages import QuarantinedView, QuarantineView
from app.queries.sources import mapping_of
from app.wiring import Kith

PAGE = 100


def open_rows(kith: Kith, source: str | None, after: int) -> QuarantineView:
    """Return a page of open rows above a number; of one source, or of all."""
    with kith.ledger.read() as session:
        rows = session.quarantine.page(source, after, PAGE + 1)
    names = QuarantinedView.model_fields
    items = [QuarantinedView(**{name: row[name] for name in names}) for row in rows[:PAGE]]
    return QuarantineView(items=items, next=items[-1].number if len(rows) > PAGE else None)


def open_row(kith: Kith, number: int) -> Mapping[str, Any]:
    """Return an open row with its payload. Raises: Absent."""
    with kith.ledger.read() as session:
        row = session.quarantine.get(number)
    if row is None:
        raise Absent
    return row


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a row: its fields by name, or its text where it could not be split into fields.

    `id_` is what the mapping takes for its id, empty where that is not known.
    """

    fields: Mapping[str, str]
    text: str | None
    id_: str


def kept(kith: Kith, row: Mapping[str, Any]) -> Kept:
    """Return what is kept of an open row, to be corrected by hand."""
    said = json.loads(row["payload"] or "{}")
    if said.keys() == {"row"}:
        return Kept({}, str(said["row"]), "")
    if any(isinstance(value, dict | list) for value in said.values()):
        return Kept({}, json.dumps(said, indent=2, ensure_ascii=False), str(said.get("id", "")))
    with kith.ledger.read() as session:
        mapping = mapping_of(session, row["source"]) if session.sources.known(row["source"]) else None
    fields = {name: "" if value is None else str(value) for name, value in said.items()}
    columns = mapping.id if mapping is not None else ()
    return Kept(fields, None, fields.get(columns[0], "") if len(columns) == 1 else "")


def corrected(row: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that were kept with those of `body` in their place; a canonical body stands alone.

    Of a line that could not be split into fields nothing is kept but its text: then `body` says it all.
    """
    if isinstance(body.get("attributes"), dict) or isinstance(body.get("participants"), list):
        return dict(body)
    kept = json.loads(row["payload"] or "{}")
    return {**({} if kept.keys() == {"row"} else kept), **body}
