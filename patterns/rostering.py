"""What the roster patterns share: one scan a run, its evidence rows, and the explanations the null holds."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import log
from typing import Protocol

import polars as pl

from patterns.finding import Evidence, Number, Outcome, Severity, Subject
from patterns.pattern import Explanation, Parameter, Scope, Verdict, View, parameters_in_force
from patterns.people import People
from patterns.roster import BAND_NAMES, VOLUNTARY_BASES, band_of, read_roster, rows_of
from patterns.roster_scan import Joint, Scan, ScanSettings, scan
from patterns.significance import tail_bound

PARAMETERS = (
    Parameter("q", 0.05, "share", "false discovery rate over all pairs of a place"),
    Parameter("above", 2, "shifts a year", "least excess over what is expected"),
    Parameter("utc_offset", 0, "hours", "how far local time is ahead of UTC, for early, late and night"),
)
DATA_NEEDED = ("rosters with station, team, duty role, start and basis (planned, overtime, swaps, absence)",)
NULL = (
    "Expected is what would have happened anyway: each one's own number of extra shifts in every four weeks, "
    "laid over the slots they were free and rested for, as their habits, the station's need and their team's "
    "call-ins would have it."
)

MEMBERS_SHOWN = 3
"""How many members of a followed team are shown."""
_EXPLAINS = 0.05
"""A stage of the null explains by itself what it gives a chance above this (Chernoff's bound)."""


class ScanHeld(ValueError):
    """The scan's own p-values do not look like chance, so nothing it says may be published."""


class RosterCandidate(Protocol):
    """What the explanations of the null need: the joint shifts, and those expected after each stage."""

    @property
    def joint(self) -> int: ...
    @property
    def ladder(self) -> Mapping[str, float]: ...


def scan_of(view: View, scope: Scope) -> Scan:
    """Return the scan of the view's rosters, made once for all roster patterns of a run.

    Raises: ScanHeld when more small p-values are left than chance gives.
    """
    values = parameters_in_force(PARAMETERS, scope)
    start, end = (date.fromisoformat(text) if text else None for text in (scope.start, scope.end))

    def make() -> Scan:
        roster = read_roster(
            view.frames, start=start, end=end, sources=scope.sources, utc_offset=values["utc_offset"]
        )
        return scan(roster, ScanSettings(q=values["q"], above=values["above"]))

    found = view.frames.remembered(("scan", start, end, scope.sources, *sorted(values.items())), make)
    worst = next((level for level in found.health if level.amiss), None)
    if worst is not None:
        raise ScanHeld(
            f"the roster scan is held: {worst.seen:,} pairs that no finding names have a p below "
            f"{worst.level:g}, where chance gives {worst.nominal:,.0f}. Something that many people share is "
            "missing: look for courses, lift shares, care in alternate weeks, uncoded operations"
        )
    return found


def evidence_rows(view: View, scope: Scope, found: Scan) -> pl.DataFrame:
    """Return the shifts, with `band`, of everybody whom the scan names and the scope concerns, by day."""
    offset = parameters_in_force(PARAMETERS, scope)["utc_offset"]
    persons = _named(found, scope)
    rows = view.frames.remembered(("rows", persons), lambda: rows_of(view.frames, persons))
    if scope.start:
        rows = rows.filter(pl.col("day") >= date.fromisoformat(scope.start))
    if scope.end:
        rows = rows.filter(pl.col("day") < date.fromisoformat(scope.end))
    if scope.sources is not None:
        rows = rows.filter(pl.col("source").is_in(sorted(scope.sources)))
    return rows.with_columns(band=band_of(pl.col("hour"), offset))


def _named(found: Scan, scope: Scope) -> frozenset[str]:
    """Return the persons whose rows the findings of the scope cite, of whichever roster pattern."""
    names = found.roster.persons
    groups: list[tuple[int, ...]] = [(pair.who, pair.whom) for pair in found.pairs]
    groups += [crew.members for crew in found.crews]
    named = {names[code] for group in groups for code in group if scope.concerns(*(names[c] for c in group))}
    for one in found.followings:
        if scope.concerns(names[one.who]):
            named |= {names[one.who], *(names[member.whom] for member in one.members[:MEMBERS_SHOWN])}
    return frozenset(named)


def chosen(rows: pl.DataFrame, person: str, place: str) -> pl.DataFrame:
    """Return the extra shifts a person took at a place."""
    mine = (pl.col("person") == person) & (pl.col("place") == place)
    return rows.filter(mine & pl.col("basis").is_in(sorted(VOLUNTARY_BASES)))


def cite(rows: pl.DataFrame, sentence: str, weight: str = "makes") -> tuple[Evidence, ...]:
    """Return the rows as evidence; `sentence` is put before place, day and band."""
    return tuple(
        Evidence(
            origin="event",
            source=row["source"],
            source_id=row["event_id"],
            sentence=f"{sentence} at {row['place']} on {row['day']}, {BAND_NAMES[row['band']]}.",
            weight=weight,
            valid_from=row["day"].isoformat(),
            entity_id=row["person"],
        )
        for row in rows.iter_rows(named=True)
    )


def numbers_of(joints: Sequence[Joint], found: Scan) -> dict[str, Number]:
    """Return the numbers of a finding: sums over its pairs, the best p and q."""
    joint, expected = sum(one.joint for one in joints), sum(one.expected for one in joints)
    p, q = min(one.p for one in joints), min(one.q for one in joints)
    return {
        "joint": joint,
        "expected": round(expected, 2),
        "joint_a_year": round(joint / found.roster.years, 2),
        "p_value": p,
        "q_value": q,
        "pairs_tested": found.tests,
        "survives_any_dependence": int(q * (log(max(found.tests, 2)) + 0.5772) <= 0.05),
    }


def severity_of(joints: Sequence[Joint], found: Scan) -> Severity:
    """Return how soon to look, by the excess over expectation of the strongest pair."""
    excess = max((one.joint - one.expected) / found.roster.years for one in joints)
    return Severity.REVIEW if excess >= 8 else Severity.LOOK if excess >= 4 else Severity.NOTE


def subjects_of(people: People, persons: Sequence[str], role: str) -> tuple[Subject, ...]:
    """Return the persons as subjects, oldest first; empty when one has gone from the graph."""
    if any(people.node(person) is None for person in persons):
        return ()
    subjects = [people.subject(person, role) for person in persons]
    return tuple(sorted(subjects, key=lambda subject: (subject.founding_record, subject.entity_id)))


def _stage(name: str, title: str, words: str) -> Explanation:
    """Return the explanation that one stage of the null, with those before it, is enough by itself."""

    def test(candidate: RosterCandidate, view: View) -> Verdict:
        expected = candidate.ladder.get(name)
        if expected is None:
            return Verdict(Outcome.NOT_CHECKABLE, "It was not computed for this pair.", {})
        numbers: dict[str, Number] = {"joint": candidate.joint, "expected": round(expected, 2)}
        passed = float(tail_bound(candidate.joint, expected)) > _EXPLAINS
        sentence = f"{words} gives {expected:.1f} of the {candidate.joint} shifts."
        return Verdict(Outcome.PASSED if passed else Outcome.FAILED, sentence, numbers)

    test.__doc__ = f"Pass when this is enough by itself: {words.lower()}."
    return Explanation(name, title, test, null=True)


NULL_EXPLANATIONS = (
    _stage(
        "availability",
        "They are free at the same times",
        "Being off duty, rested and posted there at the same times",
    ),
    _stage(
        "preference",
        "They like the same days and hours",
        "Liking the same days, hours and weeks, as all their picks show,",
    ),
    _stage("station_demand", "The station needed people then", "Going where others of their role went too"),
    _stage("team_demand", "Their team was called in", "Coming when their team was called in"),
)
"""What the null holds already: each stage with all before it. A finding is what is left, so they fail."""
