"""A user who looked up somebody they are linked to, or themselves, without a task that explains it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from graph_schema.relationships import Link
from patterns.association import TOUCH, Association, declaration_evidence, spoken
from patterns.finding import Evidence, Finding, Number, Outcome, Severity, finding_id
from patterns.innocence import flat_missing, not_together, widely_held
from patterns.lookups import COMMON_CASE, TASK_NUMBER, Lookup, Lookups, lookup_evidence
from patterns.pattern import Explanation, Parameter, Pattern, Scope, Verdict, View, parameters_in_force
from patterns.people import People, text
from patterns.shared_things import Search, SharedThing, holding_evidence, shared_things
from patterns.words import counted

LABELS = ("Account", "Address", "Email", "Phone", "Vehicle")


@dataclass(frozen=True, slots=True)
class LinkedLookups(Lookups):
    """A candidate: every look-up of one subject by one user, and what links the two."""

    things: tuple[SharedThing, ...]

    @property
    def declarations(self) -> tuple[Link, ...]:
        return () if self.user == self.subject else tuple(self.people.declarations(*self.persons))


def weak_link(candidate: LinkedLookups, view: View) -> Verdict:
    """Pass when only a thing held at other times, by many, or without its flat number links the two."""
    if candidate.user == candidate.subject:
        return Verdict(Outcome.FAILED, "It is the user's own record.", {"own_record": 1})
    declared = len(candidate.declarations)
    firm = sum(1 for thing in candidate.things if _firm(thing, candidate, view))
    numbers = {"things": len(candidate.things), "firm_things": firm, "declarations": declared}
    if firm or declared:
        return Verdict(
            Outcome.FAILED,
            f"{counted(firm, 'shared thing')} and {counted(declared, 'declaration')} link the two.",
            numbers,
        )
    return Verdict(
        Outcome.PASSED,
        "What they share was held at other times, by many people, or lacks a flat number.",
        numbers,
    )


def _firm(thing: SharedThing, candidate: LinkedLookups, view: View) -> bool:
    limit = candidate.parameters["home_limit" if thing.thing.kind == "Address" else "thing_limit"]
    limits = {"min_overlap": candidate.parameters["min_overlap"], "widely_held": limit}
    association = Association(thing, (), candidate.people, limits)
    if thing.score.bits < candidate.parameters["min_bits"]:
        return False
    return all(
        test(association, view).outcome is not Outcome.PASSED
        for test in (not_together, widely_held, flat_missing)
    )


class LinkedLookup:
    """Ask what a user's look-ups of a partner, housemate, relative or of themselves were for.

    Raised when a user opened the record of a person within two links (a shared home, phone, e-mail, account
    or vehicle, or a declared relation), or their own, with no task number and no case near in time that both
    were part of. A declared relation is a link here and no excuse: who declared a partner may still not look
    the partner up.
    Source: Fabbri & LeFevre 2011, arXiv:1109.6880: explanations cover most accesses, so they are tried first.
    """

    id = "linked_lookup"
    version = 1
    title = "Look-up on a linked person"
    question = "Who has been looking up their own people?"
    categories: tuple[str, ...] = ("misusing force systems",)
    data_needed: tuple[str, ...] = (
        "access logs with user, person looked at and task number",
        "homes, phones, accounts and vehicles with dates",
        "declared relations",
        "cases with the officers in them",
    )
    parameters: tuple[Parameter, ...] = (
        Parameter("min_bits", 10, "bits", "least score of a link; each bit doubles the odds against chance"),
        Parameter("window", 14, "days", "how near a common case must be to explain a look-up"),
        Parameter("min_overlap", 14, "days", "least time that both hold a thing together"),
        Parameter("home_limit", 12, "people", "from this many people at one time a home is an institution"),
        Parameter("thing_limit", 5, "people", "from this many people at one time a thing belongs to a group"),
        Parameter("max_holders", 60, "people", "things with more people over all time link nobody"),
    )
    explanations: tuple[Explanation, ...] = (
        TASK_NUMBER,
        COMMON_CASE,
        Explanation("weak_link", "They are not really linked", weak_link),
    )
    refuter = "A task, briefing or supervisor's note that asked the user for these look-ups."
    writes_findings = True
    live = True

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield findings by user and subject."""
        parameters = parameters_in_force(self.parameters, scope)
        rows = view.frames.lookups(scope.about, start=scope.start, end=scope.end)
        if scope.sources is not None:
            rows = rows.filter(pl.col("source").is_in(sorted(scope.sources)))
        if rows.is_empty():
            return
        people = view.people
        linked = _linked(view, people, scope, rows, parameters)
        for (user, subject), lookups in _by_pair(rows, linked):
            things = tuple(linked.get((user, subject), ()))
            candidate = LinkedLookups(user, subject, lookups, people, parameters, things)
            if people.node(user) is not None and people.node(subject) is not None:
                yield self._finding(candidate, view)

    def _finding(self, candidate: LinkedLookups, view: View) -> Finding:
        people = candidate.people
        user, subject = people.subject(candidate.user, "user"), people.subject(candidate.subject, "subject")
        return Finding(
            id=finding_id(
                self.id, [("user", user.founding_record), ("subject", subject.founding_record)], ""
            ),
            pattern=self.id,
            pattern_version=self.version,
            title=_title(candidate, user.name, subject.name),
            sentence=_sentence(candidate, user.name, subject.name),
            severity=_severity(candidate),
            subjects=(user, subject),
            place_key="",
            numbers=_numbers(candidate),
            evidence=_evidence(candidate, user.name, subject.name),
            explanations=tuple(explanation.apply(candidate, view) for explanation in self.explanations),
            refuter=self.refuter,
        )


