"""Whether given and family name of two names have changed places."""

from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from resolvers.features import FeatureValue

_ALIKE = 0.88


class Crossing(IntEnum):
    """How given and family name stand crosswise: not, one alone, both nearly, or both to the letter."""

    NONE = 0
    HALF = 1
    NEARLY = 2
    WHOLE = 3


def crossing(left: FeatureValue, right: FeatureValue) -> Crossing:
    """Return how the given name of each stands as the family name of the other. Symmetric.

    Names that agree in their places have not changed them. HALF is for names of which a part was left out.
    """
    given, family, other_given, other_family = left[0], left[2], right[0], right[2]
    if given == other_family and family == other_given:
        return Crossing.WHOLE if given and family and given != family else Crossing.NONE
    crossed = [_alike(given, other_family), _alike(other_given, family)]
    if not any(crossed) or _alike(given, other_given) or _alike(family, other_family):
        return Crossing.NONE
    if all((given, family, other_given, other_family)):
        return Crossing.NEARLY if all(crossed) else Crossing.NONE
    return Crossing.HALF


@lru_cache(maxsize=200_000)
def _alike(left: str, right: str) -> bool:
    if len(left) < 3 or len(right) < 3:
        return False
    if left == right:
        return True
    left, right = sorted((left, right))
    close = min(len(left), len(right)) > 3 and OSA.distance(left, right, score_cutoff=1) <= 1
    return close or JaroWinkler.similarity(left, right) >= _ALIKE
