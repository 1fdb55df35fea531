"""`kith ingest` and `kith detect`: files into the ledger, patterns over what is there."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from app.cli.console import (
    BAD_INPUT,
    CHECK_FAILED,
    ENVIRONMENT,
    Data,
    Files,
    MappingFile,
    Stop,
    err,
    opened,
    out,
    progress,
    settings_of,
    written_whole,
)
from app.cli.models import train_and_promote
from app.extracts import Extract, TooManyAbsent, delete_absent
from app.ingest.mapping import Mapping, load_mapping
from app.ingest.reading import DryRun, Reading, dry_run, read
from app.ingest.said import Said
from app.loading import LoadSummary, load
from app.messages import FindingSummary
from app.queries import findings
from app.wiring import Kith
from graph_schema.store import StoreUnavailable
from patterns.pattern import Pattern, Scope
from patterns.rostering import ScanHeld
from patterns.words import counted

ACTOR = "kith ingest"
_KEPT = (
    "What was loaded is kept; the graph follows when the server is back. Then look for patterns: kith detect"
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("ingest")(ingest)
    app.command("detect")(detect)


def ingest(
    files: Files,
    mapping: MappingFile,
    data: Data = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Read and report; keep nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when rows were refused.")] = False,
    first_model: Annotated[bool, typer.Option("--train", help="First load: train a model, use it.")] = False,
    full_extract: Annotated[
        bool, typer.Option("--full-extract", help="The files hold all that the source has: delete the rest.")
    ] = False,
    confirm: Annotated[
        int | None, typer.Option("--confirm", help="Agree to lose so many (above 1 in 20 it must be said).")
    ] = None,
) -> None:
    """Load files into the ledger: records are resolved and drawn at once; refused rows go to quarantine."""
    checked = load_mapping(mapping)
    if full_extract:
        _require_ids(checked)
    if dry:
        refused = report(dry_run(files, checked))
    else:
        reading = read(files, checked)
        with opened(settings_of(data), must_exist=False) as kith:
            if first_model:
                _require_empty(kith)
            said = Said() if full_extract else None
            refused = load_files(kith, reading, mapping.read_text("utf-8"), mapping.stem, said).rejected
            if said is not None:
                _delete_absent(kith, checked, said, confirm)
            if first_model:
                train_and_promote(kith)
            try:
                changed = run_patterns(kith, None)
            except StoreUnavailable as error:
                raise Stop(f"{error}. {_KEPT}", ENVIRONMENT) from error
        err.print(f"{counted(changed, 'finding')} changed.")
    if refused and strict:
        raise Stop(f"{counted(refused, 'row')} refused", CHECK_FAILED)


def load_files(
    kith: Kith, reading: Reading, mapping: str, label: str, ids: Said | None = None
) -> LoadSummary:
    """Load what is read, register the sources with the mapping (its YAML text), and tell what was done.

    `ids` is told every id in it.
    """
    with progress(f"Loading {label}") as tell:
        summary = load(kith.pipeline, reading, ACTOR, tell, ids)
    with kith.ledger.write() as session:
        for row in session.sources.freshness():
            if row["source"] == reading.mapping.source.value or not session.sources.known(row["source"]):
                session.sources.register(row["source"], mapping, ACTOR)
    kinds = (
        (summary.records, "records"),
        (summary.events, "events"),
        (summary.rows, "rows of bulk kinds"),
        (summary.duplicates, "known already"),
        (summary.stale, "older than what is known"),
        (summary.conflicts, "in conflict with the same version"),
        (summary.erased, "of records that were erased, refused"),
        (summary.rejected, "refused, kept in quarantine"),
    )
    said = ", ".join(f"{count:,} {what}" for count, what in kinds if count) or "nothing"
    err.print(f"{label}: {said}.", markup=False)
    for warning in summary.warnings:
        err.print(f"  {warning}", markup=False)
    return summary


def _require_ids(mapping: Mapping) -> None:
    sections = [mapping.id] if mapping.holds_records else []
    if any(columns == ("row_number",) for columns in (*sections, *(event.id for event in mapping.events))):
        raise Stop("--full-extract needs ids of the source's own; this mapping counts rows", BAD_INPUT)


def _delete_absent(kith: Kith, mapping: Mapping, said: Said, confirm: int | None) -> None:
    """Delete what the sources no longer say. Raises: Stop when that would be too much."""
    named = {mapping.source.value} if mapping.source.value else set()
    with_events = any(not event.bulk for event in mapping.events)
    for source in sorted(named | said.records.keys() | said.events.keys()):
        extract = Extract(
            source,
            said.records[source] if mapping.holds_records else None,
            said.events[source] if with_events else None,
            unread=said.unread[source],
            confirmed=confirm,
        )
        try:
            done = delete_absent(kith.pipeline, extract, ACTOR)
        except TooManyAbsent as brake:
            raise Stop(f"{source}: {brake} (--confirm {brake.absent})", CHECK_FAILED) from brake
        err.print(f"{source}: {done.deleted:,} of {done.live:,} are no longer said and were deleted.")


def _require_empty(kith: Kith) -> None:
    with kith.ledger.read() as session:
        if session.records.count():
            raise Stop("--train is for a first load; later ones: `kith train --promote`", BAD_INPUT)


def report(found: DryRun) -> int:
    """Print what a load would do; return how many rows it would refuse."""
    out.print(
        f"{found.rows:,} rows: {found.records:,} records, {found.events:,} events, {found.segment_rows:,} "
        f"bulk rows; {found.rejected:,} would be refused. Nothing was kept."
    )
    for problem, count in found.problems:
        out.print(f"  {count:,} × {problem}", markup=False)
    for line in (*found.examples, *found.warnings):
        out.print(f"  {line}", markup=False)
    return found.rejected


def detect(
    pattern: Annotated[
        list[str] | None, typer.Option("--pattern", help="Ids of patterns; all if left out.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="Write the findings (.parquet or .jsonl).")
    ] = None,
    data: Data = None,
) -> None:
    """Run patterns over everybody and keep what they find."""
    if output is not None and output.suffix not in {".parquet", ".jsonl"}:
        raise Stop("--output ends in .parquet or .jsonl", BAD_INPUT)
    if output is not None and not output.parent.is_dir():
        raise Stop(f"--output {output}: there is no such folder; make it first", BAD_INPUT)
    with opened(settings_of(data)) as kith:
        changed = run_patterns(kith, pattern)
        kept = _all_findings(kith)
        if output is not None:
            _write(kith, kept, output)
    by_state = pl.Series("state", [row.state for row in kept], pl.String).value_counts().sort("state")
    err.print(f"{counted(changed, 'finding')} changed, {len(kept):,} in all" + (":" if kept else "."))
    for state, count in by_state.iter_rows():
        err.print(f"  {count:,} {state}")


def run_patterns(kith: Kith, ids: Sequence[str] | None) -> int:
    """Run patterns (None = all that keep findings) over everybody; return how many findings changed.

    A pattern whose scan is held keeps what it had, and says so.
    Raises: Stop for an id that no pattern has, or one that keeps no findings.
    """
    keeping = {id_: pattern for id_, pattern in kith.patterns.items() if pattern.writes_findings}
    unknown = sorted(set(ids or ()) - keeping.keys())
    if unknown:
        raise Stop(
            f"no pattern that keeps findings is called so; there are: {', '.join(sorted(keeping))}", BAD_INPUT
        )
    changed = 0
    with progress("Looking for patterns") as tell:
        for run in _runs([keeping[id_] for id_ in sorted(ids or keeping)]):
            names = ", ".join(pattern.id.replace("_", " ") for pattern in run)
            try:
                changed += len(kith.pipeline.detect(kith.graph, run, Scope()))
            except ScanHeld as held:
                err.print(f"{names}: {held}.", markup=False)
            tell(f"findings, {names} done", changed)
    return changed


def _runs(patterns: Sequence[Pattern]) -> list[list[Pattern]]:
    """Return the patterns in runs: those that need the same data together, so that it is read once."""
    runs: dict[tuple[str, ...], list[Pattern]] = {}
    for pattern in patterns:
        runs.setdefault(pattern.data_needed, []).append(pattern)
    return list(runs.values())


def _all_findings(kith: Kith) -> list[FindingSummary]:
    rows: list[FindingSummary] = []
    cursor: str | None = None
    while True:
        page = findings.page(kith, findings.Wanted(), cursor, 500)
        rows += page.items
        cursor = page.next
        if cursor is None:
            return rows


def _write(kith: Kith, kept: Sequence[FindingSummary], output: Path) -> None:
    """Write findings, a row each; nested parts as JSON text."""
    with kith.ledger.read() as session:
        bodies = {row.id: (session.findings.get(row.id) or {}).get("body", {}) for row in kept}
    rows = [
        {
            "finding_id": row.id,
            "pattern": row.pattern,
            "severity": row.severity,
            "state": row.state,
            "title": row.title,
            "left": row.subjects[0].entity_id,
            "right": row.subjects[1].entity_id if len(row.subjects) > 1 else None,
            "subjects": json.dumps([subject.model_dump() for subject in row.subjects], ensure_ascii=False),
            "numbers": json.dumps(bodies[row.id].get("numbers", {}), ensure_ascii=False),
            "created_at": row.created_at,
        }
        for row in kept
    ]
    frame = pl.DataFrame(rows, schema=_COLUMNS)
    with written_whole(output) as passing:
        if output.suffix == ".parquet":
            frame.write_parquet(passing)
        else:
            frame.write_ndjson(passing)


_NAMES = (
    "finding_id",
    "pattern",
    "severity",
    "state",
    "title",
    "left",
    "right",
    "subjects",
    "numbers",
    "created_at",
)
_COLUMNS = {name: pl.String() for name in _NAMES}
