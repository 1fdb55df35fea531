"""`kith export`: the linkage model for Splink, the graph for Neo4j's offline importer."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import BAD_INPUT, Data, Stop, err, opened, progress, settings_of
from graph_schema.import_files import ARGUMENTS, write_import_files
from graph_schema.relationships import RELATIONSHIP_TYPE, Patch
from resolvers.splink_settings import export_settings

exporting = typer.Typer(help="Write the model for Splink, or the graph for Neo4j's importer.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(exporting, name="export")


@exporting.callback(invoke_without_command=True)
def export_command(
    context: typer.Context,
    output: Annotated[
        Path | None, typer.Option("--splink", help="Write the model in force here, as Splink settings.")
    ] = None,
    data: Data = None,
) -> None:
    """Write the model in force as Splink settings; one with levels that Splink lacks is refused by name."""
    if context.invoked_subcommand is not None:
        return
    if output is None:
        raise Stop("say what to write: --splink FILE, or neo4j-import FOLDER", BAD_INPUT)
    with opened(settings_of(data)) as kith, kith.ledger.read() as session:
        text = export_settings(kith.pipeline.model(session))
    output.write_text(text, encoding="utf-8")


@exporting.command("neo4j-import")
def neo4j_import(
    folder: Annotated[Path, typer.Argument(help="A new folder for the files.")], data: Data = None
) -> None:
    """Write the graph as files for Neo4j's offline importer: a first load of millions, without the driver."""
    settings = settings_of(data)
    if folder.exists():
        raise Stop(f"{folder} is there already; name a new folder", BAD_INPUT)
    started = time.monotonic()
    with opened(settings) as kith, kith.ledger.read() as session, progress("Writing") as tell:
        folder.mkdir(parents=True, mode=0o700)
        projector = kith.pipeline.effects.projector

        def told() -> Iterator[Patch]:
            for done, patch in enumerate(projector.everything(session), 1):
                tell("persons, events and findings", done)
                yield patch

        counts = write_import_files(folder, told(), session.sequence())
    links = sum(number for name, number in counts.items() if name in RELATIONSHIP_TYPE)
    err.print(
        f"{folder}: {counts.total() - links:,} nodes and {links:,} links in"
        f" {time.monotonic() - started:.0f} s. The files hold personal data: delete them afterwards.\n"
        "Stop the Neo4j server, then run in its place and by its user:\n"
        f"  neo4j-admin database import full neo4j @{(folder / ARGUMENTS).absolute()}\n"
        "Start it; what was written since reaches it by itself.",
        markup=False,
    )
