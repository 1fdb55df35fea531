"""Somebody who looks into a complaint, or decides on it, and is not independent of the accused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from graph_schema.nodes import Node
from graph_schema.relationships import Link
from patterns.cases import ACCUSED, DECIDERS, Case, complaints
from patterns.finding import Evidence, Finding, Outcome, Severity, finding_id
from patterns.interval import Interval
from patterns.pattern import Explanation, Parameter, Pattern, Scope, Verdict, View, parameters_in_force
from patterns.people import People, text, texts
from patterns.shared_things import Search, SharedThing, holding_evidence, shared_things

LABELS = ("Account", "Address", "Email", "Phone", "Vehicle")


@dataclass(frozen=True, slots=True)
class Tie:
    """A candidate: who decides on whom, in which complaints, and everything that ties the two."""

    decider: str
    accused: str
    cases: tuple[Case, ...]
    things: tuple[SharedThing, ...]
    declarations: tuple[Link, ...]
    earlier: tuple[Case, ...]
    people: People
    parameters: Mapping[str, float]

    @property
    def persons(self) -> tuple[str, str]:
        return self.decider, self.accused

    @property
    def personal(self) -> bool:
        """Return whether more than a unit ties the two."""
        return bool(self.things or self.declarations or self.earlier)

    @property
    def units(self) -> Mapping[str, tuple[Node, float]]:
        """Return units both worked in, with the days from their last common day to the first complaint.

        0 = they still did, infinite = never at one time; by unit id.
        """
        first = self.cases[0].span.earliest
        spells = [self.people.workplaces(person) for person in self.persons]
        found: dict[str, tuple[Node, float]] = {}
        for unit, mine in spells[0]:
            for other, theirs in spells[1]:
                if unit.id == other.id:
                    ago = _ago(mine, theirs, first)
                    found[unit.id] = (unit, min(ago, found.get(unit.id, (unit, ago))[1]))
        return found


def _ago(mine: Interval, theirs: Interval, first: float) -> float:
    """Return the days from the last common day to the first complaint; infinite = no common day before it."""
    start, end = max(mine.earliest, theirs.earliest), min(mine.latest, theirs.latest)
    if start >= end or start > first > -inf:
        return inf
    return max(0.0, first - end)


def long_ago(candidate: Tie, view: View) -> Verdict:
    """Pass when only a unit ties them and they last served in it together more than `recent` days before.

    Beside a small unit, one of `large` people or more does not count: it ties nobody.
    """
    if not candidate.units:
        return Verdict(Outcome.FAILED, "It is no common unit that ties them.", {"common_units": 0})
    small = [ago for unit, ago in candidate.units.values() if _size(unit) < candidate.parameters["large"]]
    last = min(small or [ago for _, ago in candidate.units.values()])
    numbers = {
        "common_units": len(candidate.units),
        "days_before": None if last == inf else int(last),
    }
    if candidate.personal:
        return Verdict(Outcome.FAILED, "More than a common unit ties them.", numbers)
    if last == inf:
        return Verdict(Outcome.PASSED, "They never served in one unit at one time before.", numbers)
    if last > candidate.parameters["recent"]:
        return Verdict(Outcome.PASSED, f"They last served together {int(last)} days before.", numbers)
    return Verdict(Outcome.FAILED, f"They served together until {int(last)} days before.", numbers)


def large_unit(candidate: Tie, view: View) -> Verdict:
    """Pass when only units tie them that `large` people or more work or worked in: a station, not a team."""
    sizes = [_size(unit) for unit, _ in candidate.units.values()]
    if not sizes:
        return Verdict(Outcome.FAILED, "It is no common unit that ties them.", {"common_units": 0})
    limit = int(candidate.parameters["large"])
    smallest = min([*sizes, limit])  # beyond the limit the number says no more
    numbers = {"smallest_unit": smallest, "limit": limit}
    if smallest >= limit and not candidate.personal:
        return Verdict(Outcome.PASSED, f"Their smallest common unit has {limit} people or more.", numbers)
    return Verdict(Outcome.FAILED, f"Their smallest common unit has {smallest} people.", numbers)


def taken_over(candidate: Tie, view: View) -> Verdict:
    """Hint that somebody else has a deciding role in each complaint, who may have taken it over."""
    others = [set(case.having(DECIDERS)) - {candidate.decider} for case in candidate.cases]
    numbers = {"complaints": len(others), "with_another": sum(1 for one in others if one)}
    if all(others):
        return Verdict(
            Outcome.NOT_CHECKABLE, "Somebody else also decides on it: did they take it over?", numbers
        )
    return Verdict(Outcome.FAILED, "Nobody else is named to decide on it.", numbers)


def _size(unit: Node) -> int:
    count = unit.properties.get("holder_count", 0)
    return count if isinstance(count, int) else 0


class Independence:
    """Ask whether whoever looks into a complaint, or decides on it, should be dealing with it.

    Raised when an investigator, authority, decision-maker or panel member of a complaint and an accused are
    tied: one unit at one time within `recent` days before it, a shared home, phone, e-mail, account or
    vehicle worth `min_bits`, a declared relation, or an earlier complaint that accused both. A declaration
    shows the tie and does not remove it. Deterministic, at the allocation.
    """

    id = "independence"
    version = 1
    title = "Decider not independent"
    question = "Should this person be dealing with this complaint?"
    categories: tuple[str, ...] = ("perverting justice",)
    data_needed: tuple[str, ...] = (
        "complaints with accused, investigators and deciders",
        "unit history",
        "homes, phones, accounts and vehicles with dates",
        "declared relations",
    )
    parameters: tuple[Parameter, ...] = (
        Parameter("recent", 1095, "days", "how long a common unit ties two people after they left it"),
        Parameter("large", 60, "people", "units of so many people or more tie nobody"),
        Parameter("min_bits", 10, "bits", "least score of a shared thing, in doublings of the odds"),
        Parameter("max_holders", 60, "people", "things with more people over all time tie nobody"),
    )
    explanations: tuple[Explanation, ...] = (
        Explanation("long_ago", "They served together long ago, or never at one time", long_ago),
        Explanation("large_unit", "A unit so large that it ties nobody", large_unit),
        Explanation("taken_over", "Somebody else has taken it over", taken_over, hint=True),
    )
    refuter = "The record of the allocation that names the tie and why it does not matter, or who took over."
    writes_findings = True
    live = True

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield findings by decider and accused."""
        parameters = parameters_in_force(self.parameters, scope)
        people = view.people
        cases = _allocations(view, people, scope)
        if not cases:
            return
        persons = {person for pair in cases for person in pair}
        people.load(persons)
        things = _things(view, people, persons, parameters)
        accused_of = _accused(view, people, persons)
        for pair in sorted(cases):
            ordered = tuple(sorted(cases[pair], key=lambda case: (case.day, case.event.id)))
            candidate = Tie(
                *pair,
                ordered,
                tuple(things.get(frozenset(pair), ())),
                tuple(people.declarations(*pair)),
                _earlier(accused_of, pair, ordered[0]),
                people,
                parameters,
            )
            if candidate.personal or candidate.units:
                yield self._finding(candidate, view)

    def _finding(self, candidate: Tie, view: View) -> Finding:
        people = candidate.people
        decider = people.subject(candidate.decider, "decider")
        accused = people.subject(candidate.accused, "accused")
        ties = _ties(candidate)
        return Finding(
            id=finding_id(
                self.id, [("decider", decider.founding_record), ("accused", accused.founding_record)], ""
            ),
            pattern=self.id,
            pattern_version=self.version,
            title=f"{decider.name} decides on a complaint against {accused.name}, to whom they are tied",
            sentence=(
                f"{decider.name} looks into or decides on {_spell(len(candidate.cases))} against "
                f"{accused.name}. The two {' and '.join(ties)}. Should somebody else deal with it?"
            ),
            severity=Severity.REVIEW if candidate.personal else Severity.LOOK,
            subjects=(decider, accused),
            place_key="",
            numbers={
                "complaints": len(candidate.cases),
                "shared_things": len(candidate.things),
                "declarations": len(candidate.declarations),
                "earlier_complaints": len(candidate.earlier),
                "common_units": len(candidate.units),
            },
            evidence=_evidence(candidate),
            explanations=tuple(explanation.apply(candidate, view) for explanation in self.explanations),
            refuter=self.refuter,
        )


