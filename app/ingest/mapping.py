"""A source mapping: which columns of a source are which attributes, declared in YAML and validated here."""

import re
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from app.ingest.columns import Column, Extra, Part, Source, Time, Value, Where, Word, as_tuple
from app.ingest.problem import MappingError
from app.ingest.vocabulary import (
    ATTRIBUTES,
    EXTRAS,
    REQUIRED_PARTS,
    WORD_PATTERN,
    special_category,
)
from ledger.event import BULK_KINDS

_MODEL_WORDS = frozenset(
    {
        "blocking", "blocking_rule", "blocking_rules", "comparison", "comparisons", "join", "level", "levels",
        "m", "m_probability", "match_weight", "prior", "priors", "probability", "review", "term_frequency",
        "threshold", "thresholds", "u", "u_probability", "veto", "weight", "weights",
    }
)  # fmt: skip
"""What belongs to the linkage model and is refused in a mapping."""


class ParticipantMapping(Part):
    """How participants are read: from the event's own row, or (`file`, `event`) from a table of their own."""

    source: Source | None = None
    id: Column
    role: Word
    file: str | None = None
    event: str | None = None
    where: Where = Field(default_factory=dict)

    @model_validator(mode="after")
    def _joined(self) -> "ParticipantMapping":
        if (self.file is None) != (self.event is None):
            raise ValueError(
                "participants of another file need both `file` and `event`, the column naming the event"
            )
        return self


class EventMapping(Part):
    """How the rows of a file become events.

    Without `end`: an event given by its day lasts that day, one given by its second a second. An `end` that
    is mapped and blank is open. An end of the start's own date column, if not later, is on the next day.
    """

    kind: Word
    file: str | None = None
    source: Source | None = None
    id: Annotated[tuple[str, ...], BeforeValidator(as_tuple), Field(min_length=1, strict=False)]
    version: str | None = None
    start: Time | None = None
    end: Time | None = None
    place: dict[str, Column] = Field(default_factory=dict)
    attributes: dict[Annotated[str, Field(pattern=WORD_PATTERN)], Column] = Field(default_factory=dict)
    participants: Annotated[tuple[ParticipantMapping, ...], Field(min_length=1, strict=False)]
    where: Where = Field(default_factory=dict)

    @property
    def bulk(self) -> bool:
        """Return whether the events go to columnar segments."""
        return self.kind.value in BULK_KINDS

    @model_validator(mode="after")
    def _whole(self) -> "EventMapping":
        if self.bulk and any(participant.file for participant in self.participants):
            raise ValueError("a bulk kind (shift, look_up, presence) has its participants in its own rows")
        if self.end is not None and self.start is None:
            raise ValueError("an end needs a start")
        return self


Values = Annotated[tuple[Value, ...], BeforeValidator(as_tuple), Field(min_length=1, strict=False)]
Extras = Annotated[tuple[Extra, ...], BeforeValidator(as_tuple), Field(min_length=1, strict=False)]


