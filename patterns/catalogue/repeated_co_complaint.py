"""Two members of staff accused together in complaint after complaint."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from graph_schema.nodes import Node
from patterns.association import spoken
from patterns.finding import Evidence, Finding, Outcome, Severity, finding_id
from patterns.innocence import DECLARED
from patterns.interval import overlap
from patterns.pattern import Explanation, Parameter, Pattern, Scope, Verdict, View, parameters_in_force
from patterns.people import People, batches, founding, roles_by_event, text, whole_ego

ACCUSED = "accused"
COMPLAINANT = "complainant"


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint with who was accused in it and who made it (entity ids)."""

    event: Node
    accused: tuple[str, ...]
    complainants: tuple[str, ...]

    @property
    def day(self) -> str:
        return text(self.event, "valid_from")[:10]

    @property
    def incident(self) -> frozenset[str]:
        """Return what two complaints about one incident have in common: the day, or the reference."""
        return frozenset({self.day, text(self.event, "reference")} - {""})


@dataclass(frozen=True, slots=True)
class CoAccused:
    """A candidate: two people and the complaints that accuse both, by date."""

    persons: tuple[str, str]
    complaints: tuple[Complaint, ...]
    people: People
    parameters: Mapping[str, float]


def co_accused_pairs(accused: pl.DataFrame, *, least: int = 2, most_accused: int = 40) -> pl.DataFrame:
    """Return the pairs accused together in `least` events or more: left, right, n, events (left < right).

    `accused` has event and person, repeats allowed. Only events with 2 to `most_accused` distinct people
    count. Sorted by left and right.
    """
    rows = accused.select("event", "person").unique()
    rows = rows.filter(pl.len().over("event").is_between(2, most_accused))
    repeated = rows.filter(pl.len().over("person") >= least)
    pairs = repeated.join(repeated, on="event").filter(pl.col("person") < pl.col("person_right"))
    counted = pairs.group_by(left="person", right="person_right").agg(
        pl.len().cast(pl.Int64).alias("n"), pl.col("event").sort().alias("events")
    )
    return counted.filter(pl.col("n") >= least).sort("left", "right")


def one_incident(candidate: CoAccused, view: View) -> Verdict:
    """Pass when the incidents complained of (one day, or one reference) are fewer than `min_common`."""
    incidents = _groups([complaint.incident for complaint in candidate.complaints])
    return _counted(candidate, incidents, "incidents", f"They come from {_spell(incidents, 'incident')}.")


def one_complainant(candidate: CoAccused, view: View) -> Verdict:
    """Pass when the complaints, counted once a complainant, are fewer than `min_common`."""
    if not any(complaint.complainants for complaint in candidate.complaints):
        return Verdict(Outcome.NOT_CHECKABLE, "The sources do not say who complained.", {})
    voices = _groups([frozenset(complaint.complainants) for complaint in candidate.complaints])
    return _counted(candidate, voices, "voices", f"They come from {_spell(voices, 'separate complainant')}.")


def same_unit(candidate: CoAccused, view: View) -> Verdict:
    """Hint that the two served in one unit, where one complaint often names whoever was on duty."""
    left, right = (candidate.people.workplaces(person) for person in candidate.persons)
    if not left or not right:
        return Verdict(Outcome.NOT_CHECKABLE, "Where the two served is not known.", {})
    together = {
        text(unit, "display_name")
        for unit, spell in left
        for other, other_spell in right
        if unit.id == other.id and not overlap(spell, other_spell).apart
    }
    if not together:
        return Verdict(Outcome.FAILED, "They did not serve in one unit at one time.", {"common_units": 0})
    return Verdict(
        Outcome.NOT_CHECKABLE,
        f"They served together in {', '.join(sorted(together))}: how many common complaints that alone "
        "brings is not tested here.",
        {"common_units": len(together)},
    )


