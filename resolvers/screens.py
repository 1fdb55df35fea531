"""Screens: see at a glance, for many pairs of values at once, that a comparison will find them different.

A screen saves time and decides nothing: what it lets through is graded by the comparison itself, and what it
holds back the comparison would call different. Most pairs of records that are compared are of two persons.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from resolvers.features import FeatureValue
from resolvers.normalisation.names import name_forms

Mask = NDArray[np.bool_]
Unlike = Callable[[Sequence[FeatureValue], Sequence[FeatureValue]], Mask]
"""Tell which pairs of values a comparison grades at its level `different`; it may miss some."""

_FAR = 0.66
"""A Jaro-Winkler similarity that one word and a beginning of it, or one with a sign changed, always reach."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What is known of a comparison in advance, for values that stand alone in their record.

    `shared` is the column (index) in which records must have a value in common for a second look to change
    anything; `seen` is the first column that a second look reads.
    """

    unlike: Unlike
    shared: int | None = None
    seen: int = 0


def _far(left: Sequence[str], right: Sequence[str]) -> Mask:
    found = cpdist(left, right, scorer=JaroWinkler.similarity, score_cutoff=_FAR, dtype=np.float32)
    return np.asarray(found == 0, np.bool_)


def _edits(left: Sequence[str], right: Sequence[str], most: int) -> Mask:
    """Tell which pairs are more than `most` edits apart."""
    found = cpdist(left, right, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8)
    return np.asarray(found > most, np.bool_)


def _part(values: Sequence[FeatureValue], part: int) -> list[str]:
    return [value[part] for value in values]


def _every(tests: Sequence[bool]) -> Mask:
    return np.fromiter(tests, np.bool_, len(tests))


def _given_names(left: Sequence[FeatureValue], right: Sequence[FeatureValue]) -> Mask:
    return (
        _in_place(left, right)
        & _far(_part(left, 0), _part(right, 0))
        & _every([_no_nickname(a[0], b[0]) and _no_middle(a, b) for a, b in zip(left, right, strict=True)])
    )


def _family_names(left: Sequence[FeatureValue], right: Sequence[FeatureValue]) -> Mask:
    mine, theirs = _part(left, 2), _part(right, 2)
    return (
        _in_place(left, right)
        & _far(mine, theirs)
        & _every(
            [
                not (" " in a or " " in b or a.endswith(b) or b.endswith(a))
                for a, b in zip(mine, theirs, strict=True)
            ]
        )
    )


def _in_place(left: Sequence[FeatureValue], right: Sequence[FeatureValue]) -> Mask:
    """Tell which names are whole, given and family name not crosswise."""
    whole = _every([bool(a[0] and a[2] and b[0] and b[2]) for a, b in zip(left, right, strict=True)])
    return whole & (_far(_part(left, 0), _part(right, 2)) | _far(_part(right, 0), _part(left, 2)))


def _no_nickname(left: str, right: str) -> bool:
    return name_forms(left).isdisjoint(name_forms(right))


def _no_middle(left: FeatureValue, right: FeatureValue) -> bool:
    """Say that neither given name can stand among the other's middle names."""
    return not (_begins(left[0], right[1]) or _begins(right[0], left[1]))


def _begins(given: str, middle: str) -> bool:
    return bool(middle) and (" " in middle or middle[0] == given[:1])


def _words(most: int) -> Unlike:
    def unlike(left: Sequence[FeatureValue], right: Sequence[FeatureValue]) -> Mask:
        return _edits([str(value) for value in left], [str(value) for value in right], most)

    return unlike


def _emails(left: Sequence[FeatureValue], right: Sequence[FeatureValue]) -> Mask:
    local = ([str(value).partition("@")[0] for value in values] for values in (left, right))
    return _words(2)(left, right) & _far(*local)


def _addresses(left: Sequence[FeatureValue], right: Sequence[FeatureValue]) -> Mask:
    _, _, street, town, postcode, _, uprn = range(7)
    unsaid = _every(
        [
            bool(a[street] and b[street])
            and not (a[uprn] and b[uprn])
            and a[postcode][:-3] != b[postcode][:-3]
            for a, b in zip(left, right, strict=True)
        ]
    )
    apart = [_far(_part(left, part), _part(right, part)) for part in (street, town)]
    empty = _every([not (a[town] and b[town]) for a, b in zip(left, right, strict=True)])
    return unsaid & apart[0] & (apart[1] | empty) & _edits(_part(left, postcode), _part(right, postcode), 1)


SCREENS: Mapping[str, Screen] = {
    "address": Screen(_addresses),
    "email": Screen(_emails),
    "family_name": Screen(_family_names, seen=1),
    "given_name": Screen(_given_names, shared=1),
    "identifier": Screen(_words(1)),
    "phone": Screen(_words(1)),
}
