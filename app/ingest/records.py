"""Build records from the columns of a sheet, as the record section of a mapping says."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, reduce
from itertools import repeat
from operator import or_
from sys import intern
from typing import TypeVar

import numpy as np
import polars as pl

from app.ingest.columns import Extra, Ref, Source, Value
from app.ingest.mapping import Mapping
from app.ingest.problem import Problem
from app.ingest.sheet import Sheet
from app.ingest.vocabulary import ATTRIBUTES, EXTRAS, REQUIRED_PARTS, SOURCE_PATTERN
from resolvers.domain import Record, RecordKey, Scalar
from resolvers.features import Values, read_value, sorted_values

Cell = dict[str, Scalar]
"""One value of an attribute: its filled parts."""

Key = tuple[str, str, int | None]
"""Source, source id and version, `None` where the source has none."""

_Items = tuple[tuple[str, Scalar], ...]
_Made = TypeVar("_Made")

_FALSE = ["0", "false", "n", "no"]


def source_column(sheet: Sheet, source: Source, stem: str) -> pl.Series:
    """Return the source of each row."""
    if source.column is None:
        return pl.Series([source.value or stem]).new_from_index(0, sheet.height)
    column = sheet.chunk.frame[source.column].str.strip_chars()
    wrong = ~column.str.contains(SOURCE_PATTERN).fill_null(False)
    sheet.refuse(
        wrong, Problem(source.column, "wrong_source", "is no name of a source", f"match {SOURCE_PATTERN}")
    )
    return column


def records_of(sheet: Sheet, mapping: Mapping, stem: str) -> Iterator[tuple[int, tuple[Record, int | None]]]:
    """Yield (place in the sheet, (record, version)) of each row, those with problems included.

    A row without any attribute gets a problem. Values keep the mapping's order; a repeated one is kept once.
    """
    keys = _keys(sheet, mapping, stem)
    columns = list(_value_columns(sheet, mapping, lambda attribute, cell: cell))
    names = [attribute for attribute, _ in columns]
    rows = zip(*(cells for _, cells in columns), strict=True) if columns else repeat((), sheet.height)
    for place, ((source, source_id, version), cells) in enumerate(zip(keys, rows, strict=True)):
        attributes: dict[str, tuple[Cell, ...]] = {}
        for attribute, cell in zip(names, cells, strict=True):
            if cell is not None:
                seen = attributes.get(attribute, ())
                said = dict(cell)
                if said not in seen:
                    attributes[attribute] = (*seen, said)
        if not attributes:
            sheet.problems.setdefault(place, []).append(_EMPTY)
        yield place, (Record(RecordKey(source, source_id), attributes), version)


def features_of(sheet: Sheet, mapping: Mapping, stem: str) -> tuple[list[Key], dict[str, list[Values]]]:
    """Return the key and version of each row, and the features of its record, a list a column.

    The same as `extract` says of what `records_of` yields, and the same problems.
    """
    keys = _keys(sheet, mapping, stem)
    filled = np.zeros(sheet.height, np.bool_)
    columns: dict[str, list[Values]] = {}
    for _, cells in _value_columns(sheet, mapping, _read):
        filled |= [cell is not None for cell in cells]
        name = next((cell[0] for cell in cells if cell is not None and cell[1]), None)
        if name is not None:
            said = [() if cell is None else cell[1] for cell in cells]
            columns[name] = list(map(_both, columns[name], said)) if name in columns else said
    for place in np.flatnonzero(~filled).tolist():
        sheet.problems.setdefault(place, []).append(_EMPTY)
    return keys, columns


@lru_cache(maxsize=50_000)
def _read(attribute: str, cell: _Items) -> tuple[str, Values]:
    """Return the column of a value and the value alone, or no value where it is absent."""
    read = read_value(attribute, dict(cell))
    return ("", ()) if read is None else (read[0], (read[1],))


def _keys(sheet: Sheet, mapping: Mapping, stem: str) -> list[Key]:
    sources = (intern(said or "") for said in source_column(sheet, mapping.source, stem).to_list())
    ids = (said or "" for said in sheet.identifier(mapping.id, "id").to_list())
    return list(zip(sources, ids, version_column(sheet, mapping.version), strict=True))


def version_column(sheet: Sheet, column: str | None) -> list[int | None]:
    """Return the version of each row, None where the mapping or the row gives none."""
    if column is None:
        return [None] * sheet.height
    return sheet.integer(Ref(column=column), column, smallest=1).to_list()


def _value_columns(
    sheet: Sheet, mapping: Mapping, make: Callable[[str, _Items], _Made]
) -> Iterator[tuple[str, list[_Made | None]]]:
    """Yield (attribute, one value of it by row) as often as the mapping or a row has values of it.

    None where a required part, or all parts, are blank.
    """
    for attribute, values in mapping.record.items():
        for value in values:
            cells = _value(sheet, attribute, value)
            for column in [cells] if value.separator is None else _split(cells, value.separator):
                yield attribute, [None if cell is None else make(attribute, cell) for cell in column]
    for name, extras in mapping.extras.items():
        for extra in extras:
            cells = _extra(sheet, name, extra)
            for column in [cells] if extra.separator is None else _split(cells, extra.separator):
                yield EXTRAS, [None if cell is None else make(EXTRAS, cell) for cell in column]


def _value(sheet: Sheet, attribute: str, value: Value) -> list[_Items | None]:
    parts = {part: _part(sheet, attribute, part, value) for part in value.columns}
    telling = [part for part, ref in value.columns.items() if ref.column is not None] or list(parts)
    chosen = sheet.where(value.where) & _any(parts[part].is_not_null() for part in telling)
    for part in REQUIRED_PARTS.get(attribute, ()):
        chosen &= parts[part].is_not_null()
    return _cells({**parts, **_validity(sheet, attribute, value)}, chosen)


def _any(columns: Iterable[pl.Series]) -> pl.Series:
    return reduce(or_, columns)


def _cells(parts: dict[str, pl.Series], chosen: pl.Series) -> list[_Items | None]:
    """Return the filled parts of each row that is chosen, None for the others."""
    if len(parts) == 1:
        ((name, column),) = parts.items()
        return [
            ((name, said),) if taken else None
            for taken, said in zip(chosen.to_list(), column.to_list(), strict=True)
        ]
    names = tuple(parts)
    rows = zip(*(column.to_list() for column in parts.values()), strict=True)
    return [
        tuple([(name, said) for name, said in zip(names, row, strict=True) if said is not None])
        if taken
        else None
        for taken, row in zip(chosen.to_list(), rows, strict=True)
    ]


def _part(sheet: Sheet, attribute: str, part: str, value: Value) -> pl.Series:
    kind = ATTRIBUTES[attribute][part]
    ref, name = value.columns[part], attribute if part == "value" else f"{attribute}.{part}"
    if kind == "date":
        return sheet.date(ref, name, value.format, lenient=value.lenient)
    if kind == "integer":
        return sheet.integer(ref, name, 0, 130)
    text = sheet.text(ref, name)
    return ~text.str.to_lowercase().is_in(_FALSE) if kind == "flag" else text


def _validity(sheet: Sheet, attribute: str, value: Value) -> dict[str, pl.Series]:
    return {
        name: sheet.date(ref, f"{attribute}.{name}", value.format, lenient=value.lenient)
        for name, ref in (("valid_from", value.valid_from), ("valid_to", value.valid_to))
        if ref is not None
    }


def _split(cells: list[_Items | None], separator: str) -> list[list[_Items | None]]:
    """Return as many columns as the row with most parts has."""
    split = [[] if cell is None else _parts_of(cell, separator) for cell in cells]
    width = max(map(len, split), default=0)
    return [[row[at] if at < len(row) else None for row in split] for at in range(width)]


def _parts_of(cell: _Items, separator: str) -> list[_Items]:
    said = dict(cell)
    parts = (part.strip() for part in str(said["value"]).split(separator))
    return [tuple({**said, "value": part}.items()) for part in parts if part]


def _extra(sheet: Sheet, name: str, extra: Extra) -> list[_Items | None]:
    ref = extra.columns["value"]
    if extra.type == "date":
        values = sheet.date(ref, name, extra.format, lenient=extra.lenient)
    else:
        values = sheet.number(ref, name) if extra.type == "number" else sheet.text(ref, name)
    constant = {
        part: pl.repeat(said, sheet.height, eager=True)
        for part, said in (("name", name), ("type", extra.type))
    }
    parts = {**constant, "value": values, **_validity(sheet, name, extra)}
    return _cells(parts, sheet.where(extra.where) & values.is_not_null())


def _both(left: Values, right: Values) -> Values:
    return sorted_values((*left, *right)) if left and right else left or right


_EMPTY = Problem(
    "row", "empty_record", "has no attribute with a value", "fill in at least a name or an identifier"
)
