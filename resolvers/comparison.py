"""The contract of a comparison: two records' values of a feature, graded into ordered levels."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from resolvers import comparisons
from resolvers.features import Values

Row = tuple[Values, ...]
"""The values of one record in the columns that a comparison reads, in their order."""

Terms = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Level:
    """One level of agreement.

    `m` and `u` are the shares of matches and of non-matches expected at it before training; their ratio holds
    for a level that the training data does not show. `ceiling` (bits) bounds the trained weight: a veto is a
    level with a low ceiling.
    """

    id: str
    label: str
    m: float
    u: float
    ceiling: float | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """How far two rows agree: index of the level (None = nothing to compare), and the term agreed on.

    The term, where there is one, is looked up in the model's term frequencies: a rare name tells more.
    """

    level: int | None
    term: str | None = None


NOTHING = Grade(None)


@dataclass(frozen=True, slots=True)
class Refinement:
    """A second look at one level, with the first `reads` columns of a use in sight.

    What it says depends on the columns from `first` on alone. Where columns `shared` are named, it leaves the
    level as it is unless two rows have a value in common in one of them; and so for each part of a value
    (column, place) that `agree` names.
    """

    level: int
    reads: int
    grade: Callable[[Row, Row], Grade]
    first: int = 0
    shared: tuple[int, ...] = ()
    agree: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A graded comparison; levels go from most to least agreement.

    `grade` is symmetric and sees the values of two records in the first column of a use; each refinement, in
    order, may replace one level after a look at more columns. `terms` gives what a record adds to the term
    frequencies: (level index, term), each level that has terms with frequencies of its own. `doc` is what
    API and page show.
    """

    id: str
    doc: str
    levels: tuple[Level, ...]
    grade: Callable[[Values, Values], Grade]
    terms: Callable[[Values], Terms]
    refinements: tuple[Refinement, ...] = ()

    def compare(self, left: Row, right: Row) -> Grade:
        """Grade one pair of rows. Columns are graded by the same functions, each distinct pair once."""
        found = self.grade(left[0], right[0])
        for refinement in self.refinements:
            if found.level == refinement.level:
                found = refinement.grade(left[: refinement.reads], right[: refinement.reads])
        return found


def words(values: Values) -> tuple[str, ...]:
    """Return the one-part values."""
    return tuple(value for value in values if isinstance(value, str))


def word_terms(values: Values) -> Terms:
    """Add each value, as it is, to the frequencies of the first level."""
    return tuple((0, word) for word in words(values))


def share(left: Row, right: Row) -> bool:
    """Say whether two rows have a value in common in any one column."""
    return any(not set(mine).isdisjoint(theirs) for mine, theirs in zip(left, right, strict=True))


def best(grades: Iterator[Grade]) -> Grade:
    """Return the grade of most agreement among those that compare anything; ties go to the first term."""
    found = [grade for grade in grades if grade.level is not None]
    if len(found) == 1:
        return found[0]
    return min(found, key=lambda grade: (grade.level, grade.term or "~")) if found else NOTHING


class _Known(dict[str, Comparison]):
    """Comparisons by id; one made of conditions carries its own specification in its id."""

    def __missing__(self, id_: str) -> Comparison:
        made: Comparison = import_module("resolvers.conditions").comparison_of(id_)
        return made


@cache
def all_comparisons() -> Mapping[str, Comparison]:
    """Return every comparison by id: one module of `resolvers.comparisons` each, its `COMPARISON`.

    The id of one made of conditions (resolvers.conditions) can be looked up too, but is not listed.
    """
    found = _Known()
    for module in sorted(iter_modules(comparisons.__path__), key=lambda module: module.name):
        found[module.name] = import_module(f"{comparisons.__name__}.{module.name}").COMPARISON
    return found
