"""Read one pushed object in the source's own fields through the source's mapping."""

from collections.abc import Collection
from typing import Any

import polars as pl

from app.ingest.canonical import parse_record
from app.ingest.events import events_of
from app.ingest.files import Chunk, flatten
from app.ingest.mapping import Mapping
from app.ingest.problem import BadInput, Problem
from app.ingest.records import records_of
from app.ingest.sheet import Sheet
from ledger.event import Event, EventKey
from resolvers.domain import Record, RecordKey


def map_record(mapping: Mapping, source: str, source_id: str, fields: object) -> tuple[Record, int | None]:
    """Return the record of one object in the source's own fields, and its version.

    The id may be left out of the fields; if it is there, it must be the one of the address.
    Raises: BadInput naming each field, its problem and the remedy, never a value.
    """
    if not mapping.holds_records:
        raise BadInput((_NO_SECTION,))
    sheet = _sheet(mapping, mapping.record_columns(), mapping.id, source, source_id, fields)
    ((place, (record, version)),) = records_of(sheet, mapping, source)
    _raise_problems(sheet, place)
    said = {name: [dict(value) for value in values] for name, values in record.attributes.items()}
    parse_record(source, source_id, {"attributes": said}, lawful_basis=mapping.lawful_basis)
    return Record(RecordKey(source, source_id), record.attributes), version


def map_event(mapping: Mapping, source: str, event_id: str, fields: object) -> tuple[Event, int | None]:
    """Return the event of one object in the source's own fields, and its version.

    The mapping must have exactly one event section that finds its participants in the event's own row.
    Raises: BadInput naming each field, its problem and the remedy, never a value.
    """
    sections = [event for event in mapping.events if all(part.file is None for part in event.participants)]
    if len(sections) != 1:
        raise BadInput((_NO_SECTION,))
    (section,) = sections
    sheet = _sheet(mapping, mapping.event_columns(section), section.id, source, event_id, fields)
    read = list(events_of(sheet, mapping, section, source, {}))
    if not read:
        raise BadInput((Problem("body", "not_chosen", "is no event by the mapping's `where`", "correct it"),))
    ((place, (event, version)),) = read
    _raise_problems(sheet, place)
    return _with_key(event, source, event_id), version


def columns_schema(mapping: Mapping) -> dict[str, Any]:
    """Return the JSON Schema of a record in the source's own fields."""
    columns = sorted(mapping.record_columns())
    scalar = {"type": ["string", "number", "boolean", "null"]}
    return {"type": "object", "properties": dict.fromkeys(columns, scalar)}


def _with_key(event: Event, source: str, event_id: str) -> Event:
    return Event(
        EventKey(source, event_id),
        event.kind,
        event.start,
        event.end,
        event.participants,
        event.place,
        event.attributes,
    )


def _sheet(
    mapping: Mapping,
    columns: Collection[str],
    id_columns: tuple[str, ...],
    source: str,
    id_: str,
    fields: object,
) -> Sheet:
    try:
        said = flatten(fields)
    except UnicodeEncodeError:
        raise BadInput((_NOT_TEXT,)) from None
    except (ValueError, RecursionError):
        raise BadInput((_NOT_FLAT,)) from None
    if not said.keys() & set(columns):
        raise BadInput((_NO_COLUMN,))
    if id_columns != ("row_number",):
        said.setdefault(id_columns[0], id_) if len(id_columns) == 1 else None
        if len(id_columns) == 1 and said[id_columns[0]].strip() != id_:
            raise BadInput(
                (Problem("id", "id_mismatch", "is not the id of the address", "make them the same"),)
            )
    if mapping.source.column is not None and said.setdefault(mapping.source.column, source).strip() != source:
        raise BadInput(
            (Problem("source", "id_mismatch", "is not the source of the address", "make them the same"),)
        )
    named = sorted(columns)
    row = {name: [said.get(name)] for name in named}
    frame = pl.DataFrame(row, schema=dict.fromkeys(named, pl.String))
    placeholders = frozenset(word.strip().lower() for word in mapping.placeholders)
    return Sheet(Chunk(frame, [1], [1]), placeholders, mapping.timezone)


def _raise_problems(sheet: Sheet, place: int) -> None:
    if place in sheet.problems:
        raise BadInput(tuple(dict.fromkeys(sheet.problems[place])))


_NO_SECTION = Problem(
    "body", "no_section", "is not covered by the source's mapping", "send the canonical JSON"
)
_NO_COLUMN = Problem(
    "body", "no_column", "has none of the source's mapped columns", "see the schema of the source"
)
_NOT_FLAT = Problem("body", "malformed", "is no object of text, numbers and objects", "send one flat object")
_NOT_TEXT = Problem("body", "forbidden_character", "holds a lone surrogate", "send valid Unicode text")
