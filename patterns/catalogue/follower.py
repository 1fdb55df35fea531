"""Somebody whose extra shifts follow one team's planned duty."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from patterns.finding import Evidence, Finding, Outcome, finding_id
from patterns.pattern import Explanation, Parameter, Pattern, Scope, Verdict, View
from patterns.people import People
from patterns.roster_scan import Following, Scan
from patterns.rostering import (
    DATA_NEEDED,
    MEMBERS_SHOWN,
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
    person: str
    members: tuple[str, ...]
    people: People
    partnered: bool
    joint: int
    ladder: Mapping[str, float]


def _known_tie(candidate: _Candidate, view: View) -> Verdict:
    """Pass when a pair or crew shows them already, or they declared a relation with somebody of the team."""
    if candidate.partnered:
        return Verdict(Outcome.PASSED, "A pair or crew shows these shifts already.", {"partnered": 1})
    declared = sum(bool(candidate.people.declarations(candidate.person, m)) for m in candidate.members)
    numbers = {"partnered": 0, "declared_members": declared}
    if declared:
        return Verdict(Outcome.PASSED, "They declared a relation with somebody of the team.", numbers)
    return Verdict(Outcome.FAILED, "No pair, crew or declaration ties them to the team.", numbers)


class Follower:
    """Show whose extra shifts fall on one team's planned duty, beyond what would have happened anyway.

    The same null as `voluntary_pair`: where would this person have gone, given when they were free, their
    habits, and what the station needed. Set against it is how often their picks fell on a member's planned
    duty. A team's members work the same days, so it is said once, of the person and the team, with the
    members it fits best in order; who it is about, if anybody, the rosters seldom tell. Backfilling a short
    team looks the same where the station's need does not show it. Somebody who follows an office cannot
    be told from somebody who likes weekdays. It needs some fifteen such shifts a year.
    """

    id = "follower"
    version = 1
    title = "Extra shifts that follow one team"
    question = "Who keeps taking extra duty when that team is on?"
    categories: tuple[str, ...] = ("inappropriate association", "sexual misconduct")
    data_needed: tuple[str, ...] = DATA_NEEDED
    parameters: tuple[Parameter, ...] = PARAMETERS
    explanations: tuple[Explanation, ...] = (
        *NULL_EXPLANATIONS,
        Explanation("known_tie", "A tie to the team is known", _known_tie),
    )
    refuter = "A shortage of that team that this person was asked to fill, or a skill that only they have."
    writes_findings = True
    live = False

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield followings, most surprising first."""
        found, people = scan_of(view, scope), view.people
        names = found.roster.persons
        followings = [one for one in found.followings if scope.concerns(names[one.who])]
        shown = {names[member.whom] for one in followings for member in one.members[:MEMBERS_SHOWN]}
        persons = shown | {names[one.who] for one in followings}
        people.load(persons)
        rows = evidence_rows(view, scope, found) if persons else pl.DataFrame()
        for following in followings:
            finding = self._finding(following, found, people, rows, view)
            if finding is not None:
                yield finding

    def _finding(
        self, following: Following, found: Scan, people: People, rows: pl.DataFrame, view: View
    ) -> Finding | None:
        roster, best = found.roster, following.members[0]
        person, place = roster.persons[following.who], roster.places[following.place]
        team = roster.teams[following.team] or "one team"
        subjects = subjects_of(people, [person], "follower")
        if not subjects:
            return None
        members = tuple(roster.persons[member.whom] for member in following.members)
        candidate = _Candidate(
            person, members, people, following.partner is not None, best.joint, best.ladder
        )
        name = subjects[0].name
        return Finding(
            id=finding_id(self.id, [("follower", subjects[0].founding_record)], place),
            pattern=self.id,
            pattern_version=self.version,
            title=f"{name} takes extra shifts when {team} is on",
            sentence=(
                f"{best.joint} extra shifts of {name} at {place} fell on the planned duty of {team}, where "
                f"{best.expected:.1f} are expected. {NULL}"
            ),
            severity=severity_of([best], found),
            subjects=subjects,
            place_key=place,
            numbers={"members": len(members), **numbers_of([best], found)},
            evidence=_evidence(rows, person, members[:MEMBERS_SHOWN], place),
            explanations=tuple(explanation.apply(candidate, view) for explanation in self.explanations),
            refuter=self.refuter,
        )


def _evidence(rows: pl.DataFrame, person: str, members: tuple[str, ...], place: str) -> tuple[Evidence, ...]:
    """Return the follower's picks on the best member's duty, and the last such duty of each member shown."""
    picks = chosen(rows, person, place)
    duty = rows.filter((pl.col("place") == place) & (pl.col("basis") == "planned"))
    slots = ["day", "band"]
    made = picks.join(duty.filter(pl.col("person") == members[0]), on=slots, how="semi")
    found = list(cite(made, "Extra shift"))
    for member in members:
        theirs = duty.filter(pl.col("person") == member).join(picks, on=slots, how="semi")
        found += cite(theirs.tail(1), f"On planned duty at {theirs.height} of these shifts, last", "context")
    return tuple(found)


PATTERN: Pattern = Follower()
