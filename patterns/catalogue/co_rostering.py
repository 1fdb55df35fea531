"""Two people who keep choosing the same extra shifts: joint voluntary shifts beside a plain expectation."""

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from patterns.finding import Evidence, Finding, Severity, finding_id
from patterns.pattern import Explanation, Parameter, Pattern, Scope, View, parameters_in_force
from patterns.people import People, founding

VOLUNTARY = ("overtime", "swap_in")
WINDOW = 28
"""Days in which picks are compared: within it, demand and people's lives are taken as even."""

_SLOT = ["station", "duty_date", "band"]
_WINDOW = ["station", "window"]


def voluntary_picks(shifts: pl.DataFrame) -> pl.DataFrame:
    """Return the voluntary shifts as picks: person, station, duty_date, band, window, source, event_id.

    One row a person and slot. A slot is a station, day and band (E from 5, L from 12, N from 20, by the start
    in UTC); shifts without a start or a station are left out.
    """
    hour = pl.col("start").dt.hour()
    band = pl.when(hour.is_between(5, 11)).then(pl.lit("E")).when(hour.is_between(12, 19)).then(pl.lit("L"))
    picks = shifts.filter(pl.col("basis").is_in(VOLUNTARY)).drop_nulls(["start", "station", "duty_date"])
    picks = picks.with_columns(
        band=band.otherwise(pl.lit("N")),
        window=pl.col("duty_date").cast(pl.Int32) // WINDOW,
    )
    kept = picks.select("person", *_SLOT, "window", "source", "event_id")
    return kept.sort(kept.columns).unique(["person", *_SLOT], keep="first", maintain_order=True)


def joint_and_expected(
    picks: pl.DataFrame, *, least: int, about: Collection[str] | None = None
) -> pl.DataFrame:
    """Return pairs with `least` joint picks or more: left, right (left < right), joint, expected.

    Expected under the opportunity null: at each station and in each window, a person's n own picks fall at
    random on the S slots that anybody there picked, of which the other picked m: n·m/S, added up. Sorted by
    left and right.
    """
    mine = picks if about is None else picks.filter(pl.col("person").is_in(sorted(about)))
    met = mine.join(picks, on=_SLOT).filter(pl.col("person") != pl.col("person_right"))
    ends = [pl.min_horizontal("person", "person_right"), pl.max_horizontal("person", "person_right")]
    pairs = met.select(ends[0].alias("left"), ends[1].alias("right"), *_SLOT).unique()
    pairs = pairs.group_by("left", "right").agg(pl.len().cast(pl.Int64).alias("joint"))
    pairs = pairs.filter(pl.col("joint") >= least)
    own = picks.group_by("person", *_WINDOW).agg(pl.len().alias("own"))
    slots = picks.select(*_SLOT, "window").unique().group_by(_WINDOW).agg(pl.len().alias("slots"))
    both = (
        pairs.join(own, left_on="left", right_on="person")
        .join(own, left_on=["right", *_WINDOW], right_on=["person", *_WINDOW], suffix="_right")
        .join(slots, on=_WINDOW)
    )
    expected = both.group_by("left", "right").agg(
        (pl.col("own") * pl.col("own_right") / pl.col("slots")).sort().sum().alias("expected")
    )
    return pairs.join(expected, on=["left", "right"]).sort("left", "right")