def _allocations(view: View, people: People, scope: Scope) -> dict[tuple[str, str], list[Case]]:
    """Return the complaints of each decider and accused."""
    found: dict[tuple[str, str], list[Case]] = {}
    for case in complaints(view, people, scope):
        for decider in case.having(DECIDERS):
            for accused in case.having({ACCUSED}):
                if decider != accused and scope.concerns(decider, accused):
                    found.setdefault((decider, accused), []).append(case)
    return found


def _things(
    view: View, people: People, persons: set[str], parameters: Mapping[str, float]
) -> dict[frozenset[str], list[SharedThing]]:
    search = Search(labels=LABELS, about=persons, max_holders=int(parameters["max_holders"]))
    found: dict[frozenset[str], list[SharedThing]] = {}
    for thing in shared_things(view.graph, people, search):
        if thing.score.bits >= parameters["min_bits"] and not thing.score.overlap.apart:
            found.setdefault(frozenset(thing.persons), []).append(thing)
    return found


def _accused(view: View, people: People, persons: set[str]) -> Mapping[str, Sequence[Case]]:
    """Return the complaints that accuse each of these persons."""
    found: dict[str, list[Case]] = {}
    for case in complaints(view, people, Scope(about=frozenset(persons))):
        for person in case.having({ACCUSED}):
            found.setdefault(person, []).append(case)
    return found


