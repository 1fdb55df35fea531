"""Who is tied to whom by what they hold or have declared, and who is near: everybody, or read as asked."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import log2
from typing import Any

import polars as pl

from graph_schema.nodes import NODE_KINDS
from graph_schema.relationships import RELATIONSHIP_TYPES
from graph_schema.store import GraphStore
from patterns.homes import EDGE, by_source, days, edge_rows, held_by_too_many, holders, home_statements
from patterns.interval import interval
from patterns.link_scan import HOLDINGS, score_links, succeeded
from patterns.link_score import SHARING, reliability
from patterns.people import People, whole_ego

DECLARED = "DECLARED"
MAX_LINKS = 3
"""Ties of the longest path that is looked at."""

_THINGS = sorted(kind.type for kind in RELATIONSHIP_TYPES if set(kind.ends) <= SHARING.keys() - {"Address"})
_LABEL = {kind.prefix: kind.label for kind in NODE_KINDS if kind.label in SHARING}
_TIE = {"person": pl.String(), "other": pl.String(), "thing": pl.String(), "label": pl.String()}
_SCORE = {
    "bits": pl.Float64(), "reliability": pl.Float64(), "rho": pl.Float64(), "overlap_days": pl.Int64(),
    "gap_days": pl.Int64(), "occupancy": pl.Int64(), "holders": pl.Int64(), "open": pl.Boolean(),
    "from": pl.Int64(), "until": pl.Int64(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties two people: a thing that both hold, or a declaration (then `thing` is its link).

    `cost` is -log2 of the probability that the two belong together, in bits. `row` is that of
    `link_scan.score_links`, empty for a declaration.
    """

    person: str
    other: str
    thing: str
    label: str
    cost: float
    row: Mapping[str, Any] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Path:
    """A path from a person through others; `cost` in bits, the tolls of those between included."""

    cost: float
    ties: tuple[Tie, ...]

    @property
    def persons(self) -> tuple[str, ...]:
        return (self.ties[0].person, *(tie.other for tie in self.ties))

    @property
    def between(self) -> tuple[str, ...]:
        return self.persons[1:-1]


@dataclass(frozen=True, slots=True)
class Ground:
    """What ties count: things of at most `max_holders` people over all time, ties of at most `max_cost` bits.

    `sources` limits whose word counts; `start`/`end` are ISO dates: a tie must touch them.
    """

    max_holders: int
    max_cost: float
    sources: Collection[str] | None = None
    start: str | None = None
    end: str | None = None


