"""Words: the texts in values that stand alone in their record, each once, and which each value has."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from resolvers.features import FeatureValue
from resolvers.letters import Letters
from resolvers.text_store import Rows, Texts

Codes = NDArray[np.int32]


class Words:
    """The texts of some values: a code a text, 0 for the empty one; it is given when first asked for.

    There is one for each column, whoever asks: blocking, screens and term frequencies look at the same parts.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.texts = [""]
        self._known = {"": 0}
        self._made: dict[str, Codes] = {}
        self._letters = Letters([])

    def part(self, place: int) -> Codes:
        """Return the text that each value has in one part."""
        name = f"part {place}"
        if name not in self._made:
            codes, texts = self._rows.parts(place)
            self._made[name] = np.asarray(self._codes(texts, len(texts))[codes], np.int32)
        return self._made[name]

    def made(self, name: str, make: Callable[[FeatureValue], str]) -> Codes:
        """Return the text that is made of each value; under each name it is made once."""
        if name not in self._made:
            self._made[name] = self._codes((make(said[0]) for said in self._rows), len(self._rows))
        return self._made[name]

    def again(self, codes: Codes, make: Callable[[str], str]) -> Codes:
        """Return the text that is made of the text of each code, of each text once."""
        used = np.flatnonzero(np.bincount(codes, minlength=1))
        found = np.zeros(len(self.texts), np.int32)
        found[used] = self._codes((make(self.texts[at]) for at in used.tolist()), len(used))
        return np.asarray(found[codes], np.int32)

    def whole(self) -> tuple[Codes, Texts]:
        """Return codes, of their own, and texts of values that are texts: a column has each value once."""
        return np.arange(1, len(self._rows) + 1, dtype=np.int32), Texts(self._rows)

    def values(self) -> Iterator[FeatureValue]:
        """Yield the values."""
        return (said[0] for said in self._rows)

    def letters(self) -> Letters:
        """Return the letters of all texts that have a code by now."""
        if len(self._letters) < len(self.texts):
            self._letters = Letters(self.texts)
        return self._letters

    def _codes(self, texts: Iterable[str], size: int) -> Codes:
        known = self._known
        codes = np.fromiter((known.setdefault(text, len(known)) for text in texts), np.int32, size)
        self.texts += islice(known, len(self.texts), None)
        return codes
