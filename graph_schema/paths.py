"""Find the shortest paths between two nodes, the same ones in the same order on every store."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from graph_schema.conformance import known_types
from graph_schema.nodes import KIND_OF_LABEL
from graph_schema.relationships import Link
from graph_schema.store import Path, PathAnswer
from graph_schema.traversal import Walk, Walkable, is_technical

MAX_STEPS = 200_000
"""Steps of one enumeration of paths; past it the answer is cut and says so."""

_Choice = tuple[str, str, tuple[Link, ...]]
"""The instants [from, to) in which all of these links are valid."""

_ALWAYS: _Choice = ("", "\x7f", ())
_Adjacency = dict[str, dict[str, list[Link]]]


@dataclass(frozen=True, slots=True)
class PathQuestion:
    """Two ends and what is asked of the paths between them; see `GraphStore.paths`."""

    start: str
    end: str
    max_hops: int = 6
    max_nodes: int = 5000
    limit: int = 10
    avoid: Collection[str] = ()
    require: Collection[str] = ()
    time_consistent: bool = False


def shortest_paths(store: Walkable, question: PathQuestion) -> PathAnswer:
    """Return the shortest paths that satisfy the question.

    Bidirectional breadth-first search: the smaller frontier grows by one ring; once the rings have met, the
    links among all nodes seen are read at once and the paths of exactly that length are enumerated.
    """
    ends = {question.start, question.end}
    known = store.get(ends)
    if len(known) < len(ends) or any(is_technical(node_id) for node_id in ends):
        return PathAnswer(())
    if len(ends) == 1:
        alone = Path((known[question.start],), ())
        return PathAnswer((alone,) if set(question.require) <= ends else ())
    search = _Search(store, question)
    for length in range(1, question.max_hops + 1):
        search.grow()
        if not search.met:
            if search.truncated or search.exhausted:
                break
            continue
        enumeration = _Enumeration(question, search.adjacency())
        found = enumeration.paths_of(length)
        cut = search.truncated or enumeration.steps > MAX_STEPS
        if found or cut:
            kept = found[: question.limit]
            nodes = store.get({node_id for path, _ in kept for node_id in path})
            return PathAnswer(
                tuple(Path(tuple(nodes[node_id] for node_id in path), links) for path, links in kept),
                cut or len(found) > question.limit,
            )
    return PathAnswer((), search.truncated)


class _Search:
    """Two balls that grow towards each other."""

    def __init__(self, store: Walkable, question: PathQuestion) -> None:
        ends = (question.start, question.end)
        self._store = store
        self._max_nodes = question.max_nodes
        self._walk = Walk(
            types=known_types(None),
            avoid=frozenset(question.avoid) - KIND_OF_LABEL.keys() - set(ends),
            avoid_labels=tuple(sorted(KIND_OF_LABEL.keys() & set(question.avoid))),
            allow=ends,
        )
        self._seen = ({question.start}, {question.end})
        self._frontiers: list[Sequence[str]] = [[question.start], [question.end]]
        self.met = False
        self.truncated = False

    @property
    def exhausted(self) -> bool:
        """Return whether one ball has swallowed its whole component."""
        return not all(self._frontiers)

    def grow(self) -> None:
        """Grow the ball with the smaller frontier by one ring, the smallest node ids first where room ends.

        A swallowed component has nothing to grow: every path lies in it already.
        """
        if self.exhausted or self.truncated:
            return
        side = 0 if len(self._frontiers[0]) <= len(self._frontiers[1]) else 1
        own, other = self._seen[side], self._seen[1 - side]
        ring = self._store.ring(self._frontiers[side], self._walk, own, self._max_nodes + 1)
        room = max(0, self._max_nodes - len(own | other))
        fresh = [node_id for node_id in ring if node_id not in other]
        self.truncated = len(fresh) > room or len(ring) > self._max_nodes
        meeting = [node_id for node_id in ring if node_id in other]
        self._frontiers[side] = sorted(meeting + fresh[:room])
        own.update(self._frontiers[side])
        self.met = self.met or bool(meeting)

    def adjacency(self) -> _Adjacency:
        """Return the links among all nodes seen: node → other end → parallel links by id."""
        adjacency: _Adjacency = {}
        for link in self._store.links_among(self._seen[0] | self._seen[1], self._walk):
            if link.start != link.end:
                adjacency.setdefault(link.start, {}).setdefault(link.end, []).append(link)
                adjacency.setdefault(link.end, {}).setdefault(link.start, []).append(link)
        return adjacency


class _Enumeration:
    """The simple paths of one length in what has been seen, in the order of their node ids."""

    def __init__(self, question: PathQuestion, adjacency: _Adjacency) -> None:
        self._question = question
        self._adjacency = adjacency
        self._required = frozenset(question.require) - {question.start, question.end}
        self._distance = _distances(adjacency, question.end)
        self.steps = 0

    def paths_of(self, length: int) -> list[tuple[tuple[str, ...], tuple[Link, ...]]]:
        """Return at most `limit` + 1 paths of exactly `length` links."""
        found = []
        for path in self._extend((self._question.start,), [_ALWAYS], length):
            found.append(path)
            if len(found) > self._question.limit:
                break
        return found

    def _extend(
        self, path: tuple[str, ...], choices: list[_Choice], remaining: int
    ) -> Iterator[tuple[tuple[str, ...], tuple[Link, ...]]]:
        if remaining == 0:
            yield path, choices[0][2]
            return
        neighbours = self._adjacency.get(path[-1], {})
        for node_id in sorted(neighbours):
            self.steps += 1
            if self.steps > MAX_STEPS:
                return
            if not self._promising(node_id, path, remaining - 1):
                continue
            longer = self._choose(choices, neighbours[node_id])
            if longer:
                yield from self._extend((*path, node_id), longer, remaining - 1)

    def _promising(self, node_id: str, path: tuple[str, ...], remaining: int) -> bool:
        """Return whether a path on to this node can still reach the end and every required node in time."""
        if node_id in path or (node_id == self._question.end) != (remaining == 0):
            return False
        if self._distance.get(node_id, remaining + 1) > remaining:
            return False
        return len(self._required.difference(path, (node_id,))) <= max(0, remaining - 1)

    def _choose(self, choices: list[_Choice], links: list[Link]) -> list[_Choice]:
        """Return the ways to go on by one of the parallel links, in order of link ids."""
        if not self._question.time_consistent:
            return [(*_ALWAYS[:2], (*choices[0][2], links[0]))]
        going: dict[tuple[str, str], _Choice] = {}
        for low, high, taken in choices:
            for link in links:
                start, end = max(low, _instant(link, "valid_from")), min(high, _instant(link, "valid_to"))
                if start < end:
                    going.setdefault((start, end), (start, end, (*taken, link)))
        return list(going.values())


def _instant(link: Link, bound: str) -> str:
    """Return a bound as a comparable instant: a date is its first moment, absent is open."""
    value = link.properties.get(bound)
    if not isinstance(value, str):
        return _ALWAYS[0] if bound == "valid_from" else _ALWAYS[1]
    return value if len(value) > 10 else f"{value}T00:00:00Z"


def _distances(adjacency: _Adjacency, end: str) -> dict[str, int]:
    """Return the hops from each node seen to the end."""
    distance = {end: 0}
    frontier, depth = [end], 0
    while frontier:
        depth += 1
        ring = {other for node_id in frontier for other in adjacency.get(node_id, ())} - distance.keys()
        distance.update(dict.fromkeys(ring, depth))
        frontier = sorted(ring)
    return distance
