"""Pages of the quarantine to render, of a made-up row."""

from app.messages import QuarantinedView

Rendered = tuple[str, dict[str, object]]
"""A template and what it is rendered from."""

ROW = QuarantinedView(
    number=4,
    source="crm",
    line=5,
    field="date_of_birth",
    code="impossible_date",
    message="people.csv line 5",
    recorded_at="2026-11-22T02:00:00Z",
)


def quarantine_pages() -> dict[str, Rendered]:
    """Return the pages of the quarantine by name."""
    rows: dict[str, object] = {"rows": [ROW], "source": "crm", "following": 4, "message": "Put aside."}
    row: dict[str, object] = {
        "row": ROW,
        "poison": False,
        "fields": {"nr": "4", "born": "1990-13-45"},
        "text": None,
        "id": "4",
        "kind": "record",
        "reason": "",
        "wrong": ["date_of_birth: there is no such day"],
    }
    return {
        "quarantine": ("quarantine.html", rows),
        "quarantine, nothing in it": ("quarantine.html", {**rows, "rows": [], "source": ""}),
        "row in quarantine": ("quarantined.html", row),
        "row of text in quarantine": ("quarantined.html", {**row, "fields": {}, "text": "5,Cut"}),
        "row left out": ("quarantined.html", {**row, "poison": True}),
    }
