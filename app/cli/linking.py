"""`kith link`: resolve files offline, without a store."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from app.cli.console import BAD_INPUT, Files, MappingFile, Stop, Tell, err, progress
from app.ingest.mapping import load_mapping
from app.ingest.reading import Reading, read
from resolvers.clustering import cluster
from resolvers.domain import RecordKey, partition_digest
from resolvers.features import Features, extract
from resolvers.linkage_model import LinkageModel, default_model
from resolvers.memory_state import MemoryState
from resolvers.resolution import redo, update
from resolvers.scoring import score_columns
from resolvers.training import train

REDO_AT_ONCE = 256


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
    reading = read(files, load_mapping(mapping))
    keys, features = _features(reading)
    if not keys:
        raise Stop("no row could be read as a person record; see --dry-run of `kith ingest`", BAD_INPUT)
    with progress("Linking") as tell:
        chosen = _model(model, features, tell)
        state = MemoryState()
        clusters = resolve(state, chosen, keys, features)
        tell("persons", len(clusters))
        _write(keys, clusters, _weakest(keys, features, clusters, chosen), output)
    for warning in reading.warnings:
        err.print(warning, markup=False)
    if reading.rejected:
        err.print(f"{len(reading.rejected):,} rows were refused; `kith ingest --dry-run` shows why")
    digest = partition_digest([keys[number - 1] for number in members] for members in clusters)
    err.print(
        f"{len(keys):,} records are {len(clusters):,} persons; model {chosen.id}, partition {digest[:16]}"
    )


def resolve(
    state: MemoryState, model: LinkageModel, keys: Sequence[RecordKey], features: Sequence[Features]
) -> list[tuple[int, ...]]:
    """Resolve records, numbered from 1 in their order, in a fresh state; return every cluster, sorted."""
    puts = [(number, key, values) for number, (key, values) in enumerate(zip(keys, features, strict=True), 1)]
    cluster_of: dict[int, tuple[int, ...]] = {number: (number,) for number, _, _ in puts}
    changes = update(state, model, puts=puts)
    while True:
        for change in changes:
            cluster_of.update((number, members) for members in change.clusters for number in members)
        if not state.redo_length():
            return sorted(set(cluster_of.values()))
        changes = redo(state, model, REDO_AT_ONCE)


def _features(reading: Reading) -> tuple[list[RecordKey], list[Features]]:
    keys: list[RecordKey] = []
    features: list[Features] = []
    with progress("Reading") as tell:
        for chunk in reading.records:
            keys += [record.key for record, _ in chunk]
            features += [extract(record) for record, _ in chunk]
            tell("records", len(keys))
    return keys, features


def _model(name: str | None, features: Sequence[Features], tell: Tell) -> LinkageModel:
    if name is None:
        return train(features)
    if name == "default":
        return default_model()
    try:
        return LinkageModel.from_json(Path(name).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Stop(f"--model {name}: {error}; name a model file or `default`", BAD_INPUT) from error


def _write(
    keys: Sequence[RecordKey],
    clusters: Sequence[tuple[int, ...]],
    weakest: Sequence[float | None],
    output: Path,
) -> None:
    """Write a line a record, by record key; an entity is called by its smallest record key."""
    rows: list[tuple[str, str, str, str]] = []
    for members, weight in zip(clusters, weakest, strict=True):
        entity = min(str(keys[number - 1]) for number in members)
        said = "" if weight is None else f"{weight:.6f}"
        rows += [(keys[number - 1].source, keys[number - 1].source_id, entity, said) for number in members]
    with output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("source", "source_id", "entity_id", "weakest_match_weight"))
        writer.writerows(sorted(rows))


def _weakest(
    keys: Sequence[RecordKey],
    features: Sequence[Features],
    clusters: Sequence[tuple[int, ...]],
    model: LinkageModel,
) -> list[float | None]:
    """Return the weight of each cluster's weakest step as clustering weighed it, None for a single record."""
    ordered = [sorted((number - 1 for number in members), key=keys.__getitem__) for members in clusters]
    pairs = [np.triu_indices(len(members), 1) for members in ordered]
    arrays = [np.asarray(members, np.int64) for members in ordered]
    left = np.concatenate([members[first] for members, (first, _) in zip(arrays, pairs, strict=True)])
    right = np.concatenate([members[second] for members, (_, second) in zip(arrays, pairs, strict=True)])
    weights = score_columns(features, left, right, model)
    found: list[float | None] = []
    start = 0
    for members, (first, second) in zip(ordered, pairs, strict=True):
        matrix = np.zeros((len(members), len(members)))
        matrix[first, second] = matrix[second, first] = weights[start : start + len(first)]
        start += len(first)
        merges = cluster(matrix, (), (), model).merges
        found.append(min((merge.weight for merge in merges if merge.weight is not None), default=None))
    return found
