"""The change feed: what the ledger took in after a cursor, by number and id, never by value."""

from app.messages import ChangesView, ChangeView
from app.wiring import Kith


def changes(kith: Kith, after: int, limit: int) -> ChangesView:
    """Return up to `limit` changes above the sequence `after`, and the sequence to resume from."""
    with kith.ledger.read() as session:
        entries = session.entries(after, limit)
    return ChangesView(
        items=[
            ChangeView(
                sequence=entry.sequence,
                recorded_at=entry.recorded_at,
                kind=entry.kind,
                subject=entry.subject,
                detail=dict(entry.detail),
            )
            for entry in entries
        ],
        after=entries[-1].sequence if entries else after,
    )
