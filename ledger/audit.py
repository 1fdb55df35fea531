"""What is written down of each look at a person: the entry given, and the chained row kept."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act to be logged before it is answered: ids and counts only, never a name or a search text.

    `audit_class` is the route's (read_person, search, push, judge, dispose, export, admin, read_audit …);
    `objects` are the entity, record or finding ids that the answer holds (capped at 1,000; `count` is the
    whole).
    """

    actor: str
    role: str
    audit_class: str
    action: str
    objects: tuple[str, ...] = ()
    count: int = 0
    purpose: str | None = None
    request_id: str | None = None
    outcome: str = "allowed"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An audit entry with its place in the chain."""

    position: int
    recorded_at: str
    entry: AuditEntry
    mac: str
