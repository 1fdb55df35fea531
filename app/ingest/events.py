"""Build events from the columns of a sheet, as an event section of a mapping says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from app.ingest.columns import Ref, Source
from app.ingest.mapping import EventMapping, Mapping, ParticipantMapping
from app.ingest.problem import NOBODY, Problem
from app.ingest.records import source_column, version_column
from app.ingest.sheet import Sheet
from app.ingest.vocabulary import MAXIMUM_ID, WORD_PATTERN
from ledger.event import Event, EventKey, Participant
from resolvers.domain import RecordKey, Scalar

Guests = dict[str, dict[Participant, None]]
"""Event id → its participants from files of their own, in file order."""

_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The interval of each event: UTC start and end (null = unknown, open), and the start's local day."""

    start: pl.Series
    end: pl.Series
    day: pl.Series


def events_of(
    sheet: Sheet, mapping: Mapping, section: EventMapping, stem: str, guests: Guests
) -> Iterator[tuple[int, tuple[Event, int | None]]]:
    """Yield (place in the sheet, (event, version)) of the section's rows, those with problems included.

    An event without a participant gets a problem.
    """
    chosen = sheet.where(section.where).to_list()
    sources = source_column(sheet, section.source or mapping.source, stem).to_list()
    ids = sheet.identifier(section.id, "id").to_list()
    versions = version_column(sheet, section.version)
    kinds = word_column(sheet, section.kind, "kind").to_list()
    span = span_of(sheet, section)
    starts, ends = (series.dt.strftime("%Y-%m-%dT%H:%M:%SZ").to_list() for series in (span.start, span.end))
    places = _parts(sheet, section.place, "place")
    attributes = _parts(sheet, section.attributes, "attributes")
    own = [
        participant_column(sheet, mapping, part, stem, alone=len(section.participants) == 1 and not guests)
        for part in section.participants
        if part.file is None
    ]
    for place in range(sheet.height):
        if not chosen[place]:
            sheet.problems.pop(place, None)
            continue
        event_id = ids[place] or ""
        present = dict.fromkeys(column[place] for column in own)
        taking_part = [part for part in present if part is not None] + list(guests.get(event_id, ()))
        if not taking_part and place not in sheet.problems:
            sheet.problems[place] = [NOBODY]
        event = Event(
            key=EventKey(sources[place] or "", event_id),
            kind=kinds[place] or "",
            start=starts[place],
            end=ends[place],
            participants=tuple(dict.fromkeys(taking_part)),
            place=_filled(places, place),
            attributes=_filled(attributes, place),
        )
        yield place, (event, versions[place])


def participant_column(
    sheet: Sheet, mapping: Mapping, participant: ParticipantMapping, stem: str, *, alone: bool
) -> list[Participant | None]:
    """Return the participant of each row, None where its id is blank or its `where` does not hold.

    `alone`: a row without it would have nobody, so a blank id is a problem.
    """
    sources, ids, roles = participant_series(sheet, mapping, participant, stem, alone=alone)
    rows = zip(sources.to_list(), ids.to_list(), roles.to_list(), strict=True)
    return [
        None if source_id is None else Participant(RecordKey(source or "", source_id), role or "")
        for source, source_id, role in rows
    ]


def participant_series(
    sheet: Sheet, mapping: Mapping, participant: ParticipantMapping, stem: str, *, alone: bool
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return source, id and role of each row's participant; the id is null where nobody takes part."""
    sources = source_column(sheet, participant.source or mapping.source, stem)
    ids = sheet.text(participant.id, participant.id.column or "id", MAXIMUM_ID)
    if alone:
        sheet.refuse(ids.is_null(), NOBODY)
    roles = word_column(sheet, participant.role, "role")
    chosen = sheet.where(participant.where)
    return sources, pl.select(pl.when(chosen).then(ids)).to_series(), roles


def guests_of(
    sheet: Sheet, mapping: Mapping, participant: ParticipantMapping, stem: str, guests: Guests
) -> None:
    """Add the participants of a sheet to `guests`; a row that lacks event or record gets a problem."""
    events = sheet.identifier((participant.event or "",), "event").to_list()
    column = participant_column(sheet, mapping, participant, stem, alone=True)
    for place, (event_id, taking_part) in enumerate(zip(events, column, strict=True)):
        if place not in sheet.problems and taking_part is not None and event_id is not None:
            guests.setdefault(event_id, {})[taking_part] = None


def word_column(sheet: Sheet, ref: Ref, name: str) -> pl.Series:
    """Return kinds or roles: lower-case words joined by underscores."""
    text = sheet.text(ref, name)
    words = text.str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "_").str.strip_chars("_")
    wrong = ~words.str.contains(WORD_PATTERN).fill_null(False)
    sheet.refuse(wrong, Problem(name, "wrong_word", "is no word", "use letters, digits and underscores"))
    return words


def span_of(sheet: Sheet, section: EventMapping) -> Span:
    """Return the interval of each event, half-open, by the rules of `EventMapping`."""
    if section.start is None:
        nothing = pl.Series([None], dtype=pl.Datetime("us", "UTC")).new_from_index(0, sheet.height)
        return Span(nothing, nothing, nothing.dt.date())
    local, offset = sheet.instants(section.start, "start")
    start = offset.fill_null(sheet.to_utc(local))
    day = local.dt.date().fill_null(_local_day(sheet, start))
    if section.end is None:
        days = sheet.is_day(section.start)
        until = pl.select(
            pl.when(days).then(sheet.to_utc(local + _DAY)).otherwise(start + _SECOND)
        ).to_series()
        return Span(start, until, day)
    end_local, end_offset = sheet.instants(section.end, "end")
    date = section.start.columns.get("date")
    if date is not None and section.end.columns.get("date") == date:
        night = (end_local <= local).fill_null(False)
        end_local = pl.select(pl.when(night).then(end_local + _DAY).otherwise(end_local)).to_series()
        clock = sheet.text(section.end.columns["time"], "end.time")
        end_local = pl.select(pl.when(clock.is_not_null()).then(end_local)).to_series()
    end = end_offset.fill_null(sheet.to_utc(end_local))
    sheet.refuse(end < start, _BACKWARDS)
    return Span(start, end, day)


def _local_day(sheet: Sheet, start: pl.Series) -> pl.Series:
    return (start.dt.convert_time_zone(sheet.timezone) if sheet.timezone else start).dt.date()


def source_of(section: EventMapping, mapping: Mapping) -> Source:
    """Return where the source of an event section comes from."""
    return section.source or mapping.source


def _parts(sheet: Sheet, refs: dict[str, Ref], name: str) -> dict[str, Sequence[Scalar | None]]:
    return {part: sheet.text(ref, f"{name}.{part}").to_list() for part, ref in refs.items()}


def _filled(parts: dict[str, Sequence[Scalar | None]], place: int) -> dict[str, Scalar]:
    filled = ((part, column[place]) for part, column in parts.items())
    return {part: value for part, value in filled if value is not None}


_BACKWARDS = Problem("end", "end_before_start", "is before the start", "correct the times")
