"""Pages of the quarantine: rows that could not be taken, one of them to be repaired and run again."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Response
from fastapi.responses import RedirectResponse

from app.api.quarantine import own_row, put_aside, run_again
from app.errors import Problem, problem_of
from app.ingest.problem import BadInput
from app.messages import RepairRequest
from app.queries import quarantine
from app.security.audited import Look, Looking, TheKith, policy
from app.security.roles import Action, Role
from app.ui.page_route import PageRoute
from app.ui.rendering import page
from app.wiring import Kith
from ledger.entry import Erased, VersionConflict

router = APIRouter(route_class=PageRoute, include_in_schema=False)

DONE = {
    "accepted": "Repaired: it was run again and taken.",
    "duplicate": "Repaired: what it says was known already.",
    "stale": "Repaired: a newer version of it was known already.",
    "aside": "Put aside. Its values are forgotten.",
}
LEAST_REASON = 3
Number = Annotated[int, Path(ge=1, le=2**53)]
Lines = Annotated[list[str], Form(max_length=500)]


@router.get("/quarantine")
@policy(Action.READ_SOURCE)
def rows(
    kith: TheKith,
    look: Looking,
    source: Annotated[str, Query(max_length=64)] = "",
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show the rows that wait, oldest first, without their values; a pusher sees its own source alone."""
    only = look.principal.source if look.role == Role.PUSHER else None
    view = look.show(quarantine.open_rows(kith, only or source or None, after))
    return page(
        "quarantine.html",
        here="/sources",
        actor=look.principal.name,
        rows=view.items,
        source=only or source,
        following=view.next,
        message=DONE.get(done),
    )


@router.get("/quarantine/{number}")
@policy(Action.PUSH)
def row(kith: TheKith, look: Looking, number: Number) -> Response:
    """Show what one row said and what is wrong with it."""
    return _row_page(kith, look, number)


@router.post("/quarantine/{number}")
@policy(Action.PUSH)
def repair(
    kith: TheKith,
    look: Looking,
    number: Number,
    id: Annotated[str, Form(max_length=400)] = "",
    kind: Annotated[str, Form(max_length=10)] = "record",
    name: Lines = [],  # noqa: B006 - FastAPI copies defaults
    value: Lines = [],  # noqa: B006
    body: Annotated[str, Form(max_length=200_000)] = "",
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Run a row again as it was corrected, or show the form again with what is still wrong."""
    fields = dict(zip(name, value, strict=False))
    said = {"id": id.strip(), "kind": kind, "reason": reason.strip(), "fields": fields, "text": body or None}
    try:
        receipt = run_again(kith, look, number, _request(said))
    except BadInput as error:
        wrong = [
            ": ".join((one.field, "; ".join(filter(None, (one.problem, one.remedy)))))
            for one in error.problems
        ]
    except (Problem, VersionConflict, Erased) as error:
        wrong = [problem_of(error).detail]
    else:
        return RedirectResponse(_back(kith, receipt.source, receipt.status), 303)
    look.committed = False
    return _row_page(kith, look, number, wrong, said)


def _request(said: Mapping[str, Any]) -> RepairRequest:
    """Return what a form asks for. Raises: Problem when something is left out."""
    try:
        body = said["fields"] or json.loads(said["text"] or "")
        values = {name: said[name] for name in ("id", "kind", "reason")}
        return RepairRequest.model_validate({**values, "body": body})
    except ValueError as error:
        raise Problem("invalid", "Give its id, its content, and the reason in a few words.") from error


@router.post("/quarantine/{number}/dismiss")
@policy(Action.PUSH)
def dismiss(
    kith: TheKith, look: Looking, number: Number, reason: Annotated[str, Form(max_length=2000)] = ""
) -> Response:
    """Close a row without running it again."""
    source = own_row(kith, look, number)["source"]
    if len(reason.strip()) < LEAST_REASON:
        return _row_page(kith, look, number, ["Write why it is not needed."], {})
    put_aside(kith, look, number, reason.strip())
    return look.show(RedirectResponse(_back(kith, source, "aside"), 303))


def _back(kith: Kith, source: str, done: str) -> str:
    """Return the address of the list: of the source while rows of it wait, else of all."""
    waits = quarantine.open_rows(kith, source, 0).items
    return f"/quarantine?source={source}&done={done}" if waits else f"/quarantine?done={done}"


def _row_page(
    kith: Kith, look: Look, number: int, wrong: list[str] | None = None, said: dict[str, Any] | None = None
) -> Response:
    """Return the page of a row; `said` is what a form said that is wrong still."""
    kept_row = own_row(kith, look, number)
    kept = quarantine.kept(kith, kept_row)
    said = said or {}
    look.show(None, f"q{number}")
    return page(
        "quarantined.html",
        422 if wrong else 200,
        here="/sources",
        actor=look.principal.name,
        row=kept_row,
        poison=kept_row["payload"] is None,
        fields=said.get("fields") or kept.fields,
        text=said.get("text") or kept.text,
        id=said.get("id") or kept.id_,
        kind=said.get("kind") or "record",
        reason=said.get("reason") or "",
        wrong=wrong or [],
    )
