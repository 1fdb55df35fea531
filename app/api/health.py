"""Whether the service lives and can answer, and its numbers; nothing here is about anybody."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from app.messages import ReadyView
from app.queries.readiness import readiness
from app.security.audited import AuditedRoute, TheKith, policy
from app.security.roles import Action
from app.wiring import Kith

router = APIRouter(tags=["Health"], route_class=AuditedRoute)

PATIENCE = 3.0
"""Seconds that a readiness check may take."""


@router.get("/health/live", response_class=PlainTextResponse)
@policy(Action.OPEN)
async def live() -> str:
    """Answer, if only to show that the process can."""
    return "live\n"


@router.get("/health/ready", responses={503: {"model": ReadyView, "description": "Not ready, and why"}})
@policy(Action.OPEN)
async def ready(kith: TheKith) -> ReadyView:
    """Return whether the service can answer (503 where it cannot), why not, and how long its queues are."""
    view = await _readiness(kith)
    if view.ready:
        return view
    return JSONResponse(view.model_dump(), 503, {"Retry-After": "2"})  # type: ignore[return-value]


@router.get("/metrics", response_class=PlainTextResponse)
@policy(Action.OPEN)
async def metrics(request: Request, kith: TheKith) -> Response:
    """Return numbers for Prometheus: requests by route and status, queues, sequence."""
    view = await _readiness(kith)
    state = CollectorRegistry()
    for name, meaning, value in (
        ("kith_ready", "1 when the service can answer", int(view.ready)),
        ("kith_ledger_sequence", "Last sequence of the ledger", view.sequence),
        ("kith_redo_length", "Blocking keys that wait to be compared again", view.redo),
        ("kith_outbox_length", "Graph changes on their way to another store", view.outbox),
        ("kith_detections_length", "Entities whose patterns wait to be run", view.detections),
    ):
        Gauge(name, meaning, registry=state).set(value)
    served: CollectorRegistry = request.app.state.metrics
    return Response(generate_latest(served) + generate_latest(state), media_type=CONTENT_TYPE_LATEST)


@router.get("/openapi.json", include_in_schema=False)
@policy(Action.OPEN)
def openapi(request: Request) -> dict[str, Any]:
    """Return this document."""
    document: dict[str, Any] = request.app.openapi()
    return document


async def _readiness(kith: Kith) -> ReadyView:
    try:
        return await asyncio.wait_for(run_in_threadpool(readiness, kith), PATIENCE)
    except TimeoutError:
        return ReadyView(
            ready=False, sequence=0, redo=0, outbox=0, detections=0, graph="?", problems=["no answer in time"]
        )
