"""Explanations: why two records are or are not one person, and how a person was put together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from resolvers.blocking import blocking_reasons
from resolvers.clustering import Clustering, Pair, Weights, cluster
from resolvers.domain import RecordKey
from resolvers.features import Features
from resolvers.linkage_model import LinkageModel
from resolvers.scoring import ComparisonScore, PairScore, score

MOST_FACTS = 3
"""The largest set of comparisons tried as the minimal evidence."""
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Why:
    """Why two records are, or are not, one person by themselves: the sentence, then the bits.

    `distance_bits` is the weight minus the join threshold. `shared` and `missed` are blocking rules.
    `carried_by` says which comparison alone lifts the pair over a threshold, None where none does.
    """

    sentence: str
    joined: bool
    score: PairScore
    join_bits: float
    distance_bits: float
    shared: tuple[str, ...]
    missed: tuple[str, ...]
    model_id: str
    carried_by: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One merge: the records on each side, and the mean weight between them (None = a human's word)."""

    left: tuple[RecordKey, ...]
    right: tuple[RecordKey, ...]
    weight: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class How:
    """How a cluster was put together; `minimal_evidence` names the comparisons without which it falls apart.

    Empty where a human's word holds it, or where more than `MOST_FACTS` would be needed.
    """

    sentence: str
    steps: tuple[Step, ...]
    weakest: Step | None
    minimal_evidence: tuple[str, ...]
    model_id: str


def why(left: Features, right: Features, model: LinkageModel) -> Why:
    """Return why two records match or do not, by the model alone: judgements and other records aside."""
    scored, reasons = score(left, right, model), blocking_reasons(left, right, model)
    joined = bool(reasons.shared) and scored.weight >= model.join_bits
    return Why(
        sentence=_sentence(scored, model, compared=bool(reasons.shared)),
        joined=joined,
        score=scored,
        join_bits=model.join_bits,
        distance_bits=scored.weight - model.join_bits,
        shared=reasons.shared,
        missed=reasons.missed,
        model_id=model.id,
        carried_by=_carried_by(scored, model),
    )


def how(
    records: Mapping[RecordKey, Features],
    judgements: Iterable[tuple[RecordKey, RecordKey, bool]],
    model: LinkageModel,
) -> How:
    """Return how the records of one cluster came together, step by step in the order of clustering.

    The minimal evidence is found by clustering again without it.
    """
    keys = sorted(records)
    must, cannot = _judged(keys, judgements)
    scores = {
        (a, b): score(records[keys[a]], records[keys[b]], model) for a, b in combinations(range(len(keys)), 2)
    }
    found = cluster(_matrix(len(keys), scores, ()), must, cannot, model)
    steps = tuple(_step(keys, merge.left, merge.right, merge.weight) for merge in found.merges)
    weighed = [step for step in steps if step.weight is not None]
    weakest = min(weighed, key=lambda step: step.weight or 0.0) if weighed else None
    facts = _minimal_evidence(scores, (must, cannot), len(found.clusters), model) if weakest else ()
    return How(_summary(keys, steps, weakest), steps, weakest, facts, model.id)


def _sentence(scored: PairScore, model: LinkageModel, *, compared: bool) -> str:
    distance = scored.weight - model.join_bits
    side = "above" if distance >= 0 else "below"
    bits = f"{scored.weight:+.1f} bits, {abs(distance):.1f} {side} the threshold"
    if not compared:
        return f"Not compared: the records share no blocking key ({bits})."
    if distance >= 0:
        return f"The same person: {_named(scored.comparisons, positive=True)} ({bits})."
    if scored.weight >= model.review_bits:
        return f"Possibly the same person: {_named(scored.comparisons, positive=True)} ({bits})."
    return f"Not the same person: {_named(scored.comparisons, positive=False)} ({bits})."


def _carried_by(scored: PairScore, model: LinkageModel) -> str | None:
    """Say what the pair would weigh without its strongest comparison, where that decides otherwise."""
    strongest = max(scored.comparisons, key=lambda part: part.bits + part.term_frequency_bits, default=None)
    if strongest is None:
        return None
    without = scored.weight - strongest.bits - strongest.term_frequency_bits
    thresholds = (model.review_bits, model.join_bits)
    if not any(without < threshold <= scored.weight for threshold in thresholds):
        return None
    return f"{strongest.title} carries it: without that the two records would weigh {without:+.1f} bits."


def _named(comparisons: Sequence[ComparisonScore], *, positive: bool) -> str:
    told = [(part.bits + part.term_frequency_bits, part) for part in comparisons]
    told = [(bits, part) for bits, part in told if bits != 0 and (bits > 0) == positive]
    told.sort(key=lambda pair: (-abs(pair[0]), pair[1].name))
    named = "; ".join(f"{part.title}: {part.label} ({bits:+.1f})" for bits, part in told[:_NAMED])
    return named or "too little agrees"


def _judged(
    keys: Sequence[RecordKey], judgements: Iterable[tuple[RecordKey, RecordKey, bool]]
) -> tuple[list[Pair], list[Pair]]:
    place = {key: index for index, key in enumerate(keys)}
    must: list[Pair] = []
    cannot: list[Pair] = []
    for left, right, same in judgements:
        if left in place and right in place:
            a, b = sorted((place[left], place[right]))
            (must if same else cannot).append((a, b))
    return sorted(must), sorted(cannot)


def _matrix(size: int, scores: Mapping[Pair, PairScore], without: Collection[str]) -> Weights:
    matrix = np.zeros((size, size))
    for pair, scored in scores.items():
        left_out = sum(
            part.bits + part.term_frequency_bits for part in scored.comparisons if part.name in without
        )
        matrix[pair] = matrix[pair[::-1]] = scored.weight - left_out
    return matrix


def _step(keys: Sequence[RecordKey], left: Iterable[int], right: Iterable[int], weight: float | None) -> Step:
    mine, theirs = (tuple(keys[index] for index in side) for side in (left, right))
    because = "a human said so" if weight is None else f"{weight:+.1f} bits on average between them"
    said = f"{_counted(mine)} and {_counted(theirs)} were joined: {because}."
    return Step(mine, theirs, weight, said)


def _counted(keys: Sequence[RecordKey]) -> str:
    return str(keys[0]) if len(keys) == 1 else f"{keys[0]} with {len(keys) - 1} more"


def _summary(keys: Sequence[RecordKey], steps: Sequence[Step], weakest: Step | None) -> str:
    if not steps:
        return "One record: nothing was joined." if len(keys) == 1 else "Nothing joins these records."
    held = "by a human's word" if weakest is None else f"the weakest link is {weakest.weight:+.1f} bits"
    return f"{len(keys)} records in {len(steps)} steps; {held}."


def _minimal_evidence(
    scores: Mapping[Pair, PairScore],
    judged: tuple[list[Pair], list[Pair]],
    clusters: int,
    model: LinkageModel,
) -> tuple[str, ...]:
    """Return the titles of the fewest comparisons without which clustering gives more clusters."""
    size = max(right for _, right in scores) + 1
    told: dict[str, float] = {}
    for scored in scores.values():
        for part in scored.comparisons:
            told[part.name] = told.get(part.name, 0.0) + part.bits + part.term_frequency_bits
    names = sorted((name for name, bits in told.items() if bits > 0), key=lambda name: (-told[name], name))
    for count in range(1, MOST_FACTS + 1):
        for without in combinations(names, count):
            again: Clustering = cluster(_matrix(size, scores, without), *judged, model)
            if len(again.clusters) > clusters:
                return tuple(part.title for part in model.comparisons if part.name in without)
    return ()
