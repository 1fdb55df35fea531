"""A member of staff and a nominal recorded at one home, from all that is known of both their homes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from patterns.association import (
    Association,
    Wording,
    association_finding,
    dealing_evidence,
)
from patterns.calibration import shipped
from patterns.finding import ExplanationResult, Finding, Number, Outcome, finding_id
from patterns.homes import held_by_too_many, home_statements
from patterns.innocence import DECLARED, FAMILY_NAME, flat_missing, not_together, widely_held
from patterns.interval import interval
from patterns.link_scan import by_thing, pair_bits, score_links, succeeded
from patterns.pattern import Explanation, Parameter, Pattern, Scope, Verdict, View, parameters_in_force
from patterns.people import batches
from patterns.shared_things import Holder, SharedThing, held_things, holding_evidence, scored

_WORDING = Wording(headline={"Address": "share a home"}, record={"Address": "at"})
_PAIR = ["left", "right"]
_HOME = [*_PAIR, "thing"]
CALIBRATION = shipped("shared_home")


@dataclass(frozen=True, slots=True)
class SharedHomeCandidate(Association):
    """A pair at one of their homes; `origins` are the sources that have the nominal there with the other."""

    origins: tuple[str, ...]


def tenancies(candidate: SharedHomeCandidate, view: View) -> Verdict:
    """Pass when the two were not there together for `min_overlap` days, unless two sources say they were."""
    verdict = not_together(candidate, view)
    if verdict.outcome is Outcome.PASSED and len(candidate.origins) > 1:
        days = int(candidate.shared.score.overlap.days or 0)
        said = " and ".join(candidate.origins)
        numbers = {**verdict.numbers, "sources": len(candidate.origins)}
        return Verdict(Outcome.FAILED, f"They were there together for {days} days, as {said} say.", numbers)
    return verdict


def false_address(candidate: SharedHomeCandidate, view: View) -> Verdict:
    """Hint that the nominal may have given a false address: only one source has them there."""
    number = len(candidate.shared.right.origins)
    if number > 1:
        return Verdict(Outcome.FAILED, f"{number} sources have them there.", {"sources": number})
    said = candidate.shared.right.origins[0]
    return Verdict(
        Outcome.NOT_CHECKABLE,
        f"Only {said} has them there, most often in their own words: a second source would tell.",
        {"sources": number},
    )


class SharedHome:
    """Ask whether anybody on the books lives with somebody the force has dealt with.

    Reads every statement of both persons' homes. A home left open ends where a source later tells of another
    one; sources that agree on one home make it surer, and never count its rarity twice. The bits of a pair
    are those of each home not explained away, each source's word once. Raised when they are at least
    `min_bits` and no innocent explanation holds; homes left more than `near` days before the other came are
    no candidates. A nominal is a person who is not staff and was detained, stopped or suspected in an event.
    One finding a pair, whatever homes they moved through.

    The probability is how often links of so many bits, not explained, were two people who truly lived
    together for 60 days. It was counted on synthetic forces whose answers are known (isotonic, checked on a
    force it was not fitted on), never on this force's own records: how often this rule led on here stands
    beside it, from the decisions on its findings. A single false statement of a real stranger's home cannot
    be told from a true one; a home given up without a word may look shared.
    """

    id = "shared_home"
    version = 1
    title = "Undeclared shared home"
    question = "Is anyone on our books living with someone we have dealt with, without having declared it?"
    categories: tuple[str, ...] = ("inappropriate association",)
    data_needed: tuple[str, ...] = (
        "addresses of staff with dates",
        "addresses of people in custody and stops",
        "declared relations",
    )
    parameters: tuple[Parameter, ...] = (
        Parameter(
            "min_bits", 12, "bits", "least score of the pair; each bit doubles the odds against chance"
        ),
        Parameter("min_overlap", 60, "days", "least time together, where one source has the nominal there"),
        Parameter("near", 30, "days", "homes left longer before the other came are not looked at"),
        Parameter("widely_held", 12, "people", "from this many people at one time a home is an institution"),
        Parameter("max_holders", 60, "people", "addresses with more people over all time give no pairs"),
    )
    explanations: tuple[Explanation, ...] = (
        DECLARED,
        Explanation("tenancies", "One moved out before the other moved in", tenancies),
        Explanation("large_building", "A section house, hostel or other institution", widely_held),
        Explanation("flat_missing", "Neighbours in one building, the flat number missing", flat_missing),
        Explanation("false_address", "A false address was given", false_address, hint=True),
        FAMILY_NAME,
    )
    refuter = "A tenancy, council tax or vetting record that shows they never lived there at the same time."
    writes_findings = True
    live = True

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield findings by member of staff and nominal."""
        parameters = parameters_in_force(self.parameters, scope)
        links = _links(view, scope, parameters)
        if links.is_empty():
            return
        near = by_thing(links).filter(pl.col("gap_days") <= parameters["near"])
        likely = pair_bits(links.join(near, on=_HOME, how="semi")).filter(_strong(parameters))
        kept = self._kept(near.join(likely, on=_PAIR, how="semi"), view, scope)
        counted = [(*pair, one.shared.thing.id) for pair, homes in kept.items() for one, _ in homes]
        wanted = pl.DataFrame(counted, schema=dict.fromkeys(_HOME, pl.String), orient="row")
        scored = pair_bits(links.join(wanted, on=_HOME, how="semi")).filter(_strong(parameters))
        for left, right, bits in scored.iter_rows():
            yield self._finding(kept[left, right], bits)

    def _kept(
        self, rows: pl.DataFrame, view: View, scope: Scope
    ) -> Mapping[tuple[str, str], list["_Tested"]]:
        """Return each pair of staff and nominal with its homes that nothing explains, the strongest first.

        Where all of them are explained, the strongest alone.
        """
        tested: dict[tuple[str, str], list[_Tested]] = {}
        for one in _candidates(rows, view, scope, parameters_in_force(self.parameters, scope)):
            results = tuple(explanation.apply(one, view) for explanation in self.explanations)
            tested.setdefault(one.persons, []).append((one, results))
        return {
            pair: [home for home in homes if not _explained(home)] or homes[:1]
            for pair, homes in tested.items()
        }

    def _finding(self, homes: Sequence["_Tested"], bits: float) -> Finding:
        lead, results = homes[0]
        chance = CALIBRATION.probability(bits)
        base = association_finding(self, _WORDING, lead, results)
        numbers: dict[str, Number] = {
            **base.numbers,
            "bits": round(bits, 2),
            "probability": round(chance, 3),
            "homes": len(homes),
            "sources": len(lead.shared.right.origins),
        }
        said = (
            f"Of links this strong, {100 * chance:.0f} in 100 were true on synthetic records whose answers "
            "are known; on these records nobody has counted."
        )
        held = [row for one, _ in homes for row in holding_evidence(one.shared)]
        return replace(
            base,
            id=finding_id(self.id, [("person", one.founding_record) for one in base.subjects], ""),
            place_key="",
            sentence=f"{base.sentence} {said}",
            numbers=numbers,
            evidence=(*held, *dealing_evidence(lead.persons[1], lead.dealings)),
        )


