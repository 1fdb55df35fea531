"""A member of staff tied to a nominal through others: one or two go-betweens, and how few are as near."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import log2, prod

import polars as pl

from patterns.association import TOUCH, Association, dealing_evidence, declaration_evidence, spoken
from patterns.finding import Evidence, ExplanationResult, Finding, Number, Outcome, Severity, finding_id
from patterns.innocence import DECLARED as DECLARED_RELATION
from patterns.innocence import FAMILY_NAME, flat_missing, not_together, widely_held
from patterns.link_score import POPULATION
from patterns.pattern import Explanation, Parameter, Pattern, Scope, Verdict, View, parameters_in_force
from patterns.people import Involvement, People, batches, text
from patterns.shared_things import Holder, SharedThing, held_things, holding_evidence, scored
from patterns.ties import DECLARED, MAX_LINKS, Ground, Neighbourhood, Path, Tie, Ties
from patterns.words import counted

_TRIED = 12
"""Paths between two people whose explanations are tested, the cheapest first."""
_SHOWN = 5
"""Paths of a finding, no go-between in two of them."""


@dataclass(frozen=True, slots=True)
class PathCandidate:
    """One path from a member of staff to a nominal, with the things on it.

    `reach` counts the people as near to one of the two ends as they are to each other, the larger number;
    `known` is the number of people to whom the go-between with most ties is tied.
    """

    path: Path
    things: tuple[Association, ...]
    dealings: tuple[Involvement, ...]
    reach: int
    known: int
    people: People
    parameters: Mapping[str, float]

    @property
    def persons(self) -> tuple[str, str]:
        return self.path.persons[0], self.path.persons[-1]

    @property
    def bits(self) -> float:
        """Return how much nearer the two are than strangers, less what the ties may be wrong."""
        return log2(POPULATION / self.reach) - sum(tie.cost for tie in self.path.ties)


def other_times(candidate: PathCandidate, view: View) -> Verdict:
    """Pass when the two of a tie did not hold their thing together for the least time: it changed hands."""
    return _first(candidate, view, not_together, "Each thing on the path was held by both at one time.")


def in_many_hands(candidate: PathCandidate, view: View) -> Verdict:
    """Pass when a thing on the path belongs to many: a solicitor's number, a hostel, a pool car."""
    return _first(candidate, view, widely_held, "Few people hold each thing on the path.")


def neighbours(candidate: PathCandidate, view: View) -> Verdict:
    """Pass when a home on the path lacks its flat number, and the building has several flats."""
    homes = replace(candidate, things=tuple(one for one in candidate.things if _home(one.shared)))
    if not homes.things:
        return Verdict(Outcome.FAILED, "No home is on the path.", {"homes": 0})
    return _first(homes, view, flat_missing, "No home on the path lacks a flat number.")


def known_to_many(candidate: PathCandidate, view: View) -> Verdict:
    """Pass when a go-between is tied to many: a garage, a landlord, a carer, whom everybody deals with."""
    limit = candidate.parameters["known_to_many"]
    numbers = {"ties": candidate.known, "limit": limit}
    sentence = f"The go-between with most ties is tied to {counted(candidate.known, 'person', 'people')}."
    return Verdict(Outcome.PASSED if candidate.known >= limit else Outcome.FAILED, sentence, numbers)


def _first(
    candidate: PathCandidate, view: View, test: Callable[[Association, View], Verdict], otherwise: str
) -> Verdict:
    """Return the verdict of the first thing that passes, else of one that cannot be judged, else failed."""
    verdicts = [(one, test(one, view)) for one in candidate.things]
    for outcome in (Outcome.PASSED, Outcome.NOT_CHECKABLE):
        for one, verdict in verdicts:
            if verdict.outcome is outcome:
                left, right = one.shared.names
                sentence = f"{left} and {right}: {verdict.sentence[0].lower()}{verdict.sentence[1:]}"
                return replace(verdict, sentence=sentence)
    return Verdict(Outcome.FAILED, otherwise, {"things": len(verdicts)})


def _home(shared: SharedThing) -> bool:
    return shared.thing.kind == "Address"


