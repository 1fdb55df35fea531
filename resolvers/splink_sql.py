"""Splink's level conditions, as its DuckDB dialect writes them, from and to conditions of our own."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from resolvers.conditions import KINDS, Condition
from resolvers.errors import NotImportable


@dataclass(frozen=True, slots=True)
class Place:
    """A feature column and, where its values have parts, which part."""

    column: str
    part: int | None


_COLUMN = r'"?(?P<{}>[A-Za-z_]\w*?)_{}"?'
_ONE, _TWO = _COLUMN.format("a", "l"), _COLUMN.format("b", "r")
_DAY = r"EPOCH\((?:try_)?strptime\({}, '%Y-%m-%d'\)\)"
_EITHER = r'"?(?P<a>[A-Za-z_]\w*?)_[lr]"?'
_ATOMS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("null", re.compile(rf"{_EITHER} IS NULL")),
    ("null", re.compile(rf"(?:try_)?strptime\({_EITHER}, '%Y-%m-%d'\) IS NULL")),
    (
        "equals",
        re.compile(r'"?(?P<a>[A-Za-z_]\w*?)_(?P<side>[lr])"? = "?(?P<b>[A-Za-z_]\w*?)_(?!(?P=side))[lr]"?'),
    ),
    ("", re.compile(rf"(?P<kind>\w+)\({_ONE}, {_TWO}\) [<>]= (?P<bound>[\d.]+)")),
    ("seconds", re.compile(rf"ABS\({_DAY.format(_ONE)} - {_DAY.format(_TWO)}\) <= (?P<bound>[\d.]+)")),
)


def read_condition(sql: str, places: Mapping[str, Place]) -> tuple[Condition, frozenset[Place]]:
    """Return a condition and the places it reads. Raises: NotImportable for what has no equal here."""
    sql = bare(sql)
    if sql.upper() == "ELSE":
        return ["else"], frozenset()
    for word in ("OR", "AND"):
        parts = split(sql, word)
        if len(parts) > 1:
            read = [read_condition(part, places) for part in parts]
            conditions = [condition for condition, _ in read]
            seen = frozenset[Place]().union(*(of_one for _, of_one in read))
            if word == "OR" and all(one == conditions[0] and one[0] == "null" for one in conditions):
                return conditions[0], seen
            return [word.lower(), *conditions], seen
    for kind, pattern in _ATOMS:
        found = pattern.fullmatch(sql)
        if found is not None:
            return _atom({"kind": kind, **found.groupdict()}, places)
    raise NotImportable("a condition that has no equal here")


def _atom(said: Mapping[str, str], places: Mapping[str, Place]) -> tuple[Condition, frozenset[Place]]:
    one = place_of(said["a"], places)
    other = place_of(said.get("b", said["a"]), places)
    kind = said["kind"]
    if kind == "null":
        return ["null", one.part], frozenset((one,))
    if kind == "equals":
        left, right = (one, other) if said["side"] == "l" else (other, one)
        return ["equals", left.part, right.part], frozenset((one, other))
    if kind not in KINDS or one != other:
        raise NotImportable(f"the function {kind} has no equal here")
    return [kind, one.part, float(said["bound"])], frozenset((one,))


def place_of(column: str, places: Mapping[str, Place]) -> Place:
    """Return where a column of Splink's is read from. Raises: NotImportable naming it."""
    if column not in places:
        raise NotImportable(f"say where the column {column} is read from, such as {column}=name.given")
    return places[column]


def write_condition(condition: Condition, name: Callable[[object], str]) -> str:
    """Return a condition as Splink has it; `name` gives the column of a part."""
    kind, *rest = condition
    if kind == "else":
        return "ELSE"
    if kind in {"and", "or"}:
        return f" {str(kind).upper()} ".join(f"({write_condition(part, name)})" for part in rest)
    left, right = f'"{name(rest[0])}_l"', f'"{name(rest[0])}_r"'
    if kind == "null":
        return f"{left} IS NULL OR {right} IS NULL"
    if kind == "equals":
        return f'{left} = "{name(rest[1])}_r"'
    if kind == "seconds":
        days = (f"EPOCH(try_strptime({side}, '%Y-%m-%d'))" for side in (left, right))
        return f"ABS({' - '.join(days)}) <= {rest[1]}"
    sign = ">=" if kind in {"jaro_similarity", "jaro_winkler_similarity", "jaccard"} else "<="
    return f"{kind}({left}, {right}) {sign} {rest[1]}"


def bare(sql: str) -> str:
    """Return a condition without spaces or parentheses around the whole."""
    sql = sql.strip()
    while sql.startswith("(") and _closing(sql) == len(sql) - 1:
        sql = sql[1:-1].strip()
    return sql


def _closing(sql: str) -> int:
    depth = 0
    for place, sign in enumerate(sql):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place
    return -1


def split(sql: str, word: str) -> list[str]:
    """Split a condition at a word outside all parentheses."""
    parts, depth, start = [], 0, 0
    for found in re.finditer(rf"[()]| {word} ", sql):
        depth += (found[0] == "(") - (found[0] == ")")
        if depth == 0 and found[0] not in "()":
            parts.append(sql[start : found.start()])
            start = found.end()
    return [*parts, sql[start:]]
