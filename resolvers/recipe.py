"""The recipe: which comparisons and blocking rules a set of features gets. One for all data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from resolvers.comparison import Comparison, all_comparisons
from resolvers.linkage_model import BlockingRule


@dataclass(frozen=True, slots=True)
class Use:
    """A comparison used on some columns, the first of which must be filled."""

    name: str
    title: str
    comparison: Comparison
    columns: tuple[str, ...]


PERSONAL = ("national_id", "staff_number", "warrant_number")
"""Columns of numbers that a state or an employer gives to one person, for good."""

_NAMES = (
    ("given_name", "Given name", ("name", "birth", *PERSONAL)),
    ("middle_name", "Middle name", ("name",)),
    ("family_name", "Family name", ("name", "sex")),
    ("name_suffix", "Name suffix", ("name",)),
)
_BY_COLUMN = {
    "birth": "birth_date",
    "sex": "category",
    "collar_number": "collar_number",
    "email": "email",
    "phone": "phone",
    "address": "address",
    "rank": "category",
    "unit": "category",
    "ethnicity": "category",
    "employer": "text",
    "birth_place": "text",
    "occupation": "text",
    **dict.fromkeys(("national_id", "staff_number", "warrant_number", "vehicle", "account"), "identifier"),
}
_TITLES = {"birth": "Date of birth", "national_id": "National identifier", "email": "E-mail"}


def uses(columns: Iterable[str]) -> tuple[Use, ...]:
    """Return the comparisons of the columns, names first, then by column."""
    wanted = sorted(columns)
    known = all_comparisons()
    chosen = [Use(name, title, known[name], read) for name, title, read in _NAMES if "name" in wanted]
    for column in wanted:
        kind, typed, name = column.partition(":")
        comparison = kind if typed else _BY_COLUMN.get(column)
        if comparison is not None:
            title = _TITLES.get(column, (name or kind).replace("_", " ").capitalize())
            beside = PERSONAL if column == "birth" else ()
            chosen.append(Use(column, title, known[comparison], (column, *beside)))
    return tuple(chosen)


def identifying(columns: Iterable[str]) -> list[str]:
    """Return the columns that name one person, or a few, by themselves."""
    whole = {"national_id", "staff_number", "warrant_number", "email", "phone", "vehicle", "account"}
    return [column for column in sorted(columns) if column in whole or column.startswith("identifier:")]


def blocking_rules(columns: Sequence[str]) -> tuple[BlockingRule, ...]:
    """Return the blocking rules of the columns: simple ones, and compound ones that refine them."""
    have = set(columns)
    dates = [column for column in sorted(columns) if column.startswith("date:")]
    texts: list[str] = [column for column in ("birth_place", "occupation", "employer") if column in have]
    texts += [column for column in sorted(columns) if column.startswith("text:")]
    candidates: list[tuple[str, ...]] = [(f"value:{column}",) for column in identifying(columns)]
    candidates += [("number:collar_number",), ("local:email",), ("names:name",)]
    for anchor in (
        "day:birth",
        *(f"value:{column}" for column in dates),
        "postcode:address",
        "street:address",
    ):
        candidates += [(anchor, "family:name"), (anchor, "given:name"), (anchor, "initials:name")]
    candidates += [
        ("names:name", "year:birth"),
        ("names:name", "middle:name"),
        ("sound:name", "forms:name"),
        ("sound:name", "initial:name", "year:birth"),
        ("family:name", "month:birth"),
        ("given:name", "month:birth"),
        ("family:name", "initial:name", "town:address"),
        ("day:birth", "postcode:address"),
    ]
    for column in texts:
        candidates += [(f"value:{column}", anchor) for anchor in ("day:birth", "given:name", "sound:name")]
    return _applicable(candidates, have)


def broad_rules(columns: Iterable[str]) -> tuple[BlockingRule, ...]:
    """Return rules that find badly spelled records, each worth its pairs only where these are few."""
    return _applicable(_BROAD, set(columns))


def _applicable(rules: Iterable[tuple[str, ...]], columns: set[str]) -> tuple[BlockingRule, ...]:
    return tuple(
        BlockingRule(parts)
        for parts in dict.fromkeys(rules)
        if all(part.partition(":")[2] in columns for part in parts)
    )


_BROAD: tuple[tuple[str, ...], ...] = (
    ("day:birth",),
    ("either:name",),
    ("month:birth",),
    ("prefix:email",),
    ("postcode:address",),
    ("street:address",),
    ("either:name", "year:birth"),
    ("either:name", "district:address"),
    ("sound:name", "district:address"),
    ("initials:name", "year:birth"),
    ("initials:name", "birthday:birth"),
)


_NAME_PARTS = {
    "family": {"family_name"},
    "sound": {"family_name"},
    "names": {"given_name", "family_name"},
    "given": {"given_name"},
    "forms": {"given_name"},
    "initial": {"given_name"},
    "initials": {"given_name", "family_name"},
    "either": {"given_name", "family_name"},
    "middle": {"middle_name"},
}


def speaks_of(rule: BlockingRule, use: Use) -> bool:
    """Say whether records that meet by a rule agree, by that alone, in a comparison."""
    for part in rule.parts:
        function, _, column = part.partition(":")
        if use.name in _NAME_PARTS.get(function, ()) or (column != "name" and column == use.columns[0]):
            return True
    return False
