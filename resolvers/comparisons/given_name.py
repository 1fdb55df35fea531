"""Given names, with the rest of the name beside them.

Bob and Robert are one name, J. may be John, given and family name may have changed places, and some people go
by their middle name. Two different given names with one family name on one day of birth are twins, who may
share a home or a phone too: only a number of one person's own says otherwise.
"""

from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from resolvers.comparison import NOTHING, Comparison, Grade, Level, Refinement, Row, Terms, best, share
from resolvers.features import FeatureValue, Values
from resolvers.name_order import Crossing, crossing
from resolvers.normalisation.names import same_given_name

LEVELS = (
    Level("same", "same given name", 0.86, 0.01),
    Level("nickname", "one a short form of the other", 0.03, 0.003),
    Level("spelling", "spelled almost alike", 0.03, 0.002),
    Level("middle", "goes by the middle name", 0.01, 0.002),
    Level("swapped", "given and family name swapped", 0.01, 5e-5),
    Level("crossed", "given and family name swapped, spelled almost alike", 0.005, 5e-5),
    Level("initial", "same initial", 0.02, 0.0014),
    Level("half", "the given name stands as the family name", 0.005, 0.001),
    Level("similar", "alike", 0.01, 0.008),
    Level("different", "different given names", 0.03, 0.97),
    Level("twin", "different given names, same family name and day of birth", 0.001, 1e-5, ceiling=-30.0),
)
_SAME, _NICKNAME, SPELLING, _MIDDLE, _SWAPPED, _CROSSED, _INITIAL, _HALF, _SIMILAR, DIFFERENT, _TWIN = range(
    11
)
_CROSSINGS = {Crossing.WHOLE: _SWAPPED, Crossing.NEARLY: _CROSSED, Crossing.HALF: _HALF}


def grade(left: Values, right: Values) -> Grade:
    """Grade the best pair of names; a pair needs a given name on both sides, or one on the family's."""
    return best(_names(a, b) for a in left for b in right)


def same_person(left: Row, right: Row) -> Grade:
    """Tell one person from twins by a number that only one person has."""
    return Grade(DIFFERENT if share(left[2:], right[2:]) else _TWIN)


def twins(left: Row, right: Row) -> Grade:
    """Tell twins from others whose given names differ."""
    one_birth = _share_day(left[1], right[1]) and _share_family(left[0], right[0])
    return Grade(_TWIN if one_birth else DIFFERENT)


def _names(left: FeatureValue, right: FeatureValue) -> Grade:
    if not left[0] or not right[0]:
        return Grade(_HALF) if crossing(left, right) else NOTHING
    if left[0] == right[0]:
        return Grade(_SAME, left[0])
    if _closed_up(left) == right[0] or _closed_up(right) == left[0]:
        return Grade(SPELLING)
    level = level_of(left[0], right[0])
    if level <= SPELLING:
        return Grade(level)
    if _goes_by_middle(left, right) or _goes_by_middle(right, left) or _crosswise(left, right):
        return Grade(_MIDDLE)
    return Grade(_CROSSINGS.get(crossing(left, right), level))


def _closed_up(name: FeatureValue) -> str:
    """Return given and middle names as one word (Mary Ann → maryann)."""
    return name[0] + name[1].replace(" ", "")


def _goes_by_middle(left: FeatureValue, right: FeatureValue) -> bool:
    return len(left[0]) > 1 and left[0] in right[1].split()


def _crosswise(left: FeatureValue, right: FeatureValue) -> bool:
    """Say whether given and middle name changed places, one of each perhaps an initial."""
    return bool(left[1] and right[1]) and _begins(left[0], right[1]) and _begins(right[0], left[1])


def _begins(left: str, right: str) -> bool:
    return left == right or (len(right) == 1 and left[0] == right) or (len(left) == 1 and right[0] == left)


@lru_cache(maxsize=200_000)
def level_of(left: str, right: str) -> int:
    """Return the level of two unequal given names by themselves."""
    if left > right:
        left, right = right, left
    if len(left) == 1 or len(right) == 1:
        return _INITIAL if left[0] == right[0] else DIFFERENT
    if same_given_name(left, right):
        return _NICKNAME
    shortest = min(len(left), len(right))
    if (shortest > 3 and OSA.distance(left, right, score_cutoff=1) <= 1) or JaroWinkler.similarity(
        left, right
    ) >= 0.93:
        return SPELLING
    if shortest >= 3 and (left.startswith(right) or right.startswith(left)):
        return _NICKNAME
    return _SIMILAR if JaroWinkler.similarity(left, right) >= 0.82 else DIFFERENT


def _share_day(left: Values, right: Values) -> bool:
    return any(len(value) == 10 and value in right for value in left)


def _share_family(left: Values, right: Values) -> bool:
    return any(a[2] and a[2] == b[2] for a in left for b in right)


def terms(values: Values) -> Terms:
    """Add each given name."""
    return tuple(sorted({(_SAME, name[0]) for name in values if name[0]}))


REFINEMENTS = (
    Refinement(DIFFERENT, 2, twins, shared=(1,), agree=((0, 2),)),
    Refinement(_TWIN, 5, same_person, shared=(2, 3, 4)),
)
COMPARISON = Comparison("given_name", __doc__, LEVELS, grade, terms, REFINEMENTS)
