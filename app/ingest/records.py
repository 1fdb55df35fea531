"""Build records from the columns of a sheet, as the record section of a mapping says."""

from collections.abc import Iterator, Sequence

import polars as pl

from app.ingest.columns import Extra, Ref, Source, Value
from app.ingest.mapping import Mapping
from app.ingest.problem import Problem
from app.ingest.sheet import Sheet
from app.ingest.vocabulary import ATTRIBUTES, EXTRAS, REQUIRED_PARTS, SOURCE_PATTERN
from resolvers.domain import Record, RecordKey, Scalar

ValueColumn = tuple[str, list[dict[str, Scalar] | None]]
"""An attribute's name, and for each row one value of it or None."""

Parts = dict[str, Sequence[Scalar | None]]
"""Part → its value in each row."""

_FALSE = frozenset({"0", "false", "n", "no"})


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
    for place in range(sheet.height):
        attributes: dict[str, list[dict[str, Scalar]]] = {}
        for attribute, cells in columns:
            cell = cells[place]
            if cell is not None:
                seen = attributes.setdefault(attribute, [])
                if cell not in seen:
                    seen.append(cell)
        if not attributes:
            sheet.problems.setdefault(place, []).append(_EMPTY)
        key = RecordKey(sources[place] or "", ids[place] or "")
        yield (
            place,
            (Record(key, {name: tuple(values) for name, values in attributes.items()}), versions[place]),
        )


def version_column(sheet: Sheet, column: str | None) -> list[int | None]:
    """Return the version of each row, None where the mapping or the row gives none."""
    if column is None:
        return [None] * sheet.height
    return sheet.integer(Ref(column=column), column, smallest=1).to_list()


def _value_columns(sheet: Sheet, attribute: str, value: Value) -> list[ValueColumn]:
    """Return one value of an attribute by row; None where a required part, or all parts, are blank."""
    parts: Parts = {part: _part(sheet, attribute, part, value) for part in value.columns}
    required = REQUIRED_PARTS.get(attribute, ())
    telling = [part for part, ref in value.columns.items() if ref.column is not None] or list(parts)
    chosen = sheet.where(value.where).to_list()
    parts |= _validity(sheet, attribute, value)
    cells = [
        _cell(parts, place)
        if chosen[place]
        and all(parts[part][place] is not None for part in required)
        and any(parts[part][place] is not None for part in telling)
        else None
        for place in range(sheet.height)
    ]
    return [(attribute, cells)] if value.separator is None else _split(attribute, cells, value.separator)


def _cell(parts: Parts, place: int) -> dict[str, Scalar]:
    """Return the filled parts of one row."""
    cell: dict[str, Scalar] = {}
    for part, column in parts.items():
        said = column[place]
        if said is not None:
            cell[part] = said
    return cell


def _part(sheet: Sheet, attribute: str, part: str, value: Value) -> Sequence[Scalar | None]:
    kind = ATTRIBUTES[attribute][part]
    ref, name = value.columns[part], attribute if part == "value" else f"{attribute}.{part}"
    if kind == "date":
        return sheet.date(ref, name, value.format, lenient=value.lenient).to_list()
    if kind == "integer":
        return sheet.integer(ref, name, 0, 130).to_list()
    if kind == "flag":
        return [None if cell is None else cell.lower() not in _FALSE for cell in sheet.text(ref, name)]
    return sheet.text(ref, name).to_list()


def _validity(sheet: Sheet, attribute: str, value: Value) -> Parts:
    return {
        name: sheet.date(ref, f"{attribute}.{name}", value.format, lenient=value.lenient).to_list()
        for name, ref in (("valid_from", value.valid_from), ("valid_to", value.valid_to))
        if ref is not None
    }


def _split(attribute: str, cells: list[dict[str, Scalar] | None], separator: str) -> list[ValueColumn]:
    """Return as many columns as the row with most parts has."""
    split = [[] if cell is None else _parts_of(cell, separator) for cell in cells]
    width = max(map(len, split), default=0)
    return [(attribute, [row[at] if at < len(row) else None for row in split]) for at in range(width)]


def _parts_of(cell: dict[str, Scalar], separator: str) -> list[dict[str, Scalar]]:
    parts = (part.strip() for part in str(cell["value"]).split(separator))
    return [{**cell, "value": part} for part in parts if part]


def _extra_columns(sheet: Sheet, name: str, extra: Extra) -> list[ValueColumn]:
    ref = extra.columns["value"]
    values: Sequence[Scalar | None]
    if extra.type == "date":
        values = sheet.date(ref, name, extra.format, lenient=extra.lenient).to_list()
    elif extra.type == "number":
        values = sheet.number(ref, name).to_list()
    else:
        values = sheet.text(ref, name).to_list()
    chosen = sheet.where(extra.where).to_list()
    parts: Parts = {"value": values, **_validity(sheet, name, extra)}
    cells: list[dict[str, Scalar] | None] = [
        {"name": name, "type": extra.type, **_cell(parts, place)}
        if chosen[place] and values[place] is not None
        else None
        for place in range(sheet.height)
    ]
    return [(EXTRAS, cells)] if extra.separator is None else _split(EXTRAS, cells, extra.separator)


_EMPTY = Problem(
    "row", "empty_record", "has no attribute with a value", "fill in at least a name or an identifier"
)
