"""Addresses by their parts: flat 14A is not flat 14C, and people move.

A flat that one side leaves out does not contradict: the house agrees, if not word for word. British postcodes
name a district before their last three signs.
"""

from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from resolvers.comparison import NOTHING, Comparison, Grade, Level, Terms, best
from resolvers.features import FeatureValue, Values
from resolvers.normalisation.addresses import district

LEVELS = (
    Level("dwelling", "same home", 0.55, 2e-5),
    Level("spelling", "same home, spelled otherwise", 0.15, 1e-5),
    Level("building", "same house, another flat", 0.01, 1e-5),
    Level("street", "same street, another house", 0.03, 5e-4),
    Level("postcode", "same postcode", 0.05, 5e-4),
    Level("district", "same postal district, or one sign of the postcode differs", 0.04, 0.002),
    Level("town", "same town", 0.06, 0.05),
    Level("different", "different addresses", 0.15, 0.95),
)
ALIKE = 0.9
"""A Jaro-Winkler similarity above which two names of a street or a town are one."""

_DWELLING, _SPELLING, _BUILDING, _STREET, _POSTCODE, _DISTRICT, _TOWN, _DIFFERENT = range(8)
_FLAT, _NUMBER, _STREET_PART, _TOWN_PART, _POSTCODE_PART, _COUNTRY, _UPRN = range(7)


def grade(left: Values, right: Values) -> Grade:
    """Grade the pair of addresses that agrees most."""
    return best(_addresses(a, b) for a in left for b in right)


@lru_cache(maxsize=200_000)
def _addresses(left: FeatureValue, right: FeatureValue) -> Grade:
    if left[_UPRN] and right[_UPRN]:
        if left[_UPRN] == right[_UPRN]:
            return Grade(_DWELLING, left[_UPRN])
        if left[_POSTCODE_PART] and left[_POSTCODE_PART] == right[_POSTCODE_PART]:
            return Grade(_POSTCODE, left[_POSTCODE_PART])
    return _houses(left, right)


def _houses(left: FeatureValue, right: FeatureValue) -> Grade:
    """Grade two addresses by flat, number, street, town and postcode."""
    streets = alike(left[_STREET_PART], right[_STREET_PART])
    towns = alike(left[_TOWN_PART], right[_TOWN_PART])
    postcode = bool(left[_POSTCODE_PART]) and left[_POSTCODE_PART] == right[_POSTCODE_PART]
    number = bool(left[_NUMBER]) and left[_NUMBER] == right[_NUMBER]
    somewhere = postcode or towns > ALIKE or not (left[_TOWN_PART] and right[_TOWN_PART])
    if number and (streets > ALIKE or postcode) and somewhere:
        if left[_FLAT] and right[_FLAT] and left[_FLAT] != right[_FLAT]:
            return Grade(_BUILDING)
        if streets == 1 and (postcode or towns == 1) and left[_FLAT] == right[_FLAT]:
            return Grade(_DWELLING, min(_home(left), _home(right)))
        return Grade(_SPELLING)
    if streets > ALIKE and somewhere:
        return Grade(_SPELLING if digit(left[_NUMBER], right[_NUMBER]) and postcode else _STREET)
    return _areas(left, right, towns)


def _areas(left: FeatureValue, right: FeatureValue, towns: float) -> Grade:
    """Grade two addresses of different homes by where they lie."""
    mine, theirs = left[_POSTCODE_PART], right[_POSTCODE_PART]
    if mine and mine == theirs:
        return Grade(_POSTCODE, mine)
    long = min(len(mine), len(theirs)) >= 5
    if long and (district(mine) == district(theirs) != "" or OSA.distance(mine, theirs, score_cutoff=1) <= 1):
        return Grade(_DISTRICT)
    if towns > ALIKE:
        return Grade(_TOWN, left[_TOWN_PART] if towns == 1 else None)
    return Grade(_DIFFERENT) if _said_area(left, right) else NOTHING


def _said_area(left: FeatureValue, right: FeatureValue) -> bool:
    """Say whether two addresses have a part in common that could have agreed."""
    return any(left[part] and right[part] for part in (_STREET_PART, _TOWN_PART, _POSTCODE_PART))


def home(parts: FeatureValue) -> str | None:
    """Return what a home is called by: its UPRN, or else its parts where it has a number."""
    return parts[_UPRN] or (_home(parts) if parts[_NUMBER] else None)


def _home(parts: FeatureValue) -> str:
    return "|".join((*parts[:3], parts[_POSTCODE_PART] or parts[_TOWN_PART]))


def digit(left: str, right: str) -> bool:
    """Say whether one number is the other with a digit left out; lettered neighbours are not."""
    return left.isdigit() and right.isdigit() and (left.startswith(right) or right.startswith(left))


def alike(left: str, right: str) -> float:
    """Return the Jaro-Winkler similarity of two texts, 0 where one is not said."""
    if not left or not right:
        return 0.0
    return 1.0 if left == right else JaroWinkler.similarity(*sorted((left, right)))


def terms(values: Values) -> Terms:
    """Add each home, postcode and town."""
    homes = {(_DWELLING, said) for value in values if (said := home(value)) is not None}
    postcodes = {(_POSTCODE, value[_POSTCODE_PART]) for value in values if value[_POSTCODE_PART]}
    towns = {(_TOWN, value[_TOWN_PART]) for value in values if value[_TOWN_PART]}
    return tuple(sorted(homes | postcodes | towns))


COMPARISON = Comparison("address", __doc__, LEVELS, grade, terms)
