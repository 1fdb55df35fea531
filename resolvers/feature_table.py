"""The features of many records in columns: each value held once, and a small code a record."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any, TypeVar, overload

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolvers.features import Features, Values
from resolvers.text_store import Rows, packed
from resolvers.words import Words

Codes = NDArray[np.int32]

_Derived = TypeVar("_Derived")

_CHUNK = 10_000
"""Texts that are packed together."""


@dataclass(frozen=True)
class Column:
    """What records say in one column, or in several: distinct rows, and which of them each record has.

    Row 0 of a single column says nothing. A row of several columns is told by the first record that has it.
    """

    codes: Codes
    size: int

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """Return the first record that has each row; the last record where none has it."""
        found = np.full(self.size, len(self.codes) - 1, np.int64)
        found[self.codes[::-1]] = np.arange(len(self.codes) - 1, -1, -1)
        return found


@dataclass(frozen=True, slots=True)
class Alone:
    """The words of values that stand alone in their row, those rows, and the place of each row among them."""

    words: Words
    rows: NDArray[np.int64]
    places: Codes


@dataclass(slots=True)
class _Growing:
    """A column while records are added: who says something in it, and what, packed."""

    records: "array[int]" = field(default_factory=lambda: array("i"))
    texts: list[str] = field(default_factory=list)
    chunks: list[Any] = field(default_factory=lambda: [pa.array([""], pa.large_string())])

    def flush(self, at_least: int = 1) -> None:
        """Move the texts of late into a chunk, if they are so many."""
        if len(self.texts) >= at_least:
            self.chunks.append(pa.array(self.texts, pa.large_string()))
            self.texts = []


class FeatureTable(Sequence[Features]):
    """Features of records in order, equal to the sequence that it was made of, in far less memory.

    Records are added at the end until the first column is read.
    """

    def __init__(self, features: Iterable[Features] = ()) -> None:
        self._size = 0
        self._growing: dict[str, _Growing] = {}
        self._values: dict[str, Rows] = {}
        self._columns: dict[tuple[str, ...], Column] = {}
        self._derived: dict[tuple[str, str], Any] = {}
        self.extend(features)

    @staticmethod
    def of(features: Sequence[Features]) -> "FeatureTable":
        """Return a table of the features; a table is returned as it is."""
        return features if isinstance(features, FeatureTable) else FeatureTable(features)

    def extend(self, features: Iterable[Features]) -> None:
        """Add records at the end. Raises: ValueError once a column has been read."""
        self._check_growing()
        for record in features:
            for name, values in record.columns:
                column = self._growing.get(name)
                if column is None:
                    column = self._growing[name] = _Growing()
                column.records.append(self._size)
                column.texts.append(packed(values))
                column.flush(_CHUNK)
            self._size += 1

    def extend_columns(self, size: int, columns: Mapping[str, Sequence[Values]]) -> None:
        """Add `size` records at the end, given by what they say in each column.

        Raises: ValueError once a column has been read.
        """
        self._check_growing()
        for name, values in columns.items():
            column = self._growing.setdefault(name, _Growing())
            column.records.extend(range(self._size, self._size + size))
            column.texts += map(packed, values)
            column.flush(_CHUNK)
        self._size += size

    def _check_growing(self) -> None:
        if self._columns:
            raise ValueError("a column of the table has been read: make a new table")

    @property
    def names(self) -> list[str]:
        """Return the columns in which some record says something, sorted."""
        return sorted({*self._growing, *self._values})

    def values(self, name: str) -> Rows:
        """Return the distinct values of one column; the first says nothing."""
        self.column((name,))
        return self._values[name]

    def column(self, names: tuple[str, ...]) -> Column:
        """Return the rows of the records in some columns."""
        if names not in self._columns:
            self._columns[names] = self._one(*names) if len(names) == 1 else self._joint(names)
        return self._columns[names]

    def derived(self, name: str, what: str, derive: Callable[[Rows], _Derived]) -> _Derived:
        """Return what is derived from the distinct values of one column, once under each name of it."""
        if (name, what) not in self._derived:
            self._derived[name, what] = derive(self.values(name))
        found: _Derived = self._derived[name, what]
        return found

    def counts(self, name: str) -> NDArray[np.int32]:
        """Return how many values each row of one column has."""
        return self.derived(name, "counts", Rows.counts)

    def words(self, name: str) -> Alone:
        """Return the words of the values that stand alone in one column."""
        return self.derived(name, "words", _alone)

    def rows(self, names: tuple[str, ...], records: NDArray[np.int64]) -> list[tuple[Values, ...]]:
        """Return what some records (indices) say in some columns."""
        parts = (self.values(name).at(self.column((name,)).codes[records]) for name in names)
        return list(zip(*parts, strict=True))

    def _one(self, name: str) -> Column:
        growing = self._growing.pop(name, None) or _Growing()
        growing.flush()
        said = pa.concat_arrays(growing.chunks).dictionary_encode()
        codes = np.zeros(self._size, np.int32)
        codes[np.asarray(growing.records)] = said.indices.to_numpy()[1:]
        self._values[name] = Rows(said.dictionary, name)
        return Column(codes, len(said.dictionary))

    def _joint(self, names: tuple[str, ...]) -> Column:
        first, *rest = (self.column((name,)) for name in names)
        codes, size = first.codes, first.size
        for column in rest:
            distinct, which = np.unique(
                codes.astype(np.int64) * column.size + column.codes, return_inverse=True
            )
            codes, size = which.astype(np.int32), len(distinct)
        return Column(codes, size)

    def filled(self) -> dict[str, int]:
        """Return how many records say something in each column."""
        return {name: int(np.count_nonzero(self.column((name,)).codes)) for name in self.names}

    def take(self, order: NDArray[np.int64]) -> "FeatureTable":
        """Return the records of an order of indices."""
        taken = FeatureTable()
        taken._size, taken._derived = len(order), self._derived
        for name in self.names:
            taken._values[name] = self.values(name)
            column = self.column((name,))
            taken._columns[name,] = Column(column.codes[order], column.size)
        return taken

    def content(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Return two hashes of each record: of its values alone, and of values and names of columns."""
        values, named = np.zeros(self._size, np.uint64), np.zeros(self._size, np.uint64)
        for name in self.names:
            codes = self.column((name,)).codes
            hashes = np.fromiter((_hash(repr(said)) if said else 0 for said in self.values(name)), np.uint64)
            values += hashes[codes]
            named += (hashes * np.uint64(_hash(name) | 1))[codes]
        return values, named

    @overload
    def __getitem__(self, index: int) -> Features: ...
    @overload
    def __getitem__(self, index: slice) -> list[Features]: ...
    def __getitem__(self, index: int | slice) -> Features | list[Features]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(self._size))]
        if not -self._size <= index < self._size:
            raise IndexError(index)
        said = ((name, self.values(name)[self.column((name,)).codes[index]]) for name in self.names)
        return Features(tuple((name, values) for name, values in said if values))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Features]:
        return map(self.__getitem__, range(self._size))


def _alone(values: Rows) -> Alone:
    single = values.counts() == 1
    rows = np.flatnonzero(single)
    return Alone(Words(values.take(rows)), rows, np.cumsum(single, dtype=np.int32) - 1)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), "big")
