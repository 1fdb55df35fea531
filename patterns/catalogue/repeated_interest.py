"""A user who keeps going back to the record of one victim or other vulnerable person."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from scipy.stats import poisson

from patterns.finding import Evidence, Finding, Outcome, Severity, finding_id
from patterns.lookups import Lookup, Lookups, lookup_evidence
from patterns.pattern import Explanation, Parameter, Pattern, Scope, Verdict, View, parameters_in_force
from patterns.people import Involvement, text

VULNERABLE = frozenset({"victim", "vulnerable", "complainant", "missing_person"})
"""Roles that make a person one to be protected."""

CARING = ("safeguarding", "public protection", "victim", "missing", "vulnerab", "domestic abuse")
"""Words of units whose work is to go back to such persons."""


@dataclass(frozen=True, slots=True)
class Interest(Lookups):
    """A candidate: every look-up of a vulnerable person by one user, and how that user goes back to others.

    `others` is the number of other people the user opened without a task number, `returns` the further days
    on which they were opened again.
    """

    vulnerable: tuple[Involvement, ...]
    others: int
    returns: int

    @property
    def after_task(self) -> tuple[Lookup, ...]:
        """Return the look-ups without a number, later than `grace` days after the last one with a number."""
        numbered = [lookup.at.date().toordinal() for lookup in self.lookups if lookup.reference]
        last = max(numbered, default=0) + int(self.parameters["grace"]) if numbered else 0
        return tuple(one for one in self.without_reference if one.at.date().toordinal() > last)

    @property
    def unexplained_after(self) -> tuple[Lookup, ...]:
        """Return those of them that lie near no case that both were part of."""
        return tuple(lookup for lookup in self.after_task if not self.common_cases(lookup))

    @property
    def rate(self) -> float:
        """Return the further days on which the user goes back to a person; half a day in all is assumed."""
        return (self.returns + 0.5) / (self.others + 1)

    @property
    def chance(self) -> float:
        """Return the probability of so many further days or more at the user's own rate (Poisson)."""
        return float(poisson.sf(_days(self.unexplained_after) - 2, self.rate))


def _days(lookups: tuple[Lookup, ...]) -> int:
    return len({lookup.at.date() for lookup in lookups})


def numbered(candidate: Interest, view: View) -> Verdict:
    """Pass when fewer than `min_days` days without a task number follow the last numbered look-up."""
    days = _days(candidate.after_task)
    numbers = {"lookups": len(candidate.lookups), "days_after_last_number": days}
    sentence = f"{days} days without a task number follow the last one with a number."
    return Verdict(_fewer(days, candidate), sentence, numbers)


def common_case(candidate: Interest, view: View) -> Verdict:
    """Pass when fewer than `min_days` of these days lie outside a case that both were part of."""
    after, left = _days(candidate.after_task), _days(candidate.unexplained_after)
    if after < candidate.parameters["min_days"]:
        return Verdict(Outcome.NOT_CHECKABLE, "Too few days are left to explain.", {"days": after})
    sentence = f"{left} of {after} days lie outside a case that both were part of."
    return Verdict(_fewer(left, candidate), sentence, {"days": after, "outside_case": left})


def own_habit(candidate: Interest, view: View) -> Verdict:
    """Pass when the user goes back to other people as often: the chance is above `most_chance`."""
    numbers = {
        "others": candidate.others,
        "further_days_of_others": candidate.returns,
        "chance": float(f"{candidate.chance:.2g}"),
    }
    if _days(candidate.unexplained_after) < candidate.parameters["min_days"]:
        return Verdict(Outcome.NOT_CHECKABLE, "Too few days are left to compare.", numbers)
    often = f"The user went back to {candidate.others} other people on {candidate.returns} further days"
    if candidate.chance > candidate.parameters["most_chance"]:
        return Verdict(Outcome.PASSED, f"{often}: this is their way of working.", numbers)
    return Verdict(Outcome.FAILED, f"{often}: this one stands out.", numbers)


def caring_role(candidate: Interest, view: View) -> Verdict:
    """Hint that the user works in a unit whose task is to keep in touch with such persons."""
    names = [text(unit, "display_name") for unit, _ in candidate.people.workplaces(candidate.user)]
    caring = sorted({name for name in names if any(word in name.casefold() for word in CARING)})
    if caring:
        sentence = f"The user works or worked in {', '.join(caring)}: was this their contact plan?"
        return Verdict(Outcome.NOT_CHECKABLE, sentence, {"caring_units": len(caring)})
    return Verdict(Outcome.FAILED, "No unit of the user has such a task.", {"caring_units": 0})


def _fewer(days: int, candidate: Interest) -> Outcome:
    return Outcome.PASSED if days < candidate.parameters["min_days"] else Outcome.FAILED


