"""Pairs of people who hold one thing (a home, a phone, an account …), with the score of what links them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from graph_schema.nodes import Node
from graph_schema.relationships import HOLDING_TYPES, Link
from graph_schema.store import GraphStore, SharedNode
from patterns.finding import Evidence, Number
from patterns.interval import Interval, Overlap, interval, iso
from patterns.link_score import Holding, LinkScore, link_score
from patterns.people import People, batches, founding, text, texts, whole_ego


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who holds a thing, and the links that say so, by id."""

    person: Node
    links: tuple[Link, ...]

    @property
    def holdings(self) -> tuple[Holding, ...]:
        """Return what each link states, an open end closed by what another link says of it."""
        return settled(tuple(_holding(link) for link in self.links))

    @property
    def origins(self) -> tuple[str, ...]:
        """Return the sources that say so, each once, sorted."""
        return tuple(sorted({key.split("|", 1)[0] for link in self.links for key in texts(link, "sources")}))


@dataclass(frozen=True, slots=True)
class SharedThing:
    """Two people at one thing; `left` is staff when only one of them is, else the one known longer.

    `holders` counts the distinct people known there at any time.
    """

    thing: Node
    left: Holder
    right: Holder
    score: LinkScore
    holders: int

    @property
    def persons(self) -> tuple[str, str]:
        return self.left.person.id, self.right.person.id

    @property
    def names(self) -> tuple[str, str]:
        return text(self.left.person, "display_name"), text(self.right.person, "display_name")

    @property
    def numbers(self) -> Mapping[str, Number]:
        """Return the numbers of the score; `overlap_days` None = unknown, or open if `overlap_open` is 1."""
        shared = self.score.overlap
        days = None if shared.days is None or shared.days == float("inf") else int(shared.days)
        return {
            "bits": round(self.score.bits, 2),
            "reliability": round(self.score.reliability, 3),
            "overlap_days": days,
            "overlap_open": int(shared.days == float("inf")),
            "overlap_from": iso(shared.start),
            "overlap_to": iso(shared.end) if shared.gap == 0 else None,
            "gap_days": int(shared.gap),
            "occupancy": self.score.occupancy,
            "holders": self.holders,
        }


@dataclass(frozen=True, slots=True)
class Search:
    """Which pairs to look for: of these labels, with one of `about` (None = anybody), one of them staff.

    Things with more than `max_holders` people are institutions and give no pairs. `sources` limits whose word
    counts. `start`/`end` are ISO dates: the overlap must touch them.
    """

    labels: Collection[str]
    about: Collection[str] | None = None
    max_holders: int = 60
    sources: Collection[str] | None = None
    start: str | None = None
    end: str | None = None


def shared_things(graph: GraphStore, people: People, search: Search) -> Iterator[SharedThing]:
    """Yield the pairs, by thing and then by person."""
    found = graph.shared(search.labels, holders=search.about, max_holders=search.max_holders)
    for batch in batches(found, 100):
        held = [(shared, _links_by_person(shared, search)) for shared in batch]
        people.load(person for _, links in held for person in links)
        for shared, links in held:
            yield from _pairs(shared.node, links, people, search)


def _links_by_person(shared: SharedNode, search: Search) -> dict[str, tuple[Link, ...]]:
    links: dict[str, list[Link]] = {}
    for link in shared.links:
        said_by = {key.split("|", 1)[0] for key in texts(link, "sources")}
        if link.type in HOLDING_TYPES and (search.sources is None or said_by & set(search.sources)):
            links.setdefault(link.start, []).append(link)
    return {person: tuple(links[person]) for person in sorted(links)}


def _pairs(
    thing: Node, links: Mapping[str, tuple[Link, ...]], people: People, search: Search
) -> Iterator[SharedThing]:
    holders = [
        Holder(node, held) for person, held in links.items() if (node := people.node(person)) is not None
    ]
    everyone = tuple(holder.holdings for holder in holders)
    wanted = interval(search.start, search.end)
    for position, one in enumerate(holders):
        for other in holders[position + 1 :]:
            if search.about is not None and not {one.person.id, other.person.id} & set(search.about):
                continue
            if not (people.staff(one.person.id) or people.staff(other.person.id)):
                continue
            left, right = sorted((one, other), key=lambda holder: _seniority(holder.person))
            score = link_score(thing.kind, left.holdings, right.holdings, everyone)
            if score.overlap.start < wanted.latest and score.overlap.end > wanted.earliest:
                yield SharedThing(thing, left, right, score, len(holders))


