"""An undeclared association: a member of staff who shares a thing with a nominal, or with a colleague."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from graph_schema.relationships import Link
from patterns.finding import Evidence, ExplanationResult, Finding, Number, Severity, finding_id
from patterns.interval import iso
from patterns.pattern import Pattern, Scope, View, parameters_in_force
from patterns.people import Involvement, People, text, texts
from patterns.shared_things import Search, SharedThing, holding_evidence, shared_things

DEALINGS_SHOWN = 5
"""How many of a nominal's latest dealings are shown as evidence."""

TOUCH = {
    "Account": "have one account",
    "Address": "are recorded at one home",
    "Email": "have one e-mail address",
    "Phone": "have one phone number",
    "Vehicle": "have one vehicle",
}
"""What two people who share a thing of a kind do, in words."""


@dataclass(frozen=True, slots=True)
class Association:
    """A candidate: two people at one thing; `dealings` make the second a nominal, empty for a colleague."""

    shared: SharedThing
    dealings: tuple[Involvement, ...]
    people: People
    parameters: Mapping[str, float]

    @property
    def persons(self) -> tuple[str, str]:
        return self.shared.persons


@dataclass(frozen=True, slots=True)
class Wording:
    """How a pattern names the thing: `headline` ends "X and Y …", `record` ends "both are recorded …"."""

    headline: Mapping[str, str]
    record: Mapping[str, str]


def associations(
    pattern: Pattern, wording: Wording, view: View, scope: Scope, *, nominals: bool = True
) -> Iterator[Finding]:
    """Yield a finding for each pair of two staff, or of staff and nominal, by thing and then by person.

    Kinds of thing are those of the wording; without `nominals`, pairs of two staff only. A pair whose link is
    worth fewer than `min_bits` is left out, unless an innocent explanation holds.
    """
    parameters = parameters_in_force(pattern.parameters, scope)
    people = view.people
    search = Search(
        labels=tuple(wording.headline),
        about=scope.about,
        max_holders=int(parameters["max_holders"]),
        sources=scope.sources,
        start=scope.start,
        end=scope.end,
    )
    for shared in shared_things(view.graph, people, search):
        dealings = tuple(people.dealings(shared.persons[1])) if nominals else ()
        if not (dealings or people.staff(shared.persons[1])):
            continue
        candidate = Association(shared, dealings, people, parameters)
        results = tuple(explanation.apply(candidate, view) for explanation in pattern.explanations)
        finding = association_finding(pattern, wording, candidate, results)
        if finding.explained or shared.score.bits >= parameters["min_bits"]:
            yield finding


def association_finding(
    pattern: Pattern, wording: Wording, candidate: Association, results: tuple[ExplanationResult, ...]
) -> Finding:
    """Return the finding about one candidate, with its explanations as tested."""
    shared, people = candidate.shared, candidate.people
    left = people.subject(shared.persons[0], "staff")
    right = people.subject(shared.persons[1], "nominal" if candidate.dealings else "staff")
    numbers: dict[str, Number] = {**shared.numbers, "dealings": len(candidate.dealings)}
    return Finding(
        id=finding_id(
            pattern.id, [("person", left.founding_record), ("person", right.founding_record)], shared.thing.id
        ),
        pattern=pattern.id,
        pattern_version=pattern.version,
        title=f"{left.name} and {right.name} {wording.headline[shared.thing.kind]}",
        sentence=_sentence(wording, candidate),
        severity=_severity(candidate),
        subjects=(left, right),
        place_key=shared.thing.id,
        numbers=numbers,
        evidence=(*holding_evidence(shared), *dealing_evidence(shared.persons[1], candidate.dealings)),
        explanations=results,
        refuter=pattern.refuter,
    )


def _sentence(wording: Wording, candidate: Association) -> str:
    shared = candidate.shared
    staff, other = shared.names
    if candidate.dealings:
        last = candidate.dealings[-1]
        when = text(last.event, "valid_from")[:10]
        who = f"{staff}, a member of staff, and {other} ({spoken(last.role)}{f' on {when}' if when else ''})"
    else:
        who = f"{staff} and {other}, both members of staff,"
    place = f"{wording.record[shared.thing.kind]} {text(shared.thing, 'display_name')}"
    ask = "It is worth a look whether they know each other."
    return f"{who} are both recorded {place}{_together(shared)}. {ask}"


def _together(shared: SharedThing) -> str:
    window = shared.score.overlap
    if window.gap > 0:
        return f", {int(window.gap)} days apart"
    if window.days is None:
        return ", one of them without dates"
    if window.days == inf:
        return f", together since {iso(window.start)}"
    return f", together from {iso(window.start)} to {iso(window.end)}"


def _severity(candidate: Association) -> Severity:
    """A colleague is a note, a nominal a look; a review where the overlap is dated and two sources say so."""
    if not candidate.dealings:
        return Severity.NOTE
    window = candidate.shared.score.overlap
    dated = window.days is not None and window.days >= candidate.parameters["min_overlap"]
    return Severity.REVIEW if dated and len(candidate.shared.right.origins) > 1 else Severity.LOOK


def dealing_evidence(person: str, dealings: Sequence[Involvement]) -> tuple[Evidence, ...]:
    """Return the latest dealings with a nominal as evidence."""
    return tuple(
        Evidence(
            origin="event",
            source=text(part.event, "source"),
            source_id=text(part.event, "event_id"),
            sentence=f"{spoken(part.kind).capitalize()}: {spoken(part.role)}.",
            weight="supports",
            valid_from=text(part.event, "valid_from") or None,
            valid_to=text(part.event, "valid_to") or None,
            entity_id=person,
            link_id=part.link.id,
            node_id=part.event.id,
        )
        for part in dealings[-DEALINGS_SHOWN:]
    )


def declaration_evidence(link: Link) -> tuple[Evidence, ...]:
    """Return a row for each entry of the register that declares a relation."""
    relation = spoken(text(link, "relation")) or "a relation"
    return tuple(
        Evidence(
            origin="event",
            source=key.split("|", 1)[0],
            source_id=key.split("|", 1)[1],
            sentence=f"Declared: {relation}.",
            valid_from=text(link, "valid_from") or None,
            entity_id=link.start,
            link_id=link.id,
        )
        for key in texts(link, "sources")
    )


def spoken(word: str) -> str:
    """Return an identifier as words."""
    return word.replace("_", " ")
