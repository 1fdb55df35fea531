"""Addresses by their parts: flat 14A is not flat 14C, and people move.

A flat that one side leaves out does not contradict: the house agrees, if not word for word.
"""

from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

from resolvers.comparison import Comparison, Grade, Level, Terms, best
from resolvers.features import FeatureValue, Values

LEVELS = (
    Level("dwelling", "same home", 0.55, 2e-5),
    Level("spelling", "same home, spelled otherwise", 0.15, 1e-5),
    Level("building", "same house, another flat", 0.01, 1e-5),
    Level("street", "same street, another house", 0.03, 5e-4),
    Level("postcode", "same postcode", 0.05, 5e-4),
    Level("town", "same town", 0.06, 0.05),
    Level("different", "different addresses", 0.15, 0.95),
)
_DWELLING, _SPELLING, _BUILDING, _STREET, _POSTCODE, _TOWN, _DIFFERENT = range(7)
_FLAT, _NUMBER, _STREET_PART, _TOWN_PART, _POSTCODE_PART, _COUNTRY, _UPRN = range(7)


def grade(left: Values, right: Values) -> Grade:
    """Grade the pair of addresses that agrees most."""
    return best(_addresses(a, b) for a in left for b in right)


@lru_cache(maxsize=1_000_000)
def _addresses(left: FeatureValue, right: FeatureValue) -> Grade:
    if left[_UPRN] and right[_UPRN]:
        if left[_UPRN] == right[_UPRN]:
            return Grade(_DWELLING, left[_UPRN])
        if left[_POSTCODE_PART] and left[_POSTCODE_PART] == right[_POSTCODE_PART]:
            return Grade(_POSTCODE)
    return _houses(left, right)


def _houses(left: FeatureValue, right: FeatureValue) -> Grade:
    """Grade two addresses by flat, number, street, town and postcode."""
    streets = _alike(left[_STREET_PART], right[_STREET_PART])
    towns = _alike(left[_TOWN_PART], right[_TOWN_PART])
    postcode = bool(left[_POSTCODE_PART]) and left[_POSTCODE_PART] == right[_POSTCODE_PART]
    number = bool(left[_NUMBER]) and left[_NUMBER] == right[_NUMBER]
    somewhere = postcode or towns > 0.9 or not (left[_TOWN_PART] and right[_TOWN_PART])
    if number and (streets > 0.9 or postcode) and somewhere:
        if left[_FLAT] and right[_FLAT] and left[_FLAT] != right[_FLAT]:
            return Grade(_BUILDING)
        if streets == 1 and (postcode or towns == 1) and left[_FLAT] == right[_FLAT]:
            return Grade(_DWELLING, min(_home(left), _home(right)))
        return Grade(_SPELLING)
    if streets > 0.9 and somewhere:
        return Grade(_SPELLING if _digit(left[_NUMBER], right[_NUMBER]) and postcode else _STREET)
    if postcode:
        return Grade(_POSTCODE)
    return Grade(_TOWN if towns > 0.9 else _DIFFERENT)


def _home(parts: FeatureValue) -> str:
    return "|".join((*parts[:3], parts[_POSTCODE_PART] or parts[_TOWN_PART]))


def _digit(left: str, right: str) -> bool:
    """Say whether one number is the other with a digit left out; lettered neighbours are not."""
    return left.isdigit() and right.isdigit() and (left.startswith(right) or right.startswith(left))


def _alike(left: str, right: str) -> float:
    if not left or not right:
        return 0.0
    return 1.0 if left == right else JaroWinkler.similarity(*sorted((left, right)))


def terms(values: Values) -> Terms:
    """Add each home."""
    return tuple(sorted({(_DWELLING, value[_UPRN] or _home(value)) for value in values}))


COMPARISON = Comparison("address", __doc__, LEVELS, grade, terms)
