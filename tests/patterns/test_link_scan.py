"""The score in columns: equal to the score of one pair, and what only columns add."""

from math import log2

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterns.interval import Interval
from patterns.link_scan import HOLDINGS, pair_bits, score_links, succeeded
from patterns.link_score import Holding, link_score
from patterns.shared_things import settled

PEOPLE = ("ana", "bo", "cy", "di", "ed")
STAFF = ("ana", "cy")
DAY = st.integers(0, 400)
SPAN = st.tuples(st.none() | DAY, st.none() | st.integers(1, 300)).map(
    lambda said: (said[0], None if said[1] is None else (said[0] or 0) + said[1])
)
SAID = st.tuples(
    st.sampled_from(PEOPLE),
    st.sampled_from(("Address", "Phone", "Account")),
    SPAN,
    st.sampled_from(("hr", "custody")),
)


def frame(rows: list[tuple[str, str, str, int | None, int | None, str]]) -> pl.DataFrame:
    """Return holdings of (person, label, thing, start, end, source)."""
    said = [
        (p, p in STAFF, label, thing, None, start, end, source)
        for p, label, thing, start, end, source in rows
    ]
    return pl.DataFrame(said, schema=HOLDINGS, orient="row")


@given(st.lists(SAID, min_size=2, max_size=14))
@settings(max_examples=150, deadline=None)
def test_columns_and_pairs_score_alike(
    said: list[tuple[str, str, tuple[int | None, int | None], str]],
) -> None:
    rows = [(person, label, f"{label}1", *span, source) for person, label, span, source in said]
    found = {
        (row["left"], row["right"], row["label"]): row
        for row in score_links(frame(rows)).iter_rows(named=True)
    }
    held: dict[str, dict[str, list[Holding]]] = {}
    for person, label, _, start, end, source in rows:
        holding = Holding(Interval(start, end), (f"{source}|1",))
        held.setdefault(label, {}).setdefault(person, []).append(holding)
    wanted = 0
    for label, holders in held.items():
        everyone = {person: settled(tuple(holdings)) for person, holdings in holders.items()}
        for left in sorted(everyone.keys() & set(STAFF)):
            for right in sorted(everyone):
                if right == left or (right in STAFF and right < left):
                    continue
                wanted += 1
                score = link_score(label, everyone[left], everyone[right], tuple(everyone.values()))
                row = found[left, right, label]
                assert row["bits"] == pytest.approx(score.bits, abs=1e-9)
    assert len(found) == wanted


def test_an_address_without_its_flat_is_as_full_as_the_building() -> None:
    """The broken twin, that address alone, takes two who left out their flats for a household."""
    block = [(f"r{n}", False, "Address", f"flat{n}", "block", 0, 1000, "hr") for n in range(40)]
    pair = [
        ("ana", True, "Address", "block", "block", 0, 1000, "hr"),
        ("bo", False, "Address", "block", "block", 0, 1000, "hr"),
    ]
    rows = pl.DataFrame([*block, *pair], schema=HOLDINGS, orient="row")
    ((occupancy, bits),) = score_links(rows).select("occupancy", "bits").iter_rows()
    ((_, alone),) = score_links(rows.with_columns(building=None)).select("occupancy", "bits").iter_rows()
    assert occupancy == 42
    assert bits < 11 < alone


def test_things_of_many_give_no_pairs_and_order_does_not_matter() -> None:
    rows = [(f"p{n}", "Phone", "switchboard", 0, None, "hr") for n in range(9)] + [
        ("ana", "Phone", "switchboard", 0, None, "hr")
    ]
    assert score_links(frame(rows), max_holders=9).is_empty()
    assert score_links(frame(rows)).height == 9
    assert score_links(frame(rows[::-1])).equals(score_links(frame(rows)))


def test_a_source_speaks_once_and_a_thing_counts_once() -> None:
    """Home and phone from one source are one word; a second source makes a home surer, not likelier."""
    home, phone = ("Address", "home", 0, 900), ("Phone", "phone", 0, 900)
    staff = [("ana", *home, "hr"), ("ana", *phone, "vetting")]
    one = frame([*staff, ("bo", *home, "custody"), ("bo", *phone, "custody")])
    two = frame([*staff, ("bo", *home, "custody"), ("bo", *phone, "intelligence")])
    again = frame([*staff, ("bo", *home, "custody"), ("bo", *home, "stops")])
    links = [score_links(rows, each_source=True) for rows in (one, two, again)]
    (single, double, repeated) = (pair_bits(found)["bits"].to_list() for found in links)
    assert single == [pytest.approx(max(links[0]["bits"]))]
    assert double == [pytest.approx(sum(links[1]["bits"]))]
    rho, bits = links[2]["rho"].to_list(), links[2]["bits"].to_list()
    assert repeated == [
        pytest.approx(log2(1 + (2 ** bits[0] - 1) * (1 - (1 - rho[0]) * (1 - rho[1])) / rho[0]))
    ]
    assert max(bits) < repeated[0] < max(bits) + 1


def test_a_later_home_ends_one_that_was_left_open() -> None:
    """Other things, unknown starts and ends that are said stay as they are."""
    rows = frame(
        [
            ("ana", "Address", "old", 0, None, "hr"),
            ("ana", "Address", "old", 50, None, "vetting"),
            ("ana", "Address", "new", 300, None, "vetting"),
            ("ana", "Address", "rented", 310, 400, "custody"),
            ("ana", "Address", "some", None, None, "custody"),
            ("ana", "Phone", "phone", 0, None, "hr"),
            ("bo", "Address", "new", 10, None, "hr"),
        ]
    )
    assert succeeded(rows)["end"].to_list() == [300, 300, 310, 400, None, None, None]
