"""Generational suffixes (Sr, Jr, III): different ones are father and son."""

from resolvers.comparison import NOTHING, Comparison, Grade, Level, Terms
from resolvers.features import Values

LEVELS = (
    Level("same", "same suffix", 0.98, 0.5),
    Level("different", "different suffixes", 0.02, 0.5),
)


def grade(left: Values, right: Values) -> Grade:
    """Grade two names that both have a suffix; most people write none, so one missing says nothing."""
    mine, theirs = _suffixes(left), _suffixes(right)
    if not mine or not theirs:
        return NOTHING
    shared = sorted(mine & theirs)
    return Grade(0, shared[0]) if shared else Grade(1)


def terms(values: Values) -> Terms:
    """Add each suffix."""
    return tuple((0, suffix) for suffix in sorted(_suffixes(values)))


def _suffixes(values: Values) -> set[str]:
    return {name[3] for name in values if name[3]}


COMPARISON = Comparison("name_suffix", __doc__, LEVELS, grade, terms)