class Mapping(Part):
    """One source's mapping, version 1 of the form.

    `file` is a glob on the names of the files that hold records; without it, those no event section names.
    """

    mapping: Literal[1]
    source: Source
    id: Annotated[tuple[str, ...], BeforeValidator(as_tuple), Field(min_length=1, strict=False)] = (
        "row_number",
    )
    file: str | None = None
    version: str | None = None
    timezone: str | None = None
    lawful_basis: Annotated[str, Field(min_length=10)] | None = None
    placeholders: Annotated[tuple[str, ...], Field(strict=False)] = ()
    record: dict[str, Values] = Field(default_factory=dict)
    extras: dict[Annotated[str, Field(pattern=WORD_PATTERN)], Extras] = Field(default_factory=dict)
    events: Annotated[tuple[EventMapping, ...], Field(strict=False)] = ()
    ignore: Annotated[tuple[str, ...], Field(strict=False)] = ()

    @model_validator(mode="before")
    @classmethod
    def _lift_extras(cls, given: Any) -> Any:
        record = given.get("record") if isinstance(given, dict) else None
        if isinstance(record, dict) and EXTRAS in record:
            rest = {name: values for name, values in record.items() if name != EXTRAS}
            given = {**given, "record": rest, EXTRAS: record[EXTRAS]}
        return given

    @model_validator(mode="after")
    def _sound(self) -> "Mapping":
        if not self.holds_records and not self.events:
            raise ValueError("a mapping has a record section, an events section, or both")
        for attribute, values in self.record.items():
            for value in values:
                _check_value(attribute, value)
        for name, extras in self.extras.items():
            _refuse_special(name)
            if any(set(extra.columns) != {"value"} for extra in extras):
                raise ValueError(f"the extra {name} has one column")
        if "ethnicity" in self.record and self.lawful_basis is None:
            raise ValueError("ethnicity is taken only where the mapping states a `lawful_basis`")
        if "ethnicity" in self.extras or "race" in self.extras:
            raise ValueError(
                "ethnicity is no extra: map it as the attribute `ethnicity`, with a `lawful_basis`"
            )
        for event in self.events:
            for name in event.attributes:
                _refuse_special(name)
            if event.start is not None and self.timezone is None:
                raise ValueError("events with times need a `timezone`, such as Europe/London")
        for column in self.columns():
            _refuse_special(column)
        if self.timezone is not None:
            _check_timezone(self.timezone)
        return self

    @property
    def holds_records(self) -> bool:
        """Return whether there is a record section."""
        return bool(self.record or self.extras)

    def reads_records_of(self, name: str) -> bool:
        """Return whether the record section reads the file of this name."""
        if self.file is not None:
            return matches(self.file, name)
        others = [event.file for event in self.events]
        others += [participant.file for event in self.events for participant in event.participants]
        return not any(matches(pattern, name) for pattern in others)

    def reads_events_of(self, event: EventMapping, name: str) -> bool:
        """Return whether an event section reads this file; without `file` it reads the record section's."""
        return matches(event.file, name) or (event.file is None and self.reads_records_of(name))

    def columns_of(self, name: str) -> frozenset[str] | None:
        """Return the columns that are read in the file of this name, None where no section reads it."""
        sections = [self.record_columns()] if self.holds_records and self.reads_records_of(name) else []
        for event in self.events:
            sections += [self.event_columns(event)] if self.reads_events_of(event, name) else []
            sections += [participant_columns(part) for part in event.participants if matches(part.file, name)]
        return frozenset().union(*sections) if sections else None

    def file_names(self) -> Sequence[str]:
        """Return the globs of the files that sections name, sorted."""
        parts = [part.file for event in self.events for part in event.participants]
        return sorted({file for file in (self.file, *(event.file for event in self.events), *parts) if file})

    def columns(self) -> frozenset[str]:
        """Return every column that the mapping reads, in any file."""
        sections = [self.record_columns(), *(self.event_columns(event) for event in self.events)]
        joined = [
            participant_columns(part) for event in self.events for part in event.participants if part.file
        ]
        return frozenset().union(*sections, *joined)

    def record_columns(self) -> frozenset[str]:
        """Return the columns that the record section reads."""
        if not self.holds_records:
            return frozenset()
        values = [value for group in (*self.record.values(), *self.extras.values()) for value in group]
        columns = {ref.column for value in values for ref in value.refs()}
        columns |= {column for value in values for column in value.where}
        return frozenset(filter(None, columns | {self.source.column, self.version, *_id_columns(self.id)}))

    def event_columns(self, event: EventMapping) -> frozenset[str]:
        """Return the columns that an event section reads in the event's own file."""
        refs = [event.kind, *event.place.values(), *event.attributes.values()]
        for time in (event.start, event.end):
            refs += time.columns.values() if time else ()
        columns = {ref.column for ref in refs} | {(event.source or self.source).column, event.version}
        for participant in event.participants:
            columns |= participant_columns(participant) if participant.file is None else set()
        return frozenset(filter(None, columns | set(_id_columns(event.id)) | set(event.where)))


