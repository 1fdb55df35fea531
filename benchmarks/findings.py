"""Every pattern on a synthetic force with its key: what it finds, what it raises falsely, what it costs.

    python benchmarks/findings.py [--staff 4000] [--years 1.5] [--seed 7] [--lookalikes 40] [--innocent]
        [--show]

Generates, loads and resolves the force as a user would, then runs each pattern over everybody. Recall is by
dose as recounted from the written rows; a look-alike is hit where a finding is raised about it. `--innocent`
is the twin with nothing to find. A hit rate above its floor makes the exit code 1.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from app.detector import look
from app.framing import LedgerMembership
from app.ingest import load_mapping, read
from app.loading import load
from app.settings import Settings
from app.synthetic import generate
from app.wiring import Kith, open_kith
from ledger.ledger import Session
from patterns.evaluation import lookalike_hits, score_findings, true_persons
from patterns.finding import Finding
from patterns.pattern import Pattern, Scope

MOST_HITS = 0.02
"""Of each kind of look-alike whose explanation is in the data."""
NOT_IN_DATA = {("short_path", "strangers"), ("paid_not_there", "outside_work_nobody_coded")}
"""Kinds that no record explains: the pattern and each finding say how often they are raised."""
SOURCES = Path(__file__).parents[1] / "sources"


def main() -> int:
    """Measure, print a table a pattern, and return 1 where a look-alike is hit too often."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--staff", type=int, default=4000)
    parser.add_argument("--years", type=float, default=1.5)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--lookalikes", type=int, default=40)
    parser.add_argument("--innocent", action="store_true")
    parser.add_argument("--show", action="store_true", help="say which findings are false")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = generate(
            Path(folder) / "force",
            asked.staff,
            years=asked.years,
            seed=asked.seed,
            plants=not asked.innocent,
            lookalikes=asked.lookalikes,
        )
        began = time.process_time()
        kith = open_kith(Settings(data=Path(folder) / "data"))
        for system, files in made.files.items():
            load(kith.pipeline, read(files, load_mapping(SOURCES / f"{system}.yaml")), "benchmark")
        people, spent = made.staff + made.related, time.process_time() - began
        print(f"{made.staff:,} staff, {made.records:,} records of {people:,} people, seed {asked.seed};")
        print(f"loaded and resolved in {spent:.0f} CPU-s")
        try:
            return _measure(kith, made.output / "answer_key", show=asked.show)
        finally:
            kith.close()


def _measure(kith: Kith, key: Path, *, show: bool) -> int:
    tables = {path.stem: pl.read_parquet(path) for path in key.glob("*.parquet")}
    missed = 0
    with kith.ledger.read() as session:
        membership = LedgerMembership(session).of_entities(list(_entities(session)))
        person_of = true_persons(membership, tables["entity_truth"])
        staff = sum(1 for _ in kith.graph.scan("Staff"))
        for pattern in kith.patterns.values():
            if pattern.writes_findings:
                began = time.process_time()
                found = look(session, kith.graph, [pattern], Scope())
                spent = time.process_time() - began
                missed += _table(pattern, found, tables, dict(person_of), staff, spent)
                for finding in _false(found, tables["plants"], person_of) if show else ():
                    print(f"  false: {finding.sentence}")
    return 1 if missed else 0


def _false(found: Sequence[Finding], plants: pl.DataFrame, person_of: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the findings that are about no plant of their pattern."""
    for finding in found:
        if not finding.explained and not any(
            score.right for score in score_findings([finding], plants, person_of).values()
        ):
            yield finding


def _entities(session: Session) -> Iterator[str]:
    after = ""
    while page := session.identity.entities(after):
        yield from page
        after = page[-1]


def _table(
    pattern: Pattern,
    found: Sequence[Finding],
    tables: dict[str, pl.DataFrame],
    person_of: dict[str, str],
    staff: int,
    seconds: float,
) -> int:
    """Print the figures of one pattern; return how many kinds of look-alike are hit too often."""
    plants = tables["plants"].filter(pl.col("pattern") == pattern.id)
    declared = tables["declared_pairs"].iter_rows()
    score = score_findings(found, plants, person_of, declared).get(pattern.id)
    if score is None:
        print(f"\n{pattern.id}: nothing planted, nothing raised; {seconds:.1f} CPU-s")
        return 0
    false = 1000 * (score.findings - score.right) / staff
    print(
        f"\n{pattern.id}: {score.findings} findings, {score.right} right (P {score.precision:.3f}), "
        f"{false:.2f} false per 1,000 staff, {score.declared} of declared pairs; {seconds:.1f} CPU-s"
    )
    doses = plants["dose"].quantile(1 / 3), plants["dose"].quantile(2 / 3)
    bands = (("faint", None, doses[0]), ("middle", doses[0], doses[1]), ("strong", doses[1], None))
    for name, low, high in bands:
        part = plants
        part = part if low is None else part.filter(pl.col("dose") > low)
        part = part if high is None else part.filter(pl.col("dose") <= high)
        if part.height:
            met = score_findings(found, part, person_of)[pattern.id]
            span = f"{part['dose'].min():g}-{part['dose'].max():g}"
            print(f"  recall, {name} dose {span:>9}  {met.plants_found}/{met.plants} = {met.recall:.2f}")
    missed = 0
    for (resembled, explanation), (hits, cases) in lookalike_hits(
        found, tables["lookalikes"], person_of
    ).items():
        if resembled == pattern.id:
            told = (resembled, explanation) in NOT_IN_DATA
            over = hits > MOST_HITS * cases and not told
            missed += over
            said = "  not in the data" * told + "  MISSED" * over
            print(f"  look-alike {explanation:34} {hits}/{cases} hit{said}")
    return missed


if __name__ == "__main__":
    sys.exit(main())
