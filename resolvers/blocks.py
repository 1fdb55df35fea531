"""Blocks of many records at once: the blocking keys of a table, and the pairs that share one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolvers.blocking import MIX, blocking_keys, part_hashes, rule_hash
from resolvers.candidates import Numbers, check_budget
from resolvers.feature_table import FeatureTable
from resolvers.features import Features
from resolvers.linkage_model import BlockingRule, LinkageModel

Keys = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_FEW = 200
"""Records below which columns take longer than one record after another."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one part of a rule takes from each value of its column: hashes, and how many a value has."""

    codes: NDArray[np.int32]
    counts: Numbers
    starts: Numbers
    hashes: Hashes


def keys_in_columns(table: FeatureTable, rules: Sequence[BlockingRule]) -> Iterator[tuple[Keys, Numbers]]:
    """Yield for each rule the keys of all records, and whose they are (indices, ascending).

    The same keys as `keys_by_rule` gives record by record.
    """
    parts: dict[str, _Part] = {}
    for rule in rules:
        records = np.arange(len(table))
        keys = np.full(len(table), rule_hash(rule.name), np.uint64)
        for name in rule.parts:
            part = parts.get(name)
            if part is None:
                part = parts[name] = _part(table, name)
            codes = part.codes[records]
            counts = part.counts[codes]
            places = np.repeat(part.starts[codes] - (np.cumsum(counts) - counts), counts)
            places += np.arange(len(places))
            keys = (np.repeat(keys, counts) ^ part.hashes[places]) * np.uint64(MIX)
            keys ^= keys >> np.uint64(32)
            records = np.repeat(records, counts)
        yield keys.view(np.int64), records


def _part(table: FeatureTable, name: str) -> _Part:
    function, _, column = name.partition(":")
    values = table.values(column)
    hashes = [part_hashes(function, said) if said else () for said in values]
    counts = np.fromiter(map(len, hashes), np.int64, len(hashes))
    flat = np.fromiter((one for some in hashes for one in some), np.uint64, int(counts.sum()))
    return _Part(table.column((column,)).codes, counts, np.cumsum(counts) - counts, flat)


def pairs_by_rule(
    table: FeatureTable, rules: Sequence[BlockingRule], max_block: int, max_pairs: int | None = None
) -> list[Numbers]:
    """Return for each rule the pairs (left < right) that share a block of its, as left × records + right.

    Ascending and distinct for each rule. Raises: PairBudgetExceeded where the blocks hold more than
    `max_pairs`, before any pair is made.
    """
    blocks = [_shared(keys, records, max_block) for keys, records in keys_in_columns(table, rules)]
    if max_pairs is not None and sum(int(later.sum()) for _, _, later in blocks) > max_pairs:
        sizes = {
            int(key): (int(size), int(size))
            for keys, _, _ in blocks
            for key, size in zip(*np.unique(keys, return_counts=True), strict=True)
        }
        check_budget(sizes, max_block, max_pairs)
    return [_pairs(records, later, len(table)) for _, records, later in blocks]


def cheap_rules(
    table: FeatureTable, rules: Sequence[BlockingRule], max_block: int, most: float
) -> tuple[BlockingRule, ...]:
    """Return the rules whose blocks hold at most `most` pairs a record."""
    costs = [_shared(keys, records, max_block)[2].sum() for keys, records in keys_in_columns(table, rules)]
    return tuple(rule for rule, cost in zip(rules, costs, strict=True) if cost <= most * len(table))


def _shared(keys: Keys, records: Numbers, max_block: int) -> tuple[Keys, Numbers, Numbers]:
    """Return keys of 2 to `max_block` members, each with its members, and how many of them come later."""
    order = np.argsort(keys, kind="stable")
    keys, records = keys[order], records[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else order
    sizes = np.diff(starts, append=len(keys))
    later = np.repeat(starts + sizes, sizes) - np.arange(len(keys)) - 1
    wanted = np.repeat((sizes >= 2) & (sizes <= max_block), sizes)
    return keys[wanted], records[wanted], later[wanted]


def _pairs(records: Numbers, later: Numbers, width: int) -> Numbers:
    """Return the pairs of each record with the members of its block that come later, ascending, once each."""
    left = np.repeat(np.arange(len(records)), later)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(later) - later, later)
    return np.unique(records[left] * np.int64(width) + records[right])


def pairs_of(table: FeatureTable, model: LinkageModel) -> tuple[Numbers, Numbers]:
    """Return the candidate pairs (left < right) of all records of a table, sorted, once each.

    Raises: PairBudgetExceeded, before any pair is made.
    """
    found = pairs_by_rule(table, model.blocking, model.max_block, model.max_pairs)
    pairs = np.unique(np.concatenate([np.empty(0, np.int64), *found]))
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
