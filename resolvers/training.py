"""Training without labels: u by random pairs, m by expectation-maximisation, prior by candidate pairs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolvers.blocks import cheap_rules, pairs_by_rule
from resolvers.candidates import distinct
from resolvers.columns import GradedColumn, Indices, PairColumns
from resolvers.errors import NoUsableComparison
from resolvers.expectation import Block, Parameters, Vectors, estimate_m, match_probabilities
from resolvers.feature_table import FeatureTable
from resolvers.features import Features
from resolvers.linkage_model import (
    BlockingRule,
    LinkageModel,
    TrainedComparison,
    TrainedDependence,
    TrainedLevel,
)
from resolvers.recipe import Use, blocking_rules, broad_rules, speaks_of, uses
from resolvers.terms import Terms, term_bits

RANDOM_PAIRS = 400_000
SAMPLED_RECORDS = 50_000
"""Records whose candidate pairs are learned from: all of a small set, of a large one what is enough."""

MAX_BLOCK = 200
BROAD_PAIRS = 6.0
"""Pairs a record up to which a broad blocking rule is kept: few in small data, more than that in large."""

Floats = NDArray[np.float64]


def train(features: Sequence[Features], *, trained_at: str = "", seed: int = 20_261_125) -> LinkageModel:
    """Return a model trained on records without labels; the same for every order of them.

    `trained_at` is written into the model as it is.
    Raises: NoUsableComparison when no attribute has values to compare.
    """
    table, digest = _in_order(FeatureTable.of(features))
    filled = table.filled()
    chosen = uses(filled)
    if not chosen:
        raise NoUsableComparison(
            "no record has anything to compare: map at least a name, a date of birth or an identifier"
        )
    broad = cheap_rules(table, broad_rules(filled), MAX_BLOCK, BROAD_PAIRS)
    rules = blocking_rules(sorted(filled)) + broad
    terms = [Terms(use, table) for use in chosen]
    data = _Data(chosen, table, terms, np.random.default_rng(seed))
    parameters, prior, weights = _fit(data, rules)
    return LinkageModel(
        comparisons=_trained(data, parameters, weights),
        dependences=tuple(
            TrainedDependence(chosen[one.first].name, chosen[one.second].name, _rows(one.bits))
            for one in parameters.dependence
        ),
        blocking=rules,
        prior=prior,
        max_block=MAX_BLOCK,
        trained_at=trained_at,
        training_hash=digest,
        training_records=len(table),
    )


def _in_order(table: FeatureTable) -> tuple[FeatureTable, str]:
    """Return the records in an order that their contents alone decide, and a digest of those.

    Values come first, so that the names of columns hardly matter.
    """
    values, named = table.content()
    order = np.lexsort((named, values))
    return table.take(order), hashlib.sha256(named[order].tobytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Data:
    uses: tuple[Use, ...]
    table: FeatureTable
    terms: list[Terms]
    random: np.random.Generator


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of records, graded by each use."""

    left: Indices
    right: Indices
    graded: list[GradedColumn]
    vectors: Vectors


def _fit(data: _Data, rules: Sequence[BlockingRule]) -> tuple[Parameters, float, Floats]:
    """Return m and u, the prior, and for each record the share of a person that it is."""
    size = len(data.table)
    everything = max(size * (size - 1) / 2, 1.0)
    sample = _grade(data, *_random_pairs(size, data.random))
    sampled = np.zeros(size, np.bool_)
    sampled[data.random.permutation(size)[:SAMPLED_RECORDS]] = True
    rate = 1.0 - (1.0 - sampled.mean()) ** 2 if size else 1.0
    candidates, blocks = _candidates(data, rules, sampled)
    parameters = Parameters.start([use.comparison for use in data.uses], sample.vectors)
    prior, weights = 1.0 / max(size, 2), np.ones(size)
    for _ in range(3):
        parameters = estimate_m(parameters, candidates.vectors, blocks)
        tables = [terms.tables(weights) for terms in data.terms]
        bits = parameters.bits(candidates.vectors.levels)[candidates.vectors.which]
        for use, table, graded in zip(data.uses, tables, candidates.graded, strict=True):
            bits += graded.gather([term_bits(grade, use, table) for grade in graded.grades])
        prior = _prior(bits, everything * rate, prior)
        probability = match_probabilities(bits, prior)
        weights = _record_weights(candidates, probability, sampled)
        outside = 1.0 - match_probabilities(parameters.bits(sample.vectors.levels), prior)
        others = outside * sample.vectors.counts()
        distinct = min(1.0, weights.sum() ** 2 / 2 / max(len(sample.left), 1))
        parameters = parameters.with_u(sample.vectors.levels, others)
        parameters = parameters.with_dependence(sample.vectors.levels, others * distinct)
    return parameters, prior, weights


