"""`kith link`: resolve files offline, without a store."""

import csv
import gc
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import BAD_INPUT, Files, MappingFile, Stop, err, progress, written_whole
from app.ingest.mapping import load_mapping
from app.ingest.reading import Reading, read
from resolvers import linking
from resolvers.domain import RecordKey, partition_digest
from resolvers.feature_table import FeatureTable
from resolvers.linkage_model import LinkageModel, default_model
from resolvers.training import train


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("link")(link)


def link(
    files: Files,
    mapping: MappingFile,
    output: Annotated[
        Path, typer.Option("--output", help="CSV: source,source_id,entity_id,weakest_match_weight.")
    ],
    model: Annotated[
        str | None,
        typer.Option("--model", help="A model file, or `default`; trained on the input if left out."),
    ] = None,
) -> None:
    """Say which records are of one person. No store is needed or touched."""
    gc.disable()  # nothing made here goes in circles: looking for what does takes a quarter of the time
    try:
        _link(files, mapping, output, model)
    finally:
        gc.enable()


def _link(files: Files, mapping: Path, output: Path, model: str | None) -> None:
    if not output.parent.is_dir():
        raise Stop(f"--output {output}: there is no such folder; make it first", BAD_INPUT)
    reading = read(files, load_mapping(mapping))
    keys, table = read_features(reading)
    if not keys:
        raise Stop("no row could be read as a person record; see --dry-run of `kith ingest`", BAD_INPUT)
    with progress("Linking") as tell:
        chosen = _model(model, table)
        found = linking.link(table, keys, chosen)
        tell("persons", len(found))
        write_clusters(keys, found, output)
    for warning in reading.warnings:
        err.print(warning, markup=False)
    if reading.rejected:
        err.print(f"{len(reading.rejected):,} rows were refused; `kith ingest --dry-run` shows why")
    digest = partition_digest([keys[index] for index in members] for members, _ in found)
    err.print(f"{len(keys):,} records are {len(found):,} persons; model {chosen.id}, partition {digest[:16]}")


def read_features(reading: Reading) -> tuple[list[RecordKey], FeatureTable]:
    """Return the keys and the features of all records that are read."""
    keys: list[RecordKey] = []
    table = FeatureTable()
    with progress("Reading") as tell:
        for found, columns in reading.features:
            keys += found
            table.extend_columns(len(found), columns)
            tell("records", len(keys))
    return keys, table


def _model(name: str | None, table: FeatureTable) -> LinkageModel:
    if name is None:
        return train(table)
    if name == "default":
        return default_model()
    try:
        return LinkageModel.from_json(Path(name).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Stop(f"--model {name}: {error}; name a model file or `default`", BAD_INPUT) from error


def write_clusters(keys: Sequence[RecordKey], found: Sequence[linking.Cluster], output: Path) -> None:
    """Write a line a record, by record key; an entity is called by its smallest record key."""
    rows: list[tuple[str, str, str, str]] = []
    for members, weight in found:
        entity = min(str(keys[index]) for index in members)
        said = "" if weight is None else f"{weight:.6f}"
        rows += [(keys[index].source, keys[index].source_id, entity, said) for index in members]
    with written_whole(output) as passing, passing.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("source", "source_id", "entity_id", "weakest_match_weight"))
        writer.writerows(sorted(rows))
