"""`kith train`: linkage models from the records that are there, or from Splink."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import BAD_INPUT, Data, Stop, err, opened, out, progress, settings_of
from app.rebuilding import live_features, promote
from app.shadow import Shadow, shadow
from app.wiring import Kith
from resolvers.linkage_model import LinkageModel
from resolvers.splink_settings import import_settings
from resolvers.training import train

ACTOR = "kith train"
NAMED = 10
"""How many merges and splits are named before a promotion."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train")(train_command)


def train_command(
    output: Annotated[Path | None, typer.Option("--output", help="Write the model here (JSON).")] = None,
    promoted: Annotated[
        bool, typer.Option("--promote", help="Show what it changes, ask, and put it in force.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Put it in force without asking.")] = False,
    from_splink: Annotated[
        Path | None,
        typer.Option("--from-splink", help="Take m, u, levels and rules from these Splink settings (JSON)."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column", help="Where a column of Splink's is read from: first=name.given. Repeat it."
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Train a linkage model on the records of the ledger, without labels."""
    if output is None and not promoted:
        raise Stop("say what to do with the model: --output FILE, --promote, or both", BAD_INPUT)
    with opened(settings_of(data)) as kith:
        model = train_on(kith) if from_splink is None else _imported(kith, from_splink, column or [])
        if output is not None:
            output.write_text(model.to_json(), encoding="utf-8")
        if promoted and _agreed(kith, model, yes=yes):
            _promote(kith, model)


def train_and_promote(kith: Kith) -> None:
    """Train on the records of the ledger and put the model in force."""
    _promote(kith, train_on(kith))


def train_on(kith: Kith) -> LinkageModel:
    """Return a model trained on the live records of the ledger."""
    with progress("Training") as tell, kith.ledger.look() as session:
        features = [values for _, _, values in live_features(session)]
        tell("records", len(features))
        model = train(features, trained_at=kith.ledger.now())
    err.print(f"Model {model.id}, trained on {len(features):,} records.")
    return model


def _imported(kith: Kith, path: Path, columns: list[str]) -> LinkageModel:
    places = {name: where for name, _, where in (text.partition("=") for text in columns)}
    with progress("Counting terms") as tell, kith.ledger.look() as session:
        features = [values for _, _, values in live_features(session)]
        tell("records", len(features))
        model = import_settings(path.read_text(encoding="utf-8"), features, places)
    err.print(f"Model {model.id}, from Splink settings; terms counted on {len(features):,} records.")
    return model


def _agreed(kith: Kith, model: LinkageModel, *, yes: bool) -> bool:
    """Show what a model would change, and ask; return whether it is to be put in force."""
    with progress("Trying it beside the model in force"), kith.ledger.read() as session:
        found = shadow(session, model)
    for line in told(found):
        out.print(line)
    return yes or typer.confirm("Put it in force?", default=False, err=True)


def told(found: Shadow) -> list[str]:
    """Return what a model would change, as lines; the largest merges and splits by name."""
    lines = [
        f"{found.records:,} records: {found.persons_before:,} persons now, {found.persons_after:,} with it.",
        f"Merges: {len(found.merges):,} groups of persons become one ({found.pairs_gained:,} pairs gained).",
        *(f"  {' + '.join(merge)}" for merge in found.merges[:NAMED]),
        f"Splits: {len(found.splits):,} persons fall apart ({found.pairs_lost:,} pairs lost).",
        *(f"  {id_} into {' + '.join(map(str, sizes))} records" for id_, sizes in found.splits[:NAMED]),
        f"Findings that name persons who change: {len(found.findings):,}.",
    ]
    return lines


def _promote(kith: Kith, model: LinkageModel) -> None:
    with progress("Weighing every pair again") as tell:
        promote(kith.pipeline, model, ACTOR, tell)
    err.print(f"Model {model.id} is in force.")
