"""Rows that could not be taken: listed without their values, and read again with corrections."""

import json
from collections.abc import Mapping
from typing import Any

from app.errors import Absent
from app.messages import QuarantinedView, QuarantineView
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


def corrected(row: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that were kept with those of `body` in their place; a canonical body stands alone.

    Of a line that could not be split into fields nothing is kept but its text: then `body` says it all.
    """
    if isinstance(body.get("attributes"), dict) or isinstance(body.get("participants"), list):
        return dict(body)
    kept = json.loads(row["payload"] or "{}")
    return {**({} if kept.keys() == {"row"} else kept), **body}
