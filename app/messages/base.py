"""What every body has in common."""

from pydantic import BaseModel, ConfigDict

Scalar = str | int | float | bool


class Message(BaseModel):
    """Base of every body: unknown fields refused, no coercion."""

    model_config = ConfigDict(extra="forbid", strict=True, ser_json_inf_nan="null")


class Page(Message):
    """One page of a list; `next` is the cursor of the next one."""

    total: int
    next: str | None = None