def _random_pairs(size: int, random: np.random.Generator) -> tuple[Indices, Indices]:
    """Return all pairs of few records, or `RANDOM_PAIRS` random ones of many."""
    if size * (size - 1) // 2 <= RANDOM_PAIRS:
        first, second = np.triu_indices(size, 1)
        return first.astype(np.int64), second.astype(np.int64)
    left, right = random.integers(0, size, RANDOM_PAIRS), random.integers(0, size - 1, RANDOM_PAIRS)
    return left, np.where(right >= left, right + 1, right)


def _grade(data: _Data, left: Indices, right: Indices) -> _Pairs:
    columns = PairColumns(data.table, left, right)
    graded = [columns.grade(use.comparison, use.columns) for use in data.uses]
    return _Pairs(left, right, graded, Vectors.of([column.levels() for column in graded], len(left)))


def _candidates(
    data: _Data, rules: Sequence[BlockingRule], sampled: NDArray[np.bool_]
) -> tuple[_Pairs, list[Block]]:
    """Return the candidate pairs with an end among the records sampled, and by which rules they meet."""
    width = np.int64(max(len(data.table), 1))
    numbers = list(pairs_by_rule(data.table, rules, MAX_BLOCK, among=sampled))
    pairs = distinct(np.concatenate([np.empty(0, np.int64), *numbers]))
    graded = _grade(data, *np.divmod(pairs, width))
    found = []
    for rule, mine in zip(rules, numbers, strict=True):
        blind = [index for index, use in enumerate(data.uses) if speaks_of(rule, use)]
        found.append(Block(np.searchsorted(pairs, mine), tuple(blind)))
    return graded, found


def _prior(bits: Floats, everything: float, prior: float) -> float:
    """Return the prior at which the expected matches among candidates are that share of all pairs."""
    for _ in range(30):
        expected = float(match_probabilities(bits, prior).sum())
        prior = min(max(expected / everything, 0.1 / max(everything, 1.0), 1e-12), 0.5)
    return prior


def _record_weights(pairs: _Pairs, probability: Floats, sampled: NDArray[np.bool_]) -> Floats:
    """Return one over the expected number of records of each record's person.

    Those of a sampled record are all among the pairs; a record that is not sampled gets the mean of those.
    """
    size = len(sampled)
    mates = np.bincount(pairs.left, probability, size) + np.bincount(pairs.right, probability, size)
    weights = 1.0 / (1.0 + mates)
    return np.where(sampled, weights, weights[sampled].mean())


def _rows(bits: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in bits.tolist())


def _trained(data: _Data, parameters: Parameters, weights: Floats) -> tuple[TrainedComparison, ...]:
    trained = []
    for index, (use, terms) in enumerate(zip(data.uses, data.terms, strict=True)):
        levels = tuple(
            TrainedLevel(level.id, level.label, float(m), float(u))
            for level, m, u in zip(use.comparison.levels, *parameters.of(index), strict=True)
        )
        tables = {use.comparison.levels[at].id: table for at, table in terms.tables(weights).items()}
        trained.append(TrainedComparison(use.name, use.title, use.comparison.id, use.columns, levels, tables))
    return tuple(trained)
