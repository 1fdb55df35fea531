"""A measured or counted number: a height, an age at hire. Near is relative to the larger one."""

from resolvers.comparison import Comparison, Grade, Level, best, word_terms, words
from resolvers.features import Values

LEVELS = (
    Level("same", "same number", 0.75, 0.05),
    Level("near", "within 2 %", 0.10, 0.05),
    Level("similar", "within 10 %", 0.10, 0.2),
    Level("different", "different numbers", 0.05, 0.7),
)


def grade(left: Values, right: Values) -> Grade:
    """Grade the pair of numbers that agrees most."""
    return best(_numbers(a, b) for a in words(left) for b in words(right))


def _numbers(left: str, right: str) -> Grade:
    if left == right:
        return Grade(0, left)
    a, b = float(left), float(right)
    apart = abs(a - b) / max(abs(a), abs(b))
    return Grade(1 if apart <= 0.02 else 2 if apart <= 0.1 else 3)


COMPARISON = Comparison("number", __doc__, LEVELS, grade, word_terms)
