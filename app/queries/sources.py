"""The known sources: how new each is, and what a push to it must look like."""

from functools import lru_cache
from typing import Any

from app.errors import Problem
from app.ingest.canonical import json_schema
from app.ingest.mapping import Mapping, load_mapping
from app.ingest.pushed import columns_schema
from app.messages import FreshnessView, SourcesView
from app.wiring import Kith
from ledger.ledger import Session


def sources(kith: Kith, only: str | None = None) -> SourcesView:
    """Return every source by name, or one alone."""
    with kith.ledger.read() as session:
        return SourcesView(items=[row for row in freshness(session) if only in {None, row.source}])


def freshness(session: Session) -> list[FreshnessView]:
    """Return how new each source is, by name."""
    return [FreshnessView(**row) for row in session.sources.freshness()]


def schema(kith: Kith, source: str) -> dict[str, Any]:
    """Return the JSON Schemas of a source's bodies: canonical, and in its own fields where it has a mapping.

    Raises: Problem unknown-source.
    """
    with kith.ledger.read() as session:
        mapping = mapping_of(session, source)
    bodies = {"record": json_schema("record"), "event": json_schema("event")}
    if mapping is not None:
        bodies["own_fields"] = columns_schema(mapping)
    return bodies


def mapping_of(session: Session, source: str) -> Mapping | None:
    """Return the mapping of a known source, None for canonical JSON. Raises: Problem unknown-source."""
    if not session.sources.known(source):
        raise Problem(
            "unknown-source",
            "this source is not registered; an admin registers it with `PUT /v1/sources/{source}`, "
            "`kith ingest` does so by itself",
        )
    text = session.sources.mapping(source)
    return _loaded(text) if text is not None else None


@lru_cache(maxsize=256)
def _loaded(text: str) -> Mapping:
    return load_mapping(text)
