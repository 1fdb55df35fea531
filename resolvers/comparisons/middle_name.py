"""Middle names: an initial agrees with every name that it begins.

Where given and middle name have changed places nothing is compared: given_name speaks for both.
"""

from rapidfuzz.distance import JaroWinkler

from resolvers.comparison import NOTHING, Comparison, Grade, Level, Terms, best
from resolvers.features import FeatureValue, Values

LEVELS = (
    Level("same", "same middle name", 0.6, 0.01),
    Level("initial", "same middle initial", 0.3, 0.03),
    Level("similar", "one of several, or alike", 0.04, 0.005),
    Level("different", "different middle names", 0.06, 0.95),
)
_SAME, _INITIAL, _SIMILAR, _DIFFERENT = range(4)


def grade(left: Values, right: Values) -> Grade:
    """Grade the best pair of names; a pair needs a middle name on both sides."""
    return best(_names(a, b) for a in left for b in right)


def _names(left: FeatureValue, right: FeatureValue) -> Grade:
    a, b = left[1], right[1]
    if not a or not b or (left[0] != right[0] and (left[0] in b.split() or right[0] in a.split())):
        return NOTHING
    if a == b and len(a) > 1:
        return Grade(_SAME, a)
    if a[0] == b[0] and (len(a) == 1 or len(b) == 1):
        return Grade(_INITIAL, a[0])
    if not {word[0] for word in a.split()}.isdisjoint(word[0] for word in b.split()):
        alike = (
            set(a.split()) & set(b.split()) or " " in a or " " in b or JaroWinkler.similarity(a, b) >= 0.88
        )
        return Grade(_SIMILAR if alike else _DIFFERENT)
    return Grade(_DIFFERENT)


def terms(values: Values) -> Terms:
    """Add each middle name, and its initial."""
    whole = {(_SAME, name[1]) for name in values if len(name[1]) > 1}
    return tuple(sorted(whole | {(_INITIAL, name[1][0]) for name in values if name[1]}))


COMPARISON = Comparison("middle_name", __doc__, LEVELS, grade, terms)
