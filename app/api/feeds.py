"""What changed, and who looked."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.documentation import problems
from app.messages import AuditPageView, ChangesView
from app.queries.audit import audit
from app.queries.changes import changes
from app.security.audited import AuditedRoute, Looking, TheKith, policy
from app.security.roles import Action

router = APIRouter(prefix="/v1", tags=["Feeds"], route_class=AuditedRoute)

Position = Annotated[int, Query(ge=0, le=2**53)]


@router.get("/changes", responses=problems(400, 401, 403, 422, 429, 503))
@policy(Action.READ_CHANGES)
def get_changes(
    kith: TheKith, look: Looking, after: Position = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> ChangesView:
    """Return what the ledger took in after a sequence, oldest first; resume from `after` of the answer."""
    view = changes(kith, after, limit)
    return look.show(view, *(item.subject for item in view.items if item.kind.startswith("identity.")))


@router.get("/audit", responses=problems(400, 401, 403, 422, 429, 503))
@policy(Action.READ_AUDIT)
def get_audit(
    kith: TheKith,
    look: Looking,
    entity: Annotated[str | None, Query(max_length=64)] = None,
    after: Position = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> AuditPageView:
    """Return who looked at what, oldest first; `entity` keeps the looks at one person."""
    return look.show(audit(kith, entity, after, limit))
