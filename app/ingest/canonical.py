"""The canonical JSON of records and events: strict models, and the schema made from them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.ingest.problem import BadInput, Problem
from app.ingest.refusal import problems_of
from app.ingest.vocabulary import (
    ATTRIBUTES,
    BASES,
    DATE_PATTERN,
    EXTRAS,
    INSTANT_PATTERN,
    MAXIMUM_ID,
    MAXIMUM_TEXT,
    REQUIRED_PARTS,
    SOURCE_PATTERN,
    TEXT_PATTERN,
    WORD_PATTERN,
    special_category,
)
from ledger.event import Event, EventKey, Participant
from resolvers.domain import Record, RecordKey, Scalar


def _calendar_day(text: str) -> str:
    """Return the date if the calendar has it; a month or a year stands for its first day."""
    try:
        date.fromisoformat((text + "-01-01")[:10])
    except ValueError as error:
        raise PydanticCustomError("impossible_date", "is no date of the calendar") from error
    return text


def _utc(text: str) -> str:
    """Return an instant with an offset as UTC, cut to the second."""
    try:
        instant = datetime.fromisoformat(text)
        return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("impossible_date", "is no time of the calendar") from error


_Model = TypeVar("_Model", bound=BaseModel)

Text = Annotated[str, Field(min_length=1, max_length=MAXIMUM_TEXT, pattern=TEXT_PATTERN)]
Id = Annotated[str, Field(min_length=1, max_length=MAXIMUM_ID, pattern=TEXT_PATTERN)]
Word = Annotated[str, Field(pattern=WORD_PATTERN)]
SourceName = Annotated[str, Field(pattern=SOURCE_PATTERN)]
Date = Annotated[str, Field(pattern=DATE_PATTERN), AfterValidator(_calendar_day)]
Instant = Annotated[str, Field(pattern=INSTANT_PATTERN), AfterValidator(_utc)]
Number = Annotated[int, Field(ge=-(2**53), le=2**53)] | Annotated[float, Field(allow_inf_nan=False)]
Version = Annotated[int, Field(ge=1, le=2**53)]

_TYPES: Mapping[str, Any] = {
    "text": Text,
    "date": Date,
    "integer": Annotated[int, Field(ge=0, le=130)],
    "flag": bool,
}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Dated(_Body):
    valid_from: Date | None = None
    valid_to: Date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Refuse an end before the start; dates of other precisions are compared as far as both go."""
        if self.valid_from is not None and self.valid_to is not None:
            shared = min(len(self.valid_from), len(self.valid_to))
            if self.valid_to[:shared] < self.valid_from[:shared]:
                raise PydanticCustomError("impossible_date", "has `valid_to` before `valid_from`")
        return self


class _DateExtra(_Dated):
    name: Word
    type: Literal["date"]
    value: Date


class _NumberExtra(_Dated):
    name: Word
    type: Literal["number"]
    value: Number


class _TextExtra(_Dated):
    name: Word
    type: Literal["identifier", "category", "text"]
    value: Text


_Extra = Annotated[_DateExtra | _NumberExtra | _TextExtra, Field(discriminator="type")]


def _as_list(given: Any) -> Any:
    return given if isinstance(given, list) else [given]


def _as_values(given: Any) -> Any:
    """Read the bare text of a one-part attribute as its value, and a single value as a list of one."""
    return [{"value": value} if isinstance(value, str) else value for value in _as_list(given)]


def _attribute_field(name: str, parts: Mapping[str, str]) -> tuple[Any, Any]:
    required = REQUIRED_PARTS.get(name, ())
    fields: dict[str, Any] = {
        part: (_TYPES[kind], ...) if part in required else (_TYPES[kind] | None, None)
        for part, kind in parts.items()
    }
    model = create_model(name.title().replace("_", ""), __base__=_Dated, **fields)
    one: Any = model if tuple(parts) != ("value",) else model | _TYPES[parts["value"]]
    wrap = _as_values if tuple(parts) == ("value",) else _as_list
    wide = BeforeValidator(wrap, json_schema_input_type=one | list[one])
    return Annotated[list[model] | None, Field(min_length=1, max_length=100), wide], None  # type: ignore[valid-type]


_FIELDS: dict[str, Any] = {
    **{name: _attribute_field(name, parts) for name, parts in ATTRIBUTES.items()},
    EXTRAS: (Annotated[list[_Extra], Field(min_length=1, max_length=100)] | None, None),
}

_Attributes = create_model("Attributes", __base__=_Body, **_FIELDS)


class RecordBody(_Body):
    """A person record: what one source says of one person."""

    version: Version | None = None
    attributes: _Attributes  # type: ignore[valid-type]