def _earlier(
    accused_of: Mapping[str, Sequence[Case]], pair: tuple[str, str], first: Case
) -> tuple[Case, ...]:
    """Return the complaints before the first one that accused both, by date."""
    left, right = (accused_of.get(person, ()) for person in pair)
    both = {case.event.id for case in right}
    found = [case for case in left if case.event.id in both and case.day < first.day]
    return tuple(sorted(found, key=lambda case: (case.day, case.event.id)))


def _ties(candidate: Tie) -> list[str]:
    said = [f"share {text(thing.thing, 'display_name')}" for thing in candidate.things]
    declared = [_spoken([text(link, "relation")]) or "a relation" for link in candidate.declarations]
    said += [f"declared {relation}" for relation in declared]
    if candidate.earlier:
        said.append(f"were accused together in {_spell(len(candidate.earlier))} before")
    units = sorted(text(unit, "display_name") for unit, _ in candidate.units.values())
    if units:
        said.append(f"both served in {', '.join(units)}")
    return said


def _spoken(words: Sequence[str]) -> str:
    return " and ".join(words).replace("_", " ")


def _spell(count: int) -> str:
    return "a complaint" if count == 1 else f"{count} complaints"


def _evidence(candidate: Tie) -> tuple[Evidence, ...]:
    rows = [
        case.evidence(
            f"Complaint in which the one is {_spoken(case.roles_of(candidate.decider))}, the other accused."
        )
        for case in candidate.cases
    ]
    for thing in candidate.things:
        rows += list(holding_evidence(thing))
    rows += [case.evidence("An earlier complaint accused both.") for case in candidate.earlier]
    for link in candidate.declarations:
        sentence = f"Declared: {_spoken([text(link, 'relation')]) or 'a relation'}."
        rows += [_stated(link, "event", key, sentence) for key in texts(link, "sources")]
    return (*rows, *_unit_evidence(candidate))


def _unit_evidence(candidate: Tie) -> Sequence[Evidence]:
    """Return what says that each worked in a common unit: records, and assignments."""
    rows = []
    for person in candidate.persons:
        for unit, link in candidate.people.employments(person):
            if unit.id in candidate.units:
                origin = "event" if link.type == "INVOLVES" else "record"
                sentence = f"Worked in {text(unit, 'display_name')}."
                rows += [
                    replace(_stated(link, origin, key, sentence), entity_id=person, node_id=unit.id)
                    for key in texts(link, "sources")
                ]
    return rows


def _stated(link: Link, origin: str, key: str, sentence: str) -> Evidence:
    source, source_id = key.split("|", 1)
    return Evidence(
        origin=origin,
        source=source,
        source_id=source_id,
        sentence=sentence,
        weight="supports",
        valid_from=text(link, "valid_from") or None,
        valid_to=text(link, "valid_to") or None,
        entity_id=link.start if origin == "event" else None,
        link_id=link.id,
    )


PATTERN: Pattern = Independence()
