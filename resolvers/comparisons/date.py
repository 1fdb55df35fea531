"""Dates in a career or a life other than birth: an appointment, a hire, a departure.

Systems differ by a few days, drop the day, or mistype a digit.
"""

from datetime import date
from functools import lru_cache

from rapidfuzz.distance import OSA

from resolvers.comparison import Comparison, Grade, Level, best, word_terms
from resolvers.features import Values

LEVELS = (
    Level("same", "same date", 0.80, 0.001),
    Level("near", "within a week", 0.04, 0.002),
    Level("digit", "a digit differs, or day and month swapped", 0.02, 0.002),
    Level("month", "same month", 0.02, 0.002),
    Level("year", "same year", 0.04, 0.03),
    Level("adjacent", "one year apart", 0.03, 0.06),
    Level("different", "different dates", 0.05, 0.9),
)
_SAME, _NEAR, _DIGIT, _MONTH, _YEAR, _ADJACENT, _DIFFERENT = range(7)


def grade(left: Values, right: Values) -> Grade:
    """Grade the pair of dates that agrees most."""
    return best(_dates(a, b) for a in left for b in right if isinstance(a, str) and isinstance(b, str))


@lru_cache(maxsize=200_000)
def _dates(left: str, right: str) -> Grade:
    if left > right:
        left, right = right, left
    if left == right:
        return Grade(_SAME, left)
    if len(left) == len(right) == 10:
        if abs((date.fromisoformat(left) - date.fromisoformat(right)).days) <= 7:
            return Grade(_NEAR)
        swapped = left[:4] == right[:4] and left[5:7] == right[8:] and left[8:] == right[5:7]
        if swapped or OSA.distance(left.replace("-", ""), right.replace("-", ""), score_cutoff=1) <= 1:
            return Grade(_DIGIT)
    if left[:7] == right[:7]:
        return Grade(_MONTH)
    years = abs(int(left[:4]) - int(right[:4]))
    return Grade(_YEAR if years == 0 else _ADJACENT if years == 1 else _DIFFERENT)


COMPARISON = Comparison("date", __doc__, LEVELS, grade, word_terms)
