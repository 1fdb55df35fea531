"""`kith train`: a linkage model from the records that are there."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import BAD_INPUT, Data, Stop, err, opened, progress, settings_of
from app.rebuilding import live_features, promote
from app.wiring import Kith
from resolvers.linkage_model import LinkageModel
from resolvers.training import train

ACTOR = "kith train"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train")(train_command)


def train_command(
    output: Annotated[Path | None, typer.Option("--output", help="Write the model here (JSON).")] = None,
    promoted: Annotated[
        bool, typer.Option("--promote", help="Put it in force: every pair is weighed again.")
    ] = False,
    data: Data = None,
) -> None:
    """Train a linkage model on the records of the ledger, without labels."""
    if output is None and not promoted:
        raise Stop("say what to do with the model: --output FILE, --promote, or both", BAD_INPUT)
    with opened(settings_of(data)) as kith:
        model = train_on(kith)
        if output is not None:
            output.write_text(model.to_json(), encoding="utf-8")
        if promoted:
            _promote(kith, model)


def train_and_promote(kith: Kith) -> None:
    """Train on the records of the ledger and put the model in force."""
    _promote(kith, train_on(kith))


def train_on(kith: Kith) -> LinkageModel:
    """Return a model trained on the live records of the ledger."""
    with progress("Training") as tell, kith.ledger.read() as session:
        features = [values for _, _, values in live_features(session)]
        tell("records", len(features))
        model = train(features, trained_at=kith.ledger.now())
    err.print(f"Model {model.id}, trained on {len(features):,} records.")
    return model


def _promote(kith: Kith, model: LinkageModel) -> None:
    with progress("Weighing every pair again") as tell:
        promote(kith.pipeline, model, ACTOR, tell)
    err.print(f"Model {model.id} is in force.")