def held_things(
    graph: GraphStore, things: Collection[str], sources: Collection[str] | None
) -> tuple[Mapping[str, Node], Mapping[tuple[str, str], list[Link]]]:
    """Return nodes around the things by id, and who says who holds them, by person and thing."""
    around = whole_ego(graph, sorted(things), HOLDING_TYPES)
    held: dict[tuple[str, str], list[Link]] = {}
    for link in around.links:
        said_by = {key.split("|", 1)[0] for key in texts(link, "sources")}
        if link.end in things and (sources is None or said_by & set(sources)):
            held.setdefault((link.start, link.end), []).append(link)
    return {node.id: node for node in around.nodes}, held


def scored(row: Mapping[str, Any]) -> LinkScore:
    """Return the score that a row of `link_scan.score_links` says."""
    days = inf if row["open"] else None if row["overlap_days"] is None else float(row["overlap_days"])
    start = -inf if row["from"] is None else row["from"]
    end = inf if row["until"] is None else row["until"]
    shared = Overlap(days, float(row["gap_days"]), start, end)
    return LinkScore(row["bits"], row["reliability"], shared, row["occupancy"])


def _seniority(person: Node) -> tuple[bool, int, str]:
    return "Staff" not in person.labels, founding(person), person.id


def settled(holdings: tuple[Holding, ...]) -> tuple[Holding, ...]:
    """Return one person's statements of one thing, where an end that is stated beats one that is not.

    A statement without an end (a stale address in a personnel file) ends with the latest dated and ended
    one that reaches past its start; one without a start then starts with the earliest of them.
    """
    ended = [h.interval for h in holdings if h.interval.start is not None and h.interval.end is not None]
    return tuple(Holding(_closed(holding.interval, ended), holding.sources) for holding in holdings)


def _closed(span: Interval, ended: list[Interval]) -> Interval:
    later = [other for other in ended if other.latest > span.earliest]
    if span.end is not None or not later:
        return span
    start = (
        span.start
        if span.start is not None
        else min(other.start for other in later if other.start is not None)
    )
    return Interval(start, max(other.end for other in later if other.end is not None))


def _holding(link: Link) -> Holding:
    span = interval(link.properties.get("valid_from"), link.properties.get("valid_to"))
    return Holding(span, texts(link, "sources"))


_VERB = {"LIVES_AT": "at", "USES": "with", "PAID_INTO": "with", "DRIVES": "with"}


def holding_evidence(shared: SharedThing) -> tuple[Evidence, ...]:
    """Return one row for each record that says who held the thing."""
    rows = []
    for holder in (shared.left, shared.right):
        for link in holder.links:
            for key in texts(link, "sources"):
                source, source_id = key.split("|", 1)
                name, thing = text(holder.person, "display_name"), text(shared.thing, "display_name")
                rows.append(
                    Evidence(
                        origin="record",
                        source=source,
                        source_id=source_id,
                        sentence=f"{source} has {name} {_VERB[link.type]} {thing}{_when(link)}.",
                        valid_from=text(link, "valid_from") or None,
                        valid_to=text(link, "valid_to") or None,
                        entity_id=holder.person.id,
                        link_id=link.id,
                        node_id=shared.thing.id,
                    )
                )
    return tuple(
        sorted(rows, key=lambda row: (row.entity_id or "", row.source, row.source_id, row.link_id or ""))
    )


def _when(link: Link) -> str:
    start, end = text(link, "valid_from")[:10], text(link, "valid_to")[:10]
    if start and end:
        return f" from {start} to {end}"
    if start:
        return f" since {start}"
    return f" until {end}" if end else ", without dates"
