"""E-mail addresses: the whole, the name before the @ at another provider, or nearly that."""

from rapidfuzz.distance import OSA, JaroWinkler

from resolvers.comparison import Comparison, Grade, Level, best, word_terms, words
from resolvers.features import Values

LEVELS = (
    Level("same", "same e-mail address", 0.65, 2e-6),
    Level("spelling", "one or two signs differ", 0.08, 1e-5),
    Level("local", "same name before the @", 0.05, 2e-5),
    Level("similar", "alike before the @", 0.07, 5e-4),
    Level("different", "different e-mail addresses", 0.15, 1.0),
)
_SAME, _SPELLING, _LOCAL, _SIMILAR, _DIFFERENT = range(5)


def grade(left: Values, right: Values) -> Grade:
    """Grade the pair of addresses that agrees most."""
    return best(_emails(a, b) for a in words(left) for b in words(right))


def _emails(left: str, right: str) -> Grade:
    if left == right:
        return Grade(_SAME, left)
    if OSA.distance(left, right, score_cutoff=2) <= 2:
        return Grade(_SPELLING)
    mine, theirs = sorted((left.partition("@")[0], right.partition("@")[0]))
    if mine == theirs:
        return Grade(_LOCAL)
    return Grade(_SIMILAR if JaroWinkler.similarity(mine, theirs) >= 0.9 else _DIFFERENT)


COMPARISON = Comparison("email", __doc__, LEVELS, grade, word_terms)
