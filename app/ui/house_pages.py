"""Pages about the house itself: sources, audit, and the static files."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.errors import Absent
from app.queries.audit import audit as looks
from app.queries.model import model as in_force
from app.queries.readiness import readiness
from app.queries.sources import sources as known
from app.security.audited import Looking, TheKith, policy
from app.security.roles import Action
from app.ui.page_route import PageRoute
from app.ui.rendering import page, static_file

router = APIRouter(route_class=PageRoute, include_in_schema=False)

MOST_LOOKS = 200


@router.get("/sources")
@policy(Action.READ_SOURCE)
def sources(kith: TheKith, look: Looking) -> Response:
    """Show how new each source is, what is in quarantine, and whether every copy keeps up."""
    freshness = look.show(known(kith)).items
    ready = readiness(kith)
    return page("sources.html", here="/sources", actor=look.principal.name, freshness=freshness, ready=ready)


@router.get("/model")
@policy(Action.READ_CATALOGUE)
def model(kith: TheKith, look: Looking) -> Response:
    """Show the linkage model in force: its thresholds, and what each comparison level says."""
    view = look.show(in_force(kith))
    return page("model.html", here="/model", actor=look.principal.name, model=view)


@router.get("/audit")
@policy(Action.READ_AUDIT)
def audit(
    kith: TheKith,
    look: Looking,
    entity: Annotated[str, Query(max_length=64)] = "",
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> Response:
    """Show who looked at what, latest first; this look, already written, is the first of them."""
    own = kith.pipeline.audit(look.committing())
    last = own if before is None else before - 1
    first = max(0, last - MOST_LOOKS)
    view = looks(kith, entity or None, 0 if entity else first, MOST_LOOKS)
    items = [row for row in reversed(view.items) if entity or row.position <= last]
    return page(
        "audit.html",
        here="/audit",
        actor=look.principal.name,
        entries=items,
        entity=entity,
        earlier=first + 1 if first and not entity else None,
    )


@router.get("/static/{version}/{name:path}")
@policy(Action.OPEN)
def static(version: str, name: str) -> Response:
    """Return a static file; they hold nothing of anybody."""
    found = static_file(version, name)
    if found is None:
        raise Absent
    return found
