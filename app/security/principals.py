"""Who asks: from a bearer key or a page cookie to a principal."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from fastapi import Request

from app.errors import Problem
from app.security.roles import Principal, Role
from ledger.ledger import Ledger

COOKIE = "kith_session"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def identify(request: Request, ledger: Ledger) -> Principal:
    """Return the principal of a request: its bearer key first, else its page session.

    Raises: Problem key-required, or forbidden (a loopback key from elsewhere, a form of another site).
    """
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    token = request.cookies.get(COOKIE)
    with ledger.read() as session:
        if scheme.lower() == "bearer":
            key, by_cookie = session.keys.check(text.strip()), False
        elif token is not None:
            key, by_cookie = session.keys.page(token, once=False), True
        else:
            key, by_cookie = None, False
    if key is None:
        raise Problem(
            "key-required",
            "send `Authorization: Bearer kith_…` (`kith key create`), or open the page with `kith key open`",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if key["loopback_only"] and not is_loopback(request.client.host if request.client else ""):
        raise Problem(
            "forbidden", "this key works on loopback only; make one of named roles: `kith key create`"
        )
    if by_cookie and request.method not in _SAFE:
        _check_origin(request)
    return _principal(key, by_cookie)


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _principal(key: Mapping[str, Any], by_cookie: bool) -> Principal:
    roles = frozenset(Role(role) for role in key["roles"])
    return Principal(key["id"], key["name"], roles, key["source"], by_cookie)


def _check_origin(request: Request) -> None:
    """Refuse a write that a page of another origin made with our cookie."""
    origin = request.headers.get("origin")
    if origin not in {None, "null"}:  # our own forms say null: the page sends no referrer
        own = origin == f"{request.url.scheme}://{request.headers.get('host', '')}"
    else:
        own = request.headers.get("sec-fetch-site") == "same-origin"
    if not own:
        raise Problem("forbidden", "this form came from another site; open the page itself and try again")