class ShortPath:
    """Ask how a member of staff is tied to a nominal or a crime group, and through whom.

    A tie is a home, phone, e-mail, account or vehicle that two people hold, or a declared relation. It is as
    sure as both sources are (less where it was held at other times), and a thing of n people ties a pair with
    the chance h / (n - 1), h being how many of its holders belong together. A path of two or three ties costs
    -log2 of these chances and log2(d - 1) for each go-between with d ties. Go-betweens are neither staff nor
    nominals: theirs are findings of their own, and a thing that staff and nominal share directly is
    `shared_home` or `shared_identifier`. No thing is walked twice, so that one home of three is one fact.

    The reach is how many people are within that cost of either end, the larger number; no path of more than
    `max_reach`. Score: log2(N / reach) less the bits of the ties, N a million. Raised from `min_bits` on when
    no innocent explanation holds. A nominal is a person who is not staff and was detained, stopped or
    suspected in an event; a crime group is an event of the kind `crime_group` with its members.

    What no record can show is whether the two know of each other: of true go-betweens staged between
    strangers, 40 of 40 were raised (hit rate 100 %). Whoever asks should begin there.
    Source: Faloutsos, McCurley & Tomkins 2004 (KDD); Koren, North & Volinsky 2006 (KDD).
    """

    id = "short_path"
    version = 1
    title = "Short path to a nominal or crime group"
    question = "Who on our books is tied to somebody we have dealt with, and through whom?"
    categories: tuple[str, ...] = ("inappropriate association",)
    data_needed: tuple[str, ...] = (
        "homes, phones, e-mail addresses, accounts and vehicles of staff and of the public, with dates",
        "people in custody, stops and crime groups",
        "declared relations",
    )
    parameters: tuple[Parameter, ...] = (
        Parameter("min_bits", 12, "bits", "least score of a path; each bit doubles the odds against chance"),
        Parameter("max_cost", 8, "bits", "dearer paths are not looked at"),
        Parameter("max_reach", 50, "people", "most people who may be as near to either end"),
        Parameter("known_to_many", 12, "people", "from this many ties on everybody deals with a go-between"),
        Parameter(
            "min_overlap", 14, "days", "least time that both hold a phone, account or vehicle together"
        ),
        Parameter("home_overlap", 60, "days", "least time that both are at a home together"),
        Parameter("home_limit", 12, "people", "from this many people at one time a home is an institution"),
        Parameter("thing_limit", 5, "people", "from this many people at one time a thing belongs to a group"),
        Parameter("max_holders", 60, "people", "things with more people over all time tie nobody"),
    )
    explanations: tuple[Explanation, ...] = (
        DECLARED_RELATION,
        Explanation("other_times", "Something on the path changed hands", other_times),
        Explanation("widely_held", "Something on the path belongs to many", in_many_hands),
        Explanation("flat_missing", "Neighbours in one building, the flat number missing", neighbours),
        Explanation("known_to_many", "The go-between deals with many people", known_to_many),
        FAMILY_NAME,
    )
    refuter = (
        "The go-between's or provider's word that one of the two never had the thing, or left it before."
    )
    writes_findings = True
    live = False

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield findings by member of staff and nominal."""
        parameters, people = parameters_in_force(self.parameters, scope), view.people
        ground = Ground(
            int(parameters["max_holders"]), parameters["max_cost"], scope.sources, scope.start, scope.end
        )
        ends = cache(lambda person: bool(_dealings(people, person)))
        ties = Ties(view.graph, ground, whole=scope.about is None)
        near = Neighbourhood(ties, people, ground, ends)
        starts = _everybody(view, ties, ground, ends) if scope.about is None else _around(near, scope.about)
        for batch in batches(starts, 200):
            near.prepare(batch)
            for staff in batch:
                for candidates in _candidates(view, near, staff, parameters, scope):
                    yield from self._findings(candidates, view)

    def _findings(self, candidates: Sequence[PathCandidate], view: View) -> Iterator[Finding]:
        """Yield the finding of two people: about the paths that nothing explains, else about the cheapest."""
        tested = [
            (one, tuple(explanation.apply(one, view) for explanation in self.explanations))
            for one in candidates
        ]
        open_ = [pair for pair in tested if all(r.outcome is not Outcome.PASSED for r in pair[1])]
        kept: list[tuple[PathCandidate, tuple[ExplanationResult, ...]]] = []
        passed: set[str] = set()
        for one, results in open_ or tested[:1]:
            if passed.isdisjoint(one.path.between) and len(kept) < _SHOWN:
                passed.update(one.path.between)
                kept.append((one, results))
        if kept:
            yield self._finding([one for one, _ in kept], kept[0][1])

    def _finding(self, kept: Sequence[PathCandidate], results: tuple[ExplanationResult, ...]) -> Finding:
        lead = kept[0]
        people = lead.people
        staff, nominal = (
            people.subject(id_, role) for id_, role in zip(lead.persons, ("staff", "nominal"), strict=True)
        )
        through = " and ".join(people.subject(person, "").name for person in lead.path.between)
        between = tuple(people.subject(person, "between") for person in lead.path.between)
        founding = [("staff", staff.founding_record), ("nominal", nominal.founding_record)]
        numbers: dict[str, Number] = {
            "bits": round(lead.bits, 2),
            "cost": round(lead.path.cost, 2),
            "reach": lead.reach,
            "links": len(lead.path.ties),
            "paths": len(kept),
            "strength": round(1 - prod(1 - 2.0**-one.path.cost for one in kept), 3),
            "ties_of_between": lead.known,
            "dealings": len(lead.dealings),
        }
        return Finding(
            id=finding_id(self.id, founding, ""),
            pattern=self.id,
            pattern_version=self.version,
            title=f"{staff.name} is tied to {nominal.name} through {through}",
            sentence=_sentence(lead),
            severity=_severity(kept),
            subjects=(staff, *between, nominal),
            place_key="",
            numbers=numbers,
            evidence=_evidence(kept),
            explanations=results,
            refuter=self.refuter,
        )


def _dealings(people: People, person: str) -> tuple[Involvement, ...]:
    """Return what makes a person one that paths lead to: dealings, or membership of a crime group."""
    if people.staff(person):
        return ()
    groups = [
        part for part in people.involvements(person) if part.kind == "crime_group" and part.role == "member"
    ]
    return (*groups, *people.dealings(person))


def _around(near: Neighbourhood, about: Collection[str]) -> Sequence[str]:
    """Return the members of staff near to one of these persons, or who are one, sorted."""
    near.prepare(about)
    found = {person for person in about if near.people.staff(person)}
    for person in sorted(set(about) - found):
        found.update(path.persons[-1] for path in near.paths(person) if near.people.staff(path.persons[-1]))
    return sorted(found)


def _everybody(view: View, ties: Ties, ground: Ground, ends: Callable[[str], bool]) -> Sequence[str]:
    """Return the members of staff who have a nominal near, through others, sorted: found in columns."""
    if ties.rows is None or ties.rows.is_empty():
        return ()
    staff = pl.Series([node.id for node in view.graph.scan("Staff")], dtype=pl.String)
    parts = [pl.DataFrame(batch).select("end") for batch in view.graph.scan_edges(["INVOLVES"])]
    parties = pl.concat([pl.DataFrame(schema={"end": pl.String}), *parts])["end"].unique()
    pairs = ties.rows.group_by("person", "other").agg(pl.col("cost").min())
    public = pairs.filter(~pl.col("person").is_in(staff.implode()))
    toll = (pl.len() - 1).clip(1).log(2).over("person")
    onward = public.with_columns(step=pl.col("cost") + toll).select("person", "step", to="other")
    walks = pairs.filter(
        pl.col("person").is_in(staff.implode()) & ~pl.col("other").is_in(staff.implode())
    ).select(pl.col("person").alias("start"), pl.col("other").alias("at"), "cost")
    reached = []
    for _ in range(MAX_LINKS - 1):
        walks = walks.join(onward, left_on="at", right_on="person").with_columns(
            cost=pl.col("cost") + pl.col("step")
        )
        walks = walks.filter((pl.col("to") != pl.col("start")) & (pl.col("cost") <= ground.max_cost + 1e-3))
        walks = walks.group_by("start", pl.col("to").alias("at")).agg(pl.col("cost").min())
        reached.append(walks.filter(pl.col("at").is_in(parties.implode())).select("start", "at"))
    near = pl.concat(reached).unique().sort("start", "at")
    view.people.load(near["at"])
    return sorted({start for start, at in near.iter_rows() if ends(at)})


def _candidates(
    view: View, near: Neighbourhood, staff: str, parameters: Mapping[str, float], scope: Scope
) -> Iterator[list[PathCandidate]]:
    """Yield the paths of a member of staff to each nominal, by nominal, the cheapest first.

    None to whom a thing that both hold is a shorter way.
    """
    most = int(parameters["max_reach"])
    walked, costs = _circle(near, staff, most)
    direct: set[str] = set()
    paths: dict[str, list[Path]] = {}
    for path in walked:
        end = path.persons[-1]
        if len(path.ties) == 1 and path.ties[0].label != DECLARED:
            direct.add(end)
        elif len(path.ties) > 1 and end not in direct and near.ends(end):
            paths.setdefault(end, []).append(path)
    near.prepare(paths)
    for end in sorted(paths):
        _, theirs = _circle(near, end, most)
        found = []
        for path in paths[end][:_TRIED]:
            reach = max(bisect_right(costs, path.cost), bisect_right(theirs, path.cost))
            things = _things(view, near, path, parameters, scope)
            if reach <= most and things is not None:
                known = max(near.ties.degree(person) for person in path.between)
                dealings = _dealings(near.people, end)
                one = PathCandidate(path, things, dealings, reach, known, near.people, parameters)
                if one.bits >= parameters["min_bits"]:
                    found.append(one)
        if found:
            yield found


def _circle(near: Neighbourhood, start: str, most: int) -> tuple[list[Path], list[float]]:
    """Return the paths from a person that reach at most `most` others, and what each of these costs, sorted.

    Where there are more, one cost more stands for all of them.
    """
    first: dict[str, float] = {}
    paths: list[Path] = []
    for path in near.paths(start):
        first.setdefault(path.persons[-1], path.cost)
        if len(first) > most:
            return [one for one in paths if one.cost < path.cost], sorted(first.values())
        paths.append(path)
    return paths, sorted(first.values())


def _things(
    view: View, near: Neighbourhood, path: Path, parameters: Mapping[str, float], scope: Scope
) -> tuple[Association, ...] | None:
    """Return the things on a path with who says who holds them; None where one has gone since."""
    ties = [tie for tie in path.ties if tie.label != DECLARED]
    nodes, held = held_things(view.graph, {tie.thing for tie in ties}, scope.sources)
    found = []
    for tie in ties:
        sides = [
            Holder(node, tuple(links))
            for person in (tie.person, tie.other)
            if (node := near.people.node(person)) and (links := held.get((person, tie.thing)))
        ]
        if len(sides) < 2:
            return None
        shared = SharedThing(nodes[tie.thing], sides[0], sides[1], scored(tie.row), tie.row["holders"])
        home = _home(shared)
        limits = {
            "min_overlap": parameters["home_overlap" if home else "min_overlap"],
            "widely_held": parameters["home_limit" if home else "thing_limit"],
        }
        found.append(Association(shared, (), near.people, limits))
    return tuple(found)


def _severity(kept: Sequence[PathCandidate]) -> Severity:
    """A review where two paths hold; a look at one through one go-between, a note through two."""
    if len(kept) > 1:
        return Severity.REVIEW
    return Severity.LOOK if len(kept[0].path.ties) == 2 else Severity.NOTE


def _sentence(lead: PathCandidate) -> str:
    people = lead.people
    name = {person: people.subject(person, "").name for person in lead.path.persons}
    staff, nominal = (name[person] for person in lead.persons)
    last = lead.dealings[-1]
    when = text(last.event, "valid_from")[:10]
    what = f"{spoken(last.role)} {'of' if last.kind == 'crime_group' else 'in'} {spoken(last.kind)}"
    steps = [f"{name[tie.person]} and {name[tie.other]} {_touch(tie, people)}" for tie in lead.path.ties]
    through = " and ".join(name[person] for person in lead.path.between)
    return (
        f"{staff}, a member of staff, is tied to {nominal} ({what}{f' on {when}' if when else ''}) through "
        f"{through}: {'; '.join(steps)}. {counted(lead.reach, 'person is', 'people are')} as near to one of "
        "them. No record shows whether they know of each other (of 40 such paths staged between strangers, "
        "40 were raised): it is worth a look."
    )


def _touch(tie: Tie, people: People) -> str:
    if tie.label != DECLARED:
        return TOUCH[tie.label]
    link = next(one for one in people.declarations(tie.person, tie.other) if one.id == tie.thing)
    return f"declared {spoken(text(link, 'relation')) or 'a relation'}"


def _evidence(kept: Sequence[PathCandidate]) -> tuple[Evidence, ...]:
    """Return the records of the first path, which make the finding, those of the others, and dealings."""
    rows: dict[Evidence, None] = {}
    for place, one in enumerate(kept):
        said = [row for thing in one.things for row in holding_evidence(thing.shared)]
        for tie in one.path.ties:
            if tie.label == DECLARED:
                links = one.people.declarations(tie.person, tie.other)
                said += [row for link in links if link.id == tie.thing for row in declaration_evidence(link)]
        for row in said:
            if row not in rows:
                rows[row if place == 0 else replace(row, weight="supports")] = None
    return (*rows, *dealing_evidence(kept[0].persons[1], kept[0].dealings))


PATTERN: Pattern = ShortPath()
