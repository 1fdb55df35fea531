"""The web application: one process with API and page."""

import contextlib
import errno
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from app import errors
from app.api import (
    batches,
    documentation,
    entities,
    events,
    feeds,
    findings,
    health,
    judgements,
    patterns,
    quarantine,
    records,
    sources,
    upkeep,
)
from app.messages import RunView
from app.queries.jobs import Jobs
from app.queries.outcomes import StaffCount
from app.retention import Nightly
from app.security import session
from app.security.limits import Limiter
from app.security.principals import is_loopback
from app.settings import Settings
from app.ui import pages
from app.watch import Watch
from app.wiring import Kith

DESCRIPTION = "Who is who across many systems, what links them, and which links are worth a human's look."
GRACE_SECONDS = 15


class CannotServe(Exception):
    """The service cannot start; the message has the remedy."""


def create_app(kith: Kith) -> FastAPI:
    """Return the application over an open Kith; its background work runs while the application does."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        kith.pipeline.start()
        nightly = Nightly(kith)
        nightly.start()
        yield
        nightly.close()
        app.state.jobs.close()
        kith.pipeline.close()

    app = FastAPI(
        title="Kith",
        version=version("kith"),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        separate_input_output_schemas=False,
    )
    app.state.kith = kith
    app.state.limiter = Limiter()
    app.state.jobs = Jobs[RunView]()
    app.state.staff = StaffCount()
    app.state.metrics = CollectorRegistry()
    app.openapi = lambda: documentation.describe(app)  # type: ignore[method-assign]
    errors.install(app)
    for part in (
        batches,
        records,
        events,
        entities,
        findings,
        patterns,
        judgements,
        sources,
        quarantine,
        upkeep,
        feeds,
        health,
        session,
    ):
        app.include_router(part.router)
    app.include_router(pages.router)
    app.add_middleware(Watch, registry=app.state.metrics)
    return app


def check_binding(kith: Kith, host: str) -> None:
    """Refuse to listen beyond loopback until there is a key of named roles.

    Raises: CannotServe.
    """
    if is_loopback(host):
        return
    with kith.ledger.read() as session_:
        keys = [
            key for key in session_.keys.all() if not key["loopback_only"] and key.get("revoked_at") is None
        ]
    if not keys:
        raise CannotServe(
            f"{host} is not loopback, and there is no key of named roles: make one first, "
            "`kith key create NAME --role investigator`"
        )


def serve(kith: Kith, settings: Settings) -> None:
    """Serve until stopped; finishes what is running first.

    Raises: CannotServe (the port is in use, the address is not this machine's, no keys for others).
    """
    check_binding(kith, settings.host)
    listener = _listen(settings.host, settings.port)
    config = uvicorn.Config(
        create_app(kith),
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # uvicorn finishes what runs, then raises the signal that stopped it.
    with listener, contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


def require_free_port(settings: Settings) -> None:
    """Fail now rather than after long work when the port cannot be listened on. Raises: CannotServe."""
    _listen(settings.host, settings.port).close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotServe(f"port {port} is in use; choose another with --port") from error
        raise CannotServe(
            f"cannot listen on {host}:{port}: {error.strerror}; choose --host and --port"
        ) from error
    return listener
