"""Who looked at what."""

from app.messages import AuditPageView, AuditView
from app.wiring import Kith
from ledger.audit import AuditRow


def audit(kith: Kith, entity_id: str | None, after: int, limit: int) -> AuditPageView:
    """Return looks, oldest first: the latest `limit` at one entity, or all above the position `after`."""
    with kith.ledger.read() as session:
        if entity_id is not None:
            rows = sorted(session.audit.about(entity_id, limit), key=lambda row: row.position)
        else:
            rows = list(session.audit.recent(after, limit))
    more = entity_id is None and len(rows) == limit
    return AuditPageView(items=[_view(row) for row in rows], next=str(rows[-1].position) if more else None)


def _view(row: AuditRow) -> AuditView:
    entry = row.entry
    return AuditView(
        position=row.position,
        recorded_at=row.recorded_at,
        actor=entry.actor,
        role=entry.role,
        audit_class=entry.audit_class,
        action=entry.action,
        objects=list(entry.objects),
        count=entry.count,
        purpose=entry.purpose,
        outcome=entry.outcome,
    )
