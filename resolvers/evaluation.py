"""How good a partition is against labels: pairwise and B-cubed precision, recall and F1."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Precision and recall, each in [0, 1]; 1 where there was nothing to get wrong."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Accuracy over unordered pairs of records, and over records (B-cubed).

    `over_merged` are predicted clusters with records of several true ones, `under_merged` true ones whose
    records are in several predicted clusters.
    """

    records: int
    pairwise: Accuracy
    b_cubed: Accuracy
    over_merged: int
    under_merged: int


def evaluate(predicted: Sequence[Hashable], true: Sequence[Hashable]) -> Evaluation:
    """Compare predicted cluster labels with true ones, record by record in one order.

    Raises: ValueError for sequences of different length.
    Source: Bagga & Baldwin 1998, "Algorithms for scoring coreference chains" (B-cubed).
    """
    together = Counter(zip(predicted, true, strict=True))
    by_predicted, by_true = Counter(predicted), Counter(true)
    right = _pairs(together.values())
    pairwise = Accuracy(_share(right, _pairs(by_predicted.values())), _share(right, _pairs(by_true.values())))
    b_cubed = Accuracy(
        _share(sum(n * n / by_predicted[label] for (label, _), n in together.items()), len(true)),
        _share(sum(n * n / by_true[label] for (_, label), n in together.items()), len(true)),
    )
    over = sum(count > 1 for count in Counter(label for label, _ in together).values())
    under = sum(count > 1 for count in Counter(label for _, label in together).values())
    return Evaluation(len(true), pairwise, b_cubed, over, under)


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
