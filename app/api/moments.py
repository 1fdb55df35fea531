"""The times that a read may look back to, as query parameters."""

from typing import Annotated

from fastapi import Depends, Query

from app.queries.entities import When

KnownAt = Annotated[
    str | None,
    Query(max_length=40, description="As known then: a past instant with its zone, or a ledger sequence"),
]
ValidAt = Annotated[
    str | None,
    Query(max_length=40, description="Values that hold then: a date, or an instant with its zone"),
]
BOTH = ("known_at", "valid_at")


def _when(known_at: KnownAt = None, valid_at: ValidAt = None) -> When:
    return When(known_at, valid_at)


AtTime = Annotated[When, Depends(_when)]
"""Both, for handlers."""
