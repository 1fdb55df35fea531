"""Two people who keep choosing the same extra shifts, beyond what chance and circumstance give."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from patterns.finding import Finding, finding_id
from patterns.innocence import DECLARED, FAMILY_NAME
from patterns.pattern import Explanation, Parameter, Pattern, Scope, View, parameters_in_force
from patterns.people import People
from patterns.roster_scan import Joint, Scan
from patterns.rostering import (
    DATA_NEEDED,
    NULL,
    NULL_EXPLANATIONS,
    PARAMETERS,
    chosen,
    cite,
    evidence_rows,
    numbers_of,
    scan_of,
    severity_of,
    subjects_of,
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    persons: tuple[str, str]
    people: People
    parameters: Mapping[str, float]
    joint: int
    ladder: Mapping[str, float]


class VoluntaryPair:
    """Show which two people keep choosing the same extra shifts, beyond what would have happened anyway.

    Counts the slots (station, day, band) that both took by choice: overtime, swapped in. Planned duty is left
    out, since the roster would be all that it shows. The count is set against the availability-conditioned
    urn: each one's own number of picks in every four weeks, laid over the slots they were free and rested
    for, weighted by their own habits (day type × band × week parity, weekday), by what others of their role
    picked at the station, and by what their team picked. The tail is exact (Poisson-binomial), both persons
    must surprise, and Benjamini-Hochberg runs over all pairs of people who can meet.

    Pairs inside a crew are shown as the crew. Under a year of rosters only strong pairs are seen. What the
    null does not know (a lift share, a course group, care that follows a partner's shifts) can still bring
    two people together; if many share it, the scan is held. Seeded runs read the rosters of all.
    """

    id = "voluntary_pair"
    version = 1
    title = "Two who choose the same extra shifts"
    question = "Which two always seem to pick up the same extra shifts?"
    categories: tuple[str, ...] = ("theft and fraud", "abuse of authority")
    data_needed: tuple[str, ...] = DATA_NEEDED
    parameters: tuple[Parameter, ...] = PARAMETERS
    explanations: tuple[Explanation, ...] = (*NULL_EXPLANATIONS, DECLARED, FAMILY_NAME)
    refuter = "Duty planning that shows the shifts were assigned to both, or a reason to come together."
    writes_findings = True
    live = False

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield pairs, most surprising first."""
        found, people = scan_of(view, scope), view.people
        names = found.roster.persons
        pairs = [pair for pair in found.pairs if scope.concerns(names[pair.who], names[pair.whom])]
        persons = {names[code] for pair in pairs for code in (pair.who, pair.whom)}
        people.load(persons)
        rows = evidence_rows(view, scope, found) if persons else pl.DataFrame()
        for pair in pairs:
            finding = self._finding(pair, found, people, rows, view, scope)
            if finding is not None:
                yield finding

    def _finding(
        self, pair: Joint, found: Scan, people: People, rows: pl.DataFrame, view: View, scope: Scope
    ) -> Finding | None:
        persons = found.roster.persons[pair.who], found.roster.persons[pair.whom]
        place = found.roster.places[pair.place]
        subjects = subjects_of(people, persons, "worker")
        if not subjects:
            return None
        candidate = _Candidate(
            persons, people, parameters_in_force(self.parameters, scope), pair.joint, pair.ladder
        )
        mine, theirs = (chosen(rows, person, place) for person in persons)
        both = pl.concat([mine.join(theirs, on=["day", "band"], how="semi"),
                          theirs.join(mine, on=["day", "band"], how="semi")])  # fmt: skip
        first, second = subjects
        return Finding(
            id=finding_id(self.id, [("worker", subject.founding_record) for subject in subjects], place),
            pattern=self.id,
            pattern_version=self.version,
            title=f"{first.name} and {second.name} chose {pair.joint} extra shifts together",
            sentence=(
                f"{first.name} and {second.name} chose {pair.joint} of the same extra shifts at {place}, "
                f"where {pair.expected:.1f} are expected. {NULL}"
            ),
            severity=severity_of([pair], found),
            subjects=subjects,
            place_key=place,
            numbers=numbers_of([pair], found),
            evidence=cite(both.sort("day", "band", "person"), "Extra shift"),
            explanations=tuple(explanation.apply(candidate, view) for explanation in self.explanations),
            refuter=self.refuter,
        )


PATTERN: Pattern = VoluntaryPair()