def participant_columns(participant: ParticipantMapping) -> frozenset[str]:
    """Return the columns that a participant is read from."""
    source = participant.source.column if participant.source else None
    columns = {participant.id.column, participant.role.column, source, participant.event, *participant.where}
    return frozenset(filter(None, columns))


def _id_columns(columns: tuple[str, ...]) -> tuple[str, ...]:
    return () if columns == ("row_number",) else columns


def _check_value(attribute: str, value: Value) -> None:
    _refuse_special(attribute)
    parts = ATTRIBUTES.get(attribute)
    if parts is None:
        known = ", ".join(sorted(ATTRIBUTES))
        raise ValueError(f"{attribute} is no attribute; use one of {known}, or a typed extra under `extras`")
    unknown = sorted(set(value.columns) - set(parts))
    if unknown:
        raise ValueError(f"{attribute} has no part {', '.join(unknown)}; its parts are {', '.join(parts)}")
    missing = [part for part in REQUIRED_PARTS.get(attribute, ()) if part not in value.columns]
    if missing:
        raise ValueError(f"{attribute} needs the part {', '.join(missing)}")
    if value.separator is not None and tuple(value.columns) != ("value",):
        raise ValueError(f"{attribute}: only a one-part value can be split by a separator")


def _refuse_special(name: str) -> None:
    category = special_category(name)
    if category is not None:
        raise ValueError(
            f"{name} speaks of {category}, which is never taken; leave it out, or name it under `ignore`"
        )


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("the timezone is no IANA name; use one such as Europe/London") from error


class _Loader(yaml.SafeLoader):
    """YAML in which only true and false are flags: a column may be called `no`, `on` or `y`."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def load_mapping(given: Path | str) -> Mapping:
    """Return the mapping of a YAML file (a `Path`, or text without a line break) or of YAML text.

    Raises: MappingError naming the key and the remedy.
    """
    named = isinstance(given, Path) or "\n" not in given
    label = str(given) if named else "mapping"
    try:
        text = Path(given).read_text(encoding="utf-8") if named else str(given)
        document = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except FileNotFoundError as error:
        raise MappingError(f"{label}: there is no such mapping; give the path of a YAML file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"{label}: cannot be read as UTF-8 text; check its path and encoding") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise MappingError(f"{label}: is not YAML{where}; check indentation, colons and quotes") from error
    return _validated(document, label)


def _validated(document: Any, label: str) -> Mapping:
    if not isinstance(document, dict):
        raise MappingError(f"{label}: a mapping is a YAML object that begins with `mapping: 1`")
    foreign = sorted(_keys(document) & _MODEL_WORDS)
    if foreign:
        raise MappingError(
            f"{label}: {', '.join(foreign)} belongs to the linkage model; "
            "a mapping names columns, types, formats and placeholders only"
        )
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        raise MappingError(f"{label}: {_sentence(error)}") from error


def _keys(node: Any, section: str = "") -> set[str]:
    """Return the keys of a YAML document that are its own words, not names the author is free to choose."""
    if isinstance(node, list):
        return set().union(*(_keys(item, section) for item in node))
    if not isinstance(node, dict):
        return set()
    free = section in {"extras", "attributes", "columns", "where", "place"}
    own = set() if free else {str(key) for key in node}
    return own.union(*(_keys(value, "" if free else str(key)) for key, value in node.items()))


def _sentence(error: ValidationError) -> str:
    """Return the first problems as sentences: where, what, and the keys that are allowed."""
    sentences = []
    for detail in error.errors(include_url=False, include_input=False, include_context=False)[:5]:
        where = ".".join(str(step) for step in detail["loc"] if step != "function-after") or "mapping"
        message = detail["msg"].removeprefix("Value error, ")
        if detail["type"] == "extra_forbidden":
            message = "is no key of a mapping; remove it or correct its spelling"
        sentences.append(f"{where}: {message}" if detail["loc"] else message)
    return "; ".join(sentences)


def matches(pattern: str | None, name: str) -> bool:
    """Return whether a section's file glob names this file; None names none."""
    return pattern is not None and fnmatch(name, pattern)
