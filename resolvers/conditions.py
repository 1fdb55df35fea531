"""Comparisons made of conditions, as an imported model brings them: exact match, edits, similarity, days."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein, Jaro, JaroWinkler, Levenshtein

from resolvers.comparison import Comparison, Grade, Level, Terms, best
from resolvers.features import FeatureValue, Values

PREFIX = "conditions "
"""Begins the id of such a comparison; the rest is its specification, as canonical JSON."""

Condition = Sequence[Any]
"""`[kind, …]`: a kind of `KINDS` with the place of a part (null = the whole value) and a bound; `null` with a
place; `equals` with the places left and right; `and`, `or` with conditions; `else`."""

Texts = Callable[[int | None], tuple[str | None, str | None]]

DAY_SECONDS = 86_400.0


def comparison_id(levels: Sequence[Mapping[str, Any]]) -> str:
    """Return the id of a comparison whose levels are `{when, null, term}`, from first tested to last."""
    return PREFIX + json.dumps(list(levels), separators=(",", ":"), sort_keys=True)


@cache
def comparison_of(id_: str) -> Comparison:
    """Return the comparison that an id specifies. Raises: ValueError for an id that does not."""
    if not id_.startswith(PREFIX):
        raise ValueError("the model names a comparison that is not here: use a model of this version of Kith")
    tests = json.loads(id_[len(PREFIX) :])
    weighed = [test for test in tests if not test["null"]]
    levels = tuple(Level(str(place), f"level {place}", 0.5, 0.5) for place in range(len(weighed)))
    graded = lru_cache(maxsize=200_000)(lambda left, right: _grade(tests, left, right))

    def grade(left: Values, right: Values) -> Grade:
        return best(graded(*sorted((a, b), key=repr)) for a in left for b in right)

    def terms(values: Values) -> Terms:
        return tuple(
            (place, said)
            for place, test in enumerate(weighed)
            if test["term"] is not None
            for value in values
            if (said := _part(value, test["term"]["part"])) is not None
        )

    return Comparison(id_, __doc__ or "", levels, grade, terms)


def _grade(tests: Sequence[Mapping[str, Any]], left: FeatureValue, right: FeatureValue) -> Grade:
    """Return the first level whose condition holds; a null level compares nothing."""

    def texts(place: int | None) -> tuple[str | None, str | None]:
        return _part(left, place), _part(right, place)

    level = -1
    for test in tests:
        level += not test["null"]
        if holds(test["when"], texts):
            if test["null"]:
                return Grade(None)
            term = test["term"]
            return Grade(level, None if term is None else texts(term["part"])[0])
    return Grade(None)


def _part(value: FeatureValue, place: int | None) -> str | None:
    """Return a part of a value; of a whole value that has parts, none."""
    if place is None:
        return value if isinstance(value, str) and value else None
    return value[place] or None if isinstance(value, tuple) else None


def holds(condition: Condition, texts: Texts) -> bool:
    """Say whether a condition holds; one that looks at a missing value does not."""
    kind, *rest = condition
    if kind == "else":
        return True
    if kind in {"and", "or"}:
        return (all if kind == "and" else any)(holds(part, texts) for part in rest)
    if kind == "null":
        return None in texts(rest[0])
    if kind == "equals":
        left, right = texts(rest[0])[0], texts(rest[1])[1]
        return left is not None and left == right
    left, right = texts(rest[0])
    return left is not None and right is not None and KINDS[str(kind)](left, right, float(str(rest[1])))


def _days(left: str, right: str, bound: float) -> bool:
    if len(left) != 10 or len(right) != 10:
        return False
    return abs((date.fromisoformat(left) - date.fromisoformat(right)).days) * DAY_SECONDS <= bound


def _jaccard(left: str, right: str) -> float:
    mine, theirs = set(left), set(right)
    return len(mine & theirs) / len(mine | theirs)


KINDS: Mapping[str, Callable[[str, str, float], bool]] = {
    "levenshtein": lambda left, right, bound: Levenshtein.distance(left, right) <= bound,
    "damerau_levenshtein": lambda left, right, bound: DamerauLevenshtein.distance(left, right) <= bound,
    "jaro_similarity": lambda left, right, bound: Jaro.similarity(left, right) >= bound,
    "jaro_winkler_similarity": lambda left, right, bound: JaroWinkler.similarity(left, right) >= bound,
    "jaccard": lambda left, right, bound: _jaccard(left, right) >= bound,
    "seconds": _days,
}
"""Kinds of conditions on two texts and a bound: at most so many edits or seconds, at least so alike."""