class _ParticipantBody(_Body):
    source: SourceName
    source_id: Id
    role: Word


_Scalars = Annotated[dict[Word, Text | bool | Number], Field(max_length=50)]


class EventBody(_Body):
    """An event: its kind, interval [from, to), place and participants. No `from`: unknown; no `to`: open."""

    version: Version | None = None
    kind: Word
    start: Annotated[Instant | None, Field(alias="from")] = None
    end: Annotated[Instant | None, Field(alias="to")] = None
    place: _Scalars = {}
    attributes: _Scalars = {}
    participants: Annotated[list[_ParticipantBody], Field(min_length=1, max_length=1000)]


class _KeyBody(_Body):
    source: SourceName
    id: Id


def parse_record(
    source: str, source_id: str, body: object, *, lawful_basis: str | None = None
) -> tuple[Record, int | None]:
    """Return the record of a canonical JSON body and its version, None where it has none.

    `lawful_basis` is the source's mapping's; without one, ethnicity is refused.
    Raises: BadInput naming each field, its problem and the remedy, never a value.
    """
    _validated(_KeyBody, {"source": source, "id": source_id})
    _refuse_special(body, lawful_basis)
    read = _validated(RecordBody, body)
    said = read.model_dump(exclude_none=True)["attributes"]
    attributes = {name: tuple(value for value in values if value) for name, values in said.items()}
    attributes = {name: values for name, values in attributes.items() if values}
    if not attributes:
        raise BadInput((_EMPTY,))
    return Record(RecordKey(source, source_id), attributes), read.version


def parse_event(source: str, event_id: str, body: object) -> tuple[Event, int | None]:
    """Return the event of a canonical JSON body and its version, None where it has none.

    Raises: BadInput naming each field, its problem and the remedy, never a value.
    """
    _validated(_KeyBody, {"source": source, "id": event_id})
    _refuse_special(body, None)
    read = _validated(EventBody, body)
    if read.start is not None and read.end is not None and read.end < read.start:
        raise BadInput((Problem("to", "end_before_start", "is before `from`", "correct the times"),))
    if read.kind == "shift" and read.attributes.get("basis") not in (None, *BASES):
        raise BadInput((_BASIS,))
    participants = (
        Participant(RecordKey(part.source, part.source_id), part.role) for part in read.participants
    )
    event = Event(
        key=EventKey(source, event_id),
        kind=read.kind,
        start=read.start,
        end=read.end,
        participants=tuple(dict.fromkeys(participants)),
        place=dict(read.place),
        attributes=dict(read.attributes),
    )
    return event, read.version


def json_schema(what: Literal["record", "event"] = "record") -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a canonical body."""
    return (RecordBody if what == "record" else EventBody).model_json_schema()


def canonical(record: Record) -> dict[str, dict[str, list[dict[str, Scalar]]]]:
    """Return the body that `parse_record` reads as this record."""
    return {
        "attributes": {name: [dict(value) for value in values] for name, values in record.attributes.items()}
    }


def _validated(model: type[_Model], body: object) -> _Model:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise BadInput(problems_of(error)) from None
    except RecursionError:
        raise BadInput((Problem("body", "malformed", "is nested too deeply", "send a flat body"),)) from None


def _refuse_special(body: object, lawful_basis: str | None) -> None:
    """Refuse attributes and extras that speak of a special category, before anything of them is read."""
    attributes = body.get("attributes") if isinstance(body, dict) else None
    if not isinstance(attributes, dict):
        return
    extras = attributes.get(EXTRAS)
    named = (
        [extra.get("name") for extra in extras if isinstance(extra, dict)] if isinstance(extras, list) else []
    )
    names = [name for name in (*attributes, *named) if isinstance(name, str)]
    for category in sorted({category for name in names if (category := special_category(name))}):
        problem = f"speaks of {category}, which is never taken"
        raise BadInput((Problem("attributes", "special_category", problem, "leave it out"),))
    ethnic = "ethnicity" in attributes or {"ethnicity", "race"}.intersection(filter(None, map(str, named)))
    if ethnic and lawful_basis is None:
        raise BadInput((_ETHNICITY,))


_EMPTY = Problem("attributes", "empty_record", "has no value", "give at least a name or an identifier")
_BASIS = Problem("attributes.basis", "wrong_word", "is no basis of a shift", f"use one of {', '.join(BASES)}")
_ETHNICITY = Problem(
    "attributes.ethnicity",
    "special_category",
    "is taken only where the source's mapping states a lawful basis",
    "leave it out, or register a mapping with `lawful_basis`",
)
