"""Read what you wrote: `?after=` waits until an answer holds all up to a ledger sequence."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from enum import Enum
from typing import Annotated, Any

from fastapi import Depends, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.params import Depends as Dependency

from app.errors import RETRY_SECONDS, Problem
from app.security.audited import TheKith
from app.wiring import Kith

PATIENCE = 2.0
"""Seconds that a reader waits for the graph; then it is told to ask again."""
FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.1

After = Annotated[
    int | None,
    Query(
        ge=0,
        le=2**53,
        description="Answer once all up to this ledger sequence (of a receipt) shows; else 503, ask again",
    ),
]


class Follows(Enum):
    """What an answer follows: the ledger at once; the graph and the findings as they are carried on."""

    LEDGER = "ledger"
    GRAPH = "graph"
    FINDINGS = "findings"


def after(what: Follows) -> Dependency:
    """Return the dependency of a route whose answers follow `what`.

    Raises: Problem malformed (a sequence still to come), unavailable (not within `PATIENCE`).
    """

    async def wait(kith: TheKith, after: After = None) -> None:
        if after is not None:
            await _wait(kith, what, after)

    return _depends(wait)


def _depends(wait: Callable[..., Coroutine[Any, Any, None]]) -> Dependency:
    dependency: Dependency = Depends(wait)
    return dependency


async def _wait(kith: Kith, what: Follows, sequence: int) -> None:
    until, pause = time.monotonic() + PATIENCE, FIRST_PAUSE
    while not await run_in_threadpool(_reached, kith, what, sequence):
        if time.monotonic() + pause > until:
            detail = "the graph has not caught up with this sequence yet; ask again, or leave out `after`"
            raise Problem("unavailable", detail, headers={"Retry-After": RETRY_SECONDS})
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _reached(kith: Kith, what: Follows, sequence: int) -> bool:
    with kith.ledger.read() as session:
        # What a commit leaves to be carried on waits since the last of its entries, or an earlier one.
        moment = session.moment(sequence)
        if moment is None:
            raise Problem("malformed", "`after` is still to come; name the sequence of a receipt")
        queues = {
            Follows.LEDGER: (),
            Follows.GRAPH: (session.outbox,),
            Follows.FINDINGS: (session.outbox, session.detections),
        }
        waiting = [oldest for queue in queues[what] if (oldest := queue.oldest()) is not None]
        return all(oldest > moment for oldest in waiting)
