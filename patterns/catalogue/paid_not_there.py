"""Overtime that was paid and that no door, radio or log-in shows, unlike the same person's rota duties."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log10
from typing import Any

import polars as pl

from patterns.attendance import CLAIMED, read_attendance, rows_of
from patterns.claims import MOST, Claim, Standing, stand_out
from patterns.finding import Evidence, Finding, Number, Outcome, Severity, finding_id
from patterns.frames import USER_ROLE
from patterns.lookups import PERSONAL_ROLES
from patterns.pattern import Explanation, Parameter, Pattern, Scope, Verdict, View, parameters_in_force
from patterns.people import CASE_KINDS, People, text
from patterns.words import counted

_MINUTE = 60_000_000
_LONG = 40
"""Hours without a trace from which a finding is to be reviewed."""


@dataclass(frozen=True, slots=True)
class Claims:
    """A candidate: what the scan says of a person, and what else is known of these claims.

    `seen` are claims during which an entry of an event names the person at work, `referred` those whose shift
    carries a task or operation number.
    """

    standing: Standing
    parameters: Mapping[str, float]
    seen: frozenset[Claim]
    referred: frozenset[Claim]

    def left(self, tests: int) -> tuple[Claim, ...]:
        """Return the claims that none of the first so many reasons explains."""
        reasons = _REASONS[:tests]
        return tuple(one for one in self.standing.claims if not any(test(self, one) for test in reasons))


def _no_reader(candidate: Claims, claim: Claim) -> bool:
    return claim.place_others >= candidate.parameters["others"] and (
        claim.place_untraced >= MOST * claim.place_others
    )


def _no_trace_of_role(candidate: Claims, claim: Claim) -> bool:
    return claim.role_others >= candidate.parameters["others"] and (
        claim.role_untraced >= MOST * claim.role_others
    )


def _short_call(candidate: Claims, claim: Claim) -> bool:
    return claim.minutes <= 60 * candidate.parameters["paid_minimum"] and claim.untraced < claim.minutes


def _entered(candidate: Claims, claim: Claim) -> bool:
    return claim in candidate.seen


_REASONS: tuple[Callable[[Claims, Claim], bool], ...] = (
    _no_reader,
    _no_trace_of_role,
    _short_call,
    _entered,
)


def _after(candidate: Claims, reason: int, sentence: str) -> Verdict:
    """Return passed when fewer claims than count are left after this reason and those before it."""
    before, after = candidate.left(reason), candidate.left(reason + 1)
    least = candidate.parameters["min_claims"]
    numbers: dict[str, Number] = {"claims": len(before), "explained": len(before) - len(after)}
    if len(before) < least:
        return Verdict(Outcome.NOT_CHECKABLE, "Too few claims are left to explain.", numbers)
    said = f"{len(before) - len(after)} of {counted(len(before), 'claim')} {sentence}"
    return Verdict(Outcome.PASSED if len(after) < least else Outcome.FAILED, said, numbers)


def dead_reader(candidate: Claims, view: View) -> Verdict:
    """Pass when most others at the place on these days left no trace either: a dead reader, or none."""
    return _after(candidate, 0, "are of days on which most others at the place left no trace either.")


def traceless_duty(candidate: Claims, view: View) -> Verdict:
    """Pass when most duties of others in that role leave no trace: court, surveillance."""
    return _after(candidate, 1, "are in a duty role of which most duties leave no trace.")


def paid_minimum(candidate: Claims, view: View) -> Verdict:
    """Pass when the claims are call-outs paid by a least number of hours, the call itself traced."""
    return _after(candidate, 2, "are as short as the paid minimum of a call-out, and begin with a trace.")


def named_elsewhere(candidate: Claims, view: View) -> Verdict:
    """Pass when custody or other entries name the person in that time: they were at work without a door."""
    return _after(candidate, 3, "fall together with an entry of an event that names them.")


def own_ways(candidate: Claims, view: View) -> Verdict:
    """Pass when the person's rota duties are as untraced: no badge, or work that leaves no trace."""
    one = candidate.standing
    numbers: dict[str, Number] = {"p_value": one.p, "q_value": one.q, "usual_minutes": one.usual}
    sentence = (
        f"On {100 * candidate.parameters['quantile']:g} in 100 of {one.ordinary:,} rota duties of theirs at "
        f"most {counted(one.usual, 'minute is', 'minutes are')} without a trace."
    )
    passed = one.q > candidate.parameters["q"]
    return Verdict(Outcome.PASSED if passed else Outcome.FAILED, sentence, numbers)


