"""What records say of homes, as columns: of everybody, or of all that matters to a few persons."""

from collections.abc import Collection, Iterable, Sequence

import polars as pl

from graph_schema.nodes import Node
from graph_schema.relationships import Link
from graph_schema.store import GraphStore
from patterns.interval import day
from patterns.link_scan import HOLDINGS
from patterns.people import People, text, texts, whole_ego

EDGE = {name: pl.String() for name in ("start", "end", "valid_from", "valid_to")} | {
    "sources": pl.List(pl.String())
}
_NOTHING = pl.DataFrame(schema=HOLDINGS)
_PLACES = {"thing": pl.String(), "house": pl.String(), "flat": pl.Boolean()}


def home_statements(
    graph: GraphStore, about: Collection[str] | None, max_holders: int, people: People | None = None
) -> pl.DataFrame:
    """Return homes as `link_scan.HOLDINGS`, sorted: everybody's, or with `about` all that matters to them.

    These are the homes that they share with at most `max_holders` people, the flats of its building where one
    names no flat, and every home of everybody there: a later home ends an earlier one. With `people`, of
    the homes of those asked about only those that a member of staff shares with a nominal.
    """
    if about is None:
        edges = [pl.DataFrame(batch) for batch in graph.scan_edges(["LIVES_AT"])]
        said = pl.concat([pl.DataFrame(schema=EDGE), *(edge.select(list(EDGE)) for edge in edges)])
        return _columns(said, graph.scan("Address"), graph.scan("Staff"))
    around = whole_ego(graph, sorted(about), {"LIVES_AT"})
    shared = {node.id: node for node in around.nodes if 2 <= holders(node) <= max_holders}
    if people is not None and shared:
        shared = {home: shared[home] for home in _with_nominals(graph, shared, people)}
    if not shared:  # as after most writes
        return _NOTHING
    flats = [flat for home in shared.values() if not has_flat(home) for flat in addresses_of(graph, home)]
    things = {*shared, *(flat.id for flat in flats)}
    there = whole_ego(graph, sorted(things), {"LIVES_AT"})
    residents = sorted({link.start for link in there.links if link.end in things})
    whole = whole_ego(graph, residents, {"LIVES_AT"})
    addresses = (node for node in whole.nodes if node.kind == "Address")
    staff = (node for node in whole.nodes if "Staff" in node.labels)
    return _columns(edge_rows(whole.links), addresses, staff)


def held_by_too_many(graph: GraphStore, things: Iterable[str], most: int) -> list[str]:
    """Return those of these things that more than `most` people hold, of whom a look at a few reads some."""
    return sorted(id_ for id_, node in graph.get(set(things)).items() if holders(node) > most)


def _with_nominals(graph: GraphStore, homes: Collection[str], people: People) -> list[str]:
    """Return those of these homes that a member of staff shares with a nominal."""
    there = whole_ego(graph, sorted(homes), {"LIVES_AT"})
    staff = {node.id: "Staff" in node.labels for node in there.nodes if node.kind == "Person"}
    residents: dict[str, set[str]] = {home: set() for home in sorted(homes)}
    for link in there.links:
        residents[link.end].add(link.start)
    mixed = {home: some for home, some in residents.items() if len({staff[one] for one in some}) == 2}
    people.load({one for some in mixed.values() for one in some if not staff[one]})
    return [home for home, some in mixed.items() if any(people.dealings(one) for one in sorted(some))]


def _columns(said: pl.DataFrame, addresses: Iterable[Node], staff: Iterable[Node]) -> pl.DataFrame:
    rows = [(node.id, text(node, "building"), has_flat(node)) for node in addresses]
    places = pl.DataFrame(rows, schema=_PLACES, orient="row")
    named = places.filter(~pl.col("flat") & (pl.col("house") != ""))
    buildings = named.group_by("house").agg(pl.col("thing").min().alias("building"))
    spoken = by_source(said).join(
        places.join(buildings, on="house", how="left"), left_on="end", right_on="thing", how="left"
    )  # fmt: skip
    return spoken.select(
        pl.col("start").alias("person"),
        pl.col("start").is_in(sorted(node.id for node in staff)).alias("staff"),
        pl.lit("Address").alias("label"),
        pl.col("end").alias("thing"),
        "building",
        days(spoken["valid_from"], last=False).alias("start"),
        days(spoken["valid_to"], last=True).alias("end"),
        pl.col("source").fill_null(""),
    ).sort("person", "thing", "start", "end", "source", nulls_last=True)


def edge_rows(links: Iterable[Link]) -> pl.DataFrame:
    """Return links as the columns that `scan_edges` gives: start, end, valid_from, valid_to, sources."""
    rows = [
        (link.start, link.end, text(link, "valid_from"), text(link, "valid_to"), list(texts(link, "sources")))
        for link in links
    ]
    return pl.DataFrame(rows, schema=EDGE, orient="row")


def by_source(said: pl.DataFrame) -> pl.DataFrame:
    """Return links with a row for each source that says so, in `source` (null where none is named)."""
    source = pl.col("sources").list.eval(pl.element().str.split("|").list.first()).list.unique()
    return said.with_columns(source=source).explode("source")


def days(said: pl.Series, *, last: bool) -> pl.Series:
    """Return the day ordinal of each date as sources give it; each distinct one is read once."""
    known = said.unique().to_list()
    read = pl.DataFrame(
        {"said": known, "day": [day(value, last=last) for value in known]},
        schema={"said": pl.String, "day": pl.Int32},
    )
    return said.to_frame("said").join(read, on="said", how="left", maintain_order="left", nulls_equal=True)[
        "day"
    ]


def known_flats(graph: GraphStore, address: Node) -> int:
    """Return how many flats of the address's building the graph holds (at most 200)."""
    return sum(1 for node in addresses_of(graph, address) if has_flat(node))


def addresses_of(graph: GraphStore, address: Node) -> Sequence[Node]:
    """Return the addresses of the building of an address (at most 200), by name."""
    building = text(address, "building")
    named = graph.search(building, {"Address"}, 200)
    return [node for node in named if text(node, "building") == building]


def has_flat(address: Node) -> bool:
    """Return whether an address names a flat."""
    return text(address, "display_name").startswith("Flat ")


def holders(node: Node) -> int:
    """Return how many people hold a shared node."""
    count = node.properties.get("holder_count", 0)
    return count if isinstance(count, int) else 0
