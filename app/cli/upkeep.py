"""`kith rebuild`, `doctor`, `backup`, `restore`: keep the copies of the truth sound."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from app.backup import back_up, erased_in, note_rollback, restore
from app.cli.console import CHECK_FAILED, ENVIRONMENT, Data, Stop, err, opened, out, progress, settings_of
from app.doctor import examine
from app.erasing import replay
from app.heads import read_head
from app.messages import CopyRow
from app.rebuilding import rebuild


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("rebuild")(rebuild_command)
    app.command("doctor")(doctor)
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)


def rebuild_command(data: Data = None) -> None:
    """Make persons and graph again from the ledger: same ids, same digests."""
    with opened(settings_of(data)) as kith:
        with progress("Rebuilding") as tell:
            rebuild(kith.pipeline, kith.graph, tell)
            settled = kith.pipeline.settle()
        if not settled:
            raise Stop(
                "the graph's server does not answer; what waits reaches it when it is back", ENVIRONMENT
            )
        with kith.ledger.read() as session:
            err.print(f"partition {session.identity.partition_digest()}")
        err.print(f"graph     {kith.graph.digest()}")


def doctor(data: Data = None) -> None:
    """Examine each copy of the truth; exit 1 when one is not sound, and say which command mends it."""
    with opened(settings_of(data)) as kith, progress("Examining"):
        rows = examine(kith)
    table = Table("copy", "sequence", "counts", "digest", "lag", "state")
    for row in rows:
        counts = ", ".join(f"{number:,} {name}" for name, number in row.counts.items())
        sequence = "–" if row.sequence is None else f"{row.sequence:,}"
        state = "sound" if row.sound else "NOT SOUND"
        table.add_row(row.copy_of, sequence, counts, (row.digest or "–")[:16], str(row.lag), state)
    out.print(table)
    for row in rows:
        _advise(row)
    if not all(row.sound for row in rows):
        raise Stop("not every copy is sound", CHECK_FAILED)


def _advise(row: CopyRow) -> None:
    if not row.sound:
        out.print(f"{row.copy_of}: {row.problem}\n  mend it with: {row.repair}", markup=False)


def backup_command(
    folder: Annotated[Path, typer.Argument(help="A new folder for the copy.")], data: Data = None
) -> None:
    """Copy ledger, secret and segments into a new folder, while the service goes on."""
    with opened(settings_of(data)) as kith:
        sequence = back_up(kith, folder)
    err.print(f"{folder} holds everything up to sequence {sequence:,}. Keep it as safe as the data itself.")


def restore_command(
    backup: Annotated[Path, typer.Argument(help="A folder that `kith backup` made.")],
    accept_rollback: Annotated[
        bool, typer.Option("--accept-rollback", help="Lose what was written since; it is written down.")
    ] = False,
    head: Annotated[
        Path | None, typer.Option("--head", help="The newest `kith audit head`, kept elsewhere.")
    ] = None,
    erasures: Annotated[
        Path | None, typer.Option("--erasures", help="The newest `kith erase --keys`, kept elsewhere.")
    ] = None,
    data: Data = None,
) -> None:
    """Put a backup in the place of the data folder, which is moved aside; stop the service first.

    What the folder had erased, and what --erasures lists, is erased again.
    """
    settings = settings_of(data)
    wanted = None if head is None else read_head(head)
    listed = frozenset() if erasures is None else erased_in(erasures.read_text("utf-8").splitlines())
    done = restore(backup, settings.data, head=wanted, accept_rollback=accept_rollback)
    with opened(settings) as kith:
        if done.lost is not None:
            note_rollback(kith, done.lost)
        with progress("Rebuilding") as tell:
            rebuild(kith.pipeline, kith.graph, tell)
        certificate = replay(kith, done.erased | listed)
    err.print(
        f"Restored into {settings.data}." + (f" What was there lies in {done.aside}." if done.aside else ""),
        markup=False,
    )
    if certificate is not None:
        err.print(
            f"Erased again what the backup brought back: {certificate}. The folder put aside still holds it."
        )
