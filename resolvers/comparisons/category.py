"""A value from a list: sex, a rank, a unit, a team. It is the same or it is not."""

from resolvers.comparison import NOTHING, Comparison, Grade, Level, word_terms, words
from resolvers.features import Values

LEVELS = (
    Level("same", "same", 0.90, 0.2),
    Level("different", "different", 0.10, 0.8),
)


def grade(left: Values, right: Values) -> Grade:
    """Grade two sets of values: one in common is enough."""
    mine, theirs = words(left), words(right)
    if not mine or not theirs:
        return NOTHING
    shared = sorted(set(mine) & set(theirs))
    return Grade(0, shared[0]) if shared else Grade(1)


COMPARISON = Comparison("category", __doc__, LEVELS, grade, word_terms)
