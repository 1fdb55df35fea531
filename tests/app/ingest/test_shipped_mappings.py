"""The mappings that are shipped: they load, fit their data where it is here, and read no truth."""

from pathlib import Path

import polars as pl
import pytest

from app.ingest import dry_run, load_mapping, read

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data"
MAPPINGS = sorted([*ROOT.glob("sources/*.yaml"), *ROOT.glob("benchmarks/mappings/*.yaml")])
TRUTH = {"cluster", "uid", "employee", "n_accused_all", "n_accused_here"}


def data(*names: str) -> list[Path]:
    if not DATA.is_dir():
        pytest.skip("the shared test data is not here")
    return [DATA / name for name in names]


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.stem)
def test_every_mapping_loads_and_reads_no_truth(path: Path) -> None:
    mapping = load_mapping(path)
    assert mapping.holds_records
    assert not mapping.columns() & TRUTH


@pytest.mark.parametrize(
    ("mapping", "files", "records"),
    [
        ("febrl", ["er/dataset3.csv"], 5000),
        ("febrl", ["er/dataset4a.csv", "er/dataset4b.csv"], 10_000),
        ("fake_1000", ["er/fake_1000.csv"], 1000),
        pytest.param(
            "historical_50k",
            ["er/historical_figures_with_errors_50k.parquet"],
            50_578,
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_benchmarks_are_read_whole(mapping: str, files: list[str], records: int) -> None:
    report = dry_run(data(*files), load_mapping(ROOT / f"benchmarks/mappings/{mapping}.yaml"))
    assert (report.records, report.rejected) == (records, 0)
    assert not [warning for warning in report.warnings if "not mapped" in warning]


@pytest.mark.slow
def test_police_records_are_read_with_their_events() -> None:
    tables = ("complaints", "complaint_officers", "trr_incidents", "trr_officers", "unit_assignments")
    files = data(*(f"cpd/open/{table}.parquet" for table in ("persons", *tables)))
    reading = read(files, load_mapping(ROOT / "benchmarks/mappings/cpd.yaml"))
    assert reading.warnings == []
    (chunk, *_) = reading.records
    assert all("name" in record.attributes for record, _ in chunk)
    kinds: dict[str, int] = {}
    for events in reading.events:
        for event, _ in events:
            kinds[event.kind] = kinds.get(event.kind, 0) + 1
    assert (kinds["complaint"], kinds["use_of_force"]) == (93_565, 42_522)
    codes = {problem.code for row in reading.rejected for problem in row.problems}
    assert codes == {"end_before_start", "duplicate_key"}
    backwards = pl.scan_parquet(files[-1]).filter(pl.col("end_date") < pl.col("start_date")).collect().height
    refused = sum(problem.code == "end_before_start" for row in reading.rejected for problem in row.problems)
    assert refused == backwards
