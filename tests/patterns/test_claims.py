"""Claims out of the ordinary, told from one's own rota duties; a count of untraced claims must accuse."""

import numpy as np
import polars as pl
import pytest

from patterns.attendance import Attendance
from patterns.catalogue.paid_not_there import PATTERN
from patterns.claims import stand_out

PEOPLE, ROTA, EXTRA = 300, 120, 10
ABSENT, BADGELESS, DARK = 7, 8, 9
"""Somebody paid and not there, somebody without a badge, and somebody at a place without a reader."""
SHIFT = 480
PARAMETERS = {one.name: one.default for one in PATTERN.parameters}


def force(seed: int, *, absent: int = EXTRA) -> Attendance:
    """Return a quarter's duties, of which one in 25 is without a trace, with the three in it."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(PEOPLE), ROTA + EXTRA)
    claim = np.tile(np.arange(ROTA + EXTRA) >= ROTA, PEOPLE)
    untraced = np.where(rng.random(len(person)) < 0.04, SHIFT, rng.integers(0, 40, len(person)))
    untraced[(person == ABSENT) & claim & (np.arange(len(person)) % (ROTA + EXTRA) < ROTA + absent)] = SHIFT
    untraced[person == BADGELESS] = SHIFT
    place = np.where((person == DARK) & claim, 1, 0)
    untraced[place == 1] = SHIFT
    day = 19_724 + rng.integers(0, 90, len(person))
    start = day * 1440 + 420
    columns = {"person": person, "place": place, "role": np.zeros_like(person), "day": day, "start": start,
               "end": start + SHIFT, "claim": claim, "untraced": untraced}  # fmt: skip
    small = dict.fromkeys(("person", "place", "role", "day"), pl.Int32)
    names = tuple(f"e{at}" for at in range(PEOPLE))
    return Attendance(pl.DataFrame(columns).cast(small), names, ("ST1", "EV1"), ("response",))


@pytest.mark.parametrize("seed", range(4))
def test_whoever_is_absent_stands_out_and_nobody_else(seed: int) -> None:
    """Whose claims are where nobody has a reader stands out too: the pattern tests that next."""
    found = {one.person: one for one in stand_out(force(seed), PARAMETERS)}
    assert set(found) <= {f"e{ABSENT}", f"e{DARK}"}
    one = found[f"e{ABSENT}"]
    assert len(one.claims) == EXTRA
    assert one.quarters == ("2024 Q1",)
    assert one.ordinary == ROTA
    assert one.usual < 60
    assert one.q < 1e-3


@pytest.mark.parametrize("seed", range(4))
def test_of_an_innocent_force_nobody_stands_out(seed: int) -> None:
    innocent = [one for one in stand_out(force(seed, absent=0), PARAMETERS) if one.person != f"e{DARK}"]
    assert innocent == []


def test_a_count_of_untraced_claims_would_accuse_whoever_has_no_badge() -> None:
    """The broken twin: it raises as many as have five claims without a trace."""
    claims = force(0, absent=0).duties.filter("claim")
    blank = (
        claims.filter(pl.col("untraced") >= SHIFT // 2).group_by("person").len().filter(pl.col("len") >= 5)
    )
    assert BADGELESS in blank["person"].to_list()


def test_others_at_the_place_are_counted_without_the_person() -> None:
    (one,) = [one for one in stand_out(force(1), PARAMETERS) if one.person == f"e{ABSENT}"]
    duties = force(1).duties
    claim = one.claims[0]
    day = (claim.start - 420) // 1440
    others = duties.filter((pl.col("day") == day) & (pl.col("place") == 0) & (pl.col("person") != ABSENT))
    assert claim.place_others == others.height
    assert claim.place_untraced == others.filter(pl.col("untraced") >= SHIFT / 2).height


def test_too_few_rota_duties_or_claims_say_nothing() -> None:
    assert stand_out(force(0), {**PARAMETERS, "min_ordinary": ROTA + 1}) == []
    assert stand_out(force(0), {**PARAMETERS, "min_claims": EXTRA + 1}) == []
