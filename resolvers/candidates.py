"""Candidate pairs from the members of blocks, once each, with at least one new record in each."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from resolvers.errors import PairBudgetExceeded

Numbers = NDArray[np.int64]


def distinct(numbers: Numbers) -> Numbers:
    """Return each number once, ascending: by sorting, since NumPy's `unique` goes through a slower hash."""
    ordered = np.sort(numbers)
    return ordered[np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))[: len(ordered)]]


def candidate_pairs(
    blocks: Sequence[Sequence[int]], new: Collection[int] | None = None
) -> tuple[Numbers, Numbers]:
    """Return the distinct pairs (left < right) that share a block, sorted; with `new`, an end is among it.

    Blocks are sequences of distinct record numbers.
    """
    by_size: dict[int, list[Sequence[int]]] = {}
    for members in blocks:
        by_size.setdefault(len(members), []).append(members)
    known = distinct(np.asarray([number for members in blocks for number in members], np.int64))
    is_new = None if new is None else np.isin(known, np.fromiter(new, np.int64, len(new)))
    width = np.int64(len(known))
    found = [np.empty(0, np.int64)]
    for size, alike in sorted(by_size.items()):
        if size < 2:
            continue
        places = np.sort(np.searchsorted(known, np.asarray(alike, np.int64)), axis=1)
        first, second = np.triu_indices(size, 1)
        left, right = places[:, first].ravel(), places[:, second].ravel()
        if is_new is not None:
            wanted = is_new[left] | is_new[right]
            left, right = left[wanted], right[wanted]
        found.append(left * width + right)
    pairs = distinct(np.concatenate(found))
    left, right = np.divmod(pairs, max(width, np.int64(1)))
    return known[left], known[right]


def check_budget(sizes: Mapping[int, tuple[int, int]], max_block: int, max_pairs: int) -> None:
    """Check that blocks of (members, new members) by key stay within the budget of pairs.

    Counts a pair once for each key it shares, so the bound errs on the safe side.
    Raises: PairBudgetExceeded, with the keys that cost most, the pairs, and what to set.
    """
    cost = {
        key: new * (size - new) + new * (new - 1) // 2
        for key, (size, new) in sizes.items()
        if 2 <= size <= max_block
    }
    total = sum(cost.values())
    if total > max_pairs:
        worst = sorted(cost.items(), key=lambda item: (-item[1], item[0]))[:5]
        keys = ", ".join(f"{key} ({pairs:,} pairs)" for key, pairs in worst)
        raise PairBudgetExceeded(
            f"this load would compare up to {total:,} pairs (max_pairs: {max_pairs:,}); nothing was changed. "
            f"Costliest of {len(cost):,} blocking keys: {keys}. Set a higher max_pairs or a lower max_block "
            f"(now {max_block}) in the model, or load in smaller parts"
        )