class RepeatedInterest:
    """Ask why a user keeps opening the record of one victim after the case is over.

    Raised when a user opened the record of a victim, complainant or missing person on `min_days` days or
    more later than `grace` days after their last look-up with a task number, outside every case that both
    were part of, and goes back to other people far less: by a Poisson tail at the user's own rate of further
    days a person. It sees look-ups alone: calls, visits and what is done off duty are not in the data, and an
    officer in the case whose role no record states looks the same.
    Source: IOPC, Learning the Lessons 40; HMICFRS 2022, Shining a light on betrayal.
    """

    id = "repeated_interest"
    version = 1
    title = "Repeated interest in one vulnerable person"
    question = "Is anybody going back to the same victim?"
    categories: tuple[str, ...] = ("sexual misconduct",)
    data_needed: tuple[str, ...] = (
        "access logs with user, person looked at and task number",
        "cases with victims, complainants and the officers in them",
        "unit history",
    )
    parameters: tuple[Parameter, ...] = (
        Parameter("min_days", 3, "days", "least number of days on which the record was opened"),
        Parameter("grace", 7, "days", "how long after the last numbered look-up the work may go on"),
        Parameter("window", 14, "days", "how near a common case must be to explain a look-up"),
        Parameter("most_chance", 0.001, "probability", "from this chance on it is the user's way of working"),
    )
    explanations: tuple[Explanation, ...] = (
        Explanation("task_number", "The look-ups carry a task number", numbered),
        Explanation("common_case", "Both were part of a case at the time", common_case),
        Explanation("own_habit", "The user goes back to everybody like this", own_habit),
        Explanation("caring_role", "It is the user's task to keep in touch", caring_role, hint=True),
    )
    refuter = "A victim-care plan, a safeguarding task or a supervisor's note that covers these days."
    writes_findings = True
    live = True

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield findings by user and subject."""
        parameters = parameters_in_force(self.parameters, scope)
        rows = _rows(view, scope, scope.about)
        if rows.is_empty():
            return
        often = rows.group_by("user", "subject").agg(pl.col("at").dt.date().n_unique().alias("days"))
        often = often.filter(
            (pl.col("days") >= parameters["min_days"]) & (pl.col("user") != pl.col("subject"))
        ).sort("user", "subject")
        people = view.people
        people.load({person for name in ("user", "subject") for person in often[name].to_list()})
        pairs = {
            (user, subject): vulnerable
            for user, subject in often.select("user", "subject").iter_rows()
            if (vulnerable := tuple(p for p in people.involvements(subject) if p.role in VULNERABLE))
            and people.node(user) is not None
            and scope.concerns(user, subject)
        }
        users = frozenset(user for user, _ in pairs)
        whole = rows if scope.about is None else _rows(view, scope, users)
        log = whole.filter(pl.col("user").is_in(sorted(users))).partition_by("user", as_dict=True)
        for (user, subject), vulnerable in pairs.items():
            own = log[(user,)]
            others = _others(own.filter((pl.col("subject") != subject) & (pl.col("subject") != user)))
            mine = own.filter(pl.col("subject") == subject).sort("at", "source", "event_id")
            logged = mine.select("source", "event_id", "at", "reference").iter_rows()
            lookups = tuple(Lookup(*row) for row in logged)
            candidate = Interest(user, subject, lookups, people, parameters, vulnerable, *others)
            yield self._finding(candidate, view)

    def _finding(self, candidate: Interest, view: View) -> Finding:
        people = candidate.people
        user, subject = people.subject(candidate.user, "user"), people.subject(candidate.subject, "subject")
        days = _days(candidate.unexplained_after)
        role = candidate.vulnerable[-1].role.replace("_", " ")
        first, last = candidate.lookups[0].at.date(), candidate.lookups[-1].at.date()
        return Finding(
            id=finding_id(
                self.id, [("user", user.founding_record), ("subject", subject.founding_record)], ""
            ),
            pattern=self.id,
            pattern_version=self.version,
            title=f"{user.name} keeps opening the record of {subject.name}, a {role}",
            sentence=(
                f"{user.name} opened the record of {subject.name}, a {role}, between {first} and {last}; on "
                f"{days} days without a task number or a common case. It is worth a look what brought them "
                "back."
            ),
            severity=Severity.REVIEW if days >= 2 * candidate.parameters["min_days"] else Severity.LOOK,
            subjects=(user, subject),
            place_key="",
            numbers={
                "lookups": len(candidate.lookups),
                "unexplained_days": days,
                "own_rate": round(candidate.rate, 4),
                "chance": float(f"{candidate.chance:.2g}"),
                "first": first.isoformat(),
                "last": last.isoformat(),
            },
            evidence=(*lookup_evidence(candidate, user.name, subject.name), *_role_evidence(candidate)),
            explanations=tuple(explanation.apply(candidate, view) for explanation in self.explanations),
            refuter=self.refuter,
        )


def _rows(view: View, scope: Scope, persons: frozenset[str] | set[str] | None) -> pl.DataFrame:
    rows = view.frames.lookups(persons, start=scope.start, end=scope.end)
    return rows if scope.sources is None else rows.filter(pl.col("source").is_in(sorted(scope.sources)))


def _others(rows: pl.DataFrame) -> tuple[int, int]:
    """Return how many people these look-ups without a number opened, and on how many further days."""
    blank = rows.filter(pl.col("reference") == "")
    days = blank.group_by("subject").agg(pl.col("at").dt.date().n_unique().alias("days"))["days"]
    return days.len(), int(days.sum()) - days.len()


def _role_evidence(candidate: Interest) -> tuple[Evidence, ...]:
    parts = sorted(candidate.vulnerable, key=lambda part: (text(part.event, "valid_from"), part.event.id))
    return tuple(
        Evidence(
            origin="event",
            source=text(part.event, "source"),
            source_id=text(part.event, "event_id"),
            sentence=f"{part.kind.replace('_', ' ').capitalize()}: {part.role.replace('_', ' ')}.",
            weight="supports",
            valid_from=text(part.event, "valid_from") or None,
            valid_to=text(part.event, "valid_to") or None,
            entity_id=candidate.subject,
            link_id=part.link.id,
            node_id=part.event.id,
        )
        for part in parts
    )


PATTERN: Pattern = RepeatedInterest()