_Tested = tuple[SharedHomeCandidate, tuple[ExplanationResult, ...]]


def _explained(home: _Tested) -> bool:
    return any(result.outcome is Outcome.PASSED for result in home[1])


def _strong(parameters: Mapping[str, float]) -> pl.Expr:
    return pl.col("bits") >= parameters["min_bits"]


def _links(view: View, scope: Scope, parameters: Mapping[str, float]) -> pl.DataFrame:
    """Return the links of staff with others at a home, a row a pair, home and source, in the scope."""
    most = int(parameters["max_holders"])
    said = home_statements(view.graph, scope.about, most, view.people)
    if said.is_empty():
        return said
    if scope.sources is not None:
        said = said.filter(pl.col("source").is_in(sorted(scope.sources)))
    links = score_links(succeeded(said), max_holders=most, each_source=True).filter(~pl.col("right_staff"))
    if scope.about is not None:
        links = links.filter(pl.any_horizontal(pl.col(*_PAIR).is_in(sorted(scope.about))))
        links = links.filter(~pl.col("thing").is_in(held_by_too_many(view.graph, links["thing"], most)))
    wanted = interval(scope.start, scope.end)
    if wanted.end is not None:
        links = links.filter(pl.col("from").fill_null(wanted.end - 1) < wanted.end)
    if wanted.start is not None:
        links = links.filter(pl.col("until").fill_null(wanted.start + 1) > wanted.start)
    return links


def _candidates(
    rows: pl.DataFrame, view: View, scope: Scope, parameters: Mapping[str, float]
) -> Iterator[SharedHomeCandidate]:
    """Yield the homes of pairs of staff and nominal, by pair and the strongest first.

    What has gone from the graph since the homes were read is left out: the next look is at what came instead.
    """
    people = view.people
    people.load([*rows["left"], *rows["right"]])
    ordered = rows.sort(*_PAIR, "bits", "thing", descending=[False, False, True, False])
    for batch in batches(ordered.iter_rows(named=True), 200):
        homes, held = held_things(view.graph, {row["thing"] for row in batch}, scope.sources)
        for row in batch:
            dealings = tuple(people.dealings(row["right"]))
            sides = [
                Holder(node, tuple(links))
                for side in _PAIR
                if (node := people.node(row[side])) and (links := held.get((row[side], row["thing"])))
            ]
            if dealings and len(sides) == 2:
                shared = SharedThing(homes[row["thing"]], sides[0], sides[1], scored(row), row["holders"])
                yield SharedHomeCandidate(shared, dealings, people, parameters, tuple(row["origins"]))


PATTERN: Pattern = SharedHome()
