"""Whom an answer shows: the ids in a message, for the audit."""

from collections.abc import Iterator

from pydantic import BaseModel

from app.messages import EntityTouched, FindingMention, FindingSummary, NodeView, RecordView


def shown(view: object) -> set[str]:
    """Return the ids of persons, records, findings and other nodes anywhere in an answer; never a value."""
    return set(_ids(view))


def _ids(view: object) -> Iterator[str]:
    if isinstance(view, list | tuple):
        for part in view:
            yield from _ids(part)
    elif isinstance(view, BaseModel):
        yield from _own(view)
        for name in type(view).model_fields:
            yield from _ids(getattr(view, name))


def _own(view: BaseModel) -> Iterator[str]:
    entity_id = getattr(view, "entity_id", None)
    if isinstance(entity_id, str):
        yield entity_id
    if isinstance(view, EntityTouched) and view.into is not None:
        yield view.into
    if isinstance(view, NodeView | FindingSummary | FindingMention):
        yield view.id
    if isinstance(view, RecordView):
        yield f"r{view.number}"
