"""How surprising a count is: exact Poisson-binomial tails, bounds on them, and many tests at once."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def tail_bound(count: npt.ArrayLike, mean: npt.ArrayLike) -> Floats:
    """Return an upper bound on P(sum of independent trials ≥ count) from its mean: Chernoff's, at most 1.

    Source: Hoeffding 1963, doi:10.1080/01621459.1963.10500830.
    """
    x, m = np.asarray(count, dtype=np.float64), np.asarray(mean, dtype=np.float64)
    m = np.maximum(m, 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = x - m - x * np.log(x / m)
    return np.where(x > m, np.exp(np.where(x > m, exponent, 0.0)), 1.0)


def binomial_sum_tails(
    counts: npt.NDArray[np.int64], trials: npt.NDArray[np.int64], chances: npt.NDArray[np.floating]
) -> Floats:
    """Return P(Σ Bin(trials, chances) ≥ count) of each row, exactly.

    `trials` and `chances` are rows × groups; 0 trials fill a row up. The rows are worked off in order of
    length, all at once; a row's answer does not depend on the others.
    """
    result = np.ones(len(counts))
    length, most = trials.sum(axis=1), 200_000
    order = np.lexsort((length, counts))
    while len(order):
        size = max(1, most // max(1, int(counts[order[0]]) + 1))
        some, order = order[:size], order[size:]
        result[some] = _tails(counts[some], trials[some], chances[some])
    return result


def _tails(
    counts: npt.NDArray[np.int64], trials: npt.NDArray[np.int64], chances: npt.NDArray[np.floating]
) -> Floats:
    """Return the tails of rows: states 0 … count, the last of which keeps what reaches it."""
    rows, longest = len(counts), int(trials.sum(axis=1).max(initial=0))
    single = np.zeros((longest, rows))
    place = np.cumsum(trials, axis=1) - trials
    for group in range(trials.shape[1]):
        for extra in range(int(trials[:, group].max(initial=0))):
            has = np.flatnonzero(trials[:, group] > extra)
            single[place[has, group] + extra, has] = chances[has, group]
    top = int(counts.max(initial=0))
    state = np.zeros((top + 1, rows))
    first = top - counts
    """A row starts so far up that its own count is the last state."""
    state[first, np.arange(rows)] = 1.0
    for p in single:
        moved = state[:-1] * p
        state[1:] += moved
        state[:-1] -= moved
    tails: Floats = np.clip(state[-1], 0.0, 1.0)
    return tails


def benjamini_hochberg(p_values: npt.NDArray[np.float64], tests: int) -> Floats:
    """Return q-values of the smallest of `tests` p-values; those not given are taken as 1.

    Source: Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    order = np.argsort(p_values, kind="stable")
    ranked = p_values[order] * tests / np.arange(1, len(order) + 1)
    result = np.empty(len(order))
    result[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return result
