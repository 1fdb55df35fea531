"""Dates of birth: days, partial dates, years, and the years that an age allows.

A day agrees with its own month or year as far as that goes. Day and month may have changed places; a digit
or a part may be wrong. Years of birth 15 or more apart are two generations of one family, unless both records
have one person's own number: then a year is wrong.
"""

from datetime import date
from functools import lru_cache

from rapidfuzz.distance import OSA

from resolvers.comparison import Comparison, Grade, Level, Refinement, Row, Terms, best, share
from resolvers.features import Values

LEVELS = (
    Level("day", "same day", 0.90, 6e-5),
    Level("swapped", "day and month swapped", 0.01, 5e-5),
    Level("digit", "one digit differs", 0.03, 0.001),
    Level("parts", "day, month or year differs, the others agree", 0.01, 0.004),
    Level("month", "same month, no day on one side", 0.94, 0.0018),
    Level("year", "same year, no day on one side", 0.94, 0.02),
    Level("age", "the age fits the year", 0.94, 0.04),
    Level("weeks", "within a month", 0.01, 0.002),
    Level("near", "within a year", 0.04, 0.04),
    Level("different", "different dates", 0.03, 0.5),
    Level("generation", "15 years or more apart", 0.005, 0.45, ceiling=-20.0),
)
_DAY, _SWAPPED, _DIGIT, _PARTS, _MONTH, _YEAR, _AGE, _WEEKS, _NEAR, _DIFFERENT, _GENERATION = range(11)
_NEW_YEAR = "-01-01"
ABOUT_A_MONTH, ABOUT_A_YEAR, GENERATION_YEARS = 31, 372, 15


def grade(left: Values, right: Values) -> Grade:
    """Grade the pair of dates that agrees most."""
    return best(_dates(a, b) for a in left for b in right if isinstance(a, str) and isinstance(b, str))


def refine(left: Row, right: Row) -> Grade:
    """Tell a wrong year from another generation by a number that only one person has."""
    return Grade(_DIFFERENT if share(left[1:], right[1:]) else _GENERATION)


@lru_cache(maxsize=200_000)
def _dates(left: str, right: str) -> Grade:
    if left > right:
        left, right = right, left
    if "/" in left or "/" in right:
        return Grade(_ages(left, right))
    if left == right:
        return Grade((_DAY, _MONTH, _YEAR)[(10, 7, 4).index(len(left))], left)
    shortest = min(len(left), len(right))
    if shortest < 10:
        return _partial(left, right, shortest)
    return Grade(_days(left, right))


def _days(left: str, right: str) -> int:
    """Return the level of two days that differ, the earlier first."""
    if left[:4] == right[:4] and left[5:7] == right[8:] and left[8:] == right[5:7]:
        return _SWAPPED
    if OSA.distance(left.replace("-", ""), right.replace("-", ""), score_cutoff=1) <= 1:
        return _DIGIT
    if _agreeing_parts(left, right) == 2:
        return _PARTS
    apart = (date.fromisoformat(right) - date.fromisoformat(left)).days
    if apart <= ABOUT_A_YEAR:
        return _WEEKS if apart <= ABOUT_A_MONTH else _NEAR
    return _apart(int(right[:4]) - int(left[:4]))


def _agreeing_parts(left: str, right: str) -> int:
    """Return how many of year, month and day agree; the first of January is what systems write for a year."""
    if left.endswith(_NEW_YEAR) and right.endswith(_NEW_YEAR):
        return int(left[:4] == right[:4])
    return sum(a == b for a, b in zip(left.split("-"), right.split("-"), strict=True))


def _partial(left: str, right: str, shortest: int) -> Grade:
    if left[:shortest] == right[:shortest]:
        return Grade(_YEAR if shortest == 4 else _MONTH, left[:shortest])
    years = abs(int(left[:4]) - int(right[:4]))
    if years > 1 and OSA.distance(left[:4], right[:4], score_cutoff=1) <= 1:
        return Grade(_DIFFERENT)
    return Grade(_NEAR if years <= 1 else _apart(years))


def _ages(left: str, right: str) -> int:
    (first, last), (start, end) = _years(left), _years(right)
    gap = max(first, start) - min(last, end)
    return _AGE if gap <= 0 else _NEAR if gap == 1 else _apart(gap)


def _years(text: str) -> tuple[int, int]:
    first, _, last = text.partition("/")
    return int(first[:4]), int((last or first)[:4])


def _apart(years: int) -> int:
    return _GENERATION if years >= GENERATION_YEARS else _DIFFERENT


def terms(values: Values) -> Terms:
    """Add each day, month and year that is said; what an age allows is no term."""
    said = [value for value in values if isinstance(value, str) and "/" not in value]
    days = {(_DAY, value) for value in said if len(value) == 10}
    months = {(_MONTH, value[:7]) for value in said if len(value) >= 7}
    return tuple(sorted(days | months | {(_YEAR, value[:4]) for value in said}))


REFINEMENTS = (Refinement(_GENERATION, 4, refine, shared=(1, 2, 3)),)
COMPARISON = Comparison("birth_date", __doc__, LEVELS, grade, terms, REFINEMENTS)
