"""Blocks of many records at once: the blocking keys of a table, and the pairs that share one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from resolvers.blocking import MIX, PARTS, READS, blocking_keys, rule_hash, text_hash
from resolvers.candidates import Numbers, check_budget, distinct
from resolvers.feature_table import FeatureTable
from resolvers.features import Features
from resolvers.linkage_model import BlockingRule, LinkageModel
from resolvers.text_store import Rows

Keys = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Mask = NDArray[np.bool_]

_AT_ONCE, _PAIRS_AT_ONCE = 500, 1 << 20

_FEW = 200
"""Records below which columns take longer than one record after another."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one part of a rule takes from the values of its column.

    Values of which it takes the same are one kind: `kinds` has that of each value, `counts` how many hashes
    a kind has, and `starts` where they begin.
    """

    kinds: NDArray[np.int32]
    counts: NDArray[np.int32]
    starts: NDArray[np.int32]
    hashes: Hashes


def keys_in_columns(table: FeatureTable, rules: Sequence[BlockingRule]) -> Iterator[tuple[Keys, Numbers]]:
    """Yield for each rule the keys of all records, and whose they are (indices, ascending).

    The same keys as `keys_by_rule` gives record by record.
    """
    for rule in rules:
        records = np.arange(len(table))
        keys = np.full(len(table), rule_hash(rule.name), np.uint64)
        for name in rule.parts:
            function, _, column = name.partition(":")
            part = table.derived(column, function, partial(_part, table, function, column))
            kinds = part.kinds[table.column((column,)).codes[records]]
            counts = part.counts[kinds]
            places = np.repeat(part.starts[kinds] - (np.cumsum(counts) - counts), counts)
            places += np.arange(len(places))
            keys = (np.repeat(keys, counts) ^ part.hashes[places]) * np.uint64(MIX)
            keys ^= keys >> np.uint64(32)
            records = np.repeat(records, counts)
        yield keys.view(np.int64), records


def _part(table: FeatureTable, function: str, column: str, values: Rows) -> _Part:
    place = READS.get(function)
    kinds = np.arange(len(values), dtype=np.int32)
    first = kinds
    if place is not None:
        alone = table.words(column)
        said_there = alone.words.part(place)
        texts = len(alone.words.texts)
        kinds = kinds + texts
        kinds[alone.rows] = said_there
        first = np.full(texts + len(values), -1, np.int32)
        first[kinds] = np.arange(len(values))
    owner, hashes = _hashes(function, values, first)
    order = np.lexsort((hashes, owner))
    owner, hashes = owner[order], hashes[order]
    once = np.concatenate(([True], (owner[1:] != owner[:-1]) | (hashes[1:] != hashes[:-1])))[: len(owner)]
    counts = np.bincount(owner[once], minlength=len(first)).astype(np.int32)
    return _Part(kinds, counts, np.cumsum(counts, dtype=np.int32) - counts, hashes[once])


def _hashes(function: str, values: Rows, first: NDArray[np.int32]) -> tuple[NDArray[np.int32], Hashes]:
    """Return the hashes of what is taken from each kind, given by a row that is of it, and whose they are."""
    owners, found = [np.empty(0, np.int32)], [np.empty(0, np.uint64)]
    take, kinds = PARTS[function], np.flatnonzero(first >= 0)
    for start in range(0, len(kinds), _AT_ONCE):
        some = kinds[start : start + _AT_ONCE]
        taken = [[text_hash(text) for text in take(row) if text] for row in values.at(first[some])]
        owners.append(np.repeat(some.astype(np.int32), [len(hashes) for hashes in taken]))
        found.append(np.asarray([one for hashes in taken for one in hashes], np.uint64))
    return np.concatenate(owners), np.concatenate(found)


def pairs_by_rule(
    table: FeatureTable,
    rules: Sequence[BlockingRule],
    max_block: int,
    max_pairs: int | None = None,
    among: Mask | None = None,
) -> Iterator[Numbers]:
    """Yield for each rule the pairs (left < right) that share a block of its, as left × records + right.

    Ascending and distinct for each rule; with `among`, an end is among those records.
    Raises: PairBudgetExceeded where the blocks hold more than `max_pairs`, once they do.
    """
    total = 0
    for keys, records in keys_in_columns(table, rules):
        members, later = _shared(keys, records, max_block)
        total += int(later.sum())
        if max_pairs is not None and total > max_pairs:
            _refuse(table, rules, max_block, max_pairs)
        yield _pairs(members, later, len(table), among)


def _refuse(table: FeatureTable, rules: Sequence[BlockingRule], max_block: int, max_pairs: int) -> None:
    """Raise PairBudgetExceeded with the costliest of all blocks."""
    sizes = {
        int(key): (int(size), int(size))
        for keys, _ in keys_in_columns(table, rules)
        for key, size in zip(*np.unique(keys, return_counts=True), strict=True)
        if size > 1
    }
    check_budget(sizes, max_block, max_pairs)


def cheap_rules(
    table: FeatureTable, rules: Sequence[BlockingRule], max_block: int, most: float
) -> tuple[BlockingRule, ...]:
    """Return the rules whose blocks hold at most `most` pairs a record."""
    costs = [_shared(keys, records, max_block)[1].sum() for keys, records in keys_in_columns(table, rules)]
    return tuple(rule for rule, cost in zip(rules, costs, strict=True) if cost <= most * len(table))


def _shared(keys: Keys, records: Numbers, max_block: int) -> tuple[Numbers, Numbers]:
    """Return the members of keys of 2 to `max_block` members, and how many of its key come after each."""
    order = np.argsort(keys)
    keys, records = keys[order], records[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else order
    sizes = np.diff(starts, append=len(keys))
    later = np.repeat(starts + sizes, sizes) - np.arange(len(keys)) - 1
    wanted = np.repeat((sizes >= 2) & (sizes <= max_block), sizes)
    return records[wanted], later[wanted]


def _pairs(records: Numbers, later: Numbers, width: int, among: Mask | None) -> Numbers:
    """Return the pairs of each record with the members of its block that come later, ascending, once each.

    With `among`, an end is among those records. Some are made at a time, for the sake of memory.
    """
    ends = np.cumsum(later)
    cuts = np.searchsorted(ends, np.arange(0, int(later.sum()), _PAIRS_AT_ONCE)).tolist()
    found = [np.empty(0, np.int64)]
    for start, end in pairwise([*cuts, len(records)]):
        some = later[start:end]
        left = np.repeat(np.arange(start, end), some)
        right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(some) - some, some)
        first, second = records[left], records[right]
        if among is not None:
            wanted = among[first] | among[second]
            first, second = first[wanted], second[wanted]
        found.append(np.minimum(first, second) * np.int64(width) + np.maximum(first, second))
    return distinct(np.concatenate(found))


def pairs_of(table: FeatureTable, model: LinkageModel) -> tuple[Numbers, Numbers]:
    """Return the candidate pairs (left < right) of all records of a table, sorted, once each.

    Raises: PairBudgetExceeded.
    """
    found = pairs_by_rule(table, model.blocking, model.max_block, model.max_pairs)
    pairs = distinct(np.concatenate([np.empty(0, np.int64), *found]))
    left, right = np.divmod(pairs, np.int64(max(len(table), 1)))
    return left, right


def keys_of(features: Sequence[Features], model: LinkageModel) -> list[list[int]]:
    """Return the blocking keys of each record, as `blocking_keys` does one by one."""
    if len(features) < _FEW:
        return [blocking_keys(record, model) for record in features]
    found = list(keys_in_columns(FeatureTable.of(features), model.blocking))
    keys, records = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((keys, records))
    ends = np.cumsum(np.bincount(records, minlength=len(features)))[:-1]
    return [some.tolist() for some in np.split(keys[order], ends)]