class CoRostering:
    """Show which two people share more voluntary shifts than a plain expectation; a question only.

    Counts shifts both took by choice (overtime, swapped in) at one station, day and band, beside n·m/S: each
    one's own picks laid at random over the slots that were open there in 28 days. Planned duty is left out,
    since the roster would be all that it shows.

    Thin, and therefore a query that writes no finding: the expectation knows neither who was free or rested,
    nor who prefers nights, nor how much a slot was in demand, nor that a team was called in as a body. People
    who work every football match look the same as people who arrange it. It gives no probability. Seeded runs
    read the shifts of all.
    """

    id = "co_rostering"
    version = 1
    title = "Joint voluntary shifts"
    question = "Who keeps picking the same extra shifts?"
    categories: tuple[str, ...] = ("theft and fraud", "abuse of authority")
    data_needed: tuple[str, ...] = ("rosters with station, start and basis (overtime, swaps)",)
    parameters: tuple[Parameter, ...] = (
        Parameter("min_joint", 6, "shifts", "least number of joint voluntary shifts"),
        Parameter("min_ratio", 2, "times", "least multiple of what is expected"),
        Parameter(
            "most", 100, "pairs", "how many pairs a run of everybody gives, those farthest from expectation"
        ),
    )
    explanations: tuple[Explanation, ...] = ()
    refuter = "Duty planning that shows the shifts were assigned, or open to these two alone."
    writes_findings = False
    live = False

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield pairs by entity id."""
        parameters = parameters_in_force(self.parameters, scope)
        shifts = view.frames.shifts(start=scope.start, end=scope.end)
        if scope.sources is not None:
            shifts = shifts.filter(pl.col("source").is_in(sorted(scope.sources)))
        picks = voluntary_picks(shifts)
        pairs = joint_and_expected(picks, least=int(parameters["min_joint"]), about=scope.about)
        pairs = pairs.filter(pl.col("joint") >= parameters["min_ratio"] * pl.col("expected"))
        if scope.about is None:
            surprise = (pl.col("joint") - pl.col("expected")) / pl.col("expected").sqrt()
            pairs = pairs.sort(surprise, "left", "right", descending=[True, False, False])
            pairs = pairs.head(int(parameters["most"])).sort("left", "right")
        people = People(view.graph)
        people.load({person for column in ("left", "right") for person in pairs[column].to_list()})
        for row in pairs.iter_rows(named=True):
            if people.node(row["left"]) is not None and people.node(row["right"]) is not None:
                yield self._finding(row, picks, people)

    def _finding(self, row: Mapping[str, object], picks: pl.DataFrame, people: People) -> Finding:
        nodes = [node for side in ("left", "right") if (node := people.node(str(row[side]))) is not None]
        ordered = sorted(nodes, key=lambda node: (founding(node), node.id))
        first, second = (people.subject(node.id, "worker") for node in ordered)
        joint, expected = int(str(row["joint"])), float(str(row["expected"]))
        return Finding(
            id=finding_id(
                self.id, [("worker", first.founding_record), ("worker", second.founding_record)], ""
            ),
            pattern=self.id,
            pattern_version=self.version,
            title=f"{first.name} and {second.name} share {joint} voluntary shifts",
            sentence=(
                f"{first.name} and {second.name} took {joint} voluntary shifts together, where a plain "
                f"expectation is {expected:.1f}. It is crude: see what else would bring them together."
            ),
            severity=Severity.NOTE,
            subjects=(first, second),
            place_key="",
            numbers={"joint": joint, "expected": round(expected, 3), "ratio": round(joint / expected, 2)},
            evidence=_evidence(picks, first.entity_id, second.entity_id),
            explanations=(),
            refuter=self.refuter,
        )


def _evidence(picks: pl.DataFrame, first: str, second: str) -> tuple[Evidence, ...]:
    """Return both people's rows of each joint slot, by day."""
    slots = [picks.filter(pl.col("person") == person).select(_SLOT) for person in (first, second)]
    joint = slots[0].join(slots[1], on=_SLOT)
    theirs = picks.filter(pl.col("person").is_in([first, second])).join(joint, on=_SLOT, how="semi")
    theirs = theirs.sort("duty_date", "station", "band", "person")
    return tuple(
        Evidence(
            origin="event",
            source=row["source"],
            source_id=row["event_id"],
            sentence=f"Voluntary shift at {row['station']} on {row['duty_date']}, band {row['band']}.",
            valid_from=row["duty_date"].isoformat(),
            entity_id=row["person"],
        )
        for row in theirs.iter_rows(named=True)
    )


PATTERN: Pattern = CoRostering()
