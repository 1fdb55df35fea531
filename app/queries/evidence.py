"""The rows behind a finding as Kith received them: content, load time, version and SHA-256."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.queries.entities import HIDDEN
from ledger.content import canonical_json, content_hash, event_text, record_text
from ledger.entry import Erased, StoredEvent, StoredRecord
from ledger.event import EventKey
from ledger.ledger import Session
from patterns.finding import Evidence
from resolvers.domain import RecordKey

RowKey = tuple[str, str, str]
"""(`record` or `event`, source, id in that source)."""


@dataclass(frozen=True, slots=True)
class Received:
    """One row as received; `text` is its canonical JSON, None where it is no longer held.

    `sha256` is that of the content as received. `withheld` are attributes left out of `text`, which then has
    another hash. `changed` says that the source has said something else since, `erased` is the certificate
    of an erasure. `version`, `sequence` and `loaded_at` are None for what is not held.
    """

    key: RowKey
    text: str | None = None
    sha256: str | None = None
    version: int | None = None
    sequence: int | None = None
    loaded_at: str | None = None
    withheld: tuple[str, ...] = ()
    changed: bool = False
    erased: str | None = None

    @property
    def fields(self) -> Sequence[tuple[str, str]]:
        """Return the content as (path of the field, value), in the order of the JSON."""
        return list(_leaves("", json.loads(self.text))) if self.text is not None else []


def received(session: Session, evidence: Sequence[Evidence], sequence: int) -> Mapping[RowKey, Received]:
    """Return each row the evidence names as it stood at a ledger sequence, in the order of the evidence."""
    keys = list(dict.fromkeys((one.origin, one.source, one.source_id) for one in evidence))
    found = {key: _pushed(session, key, sequence) for key in keys}
    missing = [EventKey(*key[1:]) for key in keys if key[0] == "event" and _absent(found[key])]
    return {**found, **_loaded(session, missing, sequence)} if missing else found


def _absent(row: Received) -> bool:
    return row.text is None and row.erased is None


def _pushed(session: Session, key: RowKey, sequence: int) -> Received:
    """Return a record, or an event that is a row of the ledger."""
    origin, source, source_id = key
    try:
        if origin == "record":
            return _record(session, RecordKey(source, source_id), sequence)
        return _event(session, EventKey(source, source_id), sequence)
    except Erased as erased:
        return Received(key, erased=erased.certificate)


def _record(session: Session, key: RecordKey, sequence: int) -> Received:
    said, now = session.records.said(key, sequence), session.records.get(key)
    empty = Received(("record", key.source, key.source_id))
    if said is None or said.record is None:
        return empty
    kept = {name: value for name, value in said.record.attributes.items() if name not in HIDDEN}
    return replace(
        _as_said(empty, said, now),
        text=record_text(replace(said.record, attributes=kept)),
        withheld=tuple(sorted(said.record.attributes.keys() & HIDDEN)),
    )


def _event(session: Session, key: EventKey, sequence: int) -> Received:
    said, now = session.events.said(key, sequence), session.events.get(key)
    empty = Received(("event", key.source, key.event_id))
    if said is None or said.event is None:
        return empty
    return replace(_as_said(empty, said, now), text=event_text(said.event))


def _as_said(
    empty: Received, said: StoredRecord | StoredEvent, now: StoredRecord | StoredEvent | None
) -> Received:
    return replace(
        empty,
        sha256=said.content_hash,
        version=said.version,
        sequence=said.sequence,
        loaded_at=said.recorded_at,
        changed=now is None or now.sequence != said.sequence,
    )


def _loaded(session: Session, keys: Sequence[EventKey], sequence: int) -> dict[RowKey, Received]:
    """Return events of a bulk load: every row of the highest version, from the segment that brought it."""
    frame = session.segments.of_events(keys, sequence)
    rows: dict[RowKey, list[dict[str, Any]]] = {}
    for row in frame.iter_rows(named=True):
        rows.setdefault(("event", row["source"], row["event_id"]), []).append(row)
    return {key: _of_segment(session, key, said) for key, said in sorted(rows.items())}


def _of_segment(session: Session, key: RowKey, rows: Sequence[Mapping[str, Any]]) -> Received:
    version = max(row["version"] for row in rows)
    segment = min(row["segment"] for row in rows if row["version"] == version)
    lines = {
        canonical_json(
            {name: _plain(value) for name, value in row.items() if name != "segment" and value is not None}
        )
        for row in rows
        if row["version"] == version and row["segment"] == segment
    }
    text = f"[{','.join(sorted(lines))}]"
    (entry,) = session.entries(segment - 1, 1)
    return Received(key, text, content_hash(text).hex(), version, segment, entry.recorded_at)


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str) else value.isoformat()


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, part)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _leaves(f"{path}[{place + 1}]" if len(value) > 1 else path, part)
    elif value is not None:
        yield path, str(value)
