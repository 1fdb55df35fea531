"""`kith demo` and `kith generate`: a made-up force, generated, loaded, resolved, looked over and served."""

import time
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import BAD_INPUT, Stop, err, opened, out, progress, settings_of
from app.cli.loading import load_files, run_patterns
from app.cli.serving import Host, Port, announce
from app.ingest.mapping import load_mapping
from app.ingest.reading import read
from app.main import require_free_port, serve
from app.settings import Settings
from app.synthetic.generation import SYSTEMS, Summary, generate
from app.wiring import Kith

DEMO = Path("kith-demo")
DONE_FILE = "demo-loaded"
FORCE = "force"

Staff = Annotated[int, typer.Option("--staff", min=500, help="Members of staff.")]
Related = Annotated[
    int | None,
    typer.Option("--related", help="Persons around them; three for each at least, five if left out."),
]
Years = Annotated[float, typer.Option("--years", min=0.25, help="Years of rosters.")]
Seed = Annotated[int, typer.Option("--seed", help="Another seed gives another force.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("demo")(demo)
    app.command("generate")(generate_command)


def demo(
    data: Annotated[Path, typer.Option("--data", help="Folder of the demo.")] = DEMO,
    port: Port = None,
    host: Host = None,
    staff: Staff = 2000,
    related: Related = None,
    years: Years = 1.5,
    seed: Seed = 7,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop when everything is loaded.")] = False,
) -> None:
    """Make a synthetic force, load its systems, resolve, look for patterns, and serve API and page."""
    settings = settings_of(data, port=port, host=host)
    if not no_serve:
        require_free_port(settings)
    started = time.monotonic()
    with opened(settings, must_exist=False) as kith:
        if (data / DONE_FILE).exists():
            err.print(f"{data} holds a loaded demo; it is used as it is. Remove the folder to start afresh.")
        else:
            _refuse_other_data(kith, data)
            _load(kith, settings, _generate(data / FORCE, staff, related, years, seed))
            (data / DONE_FILE).touch()
        _summarise(kith, time.monotonic() - started)
        if no_serve:
            out.print(f"kith serve --data {data} serves it.", markup=False)
        else:
            announce(kith, settings)
            serve(kith, settings)


def generate_command(
    output: Annotated[Path, typer.Option("--output", help="Folder to write to; a folder a system.")],
    staff: Staff = 2000,
    related: Related = None,
    years: Years = 1.5,
    seed: Seed = 7,
    innocent: Annotated[bool, typer.Option("--innocent", help="Its twin with nothing to find.")] = False,
) -> None:
    """Write a synthetic force: source systems as files, and the answer key apart from them."""
    made = _generate(output, staff, related, years, seed, plants=not innocent)
    err.print(f"{output}: {made.records:,} records of {made.staff + made.related:,} persons.")


def _generate(
    output: Path, staff: int, related: int | None, years: float, seed: int, *, plants: bool = True
) -> Summary:
    with progress("Making a force") as tell:
        tell("staff", staff)
        try:
            return generate(output, staff, related, years, seed, plants=plants)
        except ValueError as error:
            raise Stop(str(error), BAD_INPUT) from error


def _refuse_other_data(kith: Kith, data: Path) -> None:
    """Refuse to mix the demo into a ledger that somebody else filled; one of a broken-off demo goes on."""
    with kith.ledger.read() as session:
        if session.records.count() and not (data / FORCE).exists():
            raise Stop(
                f"{data} holds data that is not the demo's; name another folder with --data", BAD_INPUT
            )


def _load(kith: Kith, settings: Settings, made: Summary) -> None:
    mappings = files("sources")
    for system in SYSTEMS:
        mapping = mappings.joinpath(f"{system}.yaml").read_text("utf-8")
        load_files(kith, read(made.files[system], load_mapping(mapping)), mapping, system)
    run_patterns(kith, None)
    kith.pipeline.settle()


def _summarise(kith: Kith, seconds: float) -> None:
    with kith.ledger.read() as session:
        records, persons = session.records.count(), session.identity.count()
        events, rows = session.events.count(), session.segments.rows()
        findings = session.findings.count({"state": "new"})
    out.print(
        f"{records:,} records are {persons:,} persons; {events:,} events, {rows:,} roster and look-up rows;"
        f" {findings:,} findings worth a look. {seconds:.0f} seconds."
    )
