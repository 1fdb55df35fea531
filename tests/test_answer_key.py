"""The demo's findings against its answer key, with Kith's own identities; a plain count must fail."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from app.framing import LedgerMembership, frames_of
from app.ingest import load_mapping, read
from app.loading import load
from app.settings import Settings
from app.synthetic.generation import generate
from app.wiring import Kith, open_kith
from patterns.detection import from_body
from patterns.evaluation import PatternScore, lookalike_hits, score_findings, true_persons
from patterns.finding import OPEN_STATES
from patterns.pattern import Scope

pytestmark = pytest.mark.slow

SOURCES = Path(__file__).parents[1] / "sources"
WRITING = (
    "shared_home",
    "shared_address",
    "shared_identifier",
    "short_path",
    "paid_not_there",
    "repeated_co_complaint",
    "linked_lookup",
    "own_case",
    "independence",
    "repeated_interest",
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kith, Path]]:
    """Yield the demo as `kith demo` makes it, loaded and looked over, and the folder of its answer key."""
    folder = tmp_path_factory.mktemp("demo")
    made = generate(folder / "force")
    kith = open_kith(Settings(data=folder / "data"))
    for system, files in made.files.items():
        load(kith.pipeline, read(files, load_mapping(SOURCES / f"{system}.yaml")), "test")
    writing = [pattern for pattern in kith.patterns.values() if pattern.writes_findings]
    kith.pipeline.detect(kith.graph, writing, Scope())
    yield kith, folder / "force" / "answer_key"
    kith.close()


@pytest.fixture(scope="module")
def person_of(demo: tuple[Kith, Path]) -> dict[str, str]:
    """Return the true person that each entity stands for."""
    kith, key = demo
    with kith.ledger.read() as session:
        ids, after = [], ""
        while page := session.identity.entities(after):
            ids += page
            after = page[-1]
        membership = LedgerMembership(session).of_entities(ids)
    return dict(true_persons(membership, pl.read_parquet(key / "entity_truth.parquet")))


@pytest.fixture(scope="module")
def scores(demo: tuple[Kith, Path], person_of: dict[str, str]) -> dict[str, PatternScore]:
    kith, key = demo
    with kith.ledger.read() as session:
        rows, _ = session.findings.page({}, None, 10_000)
    raised = [from_body(row["body"]) for row in rows if row["state"] in OPEN_STATES]
    declared = pl.read_parquet(key / "declared_pairs.parquet").iter_rows()
    return dict(score_findings(raised, pl.read_parquet(key / "plants.parquet"), person_of, declared))


@pytest.mark.parametrize("pattern", WRITING)
def test_blatant_plants_are_found(scores: dict[str, PatternScore], pattern: str) -> None:
    assert scores[pattern].blatant >= 8
    assert scores[pattern].blatant_recall >= 0.9


def test_at_most_one_finding_in_ten_is_false(scores: dict[str, PatternScore]) -> None:
    findings = sum(scores[pattern].findings for pattern in WRITING)
    right = sum(scores[pattern].right for pattern in WRITING)
    assert findings > 50
    assert right / findings >= 0.9, {name: (one.right, one.findings) for name, one in scores.items()}


def test_what_looks_alike_for_a_reason_in_the_records_raises_nothing(
    demo: tuple[Kith, Path], person_of: dict[str, str]
) -> None:
    """All but a namesake, whom resolution must tell apart, and the two that no record tells."""
    kith, key = demo
    with kith.ledger.read() as session:
        rows, _ = session.findings.page({}, None, 10_000)
    raised = [from_body(row["body"]) for row in rows if row["state"] in OPEN_STATES]
    hits = lookalike_hits(raised, pl.read_parquet(key / "lookalikes.parquet"), person_of)
    patterns = {"own_case", "independence", "repeated_interest", "short_path", "paid_not_there"}
    untold = {"namesake", "strangers", "outside_work_nobody_coded"}
    wanted = {name for name in hits if name[0] in patterns and name[1] not in untold}
    assert len(wanted) >= 22
    assert {name: hits[name] for name in sorted(wanted) if hits[name][0]} == {}


def test_no_finding_is_about_a_declared_pair(scores: dict[str, PatternScore]) -> None:
    assert {pattern: scores[pattern].declared for pattern in WRITING} == dict.fromkeys(WRITING, 0)


def test_a_plain_count_of_all_shifts_would_accuse_colleagues(
    demo: tuple[Kith, Path], person_of: dict[str, str]
) -> None:
    """The broken twin: it raises whoever shares most shifts, planned ones too, and finds colleagues."""
    kith, key = demo
    with kith.ledger.read() as session:
        shifts = frames_of(session).shifts()
    worked = shifts.filter(~pl.col("basis").is_in(["leave", "sick", "swap_out"])).select(
        "person", "station", "start"
    )
    planted = {
        frozenset(persons)
        for pattern, persons in pl.read_parquet(key / "plants.parquet")
        .select("pattern", "persons")
        .iter_rows()
        if pattern == "voluntary_pair"
    }
    assert planted
    pairs = (
        worked.join(worked, on=["station", "start"])
        .filter(pl.col("person") < pl.col("person_right"))
        .group_by("person", "person_right")
        .len()
        .sort(["len", "person", "person_right"], descending=[True, False, False])
        .head(len(planted))
    )
    named = {frozenset((person_of[left], person_of[right])) for left, right, _ in pairs.iter_rows()}
    assert len(named & planted) / len(named) < 0.1