def _linked(
    view: View, people: People, scope: Scope, rows: pl.DataFrame, parameters: Mapping[str, float]
) -> dict[tuple[str, str], list[SharedThing]]:
    """Return the things each pair shares, both ways round; a pair that only declared itself has none."""
    linked: dict[tuple[str, str], list[SharedThing]] = {}
    search = Search(labels=LABELS, about=scope.about, max_holders=int(parameters["max_holders"]))
    for thing in shared_things(view.graph, people, search):
        left, right = thing.persons
        linked.setdefault((left, right), []).append(thing)
        linked.setdefault((right, left), []).append(thing)
    seeds = rows["user"].unique().to_list() if scope.about is None else scope.about
    people.load(seeds)
    for person in sorted(seeds):
        for other in people.declared(person):
            linked.setdefault((person, other), [])
            linked.setdefault((other, person), [])
    return linked


def _by_pair(
    rows: pl.DataFrame, linked: Mapping[tuple[str, str], object]
) -> Iterator[tuple[tuple[str, str], tuple[Lookup, ...]]]:
    """Yield the look-ups of each linked pair and of each user by themselves, by user and subject."""
    pairs = pl.DataFrame(sorted(linked), schema={"user": pl.String, "subject": pl.String}, orient="row")
    own = rows.filter(pl.col("user") == pl.col("subject"))
    wanted = pl.concat([own, rows.join(pairs, on=["user", "subject"], how="semi")]).unique()
    wanted = wanted.sort("user", "subject", "at", "source", "event_id")
    for (user, subject), group in wanted.group_by(["user", "subject"], maintain_order=True):
        found = group.select("source", "event_id", "at", "reference").iter_rows()
        yield (str(user), str(subject)), tuple(Lookup(*row) for row in found)


def _numbers(candidate: LinkedLookups) -> dict[str, Number]:
    return {
        "lookups": len(candidate.lookups),
        "without_number": len(candidate.without_reference),
        "unexplained": len(candidate.unexplained),
        "shared_things": len(candidate.things),
        "declarations": len(candidate.declarations),
        "own_record": int(candidate.user == candidate.subject),
        "bits": round(max((thing.score.bits for thing in candidate.things), default=0.0), 2),
        "first": candidate.lookups[0].at.date().isoformat(),
        "last": candidate.lookups[-1].at.date().isoformat(),
    }


def _severity(candidate: LinkedLookups) -> Severity:
    """A look; a review from three unexplained look-ups, or where the subject is a nominal."""
    if len(candidate.unexplained) >= 3 or candidate.people.dealings(candidate.subject):
        return Severity.REVIEW
    return Severity.LOOK


def _title(candidate: LinkedLookups, user: str, subject: str) -> str:
    if candidate.user == candidate.subject:
        return f"{user} looked up their own record"
    return f"{user} looked up {subject}, to whom they are linked"


def _sentence(candidate: LinkedLookups, user: str, subject: str) -> str:
    count, missing = len(candidate.lookups), len(candidate.unexplained)
    whose = "their own record" if candidate.user == candidate.subject else f"the record of {subject}"
    times = "once" if count == 1 else f"{count} times"
    first, last = candidate.lookups[0].at.date(), candidate.lookups[-1].at.date()
    when = f"on {first}" if first == last else f"between {first} and {last}"
    return (
        f"{user} opened {whose} {times} {when}, {missing} of them without a task or common case. "
        f"{_link_sentence(candidate)}It is worth a look what the look-ups were for."
    )


def _link_sentence(candidate: LinkedLookups) -> str:
    if candidate.user == candidate.subject:
        return ""
    reasons = [TOUCH[kind] for kind in sorted({thing.thing.kind for thing in candidate.things})]
    if candidate.declarations:
        reasons.append(f"declared {spoken(text(candidate.declarations[0], 'relation')) or 'a relation'}")
    return f"The two {' and '.join(reasons)}. "


def _evidence(candidate: LinkedLookups, user: str, subject: str) -> tuple[Evidence, ...]:
    """Return the look-ups (those that nothing explains make the finding) and the links as support."""
    rows = list(lookup_evidence(candidate, user, subject))
    for thing in candidate.things:
        rows += [replace(row, weight="supports") for row in holding_evidence(thing)]
    for link in candidate.declarations:
        rows += [replace(row, weight="supports") for row in declaration_evidence(link)]
    return tuple(rows)


PATTERN: Pattern = LinkedLookup()
