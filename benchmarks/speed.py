"""Speed of a whole link beside Splink: one raw file to a written assignment, each side in a fresh process.

    python benchmarks/speed.py [RECORDS …]      (100,000 if none is named; 1000000 takes long)

Both sides train without labels on the file, as in the accuracy benchmark, and count all they do: start, read,
normalise, train, block, score, cluster, write. Processor time is that of the whole process. Floors are
those of the resolution issue, at a million records; the exit code is 1 where one is missed.
"""

import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
MADE = ROOT / ".cache" / "benchmarks"
GENERATOR = ROOT.parent / "shared" / "tools" / "gen_people.py"
MAPPING = ROOT / "benchmarks" / "mappings" / "people.yaml"
FLOOR_AT, LEAST_RATIO, MOST_MIB = 1_000_000, 3.0, 1_024


@dataclass
class Stages:
    """By stage of the process that it is in: wall seconds, processor seconds, MiB held at its end at most.

    Beside them how many pairs were compared.
    """

    stages: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    pairs: int = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what is done within to a stage."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.stages[name] = (time.perf_counter() - wall, time.process_time() - cpu, peak)


def run_kith(file: Path, output: Path, stages: Stages) -> None:
    """Link a file as `kith link` does."""
    gc.disable()
    with stages.stage("import"):
        from app.cli.linking import read_features, write_clusters
        from app.ingest.mapping import load_mapping
        from app.ingest.reading import read
        from resolvers import linking
        from resolvers.training import train
    with stages.stage("read, normalise"):
        keys, table = read_features(read([file], load_mapping(MAPPING)))
    with stages.stage("train"):
        model = train(table)
    with stages.stage("block, score"):
        compared = linking.compare(table, model)
        stages.pairs = compared.pairs
    with stages.stage("cluster"):
        clusters = linking.clusters(table, keys, compared, model)
    with stages.stage("write"):
        write_clusters(keys, clusters, output)


_NORMALISED = """
SELECT unique_id, source, lower(first_name) AS given, lower(middle) AS middle, lower(surname) AS family,
  try_cast(dob AS DATE)::VARCHAR AS birth, left(dob, 4) AS birth_year, upper(national_id) AS national_id,
  employee_id AS staff_number, lower(email) AS email, phone, upper(replace(postcode, ' ', '')) AS postcode,
  lower(regexp_replace(address, '^[0-9]+[a-z]? ', '')) AS street
FROM read_parquet('{file}')"""


def run_splink(file: Path, output: Path, stages: Stages) -> None:
    """Link a file with Splink on DuckDB, its settings those of the accuracy benchmark."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    with stages.stage("import"):
        import duckdb
        from peer import PEERS
        from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    peer = PEERS["people_100k"]
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    with stages.stage("read, normalise"):
        connection.execute(f"CREATE TABLE people AS {_NORMALISED.format(file=file)}")
        settings = SettingsCreator(
            link_type="dedupe_only",
            comparisons=list(peer.comparisons),
            blocking_rules_to_generate_predictions=[block_on(*rule) for rule in peer.blocking],
            retain_intermediate_calculation_columns=False,
            retain_matching_columns=False,
        )
        linker = Linker(
            DuckDBAPI(connection=connection).register("people"), settings, log_level=logging.ERROR
        )
    with stages.stage("train"):
        certain = [block_on(*rule) for rule in peer.certain]
        linker.training.estimate_probability_two_random_records_match(certain, recall=peer.recall)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e7)
        for rule in peer.training:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
    with stages.stage("block, score"):
        pairs = linker.inference.predict(threshold_match_probability=None)
        sql = f"SELECT count(*) FROM {pairs.physical_name}"
        stages.pairs = connection.execute(sql).fetchall()[0][0]
    with stages.stage("cluster"):
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, peer.threshold)
    with stages.stage("write"):
        rows = f"SELECT source, unique_id AS source_id, cluster_id AS entity_id FROM {found.physical_name}"
        connection.execute(f"COPY ({rows}) TO '{output}' (HEADER)")


SIDES: dict[str, Callable[[Path, Path, Stages], None]] = {"kith": run_kith, "splink": run_splink}


@dataclass(frozen=True)
class Measured:
    """One side: wall and processor seconds, peak memory, those by stage, pairs, B-cubed F1."""

    wall: float
    cpu: float
    mib: float
    stages: dict[str, tuple[float, float, float]]
    pairs: int
    b_cubed: float


def measure(side: str, file: Path) -> Measured:
    """Run one side in a process of its own."""
    output = MADE / f"{side}.csv"
    start = time.perf_counter()
    command = [sys.executable, __file__, "--side", side, str(file), str(output)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{side} ended with status {process.returncode}")
    found = json.loads(said.splitlines()[-1])
    cpu = used.ru_utime + used.ru_stime
    return Measured(wall, cpu, used.ru_maxrss / 1024, found["stages"], found["pairs"], _b_cubed(file, output))


def _b_cubed(file: Path, output: Path) -> float:
    from resolvers.evaluation import evaluate

    said = pl.read_csv(output, columns=["source_id", "entity_id"], infer_schema=False)
    truth = pl.read_parquet(file, columns=["unique_id", "cluster"]).cast(pl.String)
    both = truth.join(said, left_on="unique_id", right_on="source_id", how="left")
    return evaluate(both["entity_id"].to_list(), both["cluster"].to_list()).b_cubed.f1


def people(size: int) -> Path | None:
    """Return the file of synthetic people, made once; `None` where their generator is not here."""
    made = MADE / f"people_{size}.parquet"
    if not made.exists():
        if not GENERATOR.exists():
            return None
        made.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(GENERATOR), str(size), "7", str(made)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return made


def show(side: str, size: int, found: Measured) -> None:
    """Print one side."""
    scoring, scoring_cpu, _ = found.stages["block, score"]
    print(
        f"{size:>9,} {side:<7}{found.wall:8.1f} s wall {found.cpu:8.1f} s CPU {found.mib:7,.0f} MiB"
        f" {found.pairs:>11,} pairs ({found.pairs / size:.1f} a record, {found.pairs / scoring:,.0f}/s,"
        f" {1e6 * scoring_cpu / found.pairs:.2f} µs CPU each)"
        f"  B-cubed F1 {found.b_cubed:.4f}"
    )
    for stage, (wall, cpu, peak) in found.stages.items():
        print(f"{'':18}{stage:<16}{wall:8.1f} s wall {cpu:8.1f} s CPU {peak:7,.0f} MiB", flush=True)


def main(arguments: list[str]) -> int:
    """Print both sides for each size; return 1 where a floor at a million records is missed."""
    if arguments[:1] == ["--side"]:
        stages = Stages()
        SIDES[arguments[1]](Path(arguments[2]), Path(arguments[3]), stages)
        print(json.dumps({"stages": stages.stages, "pairs": stages.pairs}))
        return 0
    missed = 0
    for size in [int(argument) for argument in arguments] or [100_000]:
        file = people(size)
        if file is None:
            print(f"{size:>9,} skipped: the generator of people is not beside the repository")
            continue
        sides = {side: measure(side, file) for side in SIDES}
        for side, found in sides.items():
            show(side, size, found)
        kith, splink = sides["kith"], sides["splink"]
        wall, cpu = splink.wall / kith.wall, splink.cpu / kith.cpu
        print(f"{'':10}Splink takes {wall:.2f} times Kith's wall and {cpu:.2f} times its CPU")
        if size >= FLOOR_AT:
            missed += min(wall, cpu) < LEAST_RATIO or kith.mib > MOST_MIB or kith.b_cubed < splink.b_cubed
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
