"""A member of staff who looked up the other people of a complaint against themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from patterns.cases import ACCUSED, DECIDERS, PARTIES, Case, complaints
from patterns.finding import Evidence, Finding, Outcome, Severity, finding_id
from patterns.lookups import COMMON_CASE, TASK_NUMBER, Lookup, Lookups, lookup_evidence
from patterns.pattern import Explanation, Parameter, Pattern, Scope, Verdict, View, parameters_in_force
from patterns.people import People, text


@dataclass(frozen=True, slots=True)
class OwnCaseLookups(Lookups):
    """A candidate: the look-ups of one other person while the user was accused in these complaints."""

    cases: tuple[Case, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        """Return what the subject is in these complaints, each role once, sorted."""
        return tuple(sorted({role for case in self.cases for role in case.roles_of(self.subject)}))


def namesake(candidate: OwnCaseLookups, view: View) -> Verdict:
    """Hint that somebody else of the same name may have been looked for."""
    node = candidate.people.node(candidate.subject)
    name = text(node, "display_name") if node is not None else ""
    others = [
        other
        for other in view.graph.search(name, {"Person"}, 50)
        if other.id != candidate.subject and text(other, "display_name").casefold() == name.casefold()
    ]
    if others:
        return Verdict(
            Outcome.NOT_CHECKABLE,
            f"{len(others)} more of this name are known: was one of them looked for?",
            {"namesakes": len(others)},
        )
    return Verdict(Outcome.FAILED, "Nobody else of this name is known.", {"namesakes": 0})


class OwnCase:
    """Ask why somebody under complaint opened the record of the complainant, a witness or the investigator.

    Raised when a user opened the record of another person of a complaint in which the user is accused, from
    `before` days before it was made until `after` days after it was closed, with no task number and no other
    case that both were part of. An open complaint has no end. Deterministic: one such look-up is enough.
    Explanations that the data cannot show (a served notice, disclosure work done without a number) are for
    whoever asks.
    """

    id = "own_case"
    version = 1
    title = "Look-up in one's own case"
    question = "Who looks up the people of a complaint against themselves?"
    categories: tuple[str, ...] = ("misusing force systems", "perverting justice")
    data_needed: tuple[str, ...] = (
        "access logs with user, person looked at and task number",
        "complaints with accused, complainants, witnesses, investigators and dates",
    )
    parameters: tuple[Parameter, ...] = (
        Parameter("before", 7, "days", "how long before the complaint a look-up counts"),
        Parameter("after", 365, "days", "how long after its close a look-up counts"),
        Parameter("window", 14, "days", "how near a common case must be to explain a look-up"),
    )
    explanations: tuple[Explanation, ...] = (
        TASK_NUMBER,
        COMMON_CASE,
        Explanation("namesake", "Somebody of the same name was looked for", namesake, hint=True),
    )
    refuter = (
        "A served notice, a disclosure task or a supervisor's note that asked the user to open this record."
    )
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
        cases = _cases(view, people, scope)
        pairs = pl.DataFrame(sorted(cases), schema={"user": pl.String, "subject": pl.String}, orient="row")
        theirs = rows.join(pairs, on=["user", "subject"], how="semi")
        theirs = theirs.sort("user", "subject", "at", "source", "event_id")
        for (user, subject), group in theirs.group_by(["user", "subject"], maintain_order=True):
            pair = str(user), str(subject)
            logged = group.select("source", "event_id", "at", "reference").iter_rows()
            lookups = [Lookup(*row) for row in logged]
            near = {one: [case for case in cases[pair] if _open(case, one, parameters)] for one in lookups}
            kept = tuple(lookup for lookup in lookups if near[lookup])
            if kept and people.node(pair[0]) is not None and people.node(pair[1]) is not None:
                found = {case.event.id: case for lookup in kept for case in near[lookup]}
                ordered = tuple(sorted(found.values(), key=lambda case: (case.day, case.event.id)))
                yield self._finding(OwnCaseLookups(*pair, kept, people, parameters, ordered), view)

    def _finding(self, candidate: OwnCaseLookups, view: View) -> Finding:
        people = candidate.people
        user, subject = people.subject(candidate.user, "user"), people.subject(candidate.subject, "subject")
        role = " and ".join(role.replace("_", " ") for role in candidate.roles)
        count, missing = len(candidate.lookups), len(candidate.unexplained)
        times = "once" if count == 1 else f"{count} times"
        return Finding(
            id=finding_id(
                self.id, [("user", user.founding_record), ("subject", subject.founding_record)], ""
            ),
            pattern=self.id,
            pattern_version=self.version,
            title=f"{user.name} looked up {subject.name}, {role} in a complaint against them",
            sentence=(
                f"{user.name} opened the record of {subject.name} {times} while a complaint named "
                f"{user.name} as accused and {subject.name} as {role}; {missing} of them without a task or "
                "other case. It is worth a look what the look-ups were for."
            ),
            severity=Severity.REVIEW if PARTIES & set(candidate.roles) else Severity.LOOK,
            subjects=(user, subject),
            place_key="",
            numbers={
                "lookups": count,
                "without_number": len(candidate.without_reference),
                "unexplained": missing,
                "complaints": len(candidate.cases),
                "first": candidate.lookups[0].at.date().isoformat(),
                "last": candidate.lookups[-1].at.date().isoformat(),
            },
            evidence=(*lookup_evidence(candidate, user.name, subject.name), *_case_evidence(candidate)),
            explanations=tuple(explanation.apply(candidate, view) for explanation in self.explanations),
            refuter=self.refuter,
        )


def _cases(view: View, people: People, scope: Scope) -> Mapping[tuple[str, str], list[Case]]:
    """Return the complaints of each accused and other person of the same complaint, by the pair."""
    found: dict[tuple[str, str], list[Case]] = {}
    for case in complaints(view, people, scope):
        accused = case.having({ACCUSED})
        for user in accused:
            for subject in case.having(PARTIES | DECIDERS):
                if subject not in accused:
                    found.setdefault((user, subject), []).append(case)
    return found


def _open(case: Case, lookup: Lookup, parameters: Mapping[str, float]) -> bool:
    """Return whether a look-up falls into the time of a case; one without a date is always open."""
    day = lookup.at.date().toordinal()
    return case.span.earliest - parameters["before"] <= day <= case.span.latest + parameters["after"]


def _case_evidence(candidate: OwnCaseLookups) -> tuple[Evidence, ...]:
    rows = []
    for case in candidate.cases:
        role = " and ".join(role.replace("_", " ") for role in case.roles_of(candidate.subject))
        rows.append(case.evidence(f"Complaint that names one as accused, the other as {role}."))
    return tuple(rows)


PATTERN: Pattern = OwnCase()
