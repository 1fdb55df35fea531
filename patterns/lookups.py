"""Look-ups of one person by one user: which of them a task number or a common case explains."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from patterns.finding import Evidence, Outcome
from patterns.pattern import Explanation, Verdict, View
from patterns.people import CASE_KINDS, NOMINAL_ROLES, People

PERSONAL_ROLES = NOMINAL_ROLES | {"complainant", "victim", "witness"}
"""Roles in which a user is no more than a party to a case, so that the case is no reason to look."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """One look-up; `reference` is the task number given, empty when none was."""

    source: str
    event_id: str
    at: datetime
    reference: str


@dataclass(frozen=True, slots=True)
class Lookups:
    """Every look-up of one subject by one user."""

    user: str
    subject: str
    lookups: tuple[Lookup, ...]
    people: People
    parameters: Mapping[str, float]

    @property
    def persons(self) -> tuple[str, str]:
        return self.user, self.subject

    @property
    def without_reference(self) -> tuple[Lookup, ...]:
        return tuple(lookup for lookup in self.lookups if not lookup.reference)

    @property
    def unexplained(self) -> tuple[Lookup, ...]:
        """Return the look-ups that neither a task number nor a common case explains."""
        return tuple(lookup for lookup in self.without_reference if not self.common_cases(lookup))

    def common_cases(self, lookup: Lookup) -> tuple[str, ...]:
        """Return ids of cases near the look-up that the user worked on and the subject was part of."""
        if self.user == self.subject:
            return ()
        day, window = lookup.at.date().toordinal(), int(self.parameters["window"])
        subject = {part.event.id for part in self.people.involvements(self.subject)}
        return tuple(
            part.event.id
            for part in self.people.involvements(self.user)
            if part.event.id in subject and part.kind in CASE_KINDS and part.role not in PERSONAL_ROLES
            if part.span.earliest - window <= day <= part.span.latest + window
        )


def task_number(candidate: Lookups, view: View) -> Verdict:
    """Pass when every look-up carries a task, incident or case number."""
    missing = len(candidate.without_reference)
    numbers = {"lookups": len(candidate.lookups), "without_number": missing}
    if missing:
        return Verdict(
            Outcome.FAILED, f"{missing} of {len(candidate.lookups)} look-ups carry no task number.", numbers
        )
    return Verdict(Outcome.PASSED, "Every look-up carries a task number.", numbers)


def common_case(candidate: Lookups, view: View) -> Verdict:
    """Pass when each look-up without a number lies within `window` days of a case both were part of.

    A case in which the user was accused, detained, a complainant or a witness does not count.
    """
    missing = candidate.without_reference
    if not missing:
        return Verdict(Outcome.NOT_CHECKABLE, "No look-up without a task number is left to explain.", {})
    explained = len(missing) - len(candidate.unexplained)
    numbers = {"without_number": len(missing), "near_common_case": explained}
    sentence = (
        f"{explained} of {len(missing)} look-ups without a number lie near a case that both were part of."
    )
    return Verdict(Outcome.PASSED if explained == len(missing) else Outcome.FAILED, sentence, numbers)


TASK_NUMBER = Explanation("task_number", "Each look-up carries a task number", task_number)
COMMON_CASE = Explanation("common_case", "Both were part of a case at the time", common_case)


def lookup_evidence(candidate: Lookups, user: str, subject: str) -> tuple[Evidence, ...]:
    """Return a row for each look-up; those that nothing explains make the finding, the others are context."""
    making = set(candidate.unexplained or candidate.lookups)
    return tuple(
        Evidence(
            origin="event",
            source=lookup.source,
            source_id=lookup.event_id,
            sentence=(
                f"{user} opened the record of {subject} at {lookup.at:%Y-%m-%d %H:%M}, "
                + (f"task {lookup.reference}." if lookup.reference else "no task number given.")
            ),
            weight="makes" if lookup in making else "context",
            valid_from=f"{lookup.at:%Y-%m-%dT%H:%M:%SZ}",
            entity_id=candidate.user,
            node_id=candidate.subject,
        )
        for lookup in candidate.lookups
    )
