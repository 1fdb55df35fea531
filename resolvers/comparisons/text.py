"""Free text of a few words: an employer, a place, an occupation."""

from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from resolvers.comparison import Comparison, Grade, Level, best, word_terms, words
from resolvers.features import Values

LEVELS = (
    Level("same", "same text", 0.75, 0.01),
    Level("spelling", "spelled almost alike", 0.08, 0.001),
    Level("part", "words in common", 0.07, 0.02),
    Level("different", "different texts", 0.10, 0.97),
)


def grade(left: Values, right: Values) -> Grade:
    """Grade the pair of texts that agrees most."""
    return best(_texts(a, b) for a in words(left) for b in words(right))


@lru_cache(maxsize=200_000)
def _texts(left: str, right: str) -> Grade:
    if left == right:
        return Grade(0, left)
    left, right = sorted((left, right))
    close = min(len(left), len(right)) > 3 and OSA.distance(left, right, score_cutoff=1) <= 1
    if close or JaroWinkler.similarity(left, right) >= 0.92:
        return Grade(1)
    return Grade(3 if set(left.split()).isdisjoint(right.split()) else 2)


COMPARISON = Comparison("text", __doc__, LEVELS, grade, word_terms)
