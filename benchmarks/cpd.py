"""Load the CPD extracts into both stores: seconds, memory, co-accusal against its answer, equal answers.

    python benchmarks/cpd.py [--questions N]

Real officers' records: only counts and figures are printed. Skips aloud where the data is not beside the
repository; the Neo4j part needs what the tests need (`KITH_TEST_NEO4J_URL`, Docker, or Maven and Java).
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from equal_answers import assert_equal_answers  # noqa: E402
from neo4j_server import VERSIONS, NoServer, running, wipe  # noqa: E402

from app.framing import LedgerMembership  # noqa: E402
from app.ingest import load_mapping, read  # noqa: E402
from app.loading import load  # noqa: E402
from app.projector import Projector, entities_of, every_entity  # noqa: E402
from app.rebuilding import promote  # noqa: E402
from app.settings import Settings  # noqa: E402
from app.wiring import Kith, open_kith  # noqa: E402
from graph_schema.rebuild import rebuild  # noqa: E402
from graph_schema.stores import open_store  # noqa: E402
from patterns.catalogue.repeated_co_complaint import co_accused_pairs  # noqa: E402
from patterns.evaluation import true_persons  # noqa: E402
from resolvers.features import extract  # noqa: E402
from resolvers.training import train  # noqa: E402

DATA = ROOT.parent / "shared" / "data" / "cpd" / "open"
FILES = ("persons", "complaints", "complaint_officers", "trr_incidents", "trr_officers", "unit_assignments")
FLOOR = 0.985


@contextmanager
def timed(stage: str) -> Iterator[None]:
    """Print how long a stage took, and the peak memory so far."""
    wall, cpu = time.monotonic(), time.process_time()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    spent = f"{time.monotonic() - wall:8.1f} s wall{time.process_time() - cpu:8.1f} s CPU"
    print(f"{stage:<34}{spent}{peak:7.2f} GiB peak", flush=True)


def load_cpd(kith: Kith) -> None:
    """Train on the persons, put the model in force, and load persons and events."""
    mapping = load_mapping(ROOT / "benchmarks" / "mappings" / "cpd.yaml")
    files = [DATA / f"{name}.parquet" for name in FILES]
    with timed("train on the persons"):
        persons = read(files, mapping).records
        promote(
            kith.pipeline, train([extract(record) for chunk in persons for record, _ in chunk]), "benchmark"
        )
    with timed("load, resolve, embedded graph"):
        summary = load(kith.pipeline, read(files, mapping), "benchmark")
    print(
        f"  {summary.records:,} records, {summary.events:,} events, {summary.rejected:,} rows in quarantine"
    )


def co_accusal(kith: Kith) -> tuple[float, float]:
    """Return precision and recall of the pairs accused together, an entity standing for its true officer."""
    with kith.ledger.read() as session:
        membership = LedgerMembership(session).of_entities(list(every_entity(session)))
        accused: list[tuple[int, str]] = []
        after = 0
        while rows := session.events.live(after):
            after = rows[-1].number
            parts = [
                (row.number, part.record)
                for row in rows
                if row.event is not None and row.event.kind == "complaint"
                for part in row.event.participants
                if part.role == "accused"
            ]
            entity = entities_of(session, {record for _, record in parts})
            accused += [(number, entity[record]) for number, record in parts if record in entity]
    truth = pl.read_parquet(DATA / "truth.parquet").select(
        "source", "source_id", pl.col("uid").cast(pl.String)
    )
    person = true_persons(membership, truth)
    frame = pl.DataFrame(accused, schema={"event": pl.Int64, "person": pl.String}, orient="row")
    found = [
        tuple(sorted((person.get(left, left), person.get(right, right))))
        for left, right in co_accused_pairs(frame).select("left", "right").iter_rows()
    ]
    answer = pl.read_parquet(DATA / "answer_coaccused.parquet").select(
        pl.col("uid_x", "uid_y").cast(pl.String)
    )
    wanted = {tuple(sorted(pair)) for pair in answer.iter_rows()}
    right = {pair for pair in found if pair in wanted and pair[0] != pair[1]}
    return len(right) / len(found), len(right) / len(wanted)


def compare_with_neo4j(kith: Kith, questions: int) -> None:
    """Fill a Neo4j from the same ledger and ask both stores the same questions."""
    try:
        with running(VERSIONS["lts"], flags=()) as url:
            wipe(url)
            store = open_store(url)
            with timed("graph into Neo4j from the ledger"), kith.ledger.read() as session:
                rebuild(store, Projector(kith.ledger.secret).everything(session), session.sequence())
            with timed(f"{questions:,} questions to both stores"):
                assert_equal_answers(kith.graph, store, questions)
            print("both stores answer alike")
            store.close()
    except NoServer as reason:
        print(f"Neo4j skipped: {reason}")


def main() -> int:
    """Print the figures; return 1 when co-accusal is below its floor."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--questions", type=int, default=1_000)
    questions = arguments.parse_args().questions
    if not DATA.exists():
        print("skipped: the CPD extracts are not beside the repository")
        return 0
    with tempfile.TemporaryDirectory(prefix="kith-cpd-") as folder:
        kith = open_kith(Settings(data=Path(folder), neo4j_url=None))
        load_cpd(kith)
        print(f"  {kith.graph.counts()['Person']:,} persons")
        with timed("co-accusal (counts)"):
            precision, recall = co_accusal(kith)
        print(f"co-accusal: precision {precision:.4f}, recall {recall:.4f} (floor {FLOOR})")
        compare_with_neo4j(kith, questions)
        kith.close()
    return int(min(precision, recall) < FLOOR)


if __name__ == "__main__":
    sys.exit(main())
