"""`kith bloom`: the files that make Neo4j Bloom and Browser speak Kith, and the analysts' graph filled."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.analyst_graph import fill, open_analyst_graph
from app.cli.console import BAD_INPUT, Data, Stop, err, opened, progress, settings_of
from app.wiring import Kith
from graph_schema.bloom import browser_style, perspective
from graph_schema.phrases import every_phrase


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bloom")(bloom)


def bloom(
    output: Annotated[Path, typer.Option("--output", help="Folder for the two files.")] = Path("kith-bloom"),
    data: Data = None,
) -> None:
    """Write Bloom's perspective and Browser's style; with KITH_BLOOM_URL set, fill the analysts' graph."""
    settings = settings_of(data)
    if settings.bloom_url is not None and settings.bloom_url == settings.neo4j_url:
        raise Stop(
            "KITH_BLOOM_URL is the service's own graph (KITH_NEO4J_URL): analysts need a server of their own,"
            " without source records",
            BAD_INPUT,
        )
    with opened(settings) as kith:
        _write(kith, output)
        if settings.bloom_url is None:
            err.print("KITH_BLOOM_URL is not set: no graph for analysts was filled.")
            return
        _fill(kith)


def _write(kith: Kith, output: Path) -> None:
    phrases = every_phrase((id_, one.title) for id_, one in kith.patterns.items() if one.writes_findings)
    output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(perspective(phrases), indent=1, ensure_ascii=False)
    (output / "kith-perspective.json").write_text(text + "\n", "utf-8")
    (output / "kith.grass").write_text(browser_style(), "utf-8")
    err.print(
        f"{output}: kith-perspective.json with {len(phrases)} search phrases for Bloom,"
        " kith.grass for Neo4j Browser.",
        markup=False,
    )


def _fill(kith: Kith) -> None:
    store = open_analyst_graph(kith.settings)
    assert store is not None
    try:
        with kith.ledger.read() as session, progress("Filling the analysts' graph") as tell:
            fill(
                store,
                session,
                kith.pipeline.effects.projector,
                lambda done: tell("persons, events and findings", done),
            )
            sequence = session.sequence()
        counts = store.counts()
    finally:
        store.close()
    err.print(
        f"The analysts' graph holds {counts['Person']:,} persons, {counts['Event']:,} events and"
        f" {counts['Finding']:,} findings, as of sequence {sequence:,}. It follows when you run this again."
    )
