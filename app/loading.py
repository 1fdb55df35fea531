"""Load what a mapping reads from files, chunk by chunk through the one pipeline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

from app.ingest.problem import Rejected
from app.ingest.reading import Reading
from app.ingest.said import Said
from app.messages import Receipt
from app.pipeline import Pipeline
from ledger.entry import Erased
from ledger.ledger import Session

Progress = Callable[[str, int], None]
"""Told the stage (records, events, rows) and how many it has done so far."""


@dataclass(slots=True)
class LoadSummary:
    """What a load did; `rejected` rows are in quarantine, `conflicts` are refused versions."""

    records: int = 0
    events: int = 0
    rows: int = 0
    duplicates: int = 0
    stale: int = 0
    conflicts: int = 0
    erased: int = 0
    rejected: int = 0
    warnings: list[str] = field(default_factory=list)

    def count(self, answers: list[Receipt | Exception]) -> None:
        """Add up the answers of one chunk."""
        for answer in answers:
            if isinstance(answer, Erased):
                self.erased += 1
            elif isinstance(answer, Exception):
                self.conflicts += 1
            elif answer.status == "duplicate":
                self.duplicates += 1
            elif answer.status == "stale":
                self.stale += 1


def load(
    pipeline: Pipeline,
    reading: Reading,
    actor: str,
    on_progress: Progress | None = None,
    said: Said | None = None,
) -> LoadSummary:
    """Load a reading; each chunk is one commit, so a second try goes on where the first one stopped.

    The graph is drawn when everything is in: what a load that breaks off leaves waits in the outbox. Live
    patterns are not run row by row: ask for a population run afterwards. `said` is told every id.
    """
    tell = on_progress or (lambda _stage, _done: None)
    summary = LoadSummary()
    for records in reading.records:
        summary.count(pipeline.put_records(records, actor, bulk=True))
        summary.records += len(records)
        if said is not None:
            said.take_records(records)
        tell("records", summary.records)
    for events in reading.events:
        summary.count(pipeline.put_events(events, actor, bulk=True))
        summary.events += len(events)
        if said is not None:
            said.take_events(events)
        tell("events", summary.events)
    for frame in reading.segments:
        pipeline.run(_append(frame, actor))
        summary.rows += frame.height
        tell("rows", summary.rows)
    pipeline.settle(lambda waiting: tell("parts of the graph to draw", waiting))
    if said is not None:
        said.take_rejected(reading.rejected, reading.mapping)
    if reading.rejected:
        pipeline.run(_quarantine(reading.rejected, actor))
    summary.rejected = len(reading.rejected)
    summary.warnings.extend(reading.warnings)
    return summary


def _append(frame: pl.DataFrame, actor: str) -> Callable[[Session], object]:
    return lambda session: session.segments.append(frame, actor)


def _quarantine(rows: Sequence[Rejected], actor: str) -> Callable[[Session], object]:
    return lambda session: [session.quarantine.put(row.quarantined(), actor) for row in rows]
