"""Paid shifts out of the ordinary: less traced than the same person's rota duties, quarter by quarter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.stats import mannwhitneyu

from patterns.attendance import Attendance
from patterns.significance import benjamini_hochberg

MOST = 0.5
"""Share of a duty, and of others' duties, from which it counts as without a trace."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Claim:
    """One paid shift; times in minutes since 1970 (UTC), `untraced` of them shown by nothing.

    `place_others` are duties of others at the place on that day, `role_others` those of others in that duty
    role at any time; `…_untraced` how many of these are without a trace for the most part.
    """

    day: date
    start: int
    end: int
    place: str
    role: str
    untraced: int
    place_others: int
    place_untraced: int
    role_others: int
    role_untraced: int

    @property
    def minutes(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Standing:
    """What the scan says of one person: the claims out of the ordinary in the quarters that stand out.

    `usual` is the untraced minutes that most of the person's rota duties stay within, `usual_of_unit` what is
    usual for half the people of the places and duty roles of the claims, the largest. `p` and `q` are the
    least of the quarters.
    """

    person: str
    claims: tuple[Claim, ...]
    quarters: tuple[str, ...]
    usual: int
    usual_of_unit: int
    ordinary: int
    p: float
    q: float

    @property
    def hours(self) -> float:
        """Return the hours of the claims without a trace."""
        return sum(claim.untraced for claim in self.claims) / 60


def stand_out(read: Attendance, parameters: Mapping[str, float]) -> list[Standing]:
    """Return the persons who stand out, by id.

    `parameters` are those of the pattern: `min_claims`, `slack`, `quantile`, `q`, `min_ordinary`, `others`.
    Source: Mann & Whitney 1947, doi:10.1214/aoms/1177730491.
    """
    duties = read.duties.with_columns(blank=pl.col("untraced") >= MOST * (pl.col("end") - pl.col("start")))
    days = duties.group_by("day", "place").agg(pl.len().alias("n"), pl.col("blank").sum().alias("m"))
    dark = days.filter((pl.col("n") > parameters["others"]) & (pl.col("m") >= MOST * pl.col("n")))
    rota = duties.filter(~pl.col("claim")).select("person", "place", "role", "day", "untraced")
    rota = rota.join(dark, on=["day", "place"], how="anti")
    claims = duties.filter("claim").with_columns(quarter=_quarter(pl.col("day")))
    usual = pl.col("untraced").quantile(parameters["quantile"], "higher")
    own = rota.group_by("person").agg(usual.alias("usual"), ordinary=pl.len())
    own = own.filter(pl.col("ordinary") >= parameters["min_ordinary"])
    # Half the people, not a share of their duties: some have no badge, or one that is not known to be theirs.
    served = rota.select("place", "role", "person").unique().join(own, on="person")
    unit = served.group_by("place", "role").agg(pl.col("usual").median().alias("usual_of_unit"))
    claims = claims.join(own, on="person").join(unit, on=["place", "role"], how="left")
    claims = claims.with_columns(pl.col("usual_of_unit").fill_null(0))
    beyond = pl.col("untraced") > pl.max_horizontal("usual", "usual_of_unit") + parameters["slack"]
    group = ["person", "quarter"]
    claims = claims.with_columns(beyond=beyond)
    quarters = claims.group_by(group).agg(pl.len().alias("claims"), pl.col("beyond").sum())
    tests = quarters.filter(pl.col("claims") >= parameters["min_claims"]).height
    named = quarters.filter(pl.col("beyond") >= parameters["min_claims"]).sort(group)
    if named.is_empty():
        return []
    claims = claims.join(named.select(group), on=group, how="semi").sort("person", "start", "end", "place")
    rota = rota.join(named.select("person"), on="person", how="semi")
    usually = {person: part["untraced"].to_numpy() for (person,), part in rota.group_by(["person"])}
    p = np.array([
        float(mannwhitneyu(part["untraced"].to_numpy(), usually[person], alternative="greater",
                           method="asymptotic").pvalue)
        for (person, _), part in claims.group_by(group, maintain_order=True)
    ])  # fmt: skip
    order = claims.select(group).unique(maintain_order=True)
    tested = order.with_columns(p=pl.Series(p), q=pl.Series(benjamini_hochberg(p, tests)))
    stand = tested.filter(pl.col("q") <= parameters["q"])
    rows = claims.filter("beyond").join(stand, on=group)
    rows = _beside(_beside(rows, duties, "day", "place"), duties, "role")
    rows = rows.sort("person", "start", "end", "place")
    return [_standing(read, part) for _, part in rows.group_by(["person"], maintain_order=True)]


def _quarter(day: pl.Expr) -> pl.Expr:
    when = day.cast(pl.Date)
    return pl.format("{} Q{}", when.dt.year(), when.dt.quarter())


def _beside(rows: pl.DataFrame, duties: pl.DataFrame, *group: str) -> pl.DataFrame:
    """Count, for each row, the duties of others in its group, and those without a trace for the most."""
    near = duties.join(rows.select(group).unique(), on=group, how="semi")
    whole = near.group_by(group).agg(pl.len().alias("n"), pl.col("blank").sum().alias("m"))
    mine = near.join(rows.select("person").unique(), on="person", how="semi")
    own = mine.group_by([*group, "person"]).agg(pl.len().alias("own_n"), pl.col("blank").sum().alias("own_m"))
    found = rows.join(whole, on=group).join(own, on=[*group, "person"])
    name = group[-1]
    return found.with_columns(
        (pl.col("n") - pl.col("own_n")).alias(f"{name}_others"),
        (pl.col("m") - pl.col("own_m")).alias(f"{name}_untraced"),
    ).drop("n", "m", "own_n", "own_m")


def _standing(read: Attendance, rows: pl.DataFrame) -> Standing:
    first = rows.row(0, named=True)
    claims = tuple(
        Claim(
            _EPOCH + timedelta(days=row["day"]),
            row["start"],
            row["end"],
            read.places[row["place"]],
            read.roles[row["role"]],
            row["untraced"],
            row["place_others"],
            row["place_untraced"],
            row["role_others"],
            row["role_untraced"],
        )
        for row in rows.iter_rows(named=True)
    )
    return Standing(
        person=read.persons[first["person"]],
        claims=claims,
        quarters=tuple(rows["quarter"].unique(maintain_order=True)),
        usual=int(first["usual"]),
        usual_of_unit=int(rows["usual_of_unit"].to_numpy().max()),
        ordinary=first["ordinary"],
        p=float(rows["p"].to_numpy().min()),
        q=float(rows["q"].to_numpy().min()),
    )
