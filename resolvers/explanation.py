"""Explanations: why two records are or are not one person, and how a person was put together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from resolvers.blocking import BlockingReasons, blocking_reasons
from resolvers.clustering import Pair, Weights, cluster
from resolvers.domain import RecordKey
from resolvers.features import Features
from resolvers.linkage_model import LinkageModel
from resolvers.scoring import ComparisonScore, PairScore, score

MOST_WORK = 5_000
"""Records × re-runs spent on the search for the smallest evidence."""
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Why:
    """Why two records are, or are not, one person by themselves: the sentence, then the bits.

    `distance_bits` is the weight minus the join threshold. `shared`, `missed` and `generic` are blocking
    rules whose values the two have in common, have but not in common, and share with too many others.
    `carried_by` says which comparison alone lifts the pair over a threshold, None where none does.
    """

    sentence: str
    joined: bool
    score: PairScore
    join_bits: float
    distance_bits: float
    shared: tuple[str, ...]
    missed: tuple[str, ...]
    generic: tuple[str, ...]
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

    The fewest of them, found by clustering again without them; where that takes too long, a set of which none
    can be left out. Empty where only a human's word holds the cluster, and where it was not asked for.
    """

    sentence: str
    steps: tuple[Step, ...]
    weakest: Step | None
    minimal_evidence: tuple[str, ...]
    model_id: str


def why(left: Features, right: Features, model: LinkageModel, generic: Collection[int] = ()) -> Why:
    """Return why two records match or do not, by the model alone: judgements and other records aside.

    `generic` are blocking keys that too many records have: they bring no two together.
    """
    scored, reasons = score(left, right, model), blocking_reasons(left, right, model, generic)
    joined = bool(reasons.shared) and scored.weight >= model.join_bits
    return Why(
        sentence=_sentence(scored, model, reasons),
        joined=joined,
        score=scored,
        join_bits=model.join_bits,
        distance_bits=scored.weight - model.join_bits,
        shared=reasons.shared,
        missed=reasons.missed,
        generic=reasons.generic,
        model_id=model.id,
        carried_by=_carried_by(scored, model),
    )


def how(
    records: Mapping[RecordKey, Features],
    judgements: Iterable[tuple[RecordKey, RecordKey, bool]],
    model: LinkageModel,
    *,
    evidence: bool = True,
) -> How:
    """Return how the records of one cluster came together, step by step in the order of clustering.

    `evidence` False leaves out the search for the minimal evidence, which clusters many times.
    """
    keys = sorted(records)
    must, cannot = _judged(keys, judgements)
    scores = {
        (a, b): score(records[keys[a]], records[keys[b]], model) for a, b in combinations(range(len(keys)), 2)
    }
    found = cluster(
        _matrix(len(keys), {pair: scored.weight for pair, scored in scores.items()}), must, cannot, model
    )
    steps = tuple(_step(keys, merge.left, merge.right, merge.weight) for merge in found.merges)
    weighed = [step for step in steps if step.weight is not None]
    weakest = min(weighed, key=lambda step: step.weight or 0.0) if weighed else None
    facts = (
        _Evidence(scores, (must, cannot), len(found.clusters), model).smallest()
        if weakest and evidence
        else ()
    )
    return How(_summary(keys, steps, weakest), steps, weakest, facts, model.id)


def _sentence(scored: PairScore, model: LinkageModel, reasons: BlockingReasons) -> str:
    distance = scored.weight - model.join_bits
    side = "above" if distance >= 0 else "below"
    bits = f"{scored.weight:+.1f} bits, {abs(distance):.1f} {side} the threshold"
    if not reasons.shared:
        said = (
            "what the records share is shared by too many others"
            if reasons.generic
            else "the records share no blocking key"
        )
        return f"Not compared: {said} ({bits})."
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


def _matrix(size: int, values: Mapping[Pair, float]) -> Weights:
    matrix = np.zeros((size, size))
    for pair, value in values.items():
        matrix[pair] = matrix[pair[::-1]] = value
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


class _Evidence:
    """The weights of a cluster, comparison by comparison, to be clustered again without some of them."""

    def __init__(
        self,
        scores: Mapping[Pair, PairScore],
        judged: tuple[list[Pair], list[Pair]],
        clusters: int,
        model: LinkageModel,
    ) -> None:
        self._judged, self._clusters, self._model = judged, clusters, model
        size = max(right for _, right in scores) + 1
        told: dict[str, dict[Pair, float]] = {}
        for pair, scored in scores.items():
            for part in scored.comparisons:
                told.setdefault(part.name, {})[pair] = part.bits + part.term_frequency_bits
        self._all = _matrix(size, {pair: scored.weight for pair, scored in scores.items()})
        self._of = {name: _matrix(size, bits) for name, bits in told.items() if max(bits.values()) > 0}
        self._runs = MOST_WORK // size

    def smallest(self) -> tuple[str, ...]:
        """Return the titles of the fewest comparisons without which clustering gives more clusters."""
        names = sorted(self._of, key=lambda name: (-float(self._of[name].sum()), name))
        runs = 0
        for count in range(1, len(names) + 1):
            runs += comb(len(names), count)
            if runs > self._runs:
                return self._titles(self._irreducible(names))
            for without in combinations(names, count):
                if self.falls_apart(without):
                    return self._titles(without)
        return ()

    def _irreducible(self, names: Sequence[str]) -> list[str]:
        """Return a set of which none can be left out: the strongest, as many as it takes, less the idle."""
        taken: list[str] = []
        for name in names:
            taken.append(name)
            if self.falls_apart(taken):
                break
        for name in list(taken):
            rest = [other for other in taken if other != name]
            if rest and self.falls_apart(rest):
                taken = rest
        return taken

    def falls_apart(self, without: Collection[str]) -> bool:
        """Say whether clustering again without some comparisons gives more clusters."""
        weights = self._all - sum((self._of[name] for name in without), np.zeros_like(self._all))
        return len(cluster(weights, *self._judged, self._model).clusters) > self._clusters

    def _titles(self, names: Collection[str]) -> tuple[str, ...]:
        return tuple(part.title for part in self._model.comparisons if part.name in names)
