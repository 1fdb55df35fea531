"""The text store: rows of values as one column of texts, a third of what they take as objects."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolvers.features import FeatureValue, Values
from resolvers.normalisation.addresses import Address
from resolvers.normalisation.names import Name

_AT_ONCE = 500
_VALUE, _PART = "\x1e", "\x1f"
"""What parts values, and what begins each part of one: signs that no normalised text holds."""

Places = NDArray[np.integer[Any]]
Make = Callable[[list[str]], tuple[str, ...]]

_MAKE: dict[str, Make] = {"name": Name._make, "address": Address._make}


def packed(values: Values) -> str:
    """Return values as one text; of no value the empty one."""
    if len(values) == 1 and isinstance(values[0], str):
        return values[0]
    return _VALUE.join([value if isinstance(value, str) else _PART + _PART.join(value) for value in values])


class Rows(Sequence[Values]):
    """Rows of values of one column, made when they are asked for."""

    def __init__(self, texts: Any, column: str = "") -> None:
        """Take an Arrow array of packed texts; the column says of what kind values of parts are."""
        self.texts, self._make = texts, _MAKE.get(column, tuple)

    @staticmethod
    def of(rows: Sequence[Values]) -> "Rows":
        """Return rows of the values given."""
        return Rows(pa.array(map(packed, rows), pa.large_string(), size=len(rows)))

    def at(self, places: Places) -> list[Values]:
        """Return the rows at some places; each is made once, however often it is asked for."""
        rows, which = np.unique(places, return_inverse=True)
        made = list(map(self._values, self.texts.take(pa.array(rows)).to_pylist()))
        return list(map(made.__getitem__, which.tolist()))

    def counts(self) -> NDArray[np.int32]:
        """Return how many values each row has."""
        marks = pc.count_substring(self.texts, _VALUE).to_numpy(zero_copy_only=False)
        said = pc.binary_length(self.texts).to_numpy(zero_copy_only=False) > 0
        return np.where(said, marks + 1, 0).astype(np.int32)

    def take(self, places: Places) -> "Rows":
        """Return the rows at some places, packed as they are."""
        taken = Rows(self.texts.take(pa.array(places)))
        taken._make = self._make
        return taken

    def parts(self, place: int) -> tuple[NDArray[np.int32], list[str]]:
        """Return one part of each row that is one value of parts: codes, and the text of each."""
        said = pc.list_element(pc.split_pattern(self.texts, _PART), place + 1).dictionary_encode()
        return said.indices.to_numpy(), said.dictionary.to_pylist()

    def _values(self, text: str) -> Values:
        if _VALUE in text:
            return tuple(map(self._value, text.split(_VALUE)))
        return (self._value(text),) if text else ()

    def _value(self, text: str) -> FeatureValue:
        return self._make(text[1:].split(_PART)) if text[0] == _PART else text

    @overload
    def __getitem__(self, index: int) -> Values: ...
    @overload
    def __getitem__(self, index: slice) -> list[Values]: ...
    def __getitem__(self, index: int | slice) -> Values | list[Values]:
        if isinstance(index, slice):
            return list(map(self._values, self.texts[index].to_pylist()))
        return self._values(self.texts[index].as_py())

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[Values]:
        for start in range(0, len(self.texts), _AT_ONCE):
            yield from self[start : start + _AT_ONCE]


class Texts(Sequence[str]):
    """The texts of rows of one text each, after an empty one."""

    def __init__(self, rows: Rows) -> None:
        self._texts = pa.concat_arrays([pa.array([""], pa.large_string()), rows.texts])

    def at(self, places: Places) -> list[str]:
        """Return the texts at some places."""
        found: list[str] = self._texts.take(pa.array(places)).to_pylist()
        return found

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return list(self._texts[index].to_pylist())
        return str(self._texts[index])

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self._texts), _AT_ONCE):
            yield from self[start : start + _AT_ONCE]
