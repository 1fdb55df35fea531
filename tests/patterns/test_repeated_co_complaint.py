"""Co-accusal in counts mode: against a count by hand, and against the reference answer on CPD."""

from collections import Counter
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns.catalogue.repeated_co_complaint import co_accused_pairs

CPD = Path(__file__).parents[3] / "shared" / "data" / "cpd" / "open"
EVENTS = st.dictionaries(
    st.integers(0, 8).map("c{}".format),
    st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=9),
    max_size=9,
)


def frame(events: dict[str, list[str]]) -> pl.DataFrame:
    rows = [(event, person) for event, people in events.items() for person in people]
    return pl.DataFrame(rows, schema={"event": pl.String, "person": pl.String}, orient="row")


@given(EVENTS, st.integers(1, 3), st.integers(2, 6))
def test_pairs_are_those_counted_by_hand(events: dict[str, list[str]], least: int, most: int) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    for people in events.values():
        if 2 <= len(set(people)) <= most:
            counted.update(combinations(sorted(set(people)), 2))
    found = co_accused_pairs(frame(events), least=least, most_accused=most)
    assert {(left, right): n for left, right, n, _ in found.iter_rows()} == {
        pair: n for pair, n in counted.items() if n >= least
    }
    for left, right, n, shared in found.iter_rows():
        assert len(shared) == n
        assert shared == sorted(
            event for event, people in events.items() if {left, right} <= set(people) and event in shared
        )


def test_counts_mode_is_the_reference_answer_on_cpd() -> None:
    """With the true officers as entities the answer is exact; the floor for resolved ones is 0.985."""
    if not CPD.exists():
        pytest.skip("the CPD extracts are not beside the repository (../shared/data/cpd)")
    officers = pl.read_parquet(CPD / "complaint_officers.parquet").filter(pl.col("role") == "accused")
    truth = pl.read_parquet(CPD / "truth.parquet").select("source", "source_id", "uid")
    accused = officers.join(truth, on=["source", "source_id"]).select(
        pl.col("cr_id").alias("event"), pl.col("uid").alias("person")
    )
    answer = pl.read_parquet(CPD / "answer_coaccused.parquet")
    expected = {(min(x, y), max(x, y)): n for x, y, n in answer.iter_rows()}
    found = {(left, right): n for left, right, n, _ in co_accused_pairs(accused).iter_rows()}
    assert found == expected
    mass = {
        (left, right): n for left, right, n, _ in co_accused_pairs(accused, most_accused=10_000).iter_rows()
    }
    assert mass != expected, "the twin without the cap on accused would pass too: this test could not fail"
