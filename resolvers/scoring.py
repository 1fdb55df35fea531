"""Match weights: the prior, the level of each comparison, and how rare the terms agreed on are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from resolvers.columns import Indices, PairColumns
from resolvers.comparison import Grade, all_comparisons
from resolvers.dependence import added_bits
from resolvers.errors import UnknownLevel
from resolvers.features import Features
from resolvers.linkage_model import LinkageModel, TrainedComparison, probability_of

_FEW = 100
"""Pairs below which columns take longer than one pair after another."""


@dataclass(frozen=True, slots=True)
class ComparisonScore:
    """What one comparison says of a pair, in bits; `level` None = nothing to compare, which adds 0."""

    name: str
    title: str
    comparison: str
    level: str | None
    label: str
    bits: float
    term_frequency_bits: float
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PairScore:
    """The match weight of a pair (bits, prior included), its probability, and what it is made of."""

    weight: float
    probability: float
    prior_bits: float
    comparisons: tuple[ComparisonScore, ...]


def score(left: Features, right: Features, model: LinkageModel) -> PairScore:
    """Score one pair. Symmetric.

    Raises: UnknownLevel when a comparison has levels that the model lacks.
    Source: Fellegi & Sunter 1969, doi:10.1080/01621459.1969.10501049.
    """
    scores = _counted_once([_score(left, right, trained) for trained in model.comparisons], model)
    weight = model.prior_bits + sum(part.bits + part.term_frequency_bits for part in scores)
    return PairScore(weight, probability_of(weight), model.prior_bits, scores)


def score_columns(
    features: Sequence[Features], left: Indices, right: Indices, model: LinkageModel
) -> NDArray[np.float64]:
    """Return the match weights of the pairs (left[i], right[i]) of indices into `features`.

    Equal to `score` on each pair, bit for bit.
    """
    if len(left) < _FEW:
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        return np.fromiter((_weight(features[a], features[b], model) for a, b in pairs), np.float64)
    weights = np.full(len(left), model.prior_bits)
    columns, levels = PairColumns(features, left, right), {}
    dependent = {name for one in model.dependences for name in (one.first, one.second)}
    for trained in model.comparisons:
        graded = columns.grade(all_comparisons()[trained.comparison], trained.columns)
        weights += graded.gather([sum(_bits(grade, trained)) for grade in graded.grades])
        if trained.name in dependent:
            levels[trained.name] = graded.levels()
    for one in model.dependences:
        weights += added_bits(np.asarray(one.bits, np.float64), levels[one.first], levels[one.second])
    return weights


def level_bits(
    features: Sequence[Features], left: Indices, right: Indices, model: LinkageModel
) -> dict[str, NDArray[np.float64]]:
    """Return what the level of each comparison says of the pairs, in bits: `ComparisonScore.bits` by name."""
    if len(left) < _FEW:
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        scored = [score(features[a], features[b], model).comparisons for a, b in pairs]
        return {
            one.name: np.asarray([parts[at].bits for parts in scored], np.float64)
            for at, one in enumerate(model.comparisons)
        }
    columns, found, levels = PairColumns(features, left, right), {}, {}
    for trained in model.comparisons:
        graded = columns.grade(all_comparisons()[trained.comparison], trained.columns)
        found[trained.name] = graded.gather([_bits(grade, trained)[0] for grade in graded.grades])
        levels[trained.name] = graded.levels()
    for one in model.dependences:
        found[one.second] += added_bits(
            np.asarray(one.bits, np.float64), levels[one.first], levels[one.second]
        )
    return found


def _weight(left: Features, right: Features, model: LinkageModel) -> float:
    """Return the match weight that `score` gives, without the words."""
    weight, levels = model.prior_bits, {}
    for trained in model.comparisons:
        grade = _grade(left, right, trained)
        weight += sum(_bits(grade, trained))
        levels[trained.name] = grade.level
    for one in model.dependences:
        first, second = levels[one.first], levels[one.second]
        if first is not None and second is not None:
            weight += one.bits[first][second]
    return weight


def _counted_once(scores: Sequence[ComparisonScore], model: LinkageModel) -> tuple[ComparisonScore, ...]:
    """Add what the model's dependences say to the second comparison of each."""
    found = {part.name: part for part in scores}
    order = {trained.name: [level.id for level in trained.levels] for trained in model.comparisons}
    for one in model.dependences:
        first, second = found[one.first], found[one.second]
        if first.level is not None and second.level is not None:
            bits = one.bits[order[one.first].index(first.level)][order[one.second].index(second.level)]
            note = f"goes with {first.title.lower()}: counted once" if bits < -1.0 else second.note
            found[one.second] = replace(second, bits=second.bits + bits, note=note)
    return tuple(found.values())


def _grade(left: Features, right: Features, trained: TrainedComparison) -> Grade:
    rows = (tuple([side.column(column) for column in trained.columns]) for side in (left, right))
    return all_comparisons()[trained.comparison].compare(*rows)


def _score(left: Features, right: Features, trained: TrainedComparison) -> ComparisonScore:
    grade = _grade(left, right, trained)
    bits, term_bits = _bits(grade, trained)
    level = None if grade.level is None else trained.levels[grade.level]
    return ComparisonScore(
        name=trained.name,
        title=trained.title,
        comparison=trained.comparison,
        level=None if level is None else level.id,
        label="nothing to compare" if level is None else level.label,
        bits=bits,
        term_frequency_bits=term_bits,
        note=_note(term_bits),
    )


def _bits(grade: Grade, trained: TrainedComparison) -> tuple[float, float]:
    """Return the bits of a grade's level, and those of its term."""
    if grade.level is None:
        return 0.0, 0.0
    if grade.level >= len(trained.levels):
        raise UnknownLevel(f"{trained.name}: the model has no level {grade.level}; train a new model")
    level = trained.levels[grade.level]
    table = trained.terms.get(level.id) if grade.term is not None else None
    return level.weight, 0.0 if table is None or grade.term is None else table.bits(grade.term)


def _note(term_bits: float) -> str | None:
    if abs(term_bits) < 1.0:
        return None
    return "a rare value: it tells more" if term_bits > 0 else "a common value: it tells less"
