"""Three or more people who keep choosing the same extra shifts, each with nearly every other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from patterns.finding import Finding, Outcome, finding_id
from patterns.pattern import Explanation, Parameter, Pattern, Scope, Verdict, View
from patterns.people import People
from patterns.roster_scan import Crew, Scan
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
    persons: tuple[str, ...]
    people: People
    joint: int
    ladder: Mapping[str, float]


def _ties(candidate: _Candidate, view: View) -> Verdict:
    """Hint at declared relations between members: they explain those two, not the others."""
    pairs = [
        (left, right)
        for at, left in enumerate(candidate.persons)
        for right in candidate.persons[at + 1 :]
        if candidate.people.declarations(left, right)
    ]
    if pairs:
        return Verdict(
            Outcome.NOT_CHECKABLE,
            "Members have declared a relation: does it explain the others coming too?",
            {"declared_pairs": len(pairs)},
        )
    return Verdict(Outcome.FAILED, "No two members have declared a relation.", {"declared_pairs": 0})


class CrewPattern:
    """Show groups of three or more who keep choosing the same extra shifts, each with nearly every other.

    Grown from a pair that is significant by itself (see `voluntary_pair`, the same null and the same false
    discovery rate): whoever chooses with at least two, and three fifths, of those already in joins, at
    p < 0.001 each. Nobody is in two crews of a place. A crew inside one team is partly explained away, since
    it looks like a team that was called in.
    """

    id = "crew"
    version = 1
    title = "A group that chooses its extra shifts together"
    question = "Is there a group that keeps coming in together?"
    categories: tuple[str, ...] = ("theft and fraud", "abuse of authority")
    data_needed: tuple[str, ...] = DATA_NEEDED
    parameters: tuple[Parameter, ...] = PARAMETERS
    explanations: tuple[Explanation, ...] = (
        *NULL_EXPLANATIONS,
        Explanation("declared_members", "Members have declared relations", _ties, hint=True),
    )
    refuter = "An operation, a squad or a training that called these people in as a body."
    writes_findings = True
    live = False

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield crews, most surprising first."""
        found, people = scan_of(view, scope), view.people
        names = found.roster.persons
        crews = [crew for crew in found.crews if scope.concerns(*(names[code] for code in crew.members))]
        persons = {names[code] for crew in crews for code in crew.members}
        people.load(persons)
        rows = evidence_rows(view, scope, found) if persons else pl.DataFrame()
        for crew in sorted(crews, key=lambda crew: (crew.p, crew.place, crew.members)):
            finding = self._finding(crew, found, people, rows, view)
            if finding is not None:
                yield finding

    def _finding(
        self, crew: Crew, found: Scan, people: People, rows: pl.DataFrame, view: View
    ) -> Finding | None:
        persons = tuple(found.roster.persons[code] for code in crew.members)
        place = found.roster.places[crew.place]
        subjects = subjects_of(people, persons, "member")
        if not subjects:
            return None
        strongest = min(crew.joints, key=lambda joint: joint.p)
        candidate = _Candidate(persons, people, strongest.joint, strongest.ladder)
        theirs = pl.concat([chosen(rows, person, place) for person in persons])
        together = theirs.filter(pl.col("person").n_unique().over("day", "band") >= 2)
        names = ", ".join(subject.name for subject in subjects)
        numbers = {"members": len(persons), "pairs": len(crew.joints), **numbers_of(crew.joints, found)}
        return Finding(
            id=finding_id(self.id, [("member", subject.founding_record) for subject in subjects], place),
            pattern=self.id,
            pattern_version=self.version,
            title=f"{len(persons)} people at {place} choose their extra shifts together",
            sentence=(
                f"{names} chose the same extra shifts at {place}: {len(crew.joints)} of their pairs met "
                f"{numbers['joint']} times in all, where {numbers['expected']} are expected. {NULL}"
            ),
            severity=severity_of(crew.joints, found),
            subjects=subjects,
            place_key=place,
            numbers=numbers,
            evidence=cite(together.sort("day", "band", "person"), "Extra shift"),
            explanations=tuple(explanation.apply(candidate, view) for explanation in self.explanations),
            refuter=self.refuter,
        )


PATTERN: Pattern = CrewPattern()
