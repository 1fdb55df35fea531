"""Whether a judgement contradicts the others: walks over must-links, free of any store."""

from collections.abc import Callable, Collection, Iterable, Mapping

Neighbours = Callable[[Collection[int]], Iterable[tuple[int, int]]]
"""Given records, return the pairs in force (left, right) with an end among them."""


def closure(start: int, must_links: Neighbours) -> dict[int, int | None]:
    """Return every record that must-links tie to `start`, each with the record it was reached from.

    Breadth first in ascending order, so that the walk back is a shortest chain and always the same one.
    """
    reached: dict[int, int | None] = {start: None}
    frontier = [start]
    while frontier:
        found: dict[int, int] = {}
        for left, right in sorted(must_links(frontier)):
            for here, there in ((left, right), (right, left)):
                if here in reached and there not in reached:
                    found.setdefault(there, here)
        reached.update(found)
        frontier = sorted(found)
    return reached


def contradiction(
    pair: tuple[int, int], same: bool, must_links: Neighbours, cannot_links: Neighbours
) -> tuple[int, ...] | None:
    """Return the chain of records that a new judgement contradicts, None when it contradicts nothing.

    The pair's own earlier judgement must not be among the links: the new one takes its place.
    """
    left, right = pair
    from_left = closure(left, must_links)
    if not same:
        return tuple(reversed(_walk(right, from_left))) if right in from_left else None
    from_right = closure(right, must_links)
    reached = {**from_right, **from_left}
    for one, other in sorted(cannot_links(sorted(reached))):
        for a, b in ((one, other), (other, one)):
            if a in from_left and b in from_right:
                return (*_walk(a, from_left), *reversed(_walk(b, from_right)))
    return None


def _walk(end: int, reached: Mapping[int, int | None]) -> tuple[int, ...]:
    """Return the records from `end` back to where the closure started."""
    chain = []
    at: int | None = end
    while at is not None:
        chain.append(at)
        at = reached[at]
    return tuple(chain)
