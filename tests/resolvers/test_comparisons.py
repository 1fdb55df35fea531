"""Every comparison keeps to its case file, is documented, symmetric, and the same on columns as on a pair."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from resolvers.columns import PairColumns
from resolvers.comparison import NOTHING, Comparison, Grade, Row, all_comparisons
from resolvers.domain import Record, RecordKey
from resolvers.features import Features, extract
from resolvers.recipe import uses

CASES = Path(__file__).parents[1] / "cases" / "comparisons"
COMPARISONS = all_comparisons()


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _attributes(said: Any, sheet: Mapping[str, Any]) -> dict[str, tuple[dict[str, Any], ...]]:
    """Read a case's side: whole attributes, or values of the sheet's attribute or extra type."""
    if "typed" in sheet:
        extras = [{"name": "it", "type": sheet["typed"], "value": _plain(value)} for value in _listed(said)]
        return {"extras": tuple(extras)}
    if "attribute" in sheet and not (isinstance(said, dict) and {"age_at", "date_of_birth"} & said.keys()):
        said = {sheet["attribute"]: said}
    return {
        name: tuple(
            {part: _plain(inner) for part, inner in value.items()}
            if isinstance(value, dict)
            else {"value": _plain(value)}
            for value in _listed(values)
        )
        for name, values in said.items()
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) else str(value)


def _features(said: Any, sheet: Mapping[str, Any]) -> Features:
    return extract(Record(RecordKey("case", "1"), _attributes(said, sheet)))


def _row(features: Features, other: Features, comparison: Comparison) -> Row:
    columns = {column for side in (features, other) for column, _ in side.columns}
    use = next((use for use in uses(columns) if use.comparison is comparison), None)
    return ((),) if use is None else tuple(features.column(column) for column in use.columns)


def _cases() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*.yaml")):
        sheet = yaml.safe_load(path.read_text("utf-8"))
        for index, case in enumerate(sheet["cases"]):
            found.append(pytest.param(path.stem, sheet, case, id=f"{path.stem}-{index}-{case['level']}"))
    return found


def _graded(comparison: Comparison, left: Row, right: Row) -> Grade:
    return comparison.compare(left, right)


def test_each_comparison_has_its_case_file_and_each_case_file_its_comparison() -> None:
    assert {path.stem for path in CASES.glob("*.yaml")} == set(COMPARISONS)


@pytest.mark.parametrize("stem", sorted(COMPARISONS))
def test_cases_reach_every_level_and_nothing_to_compare(stem: str) -> None:
    reached = {case["level"] for case in yaml.safe_load((CASES / f"{stem}.yaml").read_text("utf-8"))["cases"]}
    assert reached == {None, *(level.id for level in COMPARISONS[stem].levels)}


@pytest.mark.parametrize("stem", sorted(COMPARISONS))
def test_documentation_stands_by_itself(stem: str) -> None:
    comparison = COMPARISONS[stem]
    assert comparison.id == stem
    assert len(comparison.doc.strip()) > 40
    assert len({level.id for level in comparison.levels}) == len(comparison.levels)


@pytest.mark.parametrize(("stem", "sheet", "case"), _cases())
def test_case(stem: str, sheet: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    comparison = COMPARISONS[stem]
    left, right = (_features(case[side], sheet) for side in ("left", "right"))
    rows = _row(left, right, comparison), _row(right, left, comparison)
    grade = _graded(comparison, *rows)
    assert (None if grade.level is None else comparison.levels[grade.level].id) == case["level"]
    assert _graded(comparison, rows[1], rows[0]) == grade


@pytest.mark.parametrize("stem", sorted(COMPARISONS))
def test_columns_equal_pairs(stem: str) -> None:
    comparison = COMPARISONS[stem]
    sheet = yaml.safe_load((CASES / f"{stem}.yaml").read_text("utf-8"))
    records = [_features(case[side], sheet) for case in sheet["cases"] for side in ("left", "right")]
    columns = {column for record in records for column, _ in record.columns}
    read = next(use.columns for use in uses(columns) if use.comparison is comparison)
    left, right = np.triu_indices(len(records), 0)
    graded = PairColumns(records, left, right).grade(comparison, read)
    for index, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        rows = [tuple(records[side].column(column) for column in read) for side in (a, b)]
        assert graded.grades[graded.which[index]] == comparison.compare(rows[0], rows[1])


@pytest.mark.parametrize("stem", sorted(COMPARISONS))
def test_nothing_is_compared_with_nothing_said(stem: str) -> None:
    comparison = COMPARISONS[stem]
    sheet = yaml.safe_load((CASES / f"{stem}.yaml").read_text("utf-8"))
    for case in sheet["cases"]:
        record = _features(case["left"], sheet)
        said = _row(record, record, comparison)[0]
        assert comparison.grade(said, ()) == comparison.grade((), said) == NOTHING


@pytest.mark.parametrize("stem", sorted(COMPARISONS))
def test_a_row_agrees_with_itself_on_a_term_that_it_gives(stem: str) -> None:
    comparison = COMPARISONS[stem]
    sheet = yaml.safe_load((CASES / f"{stem}.yaml").read_text("utf-8"))
    for case in sheet["cases"]:
        record = _features(case["left"], sheet)
        row = _row(record, record, comparison)
        grade = comparison.compare(row, row)
        if grade.term is not None:
            assert (grade.level, grade.term) in comparison.terms(row[0])
