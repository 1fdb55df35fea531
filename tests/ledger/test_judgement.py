"""Contradictions among judgements, against a union-find that knows nothing of walks."""

from collections.abc import Callable, Collection
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ledger.judgement import Neighbours, contradiction

Pair = tuple[int, int]
Check = Callable[[Pair, bool, Neighbours, Neighbours], tuple[int, ...] | None]

_SAID = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 6), st.booleans()).filter(lambda said: said[0] < said[1]),
    max_size=25,
)


def _links(pairs: Collection[Pair]) -> Neighbours:
    return lambda numbers: [pair for pair in pairs if pair[0] in numbers or pair[1] in numbers]


def _consistent(said: dict[Pair, bool]) -> bool:
    """Return whether no cannot-link has both ends in one set of must-links."""
    leader = {record: record for record in range(1, 7)}
    for left, right in (pair for pair, same in said.items() if same):
        old, new = leader[left], leader[right]
        leader = {record: new if lead == old else lead for record, lead in leader.items()}
    return all(leader[left] != leader[right] for (left, right), same in said.items() if not same)


def _keeps_consistent(check: Check, judgements: list[tuple[int, int, bool]]) -> bool:
    """Judge one after another; return whether exactly those are refused that contradict."""
    said: dict[Pair, bool] = {}
    for left, right, same in judgements:
        others = {pair: word for pair, word in said.items() if pair != (left, right)}
        must = _links([pair for pair, word in others.items() if word])
        cannot = _links([pair for pair, word in others.items() if not word])
        chain = check((left, right), same, must, cannot)
        after = {**others, (left, right): same}
        if (chain is None) != _consistent(after):
            return False
        if chain is None:
            said = after
        else:
            _assert_chain(chain, {*(pair for pair, word in others.items() if word), (left, right)})
    return True


def _assert_chain(chain: tuple[int, ...], tied: set[Pair]) -> None:
    """Each step of a chain is a must-link in force, or the pair judged."""
    assert len(chain) >= 2
    assert len(set(chain)) == len(chain)
    for one, other in pairwise(chain):
        assert (min(one, other), max(one, other)) in tied


@given(_SAID)
def test_exactly_what_contradicts_is_refused(judgements: list[tuple[int, int, bool]]) -> None:
    assert _keeps_consistent(contradiction, judgements)


def test_a_check_of_pairs_alone_would_fail() -> None:
    def pairs_alone(pair: Pair, same: bool, must: Neighbours, cannot: Neighbours) -> tuple[int, ...] | None:
        return pair if pair in (cannot(pair) if same else must(pair)) else None

    judgements = [(1, 2, True), (2, 3, True), (1, 3, False)]
    assert not _keeps_consistent(pairs_alone, judgements)
    assert _keeps_consistent(contradiction, judgements)


def test_the_chain_is_a_shortest_one() -> None:
    must = _links([(1, 2), (2, 3), (1, 4), (3, 4), (3, 5)])
    assert contradiction((1, 5), False, must, _links([])) == (1, 2, 3, 5)
    assert contradiction((5, 6), True, must, _links([(1, 6)])) == (1, 2, 3, 5, 6)