class Ties:
    """The ties of persons, the surest first. With `whole` everybody's are read at once, in columns."""

    def __init__(self, graph: GraphStore, ground: Ground, *, whole: bool) -> None:
        self._graph, self._ground = graph, ground
        self._ties: dict[str, tuple[Tie, ...]] = {}
        self.rows = self._read(None) if whole else None
        """Everybody's ties, both ways round; None where they are read as asked."""
        self._places: dict[str, tuple[int, int]] = {}
        if self.rows is not None:
            runs = self.rows.with_row_index("row").group_by("person").agg(pl.col("row").min(), n=pl.len())
            self._places = {person: (first, number) for person, first, number in runs.iter_rows()}

    def load(self, persons: Iterable[str]) -> None:
        """Read the ties of these persons that are not known yet."""
        wanted = sorted(set(persons) - self._ties.keys())
        if self.rows is not None or not wanted:
            return
        self._ties.update(dict.fromkeys(wanted, ()))
        rows = self._read(wanted)
        for (person,), group in rows.group_by(["person"], maintain_order=True):
            self._ties[str(person)] = _ties(group)

    def of(self, person: str) -> tuple[Tie, ...]:
        """Return the ties of a person, by cost, other person and thing."""
        if self.rows is None:
            self.load([person])
        elif person not in self._ties:
            place = self._places.get(person)
            self._ties[person] = () if place is None else _ties(self.rows.slice(*place))
        return self._ties[person]

    def degree(self, person: str) -> int:
        """Return to how many people a person is tied."""
        return len({tie.other for tie in self.of(person)})

    def toll(self, person: str) -> float:
        """Return the bits that it costs to go through a person: log2 of the other ways on from there.

        Source: the degree sink of Faloutsos, McCurley & Tomkins 2004 (KDD) as a walk that does not return.
        """
        return log2(max(1, self.degree(person) - 1))

    def _read(self, about: Sequence[str] | None) -> pl.DataFrame:
        """Return the ties of these persons, or everybody's, both ways, by person, cost, other, thing."""
        ground = self._ground
        held = pl.concat([self._held(about), _declared(self._graph, about)])
        if held.is_empty():
            return held.select(list(_TIE), cost="rho")
        if ground.sources is not None:
            held = held.filter(pl.col("source").is_in(sorted(ground.sources)) | pl.col("source").is_null())
        window = interval(ground.start, ground.end)
        if window.end is not None:
            held = held.filter(pl.col("from").fill_null(window.end - 1) < window.end)
        if window.start is not None:
            held = held.filter(pl.col("until").fill_null(window.start + 1) > window.start)
        households = {label: kind.household for label, kind in SHARING.items()}
        household = pl.col("label").replace_strict(households, default=1.0, return_dtype=pl.Float64)
        together = pl.min_horizontal(1.0, household / (pl.col("occupancy") - 1))
        # Rounded, so that one path costs the same however many others were reckoned beside it.
        rows = held.with_columns(cost=(-(pl.col("rho") * together).log(2)).round(6) + 0.0)
        rows = rows.filter(pl.col("cost") <= ground.max_cost).drop("source")
        back = rows.rename({"person": "other", "other": "person"}).select(rows.columns)
        rows = pl.concat([rows, back]).unique(["person", "other", "thing"])
        if about is not None:
            rows = self._complete(rows.filter(pl.col("person").is_in(about)))
        return rows.sort("person", "cost", "other", "thing")

    def _held(self, about: Sequence[str] | None) -> pl.DataFrame:
        most, sources = self._ground.max_holders, self._ground.sources
        homes = home_statements(self._graph, about, most)
        said = pl.concat(
            [succeeded(homes) if homes.height else homes, _thing_statements(self._graph, about, most)]
        )
        if said.is_empty():  # as of most people
            return pl.DataFrame(schema=_COLUMNS)
        said = said.filter(pl.col("person").n_unique().over("thing") <= most)
        if sources is not None:
            said = said.filter(pl.col("source").is_in(sorted(sources)))
        links = score_links(said.with_columns(staff=True), max_holders=most)
        named = links.rename({"left": "person", "right": "other"}).with_columns(
            source=pl.lit(None, pl.String)
        )
        return named.select([pl.col(name).cast(kind) for name, kind in _COLUMNS.items()])

    def _complete(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Leave out ties at things of which not every holder was read: they have too many."""
        things = rows.filter(pl.col("label") != DECLARED)["thing"].unique()
        return rows.filter(
            ~pl.col("thing").is_in(held_by_too_many(self._graph, things, self._ground.max_holders))
        )


_COLUMNS: Mapping[str, pl.DataType] = {**_TIE, **_SCORE, "source": pl.String()}


def _ties(rows: pl.DataFrame) -> tuple[Tie, ...]:
    return tuple(
        Tie(row["person"], row["other"], row["thing"], row["label"], row["cost"], row)
        for row in rows.iter_rows(named=True)
    )


def _thing_statements(graph: GraphStore, about: Sequence[str] | None, most: int) -> pl.DataFrame:
    """Return who holds which phone, e-mail, account or vehicle, as `link_scan.HOLDINGS`."""
    if about is None:
        edges = [pl.DataFrame(batch).select(list(EDGE)) for batch in graph.scan_edges(_THINGS)]
        said = pl.concat([pl.DataFrame(schema=EDGE), *edges])
    else:
        around = whole_ego(graph, about, _THINGS)
        shared = [node.id for node in around.nodes if 2 <= holders(node) <= most]
        if not shared:
            return pl.DataFrame(schema=HOLDINGS)
        there = whole_ego(graph, shared, _THINGS)
        said = edge_rows(link for link in there.links if link.end in set(shared))
    said = by_source(said)
    label = pl.col("end").str.slice(0, 1).replace_strict(_LABEL, default=None, return_dtype=pl.String)
    return said.select(
        pl.col("start").alias("person"),
        pl.lit(value=False).alias("staff"),
        label.alias("label"),
        pl.col("end").alias("thing"),
        pl.lit(None, pl.String).alias("building"),
        days(said["valid_from"], last=False).alias("start"),
        days(said["valid_to"], last=True).alias("end"),
        pl.col("source").fill_null(""),
    ).select([pl.col(name).cast(kind) for name, kind in HOLDINGS.items()])


def _declared(graph: GraphStore, about: Sequence[str] | None) -> pl.DataFrame:
    """Return the declared relations as ties: as sure as the source that says so."""
    if about is None:
        parts = [pl.DataFrame(batch).select("id", *EDGE) for batch in graph.scan_edges([DECLARED])]
        rows = [row for part in parts for row in part.select("id", "start", "end", "sources").iter_rows()]
    else:
        links = whole_ego(graph, about, {DECLARED}).links
        rows = [(link.id, link.start, link.end, link.properties.get("sources", ())) for link in links]
    said = [
        {"person": start, "other": end, "thing": id_, "label": DECLARED, "rho": reliability(source),
         "occupancy": 2, "gap_days": 0, "open": True, "source": source}
        for id_, start, end, keys in rows
        if start != end
        for source in [max((key.split("|", 1)[0] for key in keys), key=reliability, default="")]
    ]  # fmt: skip
    return pl.DataFrame(said, schema=_COLUMNS)


class Neighbourhood:
    """Who is near whom, along paths through members of the public who are no nominals.

    What a colleague or a nominal is tied to in their turn is a question about them. `ends` tells a nominal.
    """

    def __init__(self, ties: Ties, people: People, ground: Ground, ends: Callable[[str], bool]) -> None:
        self.ties, self.people = ties, people
        self._ground, self.ends = ground, ends

    def prepare(self, persons: Iterable[str]) -> None:
        """Read all that lies around these persons, ring by ring."""
        ring = dict.fromkeys(sorted(set(persons)), 0.0)
        best: dict[str, float] = {}
        for step in range(MAX_LINKS):
            best.update(ring)
            self.ties.load(ring)
            reached: dict[str, float] = {}
            for person, cost in ring.items():
                toll = self.ties.toll(person) if step else 0.0
                for tie in self.ties.of(person):
                    total = round(cost + toll + tie.cost, 6)
                    if total <= self._ground.max_cost:
                        reached[tie.other] = min(total, reached.get(tie.other, total))
            self.people.load(reached)
            ring = {
                person: reached[person]
                for person in sorted(reached)
                if self.passable(person) and reached[person] < best.get(person, self._ground.max_cost + 1)
            }

    def passable(self, person: str) -> bool:
        """Return whether a path may lead on through a person."""
        node = self.people.node(person)
        return node is not None and "Staff" not in node.labels and not self.ends(person)

    def paths(self, start: str) -> Iterator[Path]:
        """Yield the paths from a person, the cheapest first, no thing twice in one; none without an end."""
        heap: list[tuple[float, tuple[str, ...], tuple[str, ...], tuple[Tie, ...]]] = [
            (0.0, (start,), (), ())
        ]
        while heap:
            cost, persons, things, walked = heappop(heap)
            if walked:
                yield Path(cost, walked)
            if len(walked) == MAX_LINKS or (walked and not self.passable(persons[-1])):
                continue
            toll = self.ties.toll(persons[-1]) if walked else 0.0
            for tie in self.ties.of(persons[-1]):
                total = round(cost + toll + tie.cost, 6)
                if total > self._ground.max_cost:
                    break
                if tie.other not in persons and tie.thing not in things:
                    heappush(heap, (total, (*persons, tie.other), (*things, tie.thing), (*walked, tie)))
