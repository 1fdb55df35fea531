"""From a pushed body to a record or event: canonical JSON, or own fields through the source's mapping."""

from app.ingest.canonical import parse_event, parse_record
from app.ingest.mapping import Mapping
from app.ingest.pushed import map_event, map_record
from ledger.event import Event
from resolvers.domain import Record

Pushed = tuple[Record | Event, int | None]


def read_record(mapping: Mapping | None, source: str, id_: str, body: object) -> tuple[Record, int | None]:
    """Return the record of a body and its version. Raises: BadInput."""
    if mapping is not None and not _has(body, "attributes"):
        return map_record(mapping, source, id_, body)
    return parse_record(source, id_, body, lawful_basis=mapping.lawful_basis if mapping is not None else None)


def read_event(mapping: Mapping | None, source: str, id_: str, body: object) -> tuple[Event, int | None]:
    """Return the event of a body and its version. Raises: BadInput."""
    if mapping is not None and not _has(body, "participants"):
        return map_event(mapping, source, id_, body)
    return parse_event(source, id_, body)


def _has(body: object, field: str) -> bool:
    return isinstance(body, dict) and isinstance(body.get(field), dict | list)
