"""Accuracy of resolution on the labelled sets beside the repository, at the default threshold: one table.

    python benchmarks/accuracy.py [SET …]      (all sets that are present; absent ones are skipped aloud)

Models are trained on each set without its labels. Floors are those of the first issue; a set below its floor
makes the exit code 1.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from app.ingest.mapping import load_mapping
from app.ingest.reading import read
from resolvers.domain import Record, RecordKey
from resolvers.evaluation import Evaluation, evaluate
from resolvers.features import extract
from resolvers.memory_state import MemoryState
from resolvers.resolution import redo, update
from resolvers.training import train

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
MAPPINGS = ROOT / "benchmarks" / "mappings"

Labels = Mapping[RecordKey, str]


@dataclass(frozen=True)
class LabelledSet:
    """Files, their mapping, how to read the labels, and the least pairwise and B-cubed F1."""

    files: tuple[str, ...]
    mapping: str
    labels: Callable[[tuple[Path, ...]], Labels]
    floors: tuple[float, float]
    change: Callable[[Record], Record] = lambda record: record


def _cpd_labels(files: tuple[Path, ...]) -> Labels:
    """Read the officers of records that are not suspect."""
    truth = pl.read_parquet(files[0].with_name("truth.parquet")).filter(pl.col("suspect") == 0)
    rows = truth.select("source", "source_id", "uid").iter_rows()
    return {RecordKey(source, str(source_id)): str(uid) for source, source_id, uid in rows}


def _labels_of(id_column: str, label: Callable[[str, str], str]) -> Callable[[tuple[Path, ...]], Labels]:
    def labels(files: tuple[Path, ...]) -> Labels:
        found = {}
        for file in files:
            frame = (
                pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file, infer_schema=False)
            )
            frame = frame.rename({column: column.strip() for column in frame.columns})
            clusters = frame["cluster"] if "cluster" in frame.columns else frame[id_column]
            for source_id, cluster in zip(frame[id_column], clusters, strict=True):
                key = RecordKey(file.stem, str(source_id).strip())
                found[key] = label(key.source_id, str(cluster))
        return found

    return labels


def _harder(record: Record) -> Record:
    """Blank the star and cut every date to its year."""
    attributes = dict(record.attributes)
    extras = []
    for extra in attributes.pop("extras", ()):
        if extra["type"] == "date":
            extras.append({**extra, "value": str(extra["value"])[:4]})
        elif extra["name"] != "star":
            extras.append(dict(extra))
    ages = tuple({**age, "date": str(age["date"])[:4]} for age in attributes.pop("age_at", ()))
    return Record(record.key, {**attributes, "extras": tuple(extras), **({"age_at": ages} if ages else {})})


def _without_ethnicity(record: Record) -> Record:
    attributes = {name: values for name, values in record.attributes.items() if name != "ethnicity"}
    return Record(record.key, attributes)


_CPD = (("cpd/open/persons.parquet",), "cpd.yaml", _cpd_labels)
_FEBRL = _labels_of("rec_id", lambda source_id, _: source_id.split("-")[1])
_CLUSTER = _labels_of("unique_id", lambda _, cluster: cluster)
SETS: Mapping[str, LabelledSet] = {
    "febrl3": LabelledSet(("er/dataset3.csv",), "febrl.yaml", _FEBRL, (0.995, 0.995)),
    "febrl4": LabelledSet(("er/dataset4a.csv", "er/dataset4b.csv"), "febrl.yaml", _FEBRL, (0.995, 0.995)),
    "fake_1000": LabelledSet(("er/fake_1000.csv",), "fake_1000.yaml", _CLUSTER, (0.75, 0.80)),
    "historical_50k": LabelledSet(
        ("er/historical_figures_with_errors_50k.parquet",), "historical_50k.yaml", _CLUSTER, (0.70, 0.80)
    ),
    "cpd full": LabelledSet(*_CPD, (0.985, 0.988)),
    "cpd hard": LabelledSet(*_CPD, (0.965, 0.970), _harder),
    "cpd full, no ethnicity": LabelledSet(*_CPD, (0.985, 0.988), _without_ethnicity),
    "cpd hard, no ethnicity": LabelledSet(
        *_CPD, (0.965, 0.970), lambda record: _without_ethnicity(_harder(record))
    ),
}


def load(name: str) -> tuple[list[Record], Labels]:
    """Return the records of a set and the labels of those that count."""
    chosen = SETS[name]
    files = tuple(DATA / file for file in chosen.files)
    reading = read(files, load_mapping(MAPPINGS / chosen.mapping))
    records = [chosen.change(record) for chunk in reading.records for record, _ in chunk]
    return records, chosen.labels(files)


def resolve(records: list[Record]) -> dict[RecordKey, int]:
    """Train on the records, resolve them, and return the cluster of each."""
    features = [extract(record) for record in records]
    model, state = train(features), MemoryState()
    puts = [
        (number, record.key, found)
        for number, (record, found) in enumerate(zip(records, features, strict=True), 1)
    ]
    clusters: dict[int, int] = {}
    changes = update(state, model, puts=puts)
    while changes:
        for change in changes:
            clusters.update((number, cluster[0]) for cluster in change.clusters for number in cluster)
        changes = redo(state, model, 1_000)
    return {key: clusters[number] for number, key, _ in puts}


def measure(name: str) -> tuple[Evaluation, float]:
    """Return how good the partition of a set is, and the CPU seconds from features to clusters."""
    records, labels = load(name)
    start = time.process_time()
    clusters = resolve(records)
    seconds = time.process_time() - start
    keys = sorted(labels)
    return evaluate([clusters[key] for key in keys], [labels[key] for key in keys]), seconds


def main(wanted: list[str]) -> int:
    """Print the table; return 1 when a set is below its floor."""
    low = 0
    print(f"{'set':<24}{'records':>9}  {'pairwise P / R / F1':<26}{'B-cubed P / R / F1':<26}{'CPU s':>7}")
    for name, chosen in SETS.items():
        if wanted and name not in wanted:
            continue
        if not all((DATA / file).exists() for file in chosen.files):
            print(f"{name:<24}skipped: {', '.join(chosen.files)} not found beside the repository")
            continue
        found, seconds = measure(name)
        shown = [
            f"{part.precision:.4f} / {part.recall:.4f} / {part.f1:.4f}"
            for part in (found.pairwise, found.b_cubed)
        ]
        below = found.pairwise.f1 < chosen.floors[0] or found.b_cubed.f1 < chosen.floors[1]
        low += below
        note = "  BELOW ITS FLOOR" if below else ""
        print(f"{name:<24}{found.records:>9,}  {shown[0]:<26}{shown[1]:<26}{seconds:>7.0f}{note}", flush=True)
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
