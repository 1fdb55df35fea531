"""Screens: grade many pairs of values at a glance, where that is possible.

A screen saves time and adds nothing: what it is sure of is what the comparison itself would say, and the rest
is left to the comparison. Most pairs of records that are compared are of two persons, who differ at a glance.
It sees values that stand alone in their record, by index, and works on whole columns of pairs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from resolvers.comparisons import address, birth_date, family_name, given_name
from resolvers.features import FeatureValue
from resolvers.letters import Letters
from resolvers.normalisation.addresses import district
from resolvers.normalisation.names import name_forms

Codes = NDArray[np.int32]
Indices = NDArray[np.integer[Any]]
Levels = NDArray[np.int8]
Mask = NDArray[np.bool_]

UNSURE, NOTHING = -2, -1


@dataclass(frozen=True, slots=True)
class Screen:
    """What can be seen of pairs of some values.

    `levels(left, right)` takes two columns of indices of values and returns the index of the level of each
    pair, NOTHING where nothing is compared, UNSURE where the comparison must be asked. The term of two values
    at a level is `terms[which[level][left]]`; a level that is not in `which` goes with none.
    """

    levels: Callable[[Indices, Indices], Levels]
    which: Mapping[int, Codes]
    terms: Sequence[str]


class _Words:
    """Texts, each once: a code a text; that of the empty text is 0."""

    def __init__(self) -> None:
        self._known = {"": 0}

    def codes(self, texts: Iterable[str]) -> Codes:
        known = self._known
        return np.fromiter((known.setdefault(text, len(known)) for text in texts), np.int32)

    def texts(self) -> list[str]:
        return list(self._known)


def _given_names(values: Sequence[FeatureValue]) -> Screen:
    words = _Words()
    given, family = (words.codes(value[part] for value in values) for part in (0, 2))
    closed = words.codes(value[0] + value[1].replace(" ", "") for value in values)
    middle = words.codes(value[1] for value in values)
    initials, beginnings = (_initials(value[part] for value in values) for part in (0, 1))
    short = np.asarray([[len(value[part]) == 1 for part in (0, 1)] for value in values], np.bool_).reshape(
        -1, 2
    )
    several = np.asarray([" " in value[1] for value in values], np.bool_)
    texts = words.texts()
    letters, families = Letters(texts), _name_families(texts)

    def levels(left: Indices, right: Indices) -> Levels:
        a, b = given[left], given[right]
        found = np.where((a == b) & (a > 0), 0, UNSURE).astype(np.int8)
        whole = (a > 0) & (b > 0) & (family[left] > 0) & (family[right] > 0)
        rest = np.flatnonzero(whole & (a != b) & (closed[left] != b) & (closed[right] != a))
        left, right, a, b = left[rest], right[rest], a[rest], b[rest]
        alike = letters.maybe_alike(a, b, 0.82) | (families[a] == families[b])
        level = np.full(len(rest), given_name.DIFFERENT, np.int8)
        level[alike] = _by_pair(a[alike], b[alike], texts, given_name.level_of)
        begins = [
            (initials[one] == beginnings[other])
            & (short[one, 0] | short[other, 1] | (given[one] == middle[other]))
            for one, other in ((left, right), (right, left))
        ]
        middles = (
            several[left]
            | several[right]
            | (a == middle[right])
            | (b == middle[left])
            | (begins[0] & begins[1])
        )
        crosswise = letters.maybe_alike(a, family[right], 0.88) & letters.maybe_alike(b, family[left], 0.88)
        sure = (level <= given_name.SPELLING) | ~(middles | crosswise)
        found[rest[sure]] = level[sure]
        return found

    return Screen(levels, {0: given}, texts)


def _initials(texts: Iterable[str]) -> NDArray[np.uint8]:
    """Return the first sign of each text, 0 for none."""
    return np.fromiter((ord(text[0]) % 251 + 1 if text else 0 for text in texts), np.uint8)


def _name_families(names: Sequence[str]) -> Codes:
    """Return numbers that two given names share if one name may stand for both (and perhaps if not)."""
    root: dict[str, str] = {}

    def find(name: str) -> str:
        while (up := root.setdefault(name, name)) != name:
            root[name] = name = root.setdefault(up, up)
        return name

    for name in names:
        for form in name_forms(name):
            root[find(form)] = find(name)
    return _Words().codes(map(find, names))


def _family_names(values: Sequence[FeatureValue]) -> Screen:
    words = _Words()
    given = words.codes(value[0] for value in values)
    closed = words.codes(value[2].replace(" ", "") for value in values)
    spoken = words.codes(value[2] for value in values)
    texts = words.texts()
    letters = Letters(texts)

    def levels(left: Indices, right: Indices) -> Levels:
        a, b, x, y = closed[left], closed[right], given[left], given[right]
        unsaid = (a == 0) | (b == 0)
        found = np.where(a == b, 0, UNSURE).astype(np.int8)
        found[unsaid] = NOTHING
        rest = np.flatnonzero((a != b) & ~unsaid)
        a, b, x, y = a[rest], b[rest], x[rest], y[rest]
        alike = letters.maybe_alike(a, b, 0.85)
        level = np.full(len(rest), family_name.DIFFERENT, np.int8)
        names = spoken[left[rest]][alike], spoken[right[rest]][alike]
        level[alike] = _by_pair(*names, texts, family_name.level_of)
        crosswise = letters.maybe_alike(x, spoken[right[rest]], 0.88)
        crosswise &= letters.maybe_alike(y, spoken[left[rest]], 0.88)
        sure = (level <= family_name.SPELLING) | (x == y) | ((x > 0) & (y > 0) & ~crosswise)
        found[rest[sure]] = level[sure]
        return found

    return Screen(levels, {0: closed}, texts)


def _by_pair(left: Codes, right: Codes, texts: Sequence[str], level_of: Callable[[str, str], int]) -> Levels:
    """Grade each distinct pair of texts once."""
    pairs, which = np.unique(
        np.minimum(left, right) * np.int64(len(texts)) + np.maximum(left, right), return_inverse=True
    )
    first, second = (side.tolist() for side in np.divmod(pairs, len(texts)))
    levels = [level_of(texts[a], texts[b]) for a, b in zip(first, second, strict=True)]
    return np.asarray(levels, np.int8)[which]


def _first(cases: Sequence[tuple[Mask, int]], otherwise: int) -> Levels:
    """Return for each pair the level of the first case that holds."""
    holding, levels = [case for case, _ in cases], [np.int8(level) for _, level in cases]
    return np.asarray(np.select(holding, levels, np.int8(otherwise)), np.int8)


def _middle_names(values: Sequence[FeatureValue]) -> Screen:
    words = _Words()
    given, middle = (words.codes(value[part] for value in values) for part in (0, 1))
    initials = _initials(value[1] for value in values)
    alone = np.asarray([" " not in value[1] for value in values], np.bool_)

    def levels(left: Indices, right: Indices) -> Levels:
        a, b, x, y = middle[left], middle[right], given[left], given[right]
        apart = (initials[left] != initials[right]) & alone[left] & alone[right] & (x != b) & (y != a)
        return np.where((a == 0) | (b == 0), NOTHING, np.where(apart, _LAST_OF_FOUR, UNSURE)).astype(np.int8)

    return Screen(levels, {}, [])


_LAST_OF_FOUR = 3


def _suffixes(values: Sequence[FeatureValue]) -> Screen:
    said = np.asarray([bool(value[3]) for value in values], np.bool_)
    return Screen(
        lambda left, right: np.where(said[left] & said[right], UNSURE, NOTHING).astype(np.int8), {}, []
    )


def _emails(values: Sequence[FeatureValue]) -> Screen:
    whole, local = _Words(), _Words()
    said = whole.codes(map(str, values))
    names = local.codes(str(value).partition("@")[0] for value in values)
    letters, before = Letters(whole.texts()), Letters(local.texts())

    def levels(left: Indices, right: Indices) -> Levels:
        a, b = said[left], said[right]
        alike = letters.maybe_edited(a, b, 2) | before.maybe_alike(names[left], names[right], 0.9)
        return np.where(a == b, 0, np.where(alike, UNSURE, 4)).astype(np.int8)

    return Screen(levels, {0: said}, whole.texts())


def _identifiers(values: Sequence[FeatureValue]) -> Screen:
    words = _Words()
    said = words.codes(map(str, values))
    texts = np.asarray(words.texts(), object)

    def levels(left: Indices, right: Indices) -> Levels:
        a, b = said[left], said[right]
        edits = cpdist(
            texts[a].tolist(), texts[b].tolist(), scorer=OSA.distance, score_cutoff=1, dtype=np.uint8
        )
        return np.where(a == b, 0, np.where(edits > 1, 2, UNSURE)).astype(np.int8)

    return Screen(levels, {0: said}, words.texts())


def _addresses(values: Sequence[FeatureValue]) -> Screen:
    words = _Words()
    parts = (words.codes(value[part] for value in values) for part in (1, 2, 3, 4, 6))
    number, street, town, postcode, uprn = parts
    area = words.codes(district(value[4]) for value in values)
    texts = words.texts()
    letters = Letters(texts)
    level = {one.id: at for at, one in enumerate(address.LEVELS)}

    def levels(left: Indices, right: Indices) -> Levels:
        def said(part: Codes) -> Mask:
            return np.asarray((part[left] > 0) & (part[right] > 0), np.bool_)

        def same(part: Codes) -> Mask:
            return np.asarray((part[left] > 0) & (part[left] == part[right]), np.bool_)

        def where(part: Codes, maybe: Mask, test: Callable[[str, str], bool]) -> Mask:
            found = np.zeros(len(left), np.bool_)
            found[maybe] = _by_pair(part[left[maybe]], part[right[maybe]], texts, test)
            return found

        def alike(part: Codes) -> Mask:
            maybe = said(part) & letters.maybe_alike(part[left], part[right], address.ALIKE)
            return where(part, maybe, lambda a, b: address.alike(a, b) > address.ALIKE)

        one_postcode, one_town = same(postcode), alike(town)
        somewhere = one_postcode | one_town | ~said(town)
        one_street = alike(street) & somewhere
        cases = (
            (said(uprn) | (same(number) & (one_street | (one_postcode & somewhere))), UNSURE),
            (where(number, one_street & one_postcode & said(number), address.digit), level["spelling"]),
            (one_street, level["street"]),
            (one_postcode, level["postcode"]),
            (same(area), level["district"]),
            (said(postcode) & letters.maybe_edited(postcode[left], postcode[right], 1), UNSURE),
            (same(town), level["town"]),
            (one_town, UNSURE),
            (said(street) | said(town) | said(postcode), level["different"]),
        )
        return _first(cases, NOTHING)

    return Screen(levels, {level["postcode"]: postcode, level["town"]: town}, texts)


def _birth_dates(values: Sequence[FeatureValue]) -> Screen:
    texts = [str(value) for value in values]
    whole = np.asarray([len(text) == 10 for text in texts], np.bool_)
    days = np.asarray([text if len(text) == 10 else "1970-01-01" for text in texts], "datetime64[D]")
    signs = days.astype("U10").view(np.uint32).reshape(-1, 10)
    digits = (signs[:, _DIGITS] - ord("0")).astype(np.uint8)
    ordinals = days.astype(np.int32)
    year, month, day = (digits.astype(np.int16) @ _PLACES).T
    level = {one.id: at for at, one in enumerate(birth_date.LEVELS)}

    def levels(left: Indices, right: Indices) -> Levels:
        same_year, same_month, same_day = (part[left] == part[right] for part in (year, month, day))
        new_year = (month == 1) & (day == 1)
        apart = np.abs(ordinals[left] - ordinals[right])
        years = np.abs(year[left] - year[right])
        cases = (
            (~(whole[left] & whole[right]), UNSURE),
            (apart == 0, 0),
            (same_year & (month[left] == day[right]) & (day[left] == month[right]), level["swapped"]),
            (_one_edit(digits[left], digits[right]), level["digit"]),
            (
                (same_year.astype(np.int8) + same_month + same_day == 2)
                & ~(new_year[left] & new_year[right]),
                level["parts"],
            ),
            (apart <= birth_date.ABOUT_A_MONTH, level["weeks"]),
            (apart <= birth_date.ABOUT_A_YEAR, level["near"]),
            (years >= birth_date.GENERATION_YEARS, level["generation"]),
        )
        return _first(cases, level["different"])

    return Screen(levels, {0: np.arange(len(values), dtype=np.int32)}, texts)


_DIGITS = [0, 1, 2, 3, 5, 6, 8, 9]
_PLACES = np.asarray(
    [[1000, 0, 0], [100, 0, 0], [10, 0, 0], [1, 0, 0], [0, 10, 0], [0, 1, 0], [0, 0, 10], [0, 0, 1]], np.int16
)


def _one_edit(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> Mask:
    """Tell which rows of digits differ in one digit, or in two neighbours that changed places."""
    differ = left != right
    count = differ.sum(axis=1)
    turned = (left[:, 1:] == right[:, :-1]) & (left[:, :-1] == right[:, 1:]) & differ[:, 1:] & differ[:, :-1]
    return np.asarray((count == 1) | ((count == 2) & turned.any(axis=1)), np.bool_)


SCREENS: Mapping[str, Callable[[Sequence[FeatureValue]], Screen]] = {
    "address": _addresses,
    "birth_date": _birth_dates,
    "email": _emails,
    "family_name": _family_names,
    "given_name": _given_names,
    "identifier": _identifiers,
    "middle_name": _middle_names,
    "name_suffix": _suffixes,
    "phone": _identifiers,
}
"""By comparison: how the screen of some values is made."""
