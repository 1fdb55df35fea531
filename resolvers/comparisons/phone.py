"""Phone numbers in E.164; a digit may be wrong, and people have several.

A number that many share (a station's, a household's) tells little: its frequency is in the model.
"""

from rapidfuzz.distance import OSA

from resolvers.comparison import NOTHING, Comparison, Grade, Level, word_terms, words
from resolvers.features import Values

LEVELS = (
    Level("same", "same phone number", 0.70, 2e-6),
    Level("digit", "one digit differs", 0.05, 2e-6),
    Level("different", "different phone numbers", 0.25, 1.0),
)


def grade(left: Values, right: Values) -> Grade:
    """Grade the pair of numbers that agrees most."""
    mine, theirs = words(left), words(right)
    if not mine or not theirs:
        return NOTHING
    shared = sorted(set(mine) & set(theirs))
    if shared:
        return Grade(0, shared[0])
    close = any(OSA.distance(a, b, score_cutoff=1) <= 1 for a in mine for b in theirs)
    return Grade(1 if close else 2)


COMPARISON = Comparison("phone", __doc__, LEVELS, grade, word_terms)
