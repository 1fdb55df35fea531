"""`kith audit`: who looked at what; whether the chain holds; its head and its rows, to be kept elsewhere."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TextIO

import typer

from app.cli.console import BAD_INPUT, CHECK_FAILED, Data, Stop, err, opened, out, settings_of
from app.heads import head_of, read_head, stands
from app.messages import AuditView
from app.queries.audit import audit
from app.wiring import Kith
from ledger.audit import AuditEntry

looks = typer.Typer(help="Who looked at what, and whether that can be trusted.", no_args_is_help=True)
ACTOR = "kith audit"
ROWS_AT_ONCE = 1_000

HeadFile = Annotated[Path | None, typer.Option("--head", help="A head kept elsewhere: it must still stand.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(looks, name="audit")


@looks.command("show")
def show(
    entity: Annotated[str | None, typer.Option("--entity", help="Looks at one person (e…) alone.")] = None,
    after: Annotated[int, typer.Option("--after", help="Only above this position.")] = 0,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Rows at most.")] = 200,
    data: Data = None,
) -> None:
    """Show who looked, oldest first; this look is written down too."""
    with opened(settings_of(data)) as kith:
        _note(kith, "audit show", entity)
        rows = audit(kith, entity, after, limit).items
    for row in rows:
        some = " ".join(row.objects[:3]) + (f" and {row.count - 3} more" if row.count > 3 else "")
        line = (
            f"{row.position}  {row.recorded_at[:19]}  {row.actor} as {row.role}  {row.action}  {row.outcome}"
        )
        out.print(f"{line}  {some}".rstrip(), markup=False)


@looks.command("verify")
def verify(head: HeadFile = None, data: Data = None) -> None:
    """Check every link of the chain; exit 1 naming the first position that does not hold.

    With a head kept on another machine, a chain that was cut or put back whole shows too.
    """
    wanted = None if head is None else read_head(head)
    with opened(settings_of(data)) as kith, kith.ledger.read() as session:
        bad = session.audit.verify()
        last = head_of(session)
        if bad is not None:
            raise Stop(
                f"the chain breaks at position {bad}: restore a backup, find out who did it", CHECK_FAILED
            )
        if wanted is not None and not stands(session, wanted):
            detail = f"the head of position {wanted.audit} (sequence {wanted.sequence}) is not in this ledger"
            raise Stop(f"{detail}: it was put back to an older state, or is another", CHECK_FAILED)
    err.print(f"The chain holds: {last.audit:,} looks, ledger sequence {last.sequence:,}.")


@looks.command("head")
def print_head(data: Data = None) -> None:
    """Print the end of chain and ledger as JSON; kept elsewhere, it proves later that nothing was cut."""
    with opened(settings_of(data)) as kith, kith.ledger.read() as session:
        print(json.dumps(asdict(head_of(session))))


@looks.command("export")
def export(
    output: Annotated[
        Path | None, typer.Option("--output", help="A new file; standard output if left out.")
    ] = None,
    after: Annotated[int, typer.Option("--after", help="Only above this position.")] = 0,
    data: Data = None,
) -> None:
    """Write the looks as JSON lines and, last, the head; the export is a look itself."""
    with opened(settings_of(data)) as kith:
        _note(kith, "audit export", None)
        try:
            file: TextIO = sys.stdout if output is None else output.open("x", encoding="utf-8")
        except FileExistsError as error:
            raise Stop(f"{output} is there already; name a new file", BAD_INPUT) from error
        count = 0
        for row in _rows(kith, after):
            print(row.model_dump_json(), file=file)
            count += 1
        with kith.ledger.read() as session:
            print(json.dumps({"head": asdict(head_of(session))}), file=file)
        if output is not None:
            file.close()
    err.print(f"{count:,} looks.")


def _rows(kith: Kith, after: int) -> Iterator[AuditView]:
    while True:
        page = audit(kith, None, after, ROWS_AT_ONCE)
        yield from page.items
        if page.next is None:
            return
        after = int(page.next)


def _note(kith: Kith, action: str, entity: str | None) -> None:
    objects = () if entity is None else (entity,)
    kith.pipeline.audit(AuditEntry(ACTOR, "auditor", "read_audit", action, objects, len(objects)))
