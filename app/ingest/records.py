"""Build records from the columns of a sheet, as the record section of a mapping says."""

from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import repeat
from operator import or_

import polars as pl

from app.ingest.columns import Extra, Ref, Source, Value
from app.ingest.mapping import Mapping
from app.ingest.problem import Problem
from app.ingest.sheet import Sheet
from app.ingest.vocabulary import ATTRIBUTES, EXTRAS, REQUIRED_PARTS, SOURCE_PATTERN
from resolvers.domain import Record, RecordKey, Scalar

Cell = dict[str, Scalar]
"""One value of an attribute: its filled parts."""

ValueColumn = tuple[str, list[Cell | None]]
"""An attribute's name, and for each row one value of it or None."""

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
    sources = source_column(sheet, mapping.source, stem).to_list()
    ids = sheet.identifier(mapping.id, "id").to_list()
    versions = version_column(sheet, mapping.version)
    columns: list[ValueColumn] = []
    for attribute, values in mapping.record.items():
        for value in values:
            columns += _value_columns(sheet, attribute, value)
    for name, extras in mapping.extras.items():
        for extra in extras:
            columns += _extra_columns(sheet, name, extra)
    names = [attribute for attribute, _ in columns]
    rows = zip(*(cells for _, cells in columns), strict=True) if columns else repeat((), sheet.height)
    for place, (source, source_id, version, cells) in enumerate(
        zip(sources, ids, versions, rows, strict=True)
    ):
        attributes: dict[str, tuple[Cell, ...]] = {}
        for attribute, cell in zip(names, cells, strict=True):
            if cell is not None:
                seen = attributes.get(attribute, ())
                if cell not in seen:
                    attributes[attribute] = (*seen, cell)
        if not attributes:
            sheet.problems.setdefault(place, []).append(_EMPTY)
        yield place, (Record(RecordKey(source or "", source_id or ""), attributes), version)


def version_column(sheet: Sheet, column: str | None) -> list[int | None]:
    """Return the version of each row, None where the mapping or the row gives none."""
    if column is None:
        return [None] * sheet.height
    return sheet.integer(Ref(column=column), column, smallest=1).to_list()


def _value_columns(sheet: Sheet, attribute: str, value: Value) -> list[ValueColumn]:
    """Return one value of an attribute by row; None where a required part, or all parts, are blank."""
    parts = {part: _part(sheet, attribute, part, value) for part in value.columns}
    telling = [part for part, ref in value.columns.items() if ref.column is not None] or list(parts)
    chosen = sheet.where(value.where) & _any(parts[part].is_not_null() for part in telling)
    for part in REQUIRED_PARTS.get(attribute, ()):
        chosen &= parts[part].is_not_null()
    cells = _cells({**parts, **_validity(sheet, attribute, value)}, chosen)
    return [(attribute, cells)] if value.separator is None else _split(attribute, cells, value.separator)


def _any(columns: Iterable[pl.Series]) -> pl.Series:
    return reduce(or_, columns)


def _cells(parts: dict[str, pl.Series], chosen: pl.Series) -> list[Cell | None]:
    """Return the filled parts of each row that is chosen, None for the others."""
    names = tuple(parts)
    rows = zip(*(column.to_list() for column in parts.values()), strict=True)
    return [
        {name: said for name, said in zip(names, row, strict=True) if said is not None} if taken else None
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


def _split(attribute: str, cells: list[Cell | None], separator: str) -> list[ValueColumn]:
    """Return as many columns as the row with most parts has."""
    split = [[] if cell is None else _parts_of(cell, separator) for cell in cells]
    width = max(map(len, split), default=0)
    return [(attribute, [row[at] if at < len(row) else None for row in split]) for at in range(width)]


def _parts_of(cell: Cell, separator: str) -> list[Cell]:
    parts = (part.strip() for part in str(cell["value"]).split(separator))
    return [{**cell, "value": part} for part in parts if part]


def _extra_columns(sheet: Sheet, name: str, extra: Extra) -> list[ValueColumn]:
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
    cells = _cells(parts, sheet.where(extra.where) & values.is_not_null())
    return [(EXTRAS, cells)] if extra.separator is None else _split(EXTRAS, cells, extra.separator)


_EMPTY = Problem(
    "row", "empty_record", "has no attribute with a value", "fill in at least a name or an identifier"
)
