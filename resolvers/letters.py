"""Letters: tell for many pairs of texts at once which are surely far apart, by the letters they share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]

_PREFIX_SHARE = 0.4
"""How far a common beginning of four letters or more brings a Jaro similarity towards 1 (Winkler)."""


class Letters:
    """Which letters each of some texts has, and how many."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._lengths = np.fromiter(map(len, texts), np.int16, len(texts))
        self._sets = np.fromiter(map(_letters, texts), np.uint32, len(texts))

    def __len__(self) -> int:
        return len(self._sets)

    def maybe_alike(self, left: Codes, right: Codes, similarity: float) -> Mask:
        """Tell which pairs of texts (indices) may reach a Jaro-Winkler similarity, or one hold the other.

        A letter that the other text lacks cannot match, and Jaro's similarity of texts of a and b letters of
        which m match is at most (m / a + m / b + 1) / 3. Up to 0.88, texts of four letters or more that are
        one edit apart may be alike too.
        """
        a, b, lacking, missing = self._compare(left, right)
        least = 3 * (similarity - _PREFIX_SHARE) / (1 - _PREFIX_SHARE) - 1
        matching = np.minimum(a - lacking, b - missing)
        reached = matching * (a + b) >= (least - 1e-6) * a * b
        return np.asarray(reached | (np.where(a < b, lacking, missing) == 0), np.bool_)

    def maybe_edited(self, left: Codes, right: Codes, most: int) -> Mask:
        """Tell which pairs of texts (indices) may be at most some edits apart."""
        a, b, lacking, missing = self._compare(left, right)
        return np.asarray((np.maximum(lacking, missing) <= most) & (np.abs(a - b) <= most), np.bool_)

    def _compare(self, left: Codes, right: Codes) -> tuple[NDArray[np.int32], ...]:
        """Return the lengths of both, and how many different letters of each the other lacks."""
        mine, theirs = self._sets[left], self._sets[right]
        sizes = (self._lengths[side].astype(np.int32) for side in (left, right))
        lacks = (np.bitwise_count(one).astype(np.int32) for one in (mine & ~theirs, theirs & ~mine))
        return (*sizes, *lacks)


def _letters(text: str) -> int:
    """Return the set of a text's signs as bits; some signs share one."""
    bits = 0
    for sign in set(text):
        bits |= 1 << (ord(sign) & 31)
    return bits
