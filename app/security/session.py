"""The page's door: a one-time link from the terminal becomes a cookie session."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from app.security.audited import AuditedRoute, TheKith, policy
from app.security.principals import COOKIE
from app.security.roles import Action, Role
from ledger.ledger import Ledger, Session

LINK_SECONDS = 15 * 60
SESSION_SECONDS = 8 * 3600

router = APIRouter(route_class=AuditedRoute, include_in_schema=False)


def page_link(session: Session, key_id: str, base_url: str) -> str:
    """Return a link that opens the page once, within a quarter of an hour."""
    token = session.keys.open_page(key_id, once=True, seconds=LINK_SECONDS)
    return f"{base_url}/open?token={token}"


def first_key(ledger: Ledger) -> str | None:
    """Make the key of a first start (every role, loopback only); return its text, None if there are keys."""
    with ledger.write() as session:
        if session.keys.all():
            return None
        return session.keys.create("first", [role.value for role in Role], None, "kith", loopback_only=True)


@router.get("/open")
@policy(Action.OPEN)
def open_page(request: Request, kith: TheKith, token: str = "") -> Response:
    """Turn a one-time link into a session; the cookie is for this site alone and for no script."""

    def start(session: Session) -> str | None:
        key = session.keys.page(token, once=True)
        return session.keys.open_page(key["id"], once=False, seconds=SESSION_SECONDS) if key else None

    session_token = kith.pipeline.run(start)
    if session_token is None:
        return PlainTextResponse(
            "This link was used, or is too old. `kith key open` prints a new one.\n", 403
        )
    answer = RedirectResponse("/", 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    answer.set_cookie(
        COOKIE,
        session_token,
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer
