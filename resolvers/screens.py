"""Screens: grade many pairs of values at a glance, where that is possible.

A screen saves time and adds nothing: what it is sure of is what the comparison itself would say, and the rest
is left to the comparison. Most pairs of records that are compared are of two persons, who differ at a glance.
It sees values that stand alone in their record, by index, and works on whole columns of pairs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from resolvers.comparisons import address, birth_date, family_name, given_name
from resolvers.letters import Letters
from resolvers.normalisation.addresses import district
from resolvers.normalisation.names import name_forms
from resolvers.words import Words

Codes = NDArray[np.int32]
Indices = NDArray[np.integer[Any]]
Levels = NDArray[np.int8]
Mask = NDArray[np.bool_]

UNSURE, NOTHING = -2, -1


@dataclass(frozen=True, slots=True)
class Screen:
    """What can be seen of pairs of some values.

    `levels(left, right)` takes two columns of indices of values and returns the index of the level of each
    pair, NOTHING where nothing is compared, UNSURE where the comparison must be asked. The term of a value at
    a level is `terms[which[level]]`, none where that is empty; a level that is not in `which` goes with none.
    """

    levels: Callable[[Indices, Indices], Levels]
    which: Mapping[int, Codes]
    terms: Sequence[str]


def _given_names(words: Words) -> Screen:
    given, middle, family = (words.part(place) for place in range(3))
    texts = words.texts
    letters, kin = words.letters(), _name_families(words, given)
    initials = np.fromiter((ord(text[0]) % 251 + 1 if text else 0 for text in texts), np.uint8)
    lengths, spaces = (
        np.fromiter(sizes, np.int16) for sizes in (map(len, texts), (text.count(" ") for text in texts))
    )

    def begins(one: Codes, other: Codes) -> Mask:
        short = (lengths[one] == 1) | (lengths[other] == 1)
        return np.asarray((one == other) | ((initials[one] == initials[other]) & short), np.bool_)

    def closed_up(one: Codes, other: Codes, middles: Codes) -> Mask:
        """Tell where given and middle names may be the other given name in one word, by their lengths."""
        whole = lengths[one] + lengths[middles] - spaces[middles]
        return np.asarray(
            (middles > 0) & (initials[one] == initials[other]) & (whole == lengths[other]), np.bool_
        )

    def levels(left: Indices, right: Indices) -> Levels:
        a, b = given[left], given[right]
        found = np.where((a == b) & (a > 0), 0, UNSURE).astype(np.int8)
        rest = np.flatnonzero((a != b) & (a > 0) & (b > 0) & (family[left] > 0) & (family[right] > 0))
        a, b = a[rest], b[rest]
        (m, n), (x, y) = ((part[left[rest]], part[right[rest]]) for part in (middle, family))
        alike = letters.maybe_alike(a, b, 0.82) | (kin[a] == kin[b])
        level = np.full(len(rest), given_name.DIFFERENT, np.int8)
        level[alike] = _by_pair(a[alike], b[alike], texts, given_name.level_of)
        middles = (spaces[m] > 0) | (spaces[n] > 0) | (a == n) | (b == m) | (begins(a, n) & begins(b, m))
        crosswise = letters.maybe_alike(a, y, 0.88) & letters.maybe_alike(b, x, 0.88)
        sure = (level <= given_name.SPELLING) | ~(middles | crosswise)
        sure &= ~(closed_up(a, b, m) | closed_up(b, a, n))
        found[rest[sure]] = level[sure]
        return found

    return Screen(levels, {0: given}, texts)


def _name_families(words: Words, names: Codes) -> Codes:
    """Return for each text that is a given name a number that two share if one may stand for both."""
    root: dict[str, str] = {}

    def find(name: str) -> str:
        while (up := root.setdefault(name, name)) != name:
            root[name] = name = root.setdefault(up, up)
        return name

    used = np.flatnonzero(np.bincount(names, minlength=1)).tolist()
    for name in (words.texts[at] for at in used):
        for form in name_forms(name):
            root[find(form)] = find(name)
    numbers: dict[str, int] = {}
    found = np.zeros(len(words.texts), np.int32)
    found[used] = [numbers.setdefault(find(words.texts[at]), len(numbers)) for at in used]
    return found


def _family_names(words: Words) -> Screen:
    given, spoken = words.part(0), words.part(2)
    closed = words.again(spoken, lambda text: text.replace(" ", ""))
    texts, letters = words.texts, words.letters()

    def levels(left: Indices, right: Indices) -> Levels:
        a, b = closed[left], closed[right]
        unsaid = (a == 0) | (b == 0)
        found = np.where(a == b, 0, UNSURE).astype(np.int8)
        found[unsaid] = NOTHING
        rest = np.flatnonzero((a != b) & ~unsaid)
        left, right, a, b = left[rest], right[rest], a[rest], b[rest]
        x, y, s, t = given[left], given[right], spoken[left], spoken[right]
        alike = letters.maybe_alike(a, b, 0.85)
        level = np.full(len(rest), family_name.DIFFERENT, np.int8)
        level[alike] = _by_pair(s[alike], t[alike], texts, family_name.level_of)
        crosswise = letters.maybe_alike(x, t, 0.88) & letters.maybe_alike(y, s, 0.88)
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


def _middle_names(words: Words) -> Screen:
    given, middle = words.part(0), words.part(1)
    first = words.again(middle, lambda text: text[:1])
    whole = words.again(middle, lambda text: text if len(text) > 1 else "")
    alone = np.fromiter((" " not in text for text in words.texts), np.bool_)

    def levels(left: Indices, right: Indices) -> Levels:
        a, b, x, y = middle[left], middle[right], given[left], given[right]
        apart = (first[left] != first[right]) & alone[a] & alone[b] & (x != b) & (y != a)
        return np.where((a == 0) | (b == 0), NOTHING, np.where(apart, _LAST_OF_FOUR, UNSURE)).astype(np.int8)

    return Screen(levels, {0: whole, 1: first}, words.texts)


_LAST_OF_FOUR = 3


def _suffixes(words: Words) -> Screen:
    said = words.part(3)

    def levels(left: Indices, right: Indices) -> Levels:
        return np.where((said[left] > 0) & (said[right] > 0), UNSURE, NOTHING).astype(np.int8)

    return Screen(levels, {0: said}, words.texts)


def _emails(words: Words) -> Screen:
    said, whole = words.whole()
    names = words.made("local", lambda value: str(value).partition("@")[0])
    letters, before = Letters(whole), words.letters()

    def levels(left: Indices, right: Indices) -> Levels:
        a, b = said[left], said[right]
        alike = letters.maybe_edited(a, b, 2) | before.maybe_alike(names[left], names[right], 0.9)
        return np.where(a == b, 0, np.where(alike, UNSURE, 4)).astype(np.int8)

    return Screen(levels, {0: said}, whole)


def _identifiers(words: Words) -> Screen:
    said, whole = words.whole()
    letters = Letters(whole)

    def levels(left: Indices, right: Indices) -> Levels:
        a, b = said[left], said[right]
        found = np.where(a == b, 0, 2).astype(np.int8)
        maybe = np.flatnonzero((a != b) & letters.maybe_edited(a, b, 1))
        sides = whole.at(a[maybe]), whole.at(b[maybe])
        edits = cpdist(*sides, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8)
        found[maybe[edits <= 1]] = UNSURE
        return found

    return Screen(levels, {0: said}, whole)


def _addresses(words: Words) -> Screen:
    number, street, town, postcode, uprn = (words.part(place) for place in (1, 2, 3, 4, 6))
    area = words.again(postcode, district)
    home = words.made("home", lambda value: address.home(value) or "")
    texts, letters = words.texts, words.letters()
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

    which = {level["dwelling"]: home, level["postcode"]: postcode, level["town"]: town}
    return Screen(levels, which, texts)


def _birth_dates(words: Words) -> Screen:
    texts = list(map(str, words.values()))
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

    which = {
        level["day"]: words.made("day", lambda value: str(value) if len(value) == 10 else ""),
        level["month"]: words.made("month", lambda value: str(value[:7]) if value[4:5] == "-" else ""),
        level["year"]: words.made("year", lambda value: str(value[:4]) if "/" not in value else ""),
    }
    return Screen(levels, which, words.texts)


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


SCREENS: Mapping[str, Callable[[Words], Screen]] = {
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
