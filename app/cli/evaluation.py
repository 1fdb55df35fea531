"""`kith evaluate`: a partition against labels."""

import csv
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import BAD_INPUT, Stop, err, out
from resolvers.evaluation import Accuracy, evaluate

Labels = dict[tuple[str, str], str]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate")(evaluate_command)


def evaluate_command(
    predicted: Annotated[Path, typer.Argument(help="CSV of `kith link`: source, source_id, entity_id.")],
    truth: Annotated[Path, typer.Argument(help="CSV with source, source_id and the true label.")],
    label: Annotated[str, typer.Option("--label", help="The column of the true label.")] = "label",
) -> None:
    """Say how good a partition is: pairwise and B-cubed precision, recall, F1 over labelled records."""
    said, true = _labels(predicted, "entity_id"), _labels(truth, label)
    keys = sorted(said.keys() & true.keys())
    if not keys:
        raise Stop("no record is in both files; compare their columns source and source_id", BAD_INPUT)
    found = evaluate([said[key] for key in keys], [true[key] for key in keys])
    if len(keys) < len(true):
        err.print(f"{len(true) - len(keys):,} labelled records are not in {predicted} and do not count")
    out.print(f"{found.records:,} records in {len({said[key] for key in keys}):,} persons")
    out.print(f"pairwise  {_written(found.pairwise)}")
    out.print(f"B-cubed   {_written(found.b_cubed)}")
    out.print(
        f"{found.over_merged:,} persons hold records of several; {found.under_merged:,} are in several parts"
    )


def _labels(path: Path, column: str) -> Labels:
    """Read the label of each record. Raises: Stop when a column is absent or it is no CSV in UTF-8."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {(row["source"], row["source_id"]): row[column] for row in csv.DictReader(file)}
    except KeyError as error:
        raise Stop(f"{path} lacks the column {error.args[0]}", BAD_INPUT) from error
    except (FileNotFoundError, UnicodeDecodeError, csv.Error) as error:
        raise Stop(f"{path} cannot be read as CSV in UTF-8: {error}", BAD_INPUT) from error


def _written(accuracy: Accuracy) -> str:
    return f"precision {accuracy.precision:.4f}  recall {accuracy.recall:.4f}  F1 {accuracy.f1:.4f}"
