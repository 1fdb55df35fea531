"""Family names, with sex beside them because many women change theirs on marriage.

Hyphens, spaces and apostrophes do not count; a part of a double-barrelled name agrees with the whole. Where
given and family name have changed places the given-name comparison speaks for both.
"""

from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from resolvers.comparison import NOTHING, Comparison, Grade, Level, Refinement, Row, Terms, best
from resolvers.features import FeatureValue, Values
from resolvers.name_order import crossing

LEVELS = (
    Level("same", "same family name", 0.90, 0.002),
    Level("part", "one name holds the other", 0.01, 5e-4),
    Level("spelling", "spelled almost alike", 0.04, 0.001),
    Level("similar", "alike", 0.01, 0.002),
    Level("married", "different, as after a marriage", 0.02, 0.2),
    Level("different", "different family names", 0.02, 0.79),
)
_SAME, _PART, SPELLING, _SIMILAR, _MARRIED, DIFFERENT = range(6)


def grade(left: Values, right: Values) -> Grade:
    """Grade the best pair of names; a pair needs a family name on both sides."""
    return best(_names(a, b) for a in left for b in right)


def refine(left: Row, right: Row) -> Grade:
    """Tell a woman's new name from others that differ: one side at least says so, and neither a man."""
    said = (*left[1], *right[1])
    return Grade(_MARRIED if "f" in said and "m" not in said else DIFFERENT)


def _names(left: FeatureValue, right: FeatureValue) -> Grade:
    if not left[2] or not right[2]:
        return NOTHING
    if left[2] == right[2]:
        return Grade(_SAME, left[2].replace(" ", ""))
    level = level_of(left[2], right[2])
    if level > SPELLING and left[0] != right[0] and crossing(left, right):
        return NOTHING
    return Grade(level, left[2].replace(" ", "") if level == _SAME else None)


@lru_cache(maxsize=200_000)
def level_of(left: str, right: str) -> int:
    """Return the level of two family names by themselves."""
    a, b = left.replace(" ", ""), right.replace(" ", "")
    if a > b:
        left, right, a, b = right, left, b, a
    if a == b:
        return _SAME
    shortest = min(len(a), len(b))
    if shortest > 3 and OSA.distance(a, b, score_cutoff=1) <= 1:
        return SPELLING
    if shortest > 2 and (
        _holds(left, b)
        or _holds(right, a)
        or a.startswith(b)
        or b.startswith(a)
        or a.endswith(b)
        or b.endswith(a)
    ):
        return _PART
    similarity = JaroWinkler.similarity(a, b)
    if similarity >= 0.93:
        return SPELLING
    return _SIMILAR if similarity >= 0.85 else DIFFERENT


def _holds(whole: str, part: str) -> bool:
    return part in whole.split()


def terms(values: Values) -> Terms:
    """Add each family name, closed up."""
    return tuple(sorted({(_SAME, name[2].replace(" ", "")) for name in values if name[2]}))


COMPARISON = Comparison(
    "family_name", __doc__, LEVELS, grade, terms, (Refinement(DIFFERENT, 2, refine, first=1),)
)
