"""Collar numbers, each within the force that gave it and while it was held.

A number is handed on when an officer leaves: outside one force, or at two times, equal numbers say nothing.
"""

from resolvers.comparison import NOTHING, Comparison, Grade, Level, Terms, best
from resolvers.features import FeatureValue, Values

LEVELS = (
    Level("same", "same collar number in one force", 0.85, 2e-5),
    Level("different", "different collar numbers in one force", 0.15, 1.0),
)


def grade(left: Values, right: Values) -> Grade:
    """Grade the pair of collar numbers, of one force and at one time, that agrees most."""
    return best(_numbers(a, b) for a in left for b in right)


def _numbers(left: FeatureValue, right: FeatureValue) -> Grade:
    force, other = left[0].partition("/")[0], right[0].partition("/")[0]
    if force != other or not _overlap(left, right):
        return NOTHING
    return Grade(0, left[0]) if left[0] == right[0] else Grade(1)


def _overlap(left: FeatureValue, right: FeatureValue) -> bool:
    """Say whether two spells [from, to) meet; an open end meets everything."""
    return (not left[2] or not right[1] or right[1] < left[2]) and (
        not right[2] or not left[1] or left[1] < right[2]
    )


def terms(values: Values) -> Terms:
    """Add each number with its force."""
    return tuple(sorted({(0, value[0]) for value in values}))


COMPARISON = Comparison("collar_number", __doc__, LEVELS, grade, terms)
