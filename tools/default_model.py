"""Make the model that ships with Kith: trained, without labels, on a generated force.

    python tools/default_model.py

The same code gives the same bytes.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from math import log2
from pathlib import Path

from app.ingest.mapping import load_mapping
from app.ingest.reading import read
from app.synthetic.generation import END, generate
from resolvers.comparison import all_comparisons
from resolvers.domain import Record
from resolvers.features import extract
from resolvers.linkage_model import LinkageModel, TrainedComparison, TrainedLevel
from resolvers.recipe import Use, blocking_rules, uses
from resolvers.training import train

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "resolvers" / "models" / "default.json"
STAFF, RELATED, YEARS, SEED = 4_000, 16_000, 0.25, 1_911

SURPRISE = 3.0
"""Bits that a weight may lie from what its comparison expects before training."""

LACKING = ("warrant_number", "national_id", "collar_number", "vehicle", "account", "employer", "birth_place")
LACKING += ("occupation", "rank", "unit", "staff_number", "phone", "email", "address")
"""Attributes of staff records that the model knows even where the force does not have them."""


def records() -> Iterator[Record]:
    """Yield the person records of a generated force as its source mappings read them."""
    with tempfile.TemporaryDirectory() as folder:
        made = generate(Path(folder), STAFF, RELATED, YEARS, SEED, plants=False)
        for system, files in made.files.items():
            reading = read(files, load_mapping(ROOT / "sources" / f"{system}.yaml"))
            for chunk in reading.records:
                yield from (record for record, _ in chunk)


def widened(model: LinkageModel) -> LinkageModel:
    """Return the model with all attributes of staff records, no extras or dependences, and expected weights.

    A made-up force errs less, and in fewer ways, than a real one: its bare weights would make one
    mistyped number a veto.
    """
    trained = {part.name: part for part in model.comparisons if ":" not in part.name}
    columns = {column for part in trained.values() for column in part.columns} | set(LACKING)
    comparisons = [trained.get(use.name) or _untrained(use) for use in uses(columns)]
    return replace(
        model,
        comparisons=tuple(_careful(part) for part in comparisons),
        dependences=(),
        blocking=blocking_rules(sorted(columns)),
    )


def _untrained(use: Use) -> TrainedComparison:
    levels = tuple(TrainedLevel(level.id, level.label, level.m, level.u) for level in use.comparison.levels)
    return TrainedComparison(use.name, use.title, use.comparison.id, use.columns, levels)


def _careful(trained: TrainedComparison) -> TrainedComparison:
    levels = []
    for level, expected in zip(trained.levels, all_comparisons()[trained.comparison].levels, strict=True):
        middle = log2(expected.m / expected.u)
        bits = min(max(level.weight, middle - SURPRISE), middle + SURPRISE)
        bits = bits if expected.ceiling is None else min(bits, expected.ceiling)
        u = level.m / 2.0**bits
        levels.append(replace(level, u=u) if u <= 1 else replace(level, m=level.u * 2.0**bits))
    return replace(trained, levels=tuple(levels))


def main() -> None:
    """Train and write the model."""
    model = widened(train([extract(record) for record in records()], trained_at=END.isoformat()))
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(model.to_json() + "\n", encoding="utf-8")
    print(f"{model.id}: {model.training_records:,} records, {len(model.comparisons)} comparisons")


if __name__ == "__main__":
    main()
