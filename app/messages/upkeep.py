"""Bodies for data protection: erasures and restrictions."""

from typing import Annotated, Literal

from pydantic import Field

from app.messages.base import Message

Targets = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=500)]],
    Field(min_length=1, max_length=1000, description="Records (source|id) and persons (e…)"),
]


class ErasureRequest(Message):
    """What to erase for good, and why."""

    targets: Targets
    reason: Literal["request", "retention", "unlawful", "order", "mistake"]


class ErasureView(Message):
    """A certificate of erasure: how many of what went; it names nobody.

    `finished` is false while bytes are still to be overwritten in a file: tried again every night.
    """

    certificate: str
    sequence: int
    recorded_at: str
    actor: str
    reason: str
    counts: dict[str, int]
    finished: bool


class ErasuresView(Message):
    """Every erasure, oldest first."""

    items: list[ErasureView]


class RestrictionRequest(Message):
    """What to keep but neither show nor use, and why."""

    targets: Targets
    reason: Literal["accuracy", "unlawful", "claims", "objection", "order"]


class RestrictionView(Message):
    """A restriction, by how many records it withholds; it names nobody."""

    id: str
    sequence: int
    recorded_at: str
    actor: str
    reason: str
    records: int
    lifted_at: str | None
    lifted_by: str | None


class RestrictionsView(Message):
    """Every restriction, lifted ones too, oldest first."""

    items: list[RestrictionView]
