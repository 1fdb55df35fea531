"""The labelled sets beside the repository: their files, mappings, labels and floors."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from app.ingest.mapping import load_mapping
from app.ingest.reading import read
from resolvers.domain import Record, RecordKey

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
MAPPINGS = ROOT / "benchmarks" / "mappings"
MADE = ROOT / ".cache" / "benchmarks"
"""Where generated sets are kept."""

Labels = Mapping[RecordKey, str]


@dataclass(frozen=True)
class LabelledSet:
    """Files, their mapping, how to read the labels, and the least pairwise and B-cubed F1.

    `people` is how many records of synthetic people to generate instead of reading `files`; `large` sets are
    measured only when named.
    """

    files: tuple[str, ...]
    mapping: str
    labels: Callable[[tuple[Path, ...]], Labels]
    floors: tuple[float, float]
    change: Callable[[Record], Record] = lambda record: record
    people: int = 0
    large: bool = False

    def paths(self) -> tuple[Path, ...]:
        """Return the files, generated where they are generated; empty where they are not here."""
        if self.people:
            return _people(self.people)
        found = tuple(DATA / file for file in self.files)
        return found if all(file.exists() for file in found) else ()


def _people(size: int) -> tuple[Path, ...]:
    """Return the file of synthetic people, made once by the generator beside the repository."""
    generator, made = DATA.parent / "tools" / "gen_people.py", MADE / f"people_{size}.parquet"
    if not made.exists():
        if not generator.exists():
            return ()
        made.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(generator), str(size), "7", str(made)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return (made,)


def _people_labels(files: tuple[Path, ...]) -> Labels:
    rows = pl.read_parquet(files[0], columns=["source", "unique_id", "cluster"]).iter_rows()
    return {RecordKey(source, str(number)): str(cluster) for source, number, cluster in rows}


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
_FEBRL = ("febrl.yaml", _labels_of("rec_id", lambda source_id, _: source_id.split("-")[1]))
_CLUSTER = _labels_of("unique_id", lambda _, cluster: cluster)
_HISTORICAL = ("er/historical_figures_with_errors_50k.parquet",)
SETS: Mapping[str, LabelledSet] = {
    "febrl3": LabelledSet(("er/dataset3.csv",), *_FEBRL, (0.998, 0.9990)),
    "febrl4": LabelledSet(("er/dataset4a.csv", "er/dataset4b.csv"), *_FEBRL, (0.9990, 0.9993)),
    "fake_1000": LabelledSet(("er/fake_1000.csv",), "fake_1000.yaml", _CLUSTER, (0.92, 0.95)),
    "historical_50k": LabelledSet(_HISTORICAL, "historical_50k.yaml", _CLUSTER, (0.87, 0.90)),
    "people_100k": LabelledSet((), "people.yaml", _people_labels, (0.94, 0.985), people=100_000),
    "people_1m": LabelledSet((), "people.yaml", _people_labels, (0.92, 0.985), people=1_000_000, large=True),
    "cpd full": LabelledSet(*_CPD, (0.995, 0.996)),
    "cpd hard": LabelledSet(*_CPD, (0.987, 0.989), _harder),
    "cpd full, no ethnicity": LabelledSet(*_CPD, (0.0, 0.0), _without_ethnicity),
    "cpd hard, no ethnicity": LabelledSet(
        *_CPD, (0.0, 0.0), lambda record: _without_ethnicity(_harder(record))
    ),
}


def load(name: str) -> tuple[list[Record], Labels]:
    """Return the records of a set and the labels of those that count."""
    chosen = SETS[name]
    files = chosen.paths()
    reading = read(files, load_mapping(MAPPINGS / chosen.mapping))
    records = [chosen.change(record) for chunk in reading.records for record, _ in chunk]
    return records, chosen.labels(files)
