"""The one gate of every route: who asks, may they, and the look is written down before the answer leaves."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar
from uuid import uuid4

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from app.errors import Merged, Problem, problem_of
from app.security.body import BoundedRequest
from app.security.limits import Limiter
from app.security.principals import identify
from app.security.roles import Action, Principal, authorize
from app.security.shown import shown
from app.wiring import Kith
from ledger.audit import AuditEntry

MOST_OBJECTS = 1000

F = TypeVar("F", bound=Callable[..., Any])
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Policy:
    """What a route does to whom. `batch` raises the cap of its body; `at` = the times it takes."""

    action: Action
    batch: bool = False
    at: tuple[str, ...] = ()


def policy(action: Action, *, batch: bool = False, at: tuple[str, ...] = ()) -> Callable[[F], F]:
    """Declare the policy and audit class of a route; a route without one cannot be built."""

    def mark(endpoint: F) -> F:
        endpoint.policy = Policy(action, batch, at)  # type: ignore[attr-defined]
        return endpoint

    return mark


@dataclass(slots=True)
class Look:
    """One request as the audit sees it: who, in what role, and what the answer shows."""

    principal: Principal
    role: str
    action: Action
    route: str
    request_id: str
    objects: set[str] = field(default_factory=set)
    told: bool = False
    committed: bool = False

    @property
    def actor(self) -> str:
        """Return the actor for ledger entries."""
        return self.principal.actor

    def show(self, view: V, *objects: str) -> V:
        """Note whom an answer shows (all ids in it, and `objects`) and hand it on."""
        self.told = True
        self.objects.update(objects)
        self.objects.update(shown(view))
        return view

    def entry(self, outcome: str = "allowed") -> AuditEntry:
        """Return the audit entry of this look."""
        return AuditEntry(
            actor=self.actor,
            role=self.role,
            audit_class=self.action.value,
            action=self.route,
            objects=tuple(sorted(self.objects)[:MOST_OBJECTS]),
            count=len(self.objects),
            request_id=self.request_id,
            outcome=outcome,
        )

    def committing(self) -> AuditEntry:
        """Return the entry for a write that commits it with what it writes."""
        self.told = self.committed = True
        return self.entry()


class AuditedRoute(APIRoute):
    """A route that answers only whom its policy allows, and only after the audit is committed."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler; raises TypeError for a route without a policy."""
        rule: Policy | None = getattr(self.endpoint, "policy", None)
        if rule is None:
            raise TypeError(f"route {self.path} declares no policy: add @policy(Action.…)")
        answer = super().get_route_handler()
        name = f"{'/'.join(sorted(self.methods or ()))} {self.path_format}"

        async def gate(request: Request) -> Response:
            kith: Kith = request.app.state.kith
            limit = kith.settings.max_batch if rule.batch else kith.settings.max_body
            request = BoundedRequest(request.scope, request.receive, limit)
            _refuse_address(request, rule)
            if rule.action is Action.OPEN:
                return await answer(request)
            limiter: Limiter = request.app.state.limiter
            # Before a thread is waited for: beyond capacity nobody waits.
            with limiter.place():
                look = await run_in_threadpool(_admit, request, kith, rule, name)
                with limiter.slot(look.principal.key_id):
                    return await _answer(request, kith, look, answer)

        return gate


def _refuse_address(request: Request, rule: Policy) -> None:
    # Bytes that are no UTF-8 arrive as U+FFFD: two ids would become one.
    if "\ufffd" in request.scope["path"]:
        raise Problem("malformed", "the address is not UTF-8; encode ids as UTF-8, then as %XX")
    for name in ("known_at", "valid_at"):
        if name in request.query_params and name not in rule.at:
            raise Problem("not-supported", f"`{name}` is not supported here; leave it out to see the present")


def _admit(request: Request, kith: Kith, rule: Policy, route: str) -> Look:
    principal = identify(request, kith.ledger)
    decision = authorize(principal, rule.action, request.path_params.get("source"))
    look = Look(principal, (decision.role or "none"), rule.action, route, uuid4().hex)
    if not decision.allowed:
        _write(kith, look.entry("refused"))
        raise Problem("forbidden", decision.reason)
    request.state.look = look
    return look


async def _answer(
    request: Request, kith: Kith, look: Look, answer: Callable[[Request], Awaitable[Response]]
) -> Response:
    try:
        response = await answer(request)
    except Exception as error:
        if not isinstance(error, RequestValidationError):
            outcome = "merged" if isinstance(error, Merged) else problem_of(error).kind
            look.objects.clear()
            await run_in_threadpool(_write, kith, look.entry(outcome))
        raise
    if not look.told:
        raise RuntimeError(f"{look.route} answered without saying whom it shows")
    if not look.committed:
        await run_in_threadpool(_write, kith, look.entry())
    return response


def _write(kith: Kith, entry: AuditEntry) -> None:
    try:
        kith.pipeline.audit(entry)
    except Exception as error:
        detail = "the audit could not be written (busy, or the disk is full); nothing was shown"
        raise Problem("not-audited", detail, headers={"Retry-After": "2"}) from error


def _look(request: Request) -> Look:
    look: Look = request.state.look
    return look


def _kith(request: Request) -> Kith:
    kith: Kith = request.app.state.kith
    return kith


Looking = Annotated[Look, Depends(_look)]
"""The look of this request, for handlers."""

TheKith = Annotated[Kith, Depends(_kith)]
"""The system behind this request, for handlers."""
