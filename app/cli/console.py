"""What every command shares: settings from options, progress on stderr, errors as one sentence."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.heads import Unfit
from app.ingest.problem import IngestError
from app.main import CannotServe
from app.settings import Settings
from app.wiring import Kith, open_kith
from graph_schema.store import StoreError
from ledger.entry import Erased, LedgerError
from resolvers.errors import ResolutionError

DONE, CHECK_FAILED, BAD_INPUT, ENVIRONMENT = 0, 1, 2, 3
"""Exit statuses."""

application = typer.Typer(
    name="kith",
    help="Who is who across many systems, what links them, and which links are worth a human's look.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of the ledger [KITH_DATA, else kith-data].")
]
Files = Annotated[list[Path], typer.Argument(help="CSV, JSONL or Parquet files.")]
MappingFile = Annotated[
    Path, typer.Option("--mapping", help="The YAML mapping that says which column is what.")
]

out = Console(highlight=False, soft_wrap=True)
Tell = Callable[[str, int], None]
"""Told a stage (records, persons …) and how many of it are done."""

err = Console(stderr=True, highlight=False, soft_wrap=True)


class Stop(Exception):
    """End the command with a sentence and an exit status."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


def settings_of(data: Path | None = None, **options: Any) -> Settings:
    """Return the settings of the environment, with what the command line says instead.

    Raises: Stop naming the variable that cannot be read.
    """
    given = {name: value for name, value in {"data": data, **options}.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise Stop(f"KITH_{name.upper()} cannot be read: {error.errors()[0]['msg']}", ENVIRONMENT) from error


@contextmanager
def opened(settings: Settings, *, must_exist: bool = True) -> Iterator[Kith]:
    """Open the data folder for one command and close it at the end.

    Raises: Stop when there is no ledger in it and there must be.
    """
    if must_exist and not (settings.data / "kith.db").exists():
        hint = "name another with --data, or load something first: kith ingest, kith demo"
        raise Stop(f"{settings.data} holds no ledger; {hint}", BAD_INPUT)
    kith = open_kith(settings)
    try:
        yield kith
    finally:
        kith.close()


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"kith {metadata.version('kith')}")
        raise typer.Exit


def versioned(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version and stop."),
    ] = False,
) -> None:
    """Who is who across many systems, what links them, and which links are worth a human's look."""


@contextmanager
def progress(title: str) -> Iterator[Tell]:
    """Show a line that moves while work goes on, and give the function that tells it how far it is."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda stage, done: bar.update(task, description=f"{title}: {done:,} {stage}")


@contextmanager
def written_whole(output: Path) -> Iterator[Path]:
    """Give a file beside `output` that takes its place once it is written; after an error nothing is left."""
    passing = output.with_name(f".{output.name}.partial")
    try:
        yield passing
        passing.replace(output)
    finally:
        passing.unlink(missing_ok=True)


def guarded(run: Callable[[], Any]) -> NoReturn:
    """Run a command and exit with its status; what was foreseen is told in one sentence."""
    try:
        run()
    except Stop as stop:
        status = stop.status
        err.print(str(stop), markup=False)
    except KeyboardInterrupt:
        status = 130
        err.print("Stopped.")
    except (IngestError, ResolutionError, Unfit) as error:
        status = _tell(error, BAD_INPUT)
    except Erased as error:
        status = BAD_INPUT
        err.print(f"It was erased before; `kith erase --list` shows its certificate {error.certificate}.")
    except (CannotServe, LedgerError, StoreError) as error:
        status = _tell(error, ENVIRONMENT)
    except OSError as error:
        status = ENVIRONMENT
        remedy = "; free space, then try again" if error.errno in {errno.ENOSPC, errno.EDQUOT} else ""
        err.print(f"{error.filename or 'the system'}: {error.strerror or error}{remedy}", markup=False)
    else:
        status = DONE
    raise SystemExit(status)


def _tell(error: Exception, status: int) -> int:
    err.print(str(error), markup=False)
    return status
