"""Read a person's name: order, initials, particles, titles, suffix, and the nicknames of a given name."""

from collections.abc import Mapping
from functools import cache, lru_cache
from sys import intern
from typing import NamedTuple

from nicknames import NickNamer

from resolvers.normalisation.texts import PLACEHOLDERS, fold


class Name(NamedTuple):
    """A person's name as lower-case ASCII words; an empty part was not said."""

    given: str = ""
    middle: str = ""
    family: str = ""
    suffix: str = ""


_TITLES = frozenset(
    {
        *("mr", "mrs", "ms", "mx", "dr", "sir", "rev", "reverend", "prof", "professor", "hon", "cllr"),
        *("pc", "wpc", "dc", "ds", "dci", "sgt", "insp", "supt", "capt", "lt", "col"),
    }
)
"""Titles and ranks that nobody is called."""

_TITLES_OR_NAMES = frozenset(
    {
        *("miss", "dame", "lady", "lord", "captain"),
        *("di", "sergeant", "inspector", "officer", "constable"),
    }
)
"""Titles before a name, names after one: Lord Smith, James Lord; DI Smith, Paolo Di Stefano."""

_SUFFIXES = {
    "sr": "1",
    "senior": "1",
    "jr": "2",
    "jnr": "2",
    "junior": "2",
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    **{sign: sign for sign in "12345"},
    "2nd": "2",
    "3rd": "3",
    "4th": "4",
}
_SUFFIXES_OR_NAMES = frozenset({"senior", "junior"})
"""Suffixes after a family name, family names after a given one: Peter Senior."""

_PARTICLES = frozenset(
    {
        *("van", "von", "der", "den", "de", "del", "della", "di", "da", "do", "dos", "das", "du", "la", "le"),
        *("los", "las", "st", "saint", "san", "santa", "al", "el", "bin", "ibn", "ben", "abu", "ter", "ten"),
        *("te", "zu", "zum", "af", "av", "mac", "mc", "of", "o", "d"),
    }
)
_STYLES = frozenset({"baron", "baronet", "bart", "earl", "duke", "viscount", "marquess", "count", "bishop"})


def person_name(parts: Mapping[str, object]) -> Name | None:
    """Return the name said by `full`, or by its parts; `None` for a placeholder.

    `given`, `middle`, `family` and `suffix` win over what the full name would say of them.
    """
    said = tuple(_said(parts, part) for part in ("full", "given", "middle", "family", "suffix"))
    return _person_name(*said)


@lru_cache(maxsize=50_000)
def _person_name(full: str, given: str, middle: str, family: str, suffix: str) -> Name | None:
    if full and not (given and family):
        read = _read_full(full)
        if not read.given and read.family == fold(given):
            read = read._replace(family="")
        given, middle, family = given or read.given, middle or read.middle, family or read.family
        suffix = suffix or read.suffix
    given_words = _untitled_given(fold(given).split())
    family_words, suffix_words = _split_suffix(fold(family).split())
    middle_words, middle_suffix = _split_suffix(fold(middle).split())
    first, rest = given_words[:1], given_words[1:]
    number = _SUFFIXES.get(fold(suffix), "") or suffix_words or middle_suffix
    parts = _clean(first), _clean([*rest, *middle_words]), _clean(family_words), number
    name = Name._make(map(intern, parts))  # many share a part: held once, a million names take a third
    return name if name.given or name.family else None


def _said(parts: Mapping[str, object], part: str) -> str:
    value = parts.get(part)
    return "" if value is None else str(value)


def _clean(words: list[str]) -> str:
    text = " ".join(word for word in words if not word.isdigit())
    return "" if len(text) > 1 and text in PLACEHOLDERS else text


def _split_suffix(words: list[str]) -> tuple[list[str], str]:
    """Part a generational suffix from the end of a name of at least two words."""
    if len(words) > 1 and words[-1] in _SUFFIXES and words[-1] not in {"i", "v"}:
        return words[:-1], _SUFFIXES[words[-1]]
    return words, ""


def _untitled(words: list[str]) -> list[str]:
    """Leave out titles, and those that are names too unless they end the name or begin its family name."""
    words = [word for word in words if word not in _TITLES]
    return [
        word
        for place, word in enumerate(words)
        if word not in _TITLES_OR_NAMES or place == len(words) - 1 or (place > 0 and word in _PARTICLES)
    ]


def _untitled_given(words: list[str]) -> list[str]:
    """Leave out titles beside a family name: alone they are no given name (Byron, Lord), but for Di."""
    words = _untitled(words)
    return [] if len(words) == 1 and words[0] in _TITLES_OR_NAMES - {"di"} else words


def _read_full(full: str) -> Name:
    """Read "Given Middle Family", "FAMILY, Given Middle" or "Given Family, style" into its parts."""
    head, comma, tail = full.partition(",")
    head_words, tail_words = fold(head).split(), fold(tail).split()
    if comma and _family_comes_first(head_words, tail_words):
        given, suffix = _split_suffix(tail_words)
        given = _untitled_given(given)
        head_words, head_suffix = _split_suffix(head_words)
        return Name(" ".join(given[:1]), " ".join(given[1:]), " ".join(head_words), suffix or head_suffix)
    words, suffix = _untitled(head_words), ""
    if len(tail_words) == 1 and tail_words[0] in _SUFFIXES:
        suffix = _SUFFIXES[tail_words[0]]
    elif len(words) != 2 or words[1] not in _SUFFIXES_OR_NAMES:
        words, suffix = _split_suffix(words)
    if len(words) < 2:
        return Name("", "", "".join(words), suffix)
    start = len(words) - 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    return Name(words[0], " ".join(words[1:start]), " ".join(words[start:]), suffix)


def _family_comes_first(head: list[str], tail: list[str]) -> bool:
    if not tail or (len(tail) == 1 and tail[0] in _SUFFIXES):
        return False
    names = [word for word in head if word not in _PARTICLES and word not in _SUFFIXES]
    return len(names) <= 1 or not (_STYLES & set(tail) or any(word[0].isdigit() for word in tail))


@cache
def _nicknames() -> NickNamer:
    return NickNamer()


@lru_cache(maxsize=200_000)
def name_forms(given: str) -> frozenset[str]:
    """Return the formal names that `given` may stand for, itself included (`bob` → bob, robert)."""
    return frozenset({given, *_nicknames().canonicals_of(given)})


def same_given_name(left: str, right: str) -> bool:
    """Say whether two given names may be one: one a nickname of the other, or both of a third."""
    return not name_forms(left).isdisjoint(name_forms(right))
