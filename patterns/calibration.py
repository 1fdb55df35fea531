"""From bits to a probability: how often links of a score were true where the truth was known."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression

GROUPS = 40
"""Groups by score, of about as many pairs each, that a calibration is fitted on."""

_BINS = 10


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rising line from bits to probability through `points`, level beyond them.

    `source` says in words on which pairs it was counted, `pairs` how many they were, `error` the expected
    calibration error on pairs it was not fitted on.
    """

    points: tuple[tuple[float, float], ...]
    source: str
    pairs: int
    error: float

    def probability(self, bits: float) -> float:
        """Return how often a link of so many bits was true."""
        return float(self.probabilities([bits])[0])

    def probabilities(self, bits: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of each."""
        known, chance = zip(*self.points, strict=True)
        found: NDArray[np.float64] = np.interp(np.asarray(bits, dtype=np.float64), known, chance)
        return found


def fit(bits: ArrayLike, truth: ArrayLike) -> tuple[tuple[float, float], ...]:
    """Return the points of a calibration: isotonic over groups, each with half a pair either way.

    Raises: ValueError with fewer pairs than groups.
    Source: Zadrozny & Elkan 2002, doi:10.1145/775047.775151.
    """
    score, true = np.asarray(bits, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    if len(score) < GROUPS:
        raise ValueError(f"{len(score)} pairs are too few to calibrate on: give at least {GROUPS}")
    edges = np.unique(np.quantile(score, np.linspace(0, 1, GROUPS + 1)))
    place = np.searchsorted(edges[1:-1], score, side="right")  # pairs of one score are in one group
    number = np.bincount(place)
    held = number > 0
    means = np.bincount(place, score)[held] / number[held]
    shares = (np.bincount(place, true)[held] + 0.5) / (number[held] + 1)
    rising = isotonic_regression(shares, weights=number[held].astype(np.float64)).x
    return tuple((round(float(mean), 3), round(float(p), 4)) for mean, p in zip(means, rising, strict=True))


def calibration_error(probabilities: ArrayLike, truth: ArrayLike) -> float:
    """Return the expected calibration error over ten bins of equal width: 0 is perfect.

    Source: Naeini, Cooper & Hauskrecht 2015 (AAAI).
    """
    chance, true = np.asarray(probabilities, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    place = np.minimum((chance * _BINS).astype(np.int64), _BINS - 1)
    number = np.bincount(place, minlength=_BINS)
    apart = np.abs(np.bincount(place, chance, _BINS) - np.bincount(place, true, _BINS))
    return float(apart.sum() / max(1, number.sum()))


def to_json(calibration: Calibration) -> str:
    """Return a calibration as its file holds it."""
    said = {name: getattr(calibration, name) for name in ("source", "pairs", "error", "points")}
    return json.dumps(said, indent=1) + "\n"


def from_json(said: Mapping[str, Any]) -> Calibration:
    """Return the calibration that `to_json` wrote."""
    points: Sequence[Sequence[float]] = said["points"]
    return Calibration(tuple((p[0], p[1]) for p in points), said["source"], said["pairs"], said["error"])


def shipped(pattern: str) -> Calibration:
    """Return the calibration that lies beside a pattern of the catalogue."""
    return from_json(json.loads((files("patterns") / "catalogue" / f"{pattern}.json").read_text("utf-8")))
