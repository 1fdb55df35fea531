"""Roles, what each may do, and the one question: may this principal do that?"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a key is for. A pusher is bound to one source."""

    PUSHER = "pusher"
    INVESTIGATOR = "investigator"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Action(StrEnum):
    """What a route does to whom: the audit class of its looks. `OPEN` routes show nothing of anybody."""

    OPEN = "open"
    PUSH = "push"
    READ_PERSON = "read_person"
    SEARCH = "search"
    EXPLAIN = "explain"
    REVIEW = "review"
    JUDGE = "judge"
    READ_FINDING = "read_finding"
    DISPOSE = "dispose"
    EXPORT = "export"
    RUN_PATTERN = "run_pattern"
    READ_CHANGES = "read_changes"
    READ_CATALOGUE = "read_catalogue"
    READ_SOURCE = "read_source"
    READ_AUDIT = "read_audit"
    ADMINISTER = "administer"
    ERASE = "erase"
    RESTRICT = "restrict"


_EVERY_ROLE = tuple(Role)

MAY: Mapping[Action, tuple[Role, ...]] = {
    Action.PUSH: (Role.PUSHER,),
    Action.READ_PERSON: (Role.INVESTIGATOR,),
    Action.SEARCH: (Role.INVESTIGATOR,),
    Action.EXPLAIN: (Role.INVESTIGATOR, Role.REVIEWER),
    Action.REVIEW: (Role.REVIEWER,),
    Action.JUDGE: (Role.REVIEWER,),
    Action.READ_FINDING: (Role.INVESTIGATOR,),
    Action.DISPOSE: (Role.INVESTIGATOR,),
    Action.EXPORT: (Role.INVESTIGATOR,),
    Action.RUN_PATTERN: (Role.INVESTIGATOR,),
    Action.READ_CHANGES: (Role.INVESTIGATOR, Role.AUDITOR),
    Action.READ_CATALOGUE: _EVERY_ROLE,
    Action.READ_SOURCE: (Role.ADMIN, Role.INVESTIGATOR, Role.PUSHER),
    Action.READ_AUDIT: (Role.AUDITOR,),
    Action.ADMINISTER: (Role.ADMIN,),
    Action.ERASE: (Role.ADMIN,),
    Action.RESTRICT: (Role.ADMIN,),
}
"""Which roles may do what, the one named in the audit first; what is not here nobody may."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a key, by itself or through a page session."""

    key_id: str
    name: str
    roles: frozenset[Role]
    source: str | None = None
    by_cookie: bool = False

    @property
    def actor(self) -> str:
        """Return how ledger and audit name this principal."""
        return f"{self.name}#{self.key_id}"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether it is allowed, by which role, or why not."""

    allowed: bool
    role: Role | None
    reason: str


def authorize(principal: Principal, action: Action, source: str | None = None) -> Decision:
    """Decide whether a principal may do this (to `source`, where the route names one); deny by default."""
    for role in MAY.get(action, ()):
        if role in principal.roles and (role is not Role.PUSHER or _own(principal, source)):
            return Decision(True, role, "allowed")
    if Role.PUSHER in principal.roles and Role.PUSHER in MAY.get(action, ()):
        return Decision(False, Role.PUSHER, "this key is bound to another source")
    needed = " or ".join(role.value for role in MAY.get(action, ())) or "nobody's"
    return Decision(False, None, f"this needs a key with the role {needed}; see `kith key create`")


def _own(principal: Principal, source: str | None) -> bool:
    """Return whether a pusher's key reaches `source`; only the first key, for loopback, is bound to none."""
    return source is None or principal.source in {None, source}
