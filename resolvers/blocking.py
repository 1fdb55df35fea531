"""Blocking keys: why a pair of records is compared at all."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import product

from resolvers.features import Features, Values
from resolvers.linkage_model import BlockingRule, LinkageModel
from resolvers.normalisation.addresses import district
from resolvers.normalisation.names import name_forms
from resolvers.recipe import identifying

MIX = 0x9E3779B97F4A7C15
_ALL = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class BlockingReasons:
    """Names of the blocking rules by which two records meet, and of those by which they could have met.

    `missed`: both have a key, but another one; `generic`: their common keys are those of too many records.
    """

    shared: tuple[str, ...]
    missed: tuple[str, ...]
    generic: tuple[str, ...] = ()


def blocking_keys(features: Features, model: LinkageModel) -> list[int]:
    """Return the blocking keys of a record: distinct 64-bit signed integers, ascending."""
    return sorted({key for keys in keys_by_rule(features, model.blocking) for key in keys})


def keys_by_rule(features: Features, rules: Sequence[BlockingRule]) -> Iterator[list[int]]:
    """Yield the keys of each rule in order; none where a part of it is absent."""
    said: dict[str, tuple[int, ...]] = {}
    for rule in rules:
        parts = []
        for part in rule.parts:
            if part not in said:
                said[part] = _part(part, features)
            if not said[part]:
                break
            parts.append(said[part])
        else:
            start = rule_hash(rule.name)
            yield [_key(start, hashes) for hashes in product(*parts)]
            continue
        yield []


def identifier_keys(features: Features) -> frozenset[int]:
    """Return the keys under which a search finds the record by each of its identifiers.

    They are those of a rule on the identifier alone, so that a model which blocks on it gives the same key;
    they depend on no model. A collar number is found without its force too.
    """
    rules = _identifier_rules(tuple(column for column, _ in features.columns))
    return frozenset(key for keys in keys_by_rule(features, rules) for key in keys)


@lru_cache(maxsize=10_000)
def _identifier_rules(columns: tuple[str, ...]) -> tuple[BlockingRule, ...]:
    parts = [*(f"value:{column}" for column in identifying(columns)), "unscoped:collar_number"]
    return tuple(BlockingRule((part,)) for part in parts)


def blocking_reasons(
    left: Features, right: Features, model: LinkageModel, generic: Collection[int] = ()
) -> BlockingReasons:
    """Return the rules by which two records meet or could have met; `generic` keys bring no two together."""
    shared, missed, common = [], [], []
    sides = (keys_by_rule(side, model.blocking) for side in (left, right))
    for rule, mine, theirs in zip(model.blocking, *sides, strict=True):
        both = set(mine) & set(theirs)
        if both.difference(generic):
            shared.append(rule.name)
        elif both:
            common.append(rule.name)
        elif mine and theirs:
            missed.append(rule.name)
    return BlockingReasons(tuple(shared), tuple(missed), tuple(common))


def _key(start: int, hashes: tuple[int, ...]) -> int:
    """Return the key of a rule's hash and those of its parts, signed."""
    key = start
    for part in hashes:
        key = (key ^ part) * MIX & _ALL
        key ^= key >> 32
    return key - (key >> 63 << 64)


@lru_cache(maxsize=1_000)
def rule_hash(name: str) -> int:
    """Return where the keys of a rule start."""
    return text_hash(name)


@lru_cache(maxsize=50_000)
def text_hash(text: str) -> int:
    """Return the hash of what a part of a rule takes: 64 bits, unsigned."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def _part(part: str, features: Features) -> tuple[int, ...]:
    function, _, column = part.partition(":")
    values = features.column(column)
    return _part_hashes(function, values) if values else ()


@lru_cache(maxsize=200_000)
def _part_hashes(function: str, values: Values) -> tuple[int, ...]:
    """Return the hashes, ascending, of the distinct texts that a part of a rule takes from values."""
    return tuple(sorted({text_hash(text) for text in PARTS[function](values) if text}))


def sounds(text: str) -> str:
    """Return a code that spellings of one sound share: first letter, then classes of consonants, 4 signs.

    Source: the American Soundex of the US National Archives (1930), on words closed up.
    """
    letters = [sign for sign in text if sign.isalpha()]
    if not letters:
        return ""
    code, last = letters[0], _SOUND.get(letters[0], "")
    for sign in letters[1:]:
        sound = _SOUND.get(sign, "")
        if sound and sound != last:
            code += sound
        if sign not in "hw":
            last = sound
    return (code + "000")[:4]


_SOUND = {
    sign: digit
    for digit, signs in {"1": "bfpv", "2": "cgjkqsxz", "3": "dt", "4": "l", "5": "mn", "6": "r"}.items()
    for sign in signs
}


def _words(values: Values) -> Iterable[str]:
    return (value for value in values if isinstance(value, str))


def _years(values: Values) -> Iterable[str]:
    for value in _words(values):
        first, _, last = value.partition("/")
        yield first[:4]
        yield (last or first)[:4]


def _family(values: Values) -> Iterable[str]:
    return (name[2].replace(" ", "") for name in values)


def _names(values: Values) -> Iterable[str]:
    return (
        "/".join(sorted((name[0], name[2].replace(" ", ""))))
        for name in values
        if len(name[0]) > 1 and name[2]
    )


PARTS: Mapping[str, Callable[[Values], Iterable[str]]] = {
    "value": _words,
    "day": lambda values: (value for value in _words(values) if len(value) == 10),
    "month": lambda values: (value[:7] for value in _words(values) if len(value) >= 7 and value[4] == "-"),
    "year": _years,
    "given": lambda values: (name[0] for name in values if len(name[0]) > 1),
    "forms": lambda values: (form for name in values if len(name[0]) > 1 for form in name_forms(name[0])),
    "initial": lambda values: (name[0][:1] for name in values),
    "initials": lambda values: (part[:1] for name in values for part in (name[0], name[2])),
    "middle": lambda values: (name[1][:1] for name in values),
    "family": _family,
    "sound": lambda values: (sounds(name) for name in _family(values)),
    "names": _names,
    "either": lambda values: (
        part for name in values for part in (name[0], name[2].replace(" ", "")) if len(part) > 1
    ),
    "birthday": lambda values: (value[5:] for value in _words(values) if len(value) == 10),
    "prefix": lambda values: (value[:4] for value in _words(values)),
    "postcode": lambda values: (value[4] for value in values),
    "district": lambda values: (district(value[4]) for value in values),
    "town": lambda values: (value[3] for value in values),
    "street": lambda values: (f"{value[1]}/{value[2]}" for value in values if value[1] and value[2]),
    "local": lambda values: (value.partition("@")[0] for value in _words(values)),
    "unscoped": lambda values: (value[0].rpartition("/")[2] for value in values),
    "number": lambda values: (value[0] if isinstance(value, tuple) else value for value in values),
}
"""What a part of a rule takes from the values of its column."""

READS: Mapping[str, int] = {
    **dict.fromkeys(("given", "forms", "initial"), 0),
    "middle": 1,
    **dict.fromkeys(("family", "sound"), 2),
    "town": 3,
    **dict.fromkeys(("postcode", "district"), 4),
}
"""The place in a value that a part looks at, where it looks at one alone."""
