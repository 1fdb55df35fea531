"""Carry property values between the declaration's text forms and Neo4j's native DATE and ZONED DATETIME."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from neo4j.time import Date, DateTime

from graph_schema.nodes import KIND_OF_LABEL, Node, PropertyValue
from graph_schema.relationships import RELATIONSHIP_TYPE, Link

TECHNICAL = frozenset({"id", "owner", "search_words"})
"""Properties of our own that no answer shows."""

_TEMPORAL = frozenset({"date", "instant", "date_or_instant"})


def to_native(
    properties: Mapping[str, PropertyValue], declared: Mapping[str, str]
) -> dict[str, str | int | float | bool | list[str] | date | datetime]:
    """Return properties as Neo4j keeps them."""
    return {name: _native(value, declared[name]) for name, value in properties.items()}


def to_node(row: Mapping[str, Any]) -> Node:
    """Return a node from a row of id, labels (in any order) and properties."""
    carried = set(row["labels"])
    kind = next(KIND_OF_LABEL[label] for label in row["labels"] if label in KIND_OF_LABEL)
    labels = (kind.label, *(label for label in kind.extra_labels if label in carried))
    return Node(row["id"], labels, _from_native(row["properties"]))


def to_link(row: Mapping[str, Any]) -> Link:
    """Return a link from a row of id, type, start, end and properties."""
    return Link(row["id"], row["type"], row["start"], row["end"], _from_native(row["properties"]))


def native_link_properties(link: Link) -> dict[str, Any]:
    """Return a link's properties as Neo4j keeps them."""
    return to_native(link.properties, RELATIONSHIP_TYPE[link.type].properties)


def day_parameters(at: str | None) -> dict[str, date | datetime | None]:
    """Return the parameters of a query about links valid on some part of a UTC day; None = at any time."""
    if at is None:
        return {"day": None, "day_start": None, "day_end": None}
    day = date.fromisoformat(at)
    start = datetime.combine(day, time(), UTC)
    return {"day": day, "day_start": start, "day_end": start + timedelta(days=1)}


def _native(value: PropertyValue, type_: str) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if type_ in _TEMPORAL and isinstance(value, str):
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    return value


def _from_native(properties: Mapping[str, Any]) -> dict[str, PropertyValue]:
    return {name: _text_form(properties[name]) for name in sorted(properties.keys() - TECHNICAL)}


def _text_form(value: Any) -> PropertyValue:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, DateTime):
        return f"{value.to_native().replace(tzinfo=None).isoformat(timespec='seconds')}Z"
    if isinstance(value, Date):
        return value.iso_format()
    plain: PropertyValue = value
    return plain
