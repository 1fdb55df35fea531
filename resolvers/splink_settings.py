"""Splink settings, in and out: a listed set of its comparison levels, the others refused by name."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from resolvers.comparison import all_comparisons
from resolvers.conditions import PREFIX, comparison_id
from resolvers.errors import NotImportable
from resolvers.features import Features
from resolvers.linkage_model import (
    BlockingRule,
    LinkageModel,
    TermFrequencies,
    TrainedComparison,
    TrainedLevel,
)
from resolvers.splink_sql import Place, bare, place_of, read_condition, split, write_condition

PARTS = {
    "name": ("given", "middle", "family", "suffix"),
    "address": ("flat", "number", "street", "town", "postcode", "country", "uprn"),
}
COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("first_name", "forename", "given_name"), "name.given"),
    **dict.fromkeys(("surname", "last_name", "family_name"), "name.family"),
    "middle_name": "name.middle",
    **dict.fromkeys(("dob", "date_of_birth", "birth_date"), "birth"),
    **dict.fromkeys(("sex", "gender"), "sex"),
    **{name: name for name in ("email", "phone", "occupation", "birth_place", "employer", "national_id")},
    **dict.fromkeys(("city", "town"), "address.town"),
    "postcode": "address.postcode",
}
"""Columns as Splink's users name them → feature column and part; the first name of each is exported."""

_EQUAL = re.compile(r'l\."?(?P<a>\w+)"? = r\."?(?P<b>\w+)"?')
_BLOCKS = {"birth": "day", "name.given": "given", "name.family": "family"}
_BLOCKS |= {"address.town": "town", "address.postcode": "postcode"}


def import_settings(
    text: str, records: Sequence[Features], columns: Mapping[str, str] | None = None
) -> LinkageModel:
    """Return the model of Splink settings JSON; term frequencies are counted on `records`.

    `columns` says from which feature column (`birth`, `name.given`) a column is read whose name does not
    tell. Where both see the same values, weights equal Splink's.
    Raises: NotImportable naming every level, column and blocking rule that has no equal here.
    """
    try:
        settings = json.loads(text)
        prior = float(settings["probability_two_random_records_match"])
        rows, rules = settings["comparisons"], settings["blocking_rules_to_generate_predictions"]
    except (ValueError, KeyError, TypeError) as error:
        raise NotImportable(
            f"not Splink settings in JSON, as `save_model_to_json` writes them: {error}"
        ) from error
    reader = _Reader({name: _place(where) for name, where in {**COLUMNS, **(columns or {})}.items()}, records)
    comparisons = tuple(reader.comparison(row) for row in rows)
    blocking = tuple(reader.rule(rule if isinstance(rule, str) else rule["blocking_rule"]) for rule in rules)
    twice = sorted(name for name, count in Counter(one.name for one in comparisons).items() if count > 1)
    reader.refused += [f"two comparisons are called {name}; rename one" for name in twice]
    if reader.refused:
        raise NotImportable("these settings have what Kith lacks: " + "; ".join(reader.refused))
    return LinkageModel(comparisons, blocking, prior, training_records=len(records))


def export_settings(model: LinkageModel) -> str:
    """Return a model as Splink settings JSON; term frequencies are Splink's to count.

    Raises: NotImportable naming every level and blocking rule that Splink lacks.
    """
    lacking = [
        f"{one.title} ({', '.join(level.label for level in one.levels)})"
        for one in model.comparisons
        if not one.comparison.startswith(PREFIX)
    ]
    lacking += [f"dependence of {one.first} and {one.second}" for one in model.dependences]
    names: dict[str, str] = {}
    for name, where in COLUMNS.items():
        names.setdefault(where, name)
    rules = {f"{function}:{where.partition('.')[0]}": where for where, function in _BLOCKS.items()}
    blocking = []
    for rule in model.blocking:
        wheres = [rules.get(part) or part.removeprefix("value:") for part in rule.parts]
        lacking += [f"blocking rule {rule.name}"] if any(":" in where for where in wheres) else []
        sides = (names.get(where, where) for where in wheres)
        blocking.append({"blocking_rule": " AND ".join(f'(l."{one}" = r."{one}")' for one in sides)})
    if lacking:
        raise NotImportable("Splink has no equal of: " + "; ".join(lacking))
    settings = {
        "link_type": "dedupe_only",
        "sql_dialect": "duckdb",
        "probability_two_random_records_match": model.prior,
        "comparisons": [_written(one, names) for one in model.comparisons],
        "blocking_rules_to_generate_predictions": blocking,
    }
    return json.dumps(settings, indent=1)


def _place(text: str) -> Place:
    column, _, part = text.partition(".")
    if not part:
        return Place(column, None)
    if part not in PARTS.get(column, ()):
        raise NotImportable(
            f"{text} is not a part of a feature; parts are name.given, address.postcode and the like"
        )
    return Place(column, PARTS[column].index(part))