def unit_ways(candidate: Claims, view: View) -> Verdict:
    """Pass when everybody's duties there are as untraced."""
    usual = candidate.standing.usual_of_unit
    numbers: dict[str, Number] = {"usual_minutes_of_unit": usual}
    beyond = [one for one in candidate.standing.claims if one.untraced > usual]
    passed = len(beyond) < candidate.parameters["min_claims"]
    sentence = (
        "For half the people of that place and duty role no more than "
        f"{counted(usual, 'minute is', 'minutes are')} without a trace as a rule."
    )
    return Verdict(Outcome.PASSED if passed else Outcome.FAILED, sentence, numbers)


def operation(candidate: Claims, view: View) -> Verdict:
    """Hint that the shifts carry a task or operation number, which may say where the work was."""
    number = len(candidate.referred)
    if number:
        return Verdict(
            Outcome.NOT_CHECKABLE,
            f"{counted(number, 'claim carries', 'claims carry')} a task or operation number: where was that?",
            {"referred": number},
        )
    return Verdict(Outcome.FAILED, "No claim carries a task or operation number.", {"referred": 0})


class PaidNotThere:
    """Ask where somebody was in overtime that was paid and that no door, radio or log-in shows.

    Sets each overtime shift beside the union of all presence (doors, radios, vehicles) and look-ups of the
    person. Out of the ordinary is a claim with `slack` minutes more without a trace than nine in ten of the
    person's own rota duties (badges are forgotten too often for more), and than half the people of the place
    and duty role stay within as often; days of a dead reader tell nothing of what is ordinary. A quarter
    stands out when at least `min_claims` are, and its overtime is less traced than the person's own rota
    duties (Wilcoxon's rank sum, one-sided), Benjamini-Hochberg over every person and quarter with so much
    overtime. So a badge that never works, and work that never leaves a trace, are in the expectation. Traces
    that others leave for somebody (a lent badge) are not told apart. Runs read the duties of all.

    Score: -log10 p × hours; what an hour costs is not in the data. What the data cannot show: work outside
    that nobody coded. Of such overtime staged in the synthetic force 40 of 40 were raised (hit rate 100 %),
    so the first question is what the duty was, not where the person was.
    Source: Massachusetts OIG 2020 (cruiser radio data); Mann & Whitney 1947, doi:10.1214/aoms/1177730491.
    """

    id = "paid_not_there"
    version = 1
    title = "Paid but not there"
    question = "Is anybody paid for overtime of which there is no trace?"
    categories: tuple[str, ...] = ("theft and fraud",)
    data_needed: tuple[str, ...] = (
        "rosters with start, end, place, duty role and basis",
        "presence: doors, radios, vehicles",
        "access logs with user and time",
        "cases with the officers in them",
    )
    parameters: tuple[Parameter, ...] = (
        Parameter("min_claims", 5, "claims", "least number out of the ordinary in a quarter"),
        Parameter("slack", 60, "minutes", "how far beyond the ordinary a claim must be"),
        Parameter("quantile", 0.9, "share", "of the rota duties that tell what is ordinary"),
        Parameter("q", 0.05, "share", "false discovery rate over all persons and quarters"),
        Parameter("min_ordinary", 20, "duties", "least number of own rota duties to compare with"),
        Parameter("around", 30, "minutes", "how long before and after a log-in shows somebody"),
        Parameter("others", 3, "duties", "least number of others' duties that say something"),
        Parameter("paid_minimum", 4, "hours", "the least that a call-out is paid"),
    )
    explanations: tuple[Explanation, ...] = (
        Explanation("own_ways", "Their rota duties leave as little trace", own_ways, null=True),
        Explanation("unit_ways", "Duties there leave as little trace", unit_ways, null=True),
        Explanation("dead_reader", "The reader was dead, or there is none", dead_reader),
        Explanation("traceless_duty", "The duty leaves no trace", traceless_duty),
        Explanation("paid_minimum", "A call-out is paid a least number of hours", paid_minimum),
        Explanation("named_elsewhere", "An entry shows them at work", named_elsewhere),
        Explanation("operation", "A task or operation took them elsewhere", operation, hint=True),
    )
    refuter = "A supervisor's, court's or operation's record of where the work of these hours was done."
    writes_findings = True
    live = False

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield findings by person."""
        parameters = parameters_in_force(self.parameters, scope)
        key = ("attendance", scope.start, scope.end, scope.sources, *sorted(parameters.items()))
        found = view.frames.remembered(key, lambda: _scan(view, scope, parameters))
        named = [one for one in found if scope.concerns(one.person)]
        if not named:
            return
        view.people.load(one.person for one in named)
        rows = _Rows.of(view, scope, [one.person for one in named], int(parameters["around"]))
        for one in named:
            if view.people.node(one.person) is not None:
                yield self._finding(one, rows, parameters, view)

    def _finding(self, one: Standing, rows: "_Rows", parameters: Mapping[str, float], view: View) -> Finding:
        subject = view.people.subject(one.person, "worker")
        shifts = {claim: rows.shift(one.person, claim) for claim in one.claims}
        referred = frozenset(claim for claim, row in shifts.items() if row["reference"])
        candidate = Claims(one, parameters, _seen(view.people, one), referred)
        hours = one.hours
        score = -log10(max(one.p, 1e-300)) * hours
        return Finding(
            id=finding_id(self.id, [("worker", subject.founding_record)], ""),
            pattern=self.id,
            pattern_version=self.version,
            title=f"{subject.name} was paid for {counted(len(one.claims), 'extra shift')} that left no trace",
            sentence=(
                f"{subject.name} was paid for {counted(len(one.claims), 'overtime shift')} in "
                f"{' and '.join(one.quarters)} of which no door, radio or log-in shows {hours:.0f} hours; on "
                f"rota duties of theirs up to {counted(one.usual, 'minute')} are usual. Work outside that "
                "nobody coded looks the same (of 40 such cases staged, 40 were raised). It is worth a look "
                "what these duties were."
            ),
            severity=Severity.REVIEW if hours >= _LONG else Severity.LOOK,
            subjects=(subject,),
            place_key="",
            numbers={
                "claims": len(one.claims),
                "hours_untraced": round(hours, 1),
                "hours_paid": round(sum(claim.minutes for claim in one.claims) / 60, 1),
                "usual_minutes": one.usual,
                "usual_minutes_of_unit": one.usual_of_unit,
                "ordinary_duties": one.ordinary,
                "p_value": float(f"{one.p:.3g}"),
                "q_value": float(f"{one.q:.3g}"),
                "score": round(score, 1),
            },
            evidence=tuple(row for claim in one.claims for row in rows.evidence(one.person, claim)),
            explanations=tuple(explanation.apply(candidate, view) for explanation in self.explanations),
            refuter=self.refuter,
        )


def _scan(view: View, scope: Scope, parameters: Mapping[str, float]) -> list[Standing]:
    read = read_attendance(
        view.frames,
        start=scope.start,
        end=scope.end,
        sources=scope.sources,
        around=int(parameters["around"]),
    )
    return stand_out(read, parameters)


def _seen(people: People, one: Standing) -> frozenset[Claim]:
    """Return the claims in which an event begins that the person is part of in their work."""
    begun = [
        int(datetime.fromisoformat(when).timestamp()) // 60
        for part in people.involvements(one.person)
        if part.kind in CASE_KINDS and part.role not in PERSONAL_ROLES
        if len(when := text(part.event, "valid_from")) > len("2024-05-03")
    ]
    return frozenset(claim for claim in one.claims if any(claim.start <= when < claim.end for when in begun))


class _Rows:
    """The shifts of the people named, and what shows them, as their sources say it."""

    def __init__(self, shifts: pl.DataFrame, traces: pl.DataFrame) -> None:
        self._shifts = _by_person(shifts)
        self._traces = _by_person(traces)

    @classmethod
    def of(cls, view: View, scope: Scope, persons: Sequence[str], around: int) -> "_Rows":
        """Read the rows of these persons that the scan read."""
        shifts = rows_of(view.frames, "shift", persons).filter(pl.col("basis") == CLAIMED).drop_nulls("end")
        looked = rows_of(view.frames, "look_up", persons).filter(pl.col("role") == USER_ROLE)
        traces = pl.concat([rows_of(view.frames, "presence", persons), looked])
        if scope.sources is not None:
            wanted = pl.col("source").is_in(sorted(scope.sources))
            shifts, traces = shifts.filter(wanted), traces.filter(wanted)
        point = pl.col("end").is_null() | (pl.col("end") <= pl.col("start"))
        wide = timedelta(minutes=around)
        traces = traces.with_columns(
            pl.when(point).then(pl.col("start") - wide).otherwise("start").alias("start"),
            pl.when(point).then(pl.col("start") + wide).otherwise("end").alias("end"),
        )
        return cls(shifts, traces)

    def shift(self, person: str, claim: Claim) -> Mapping[str, Any]:
        """Return the shift that a claim is of."""
        return next(
            row
            for row in self._shifts[person]
            if (row["first"], row["last"]) == (claim.start, claim.end)
            and (row["place_id"] or "", row["duty_role"] or "") == (claim.place, claim.role)
        )

    def evidence(self, person: str, claim: Claim) -> Iterator[Evidence]:
        """Yield the shift of a claim, and below it all that shows the person within it."""
        row = self.shift(person, claim)
        yield Evidence(
            origin="event",
            source=row["source"],
            source_id=row["event_id"],
            sentence=(
                f"Paid {_when(row)} at {claim.place or 'a place not named'}; {claim.untraced} of "
                f"{counted(claim.minutes, 'minute')} without a trace."
            ),
            valid_from=f"{row['start']:%Y-%m-%dT%H:%M:%SZ}",
            valid_to=f"{row['end']:%Y-%m-%dT%H:%M:%SZ}",
            entity_id=person,
        )
        for trace in self._traces.get(person, ()):
            if trace["first"] < claim.end and trace["last"] > claim.start:
                what = "A look-up" if trace["kind"] == "look_up" else f"Shown by {trace['source']}"
                yield Evidence(
                    origin="event",
                    source=trace["source"],
                    source_id=trace["event_id"],
                    sentence=f"{what} {_when(trace)}.",
                    weight="context",
                    valid_from=f"{trace['start']:%Y-%m-%dT%H:%M:%SZ}",
                    valid_to=f"{trace['end']:%Y-%m-%dT%H:%M:%SZ}",
                    entity_id=person,
                )


def _by_person(rows: pl.DataFrame) -> Mapping[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    timed = rows.with_columns(
        first=pl.col("start").dt.epoch("us") // _MINUTE, last=pl.col("end").dt.epoch("us") // _MINUTE
    )
    for row in timed.iter_rows(named=True):
        found.setdefault(row["person"], []).append(row)
    return found


def _when(row: Mapping[str, Any]) -> str:
    return f"from {row['start']:%Y-%m-%d %H:%M} to {row['end']:%H:%M} UTC"


PATTERN: Pattern = PaidNotThere()
