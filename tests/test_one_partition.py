"""One resolver: link, ingest and single PUTs in any order give one partition, on data of three kinds."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import polars as pl
import pytest

from app.ingest import load_mapping, read
from app.rebuilding import promote, rebuild
from app.settings import Settings
from app.synthetic import generate
from app.wiring import Kith, open_kith
from resolvers.domain import Record, partition_digest
from resolvers.features import extract
from resolvers.linkage_model import LinkageModel
from resolvers.memory_state import MemoryState
from resolvers.resolution import redo, update
from resolvers.training import train

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
ORDERS = (1, 2, 3)
CLIENTS = {"demo": (1, 16, 32), "febrl3": (8, 16, 32), "cpd": (8, 16, 32)}
"""How many clients put at once, in each order: one after another only once, which takes longest."""


def demo(folder: Path) -> list[Record]:
    """Return a third of the person records of a small synthetic force, from every system."""
    generate(folder, staff=500, related=1_500, years=0.25, seed=3)
    records: list[Record] = []
    for path in sorted((ROOT / "sources").glob("*.yaml")):
        mapping = load_mapping(path)
        files = sorted((folder / path.stem).glob("*"))
        if mapping.holds_records and files:
            records += [record for chunk in read(files, mapping).records for record, _ in chunk]
    return records[::3]


def febrl3(_: Path) -> list[Record]:
    """Return the 5,000 records of FEBRL 3."""
    mapping = load_mapping(ROOT / "benchmarks" / "mappings" / "febrl.yaml")
    return [record for chunk in read([shared("er/dataset3.csv")], mapping).records for record, _ in chunk]


def cpd(folder: Path) -> list[Record]:
    """Return 5,000 records of CPD officers, whole officers at a time."""
    persons, truth = shared("cpd/open/persons.parquet"), shared("cpd/open/truth.parquet")
    chosen = (
        pl.read_parquet(truth, columns=["source", "source_id", "uid"])
        .sort("uid", "source", "source_id")
        .head(5_000)
    )
    part = folder / "persons.parquet"
    pl.read_parquet(persons).join(chosen, on=["source", "source_id"], how="semi").write_parquet(part)
    mapping = load_mapping(ROOT / "benchmarks" / "mappings" / "cpd.yaml")
    return [record for chunk in read([part], mapping).records for record, _ in chunk]


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the shared data set {name} is not here")
    return path


@pytest.fixture(scope="module", params=[demo, febrl3, cpd], ids=["demo", "febrl3", "cpd"])
def said(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    return request.param(tmp_path_factory.mktemp("said"))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def linked(said: list[Record]) -> tuple[LinkageModel, str]:
    """Return the model trained on the records and the digest that linking them offline gives."""
    features = [extract(record) for record in said]
    model = train(features)
    state = MemoryState()
    rows = [
        (n, record.key, feature) for n, (record, feature) in enumerate(zip(said, features, strict=True), 1)
    ]
    cluster = {number: (number,) for number, _, _ in rows}
    changes = update(state, model, puts=rows)
    while state.redo_length():
        changes += redo(state, model, 1_000)
    for change in changes:
        cluster.update({number: members for members in change.clusters for number in members})
    keys = {number: key for number, key, _ in rows}
    return model, partition_digest([keys[number] for number in members] for members in set(cluster.values()))


@pytest.fixture
def kith(tmp_path: Path, linked: tuple[LinkageModel, str]) -> Iterator[Kith]:
    kith = open_kith(Settings(data=tmp_path / "data"))
    promote(kith.pipeline, linked[0], "test")
    yield kith
    kith.close()


def digest(kith: Kith) -> str:
    with kith.ledger.read() as session:
        return session.identity.partition_digest()


def test_the_data_has_something_to_resolve(said: list[Record], linked: tuple[LinkageModel, str]) -> None:
    alone = partition_digest([record.key] for record in said)
    assert linked[1] != alone


def test_ingest_gives_the_partition_of_link(
    kith: Kith, said: list[Record], linked: tuple[LinkageModel, str]
) -> None:
    for chunk in chunks(said, 1_500):
        kith.pipeline.put_records([(record, None) for record in chunk], "test", bulk=True)
    assert digest(kith) == linked[1]
    rebuild(kith.pipeline, kith.graph)
    assert digest(kith) == linked[1]


@pytest.mark.parametrize("order", ORDERS)
def test_single_puts_in_any_order_give_the_partition_of_link(
    request: pytest.FixtureRequest,
    kith: Kith,
    said: list[Record],
    linked: tuple[LinkageModel, str],
    order: int,
) -> None:
    """One client puts one record after another; several put side by side, in whatever order that gives."""
    clients = CLIENTS[request.node.callspec.params["said"].__name__][order - 1]
    shuffled = random.Random(order).sample(said, len(said))
    with ThreadPoolExecutor(clients) as pool:
        for receipt in pool.map(lambda record: kith.pipeline.put_record(record, None, "test"), shuffled):
            assert receipt.status == "accepted"
    assert digest(kith) == linked[1]


def chunks(records: Sequence[Record], size: int) -> Iterator[list[Record]]:
    rest = iter(records)
    while chunk := list(islice(rest, size)):
        yield chunk