class RepeatedCoComplaint:
    """Ask whether complaints keep coming back to the same two people.

    Counts mode: raised when two people are accused together in at least `min_common` complaints with 2 to
    `max_accused` accused, after counting one incident once and one complainant once. It does not yet compare
    with what serving together would bring anyway, so a pair of one busy unit may well be chance.
    Source: Wood, Roithmayr & Papachristos 2019 (Socius 5): most officers with a complaint are co-named once.
    """

    id = "repeated_co_complaint"
    version = 1
    title = "Repeated common complaints"
    question = "Are there two people whom complaints keep naming together?"
    categories: tuple[str, ...] = ("abuse of authority",)
    data_needed: tuple[str, ...] = (
        "complaints with all accused, date and complainant",
        "unit history",
        "declared relations",
    )
    parameters: tuple[Parameter, ...] = (
        Parameter("min_common", 3, "complaints", "least number of common complaints, incidents and voices"),
        Parameter("max_accused", 40, "people", "complaints that accuse more people do not count"),
    )
    explanations: tuple[Explanation, ...] = (
        DECLARED,
        Explanation("one_incident", "One incident, complained of several times", one_incident),
        Explanation("one_complainant", "One person complained several times", one_complainant),
        Explanation("same_unit", "They served in one unit", same_unit, hint=True),
    )
    refuter = "Files that show separate conduct: the two are named together for administrative reasons only."
    writes_findings = True
    live = True

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield findings by pair."""
        parameters = parameters_in_force(self.parameters, scope)
        people = view.people
        complaints = {complaint.event.id: complaint for complaint in _complaints(view, people, scope)}
        if len(complaints) < parameters["min_common"]:
            return
        rows = [(key, person) for key, complaint in complaints.items() for person in complaint.accused]
        accused = pl.DataFrame(rows, schema={"event": pl.String, "person": pl.String}, orient="row")
        limits = {"least": int(parameters["min_common"]), "most_accused": int(parameters["max_accused"])}
        pairs = co_accused_pairs(accused, **limits)
        for left, right, _, events in pairs.iter_rows():
            if not scope.concerns(left, right):
                continue
            nodes = [node for person in (left, right) if (node := people.node(person)) is not None]
            ordered = [node.id for node in sorted(nodes, key=lambda node: (founding(node), node.id))]
            common = sorted((complaints[event] for event in events), key=lambda c: (c.day, c.event.id))
            yield self._finding(CoAccused((ordered[0], ordered[1]), tuple(common), people, parameters), view)

    def _finding(self, candidate: CoAccused, view: View) -> Finding:
        first, second = (candidate.people.subject(person, ACCUSED) for person in candidate.persons)
        complaints = candidate.complaints
        span = (
            f"between {complaints[0].day} and {complaints[-1].day}"
            if complaints[0].day
            else "on dates not known"
        )
        return Finding(
            id=finding_id(self.id, [(ACCUSED, first.founding_record), (ACCUSED, second.founding_record)], ""),
            pattern=self.id,
            pattern_version=self.version,
            title=f"{first.name} and {second.name} are named together in {len(complaints)} complaints",
            sentence=(
                f"{len(complaints)} complaints {span} name both {first.name} and {second.name}. "
                "It is worth a look whether these have a common cause."
            ),
            severity=_severity(len(complaints)),
            subjects=(first, second),
            place_key="",
            numbers={
                "common_complaints": len(complaints),
                "most_accused": max(len(complaint.accused) for complaint in complaints),
                "fewest_accused": min(len(complaint.accused) for complaint in complaints),
            },
            evidence=tuple(_evidence(complaint) for complaint in complaints),
            explanations=tuple(explanation.apply(candidate, view) for explanation in self.explanations),
            refuter=self.refuter,
        )


def _complaints(view: View, people: People, scope: Scope) -> Iterator[Complaint]:
    """Yield complaints with their people: all of them, or those that accuse somebody the run is about."""
    if scope.about is None:
        events: Iterable[str] = (node.id for node in view.graph.scan("Complaint"))
    else:
        people.load(scope.about)
        parts = [part for person in sorted(scope.about) for part in people.involvements(person)]
        events = sorted({p.event.id for p in parts if p.kind == "complaint" and p.role == ACCUSED})
    for batch in batches(events, 200):
        around = whole_ego(view.graph, batch, {"INVOLVES"})
        nodes = {node.id: node for node in around.nodes}
        for event, roles in roles_by_event(around.links).items():
            if event in batch and _within(nodes[event], scope):
                accused = tuple(sorted({person for role, person in roles if role == ACCUSED}))
                made_by = tuple(sorted({person for role, person in roles if role == COMPLAINANT}))
                yield Complaint(nodes[event], accused, made_by)


def _within(event: Node, scope: Scope) -> bool:
    day = text(event, "valid_from")[:10]
    if scope.sources is not None and text(event, "source") not in scope.sources:
        return False
    if scope.start is None and scope.end is None:
        return True
    return bool(day) and (scope.start or "") <= day and (scope.end is None or day < scope.end)


def _groups(complaints: Sequence[frozenset[str]]) -> int:
    """Return how many groups remain when complaints with a common sign are one; without signs, one each."""
    groups: list[frozenset[str]] = []
    for signs in complaints:
        joined = [group for group in groups if not group.isdisjoint(signs)]
        groups = [group for group in groups if group.isdisjoint(signs)]
        groups.append(signs.union(*joined))
    return len(groups)


def _counted(candidate: CoAccused, count: int, name: str, sentence: str) -> Verdict:
    least = candidate.parameters["min_common"]
    numbers = {"complaints": len(candidate.complaints), name: count, "least": least}
    return Verdict(Outcome.PASSED if count < least else Outcome.FAILED, sentence, numbers)


def _spell(count: int, noun: str) -> str:
    return f"one {noun}" if count == 1 else f"{count} {noun}s"


def _severity(count: int) -> Severity:
    """Two common complaints are a note, three a look, five a review."""
    if count >= 5:
        return Severity.REVIEW
    return Severity.LOOK if count >= 3 else Severity.NOTE


def _evidence(complaint: Complaint) -> Evidence:
    category = spoken(text(complaint.event, "category"))
    others = len(complaint.accused) - 2
    return Evidence(
        origin="event",
        source=text(complaint.event, "source"),
        source_id=text(complaint.event, "event_id"),
        sentence=f"Complaint{f' ({category})' if category else ''} names both, and {others} others.",
        valid_from=text(complaint.event, "valid_from") or None,
        valid_to=text(complaint.event, "valid_to") or None,
        node_id=complaint.event.id,
    )


PATTERN: Pattern = RepeatedCoComplaint()
