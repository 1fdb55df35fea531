"""Identifiers that one system or state gives to one person: a national, staff or warrant number, a badge.

One sign may be wrong in a long one. How much two different ones say is learned: a national number stays, a
badge changes with rank.
"""

from rapidfuzz.distance import OSA

from resolvers.comparison import NOTHING, Comparison, Grade, Level, word_terms, words
from resolvers.features import Values

LEVELS = (
    Level("same", "same identifier", 0.90, 1e-6),
    Level("digit", "one sign differs", 0.02, 1e-5),
    Level("different", "different identifiers", 0.08, 1.0),
)
_LONG = 6


def grade(left: Values, right: Values) -> Grade:
    """Grade the pair of identifiers that agrees most."""
    mine, theirs = words(left), words(right)
    if not mine or not theirs:
        return NOTHING
    shared = sorted(set(mine) & set(theirs))
    if shared:
        return Grade(0, shared[0])
    return Grade(1 if any(_close(a, b) for a in mine for b in theirs) else 2)


def _close(left: str, right: str) -> bool:
    return min(len(left), len(right)) >= _LONG and OSA.distance(left, right, score_cutoff=1) <= 1


COMPARISON = Comparison("identifier", __doc__, LEVELS, grade, word_terms)
