"""How a mapping points at columns: sources, references, values, extras and times."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.ingest.vocabulary import SOURCE_PATTERN, ExtraType


class Part(BaseModel):
    """A part of a mapping: no unknown keys, no coercion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Source(Part):
    """Where the source's name comes from: one of a fixed value, a column, or the file's stem."""

    value: Annotated[str, Field(pattern=SOURCE_PATTERN)] | None = None
    column: str | None = None
    file_stem: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> "Source":
        if sum(given is not None for given in (self.value, self.column, self.file_stem)) != 1:
            raise ValueError("source is exactly one of {value: name}, {column: name} or {file_stem: true}")
        return self


class Ref(Part):
    """Where a part's text comes from: a column, or a value that is the same in every row."""

    column: str | None = None
    value: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "Ref":
        if (self.column is None) == (self.value is None):
            raise ValueError("a part is either a column or {value: text}")
        return self


def _as_column(given: Any) -> Any:
    return {"column": given} if isinstance(given, str) else given


def _as_value(given: Any) -> Any:
    return {"value": given} if isinstance(given, str) else given


def as_tuple(given: Any) -> Any:
    """Return a list of one for a single thing."""
    return given if given is None or isinstance(given, list | tuple) else [given]


Column = Annotated[Ref, BeforeValidator(_as_column)]
"""A bare word names a column."""

Word = Annotated[Ref, BeforeValidator(_as_value)]
"""A bare word is itself: kinds and roles."""

Formats = Annotated[tuple[str, ...], BeforeValidator(as_tuple), Field(strict=False)]
"""strptime formats, tried in order; none = ISO 8601."""

Where = dict[str, Annotated[tuple[str, ...], BeforeValidator(as_tuple), Field(strict=False)]]
"""Column → the values it must have for the section or value to be read."""


class Value(Part):
    """How one value of an attribute is read from a row.

    `lenient`: an impossible date keeps its year and is counted, instead of refusing the row. `separator`
    splits a one-part value into several.
    """

    columns: dict[str, Column]
    format: Formats = ()
    valid_from: Column | None = None
    valid_to: Column | None = None
    separator: Annotated[str, Field(min_length=1)] | None = None
    lenient: bool = False
    where: Where = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _one_part(cls, given: Any) -> Any:
        if isinstance(given, str):
            given = {"columns": given}
        if isinstance(given, dict) and isinstance(given.get("columns"), str):
            given = {**given, "columns": {"value": given["columns"]}}
        return given

    def refs(self) -> Iterator[Ref]:
        """Yield every reference of the value."""
        yield from self.columns.values()
        yield from (ref for ref in (self.valid_from, self.valid_to) if ref is not None)


class Extra(Value):
    """A typed extra: a property of the source's own, compared by its type's default comparison."""

    type: ExtraType


class Time(Part):
    """How an instant is read: one column, or a date and a time column."""

    columns: dict[Literal["at", "date", "time"], Column]
    format: Formats = ()

    @model_validator(mode="before")
    @classmethod
    def _one_column(cls, given: Any) -> Any:
        if isinstance(given, str):
            given = {"columns": given}
        if isinstance(given, dict) and isinstance(given.get("columns"), str):
            given = {**given, "columns": {"at": given["columns"]}}
        return given

    @model_validator(mode="after")
    def _at_or_both(self) -> "Time":
        if set(self.columns) not in ({"at"}, {"date", "time"}):
            raise ValueError("a time is one column, or {date: column, time: column}")
        return self