class _Reader:
    """Reads comparisons and rules; what it cannot read it notes, so that everything is named at once."""

    def __init__(self, places: Mapping[str, Place], records: Sequence[Features]) -> None:
        self._places, self._records = places, records
        self.refused: list[str] = []

    def comparison(self, row: Mapping[str, Any]) -> TrainedComparison:
        """Return one comparison, its levels in their order; a null level is a test without a weight."""
        name = str(row["output_column_name"])
        tests: list[dict[str, Any]] = []
        levels: list[TrainedLevel] = []
        columns: set[str] = set()
        for level in row["comparison_levels"]:
            label = str(level.get("label_for_charts") or level["sql_condition"])
            try:
                condition, seen = read_condition(level["sql_condition"], self._places)
                null = bool(level.get("is_null_level"))
                tests.append({"when": condition, "null": null, "term": self._term(level, condition)})
                columns |= {place.column for place in seen}
                if not null:
                    levels.append(TrainedLevel(str(len(levels)), label, *_m_and_u(level)))
            except NotImportable as error:
                self.refused.append(f"{name}: {label}: {error}")
        if len(columns) > 1:
            self.refused.append(
                f"{name}: it reads {' and '.join(sorted(columns))}, which no one comparison does here"
            )
        column, id_ = min(columns, default=""), comparison_id(tests)
        tables = {} if self.refused else self._terms(id_, tests, levels, column)
        return TrainedComparison(
            name, name.replace("_", " ").capitalize(), id_, (column,), tuple(levels), tables
        )

    def _term(self, level: Mapping[str, Any], condition: object) -> dict[str, Any] | None:
        if level.get("tf_adjustment_column") is None:
            return None
        part = place_of(level["tf_adjustment_column"], self._places).part
        if condition != ["equals", part, part]:
            raise NotImportable("a term-frequency adjustment of a level other than exact match")
        return {
            "part": part,
            "power": level.get("tf_adjustment_weight", 1.0),
            "least": level.get("tf_minimum_u_value", 0.0),
        }

    def _terms(
        self, id_: str, tests: Sequence[Mapping[str, Any]], levels: Sequence[TrainedLevel], column: str
    ) -> dict[str, TermFrequencies]:
        """Count the terms of each adjusted level: shares of the records that have a value, as Splink does."""
        counts: dict[int, dict[str, int]] = {}
        for record in self._records:
            for place, said in all_comparisons()[id_].terms(record.column(column)):
                of_level = counts.setdefault(place, {})
                of_level[said] = of_level.get(said, 0) + 1
        told = [test["term"] for test in tests if not test["null"]]
        tables = {}
        for place, found in sorted(counts.items()):
            power, least, total = told[place]["power"], told[place]["least"], sum(found.values())
            shares = {said: max(number / total, least) ** power for said, number in sorted(found.items())}
            level = levels[place]
            tables[level.id] = TermFrequencies(level.u**power, max(1 / total, least) ** power, shares)
        return tables

    def rule(self, sql: str) -> BlockingRule:
        """Return a blocking rule of equal columns."""
        parts = []
        for one in split(bare(sql), "AND"):
            found = _EQUAL.fullmatch(bare(one))
            place = self._places.get(found["a"]) if found and found["a"] == found["b"] else None
            where = "" if place is None else _where(place)
            function = _BLOCKS.get(where, "value" if place and place.part is None else None)
            if function is None or place is None:
                self.refused.append(f"blocking rule {sql}: only equal columns that Kith blocks on")
                return BlockingRule(())
            parts.append(f"{function}:{place.column}")
        return BlockingRule(tuple(parts))


def _where(place: Place) -> str:
    return place.column if place.part is None else f"{place.column}.{PARTS[place.column][place.part]}"


def _m_and_u(level: Mapping[str, Any]) -> tuple[float, float]:
    m, u = level.get("m_probability"), level.get("u_probability")
    if not isinstance(m, float | int) or not isinstance(u, float | int) or not (m > 0 and u > 0):
        raise NotImportable("no m and u probability above 0; train it in Splink, then save it again")
    return float(m), float(u)


def _written(one: TrainedComparison, names: Mapping[str, str]) -> dict[str, Any]:
    def name(part: object) -> str:
        where = _where(Place(one.columns[0], None if part is None else int(str(part))))
        return names.get(where, where.replace(".", "_"))

    weighed = iter(one.levels)
    levels = []
    for test in json.loads(one.comparison.removeprefix(PREFIX)):
        written: dict[str, Any] = {"sql_condition": write_condition(test["when"], name)}
        if test["null"]:
            levels.append({**written, "label_for_charts": f"{one.name} is NULL", "is_null_level": True})
            continue
        level = next(weighed)
        written |= {"label_for_charts": level.label, "m_probability": level.m, "u_probability": level.u}
        if test["term"] is not None:
            written |= {
                "tf_adjustment_column": name(test["term"]["part"]),
                "tf_adjustment_weight": test["term"]["power"],
                "tf_minimum_u_value": test["term"]["least"],
            }
        levels.append(written)
    return {"output_column_name": one.name, "comparison_levels": levels}
