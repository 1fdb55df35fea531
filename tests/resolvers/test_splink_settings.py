"""Splink settings: weights equal to Splink's own on every pair, what has no equal is refused by name."""

import copy
import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resolvers.errors import NotImportable
from resolvers.explanation import why
from resolvers.features import Features
from resolvers.linkage_model import LinkageModel, default_model
from resolvers.scoring import score, score_columns
from resolvers.splink_settings import export_settings, import_settings

GOLDEN = Path(__file__).parents[1] / "golden" / "splink"


def rows() -> list[dict[str, str]]:
    with (GOLDEN / "records.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def features(row: dict[str, str]) -> Features:
    said: dict[str, Any] = {
        "birth": row["dob"] and (row["dob"],),
        "email": row["email"] and (row["email"],),
        "name": (row["first_name"] or row["surname"]) and ((row["first_name"], "", row["surname"], ""),),
        "address": row["city"] and (("", "", "", row["city"], "", "", ""),),
    }
    return Features(tuple((column, values) for column, values in sorted(said.items()) if values))


@pytest.fixture(scope="module")
def settings() -> Any:
    return json.loads((GOLDEN / "settings.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def records() -> list[Features]:
    return [features(row) for row in rows()]


@pytest.fixture(scope="module")
def model(settings: Any, records: list[Features]) -> LinkageModel:
    return import_settings(json.dumps(settings), records)


def test_weights_equal_those_of_splink_on_every_pair(model: LinkageModel, records: list[Features]) -> None:
    place = {row["unique_id"]: number for number, row in enumerate(rows())}
    with (GOLDEN / "weights.csv").open(encoding="utf-8") as file:
        told = [(place[left], place[right], float(weight)) for left, right, weight in csv.reader(file)]
    assert len(told) == len(records) * (len(records) - 1) // 2
    left, right, theirs = (np.asarray(column) for column in zip(*told, strict=True))
    ours = score_columns(records, left, right, model)
    worst = int(np.abs(ours - theirs).argmax())
    assert abs(ours[worst] - theirs[worst]) < 1e-6, (rows()[left[worst]], rows()[right[worst]])
    assert len(np.unique(ours.round(6))) > 500


def test_the_golden_weights_are_those_of_splink_itself(settings: Any) -> None:
    pytest.importorskip("splink", reason="Splink is not installed; its weights are in tests/golden/splink")
    from splink_oracle import weights

    fresh = weights(settings, rows(), GOLDEN / "records.csv")
    with (GOLDEN / "weights.csv").open(encoding="utf-8") as file:
        assert all(abs(fresh[left, right] - float(weight)) < 1e-9 for left, right, weight in csv.reader(file))


def test_one_pair_is_scored_and_explained_as_columns_are(
    model: LinkageModel, records: list[Features]
) -> None:
    one, other = records[0], records[1]
    (weight,) = score_columns(records, np.array([0]), np.array([1]), model)
    assert score(one, other, model).weight == score(other, one, model).weight == weight
    labels = [part.label for part in why(one, other, model).score.comparisons if part.level is not None]
    assert labels


def test_a_model_survives_its_own_document_and_the_way_out_and_in(
    model: LinkageModel, records: list[Features]
) -> None:
    assert LinkageModel.from_json(model.to_json()) == model
    again = import_settings(export_settings(model), records)
    left, right = np.triu_indices(len(records), 1)
    assert (score_columns(records, left, right, again) == score_columns(records, left, right, model)).all()
    assert [rule.parts for rule in again.blocking] == [rule.parts for rule in model.blocking]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"sql_condition": 'soundex("first_name_l") = soundex("first_name_r")'}, "Exact match on first_name"),
        ({"sql_condition": 'cosine_similarity("first_name_l", "first_name_r") >= 0.9'}, "cosine_similarity"),
        ({"sql_condition": '"shoe_size_l" = "shoe_size_r"'}, "shoe_size=name.given"),
        ({"m_probability": None}, "no m and u probability"),
        ({"u_probability": 0.0}, "no m and u probability"),
        (
            {"sql_condition": 'levenshtein("first_name_l", "first_name_r") <= 1'},
            "other than exact match",
        ),
    ],
)
def test_what_has_no_equal_is_refused_by_name(settings: Any, change: dict[str, Any], named: str) -> None:
    changed = copy.deepcopy(settings)
    changed["comparisons"][0]["comparison_levels"][1].update(change)
    changed["blocking_rules_to_generate_predictions"].append("l.dob < r.dob")
    with pytest.raises(NotImportable) as refusal:
        import_settings(json.dumps(changed), [])
    assert named in str(refusal.value)
    assert "blocking rule l.dob < r.dob" in str(refusal.value)


def test_a_column_may_be_named(settings: Any, records: list[Features]) -> None:
    text = json.dumps(settings).replace("first_name", "eka")
    with pytest.raises(NotImportable, match="eka"):
        import_settings(text, records)
    renamed = import_settings(text, records, {"eka": "name.given"})
    assert score(records[0], records[1], renamed).weight == pytest.approx(
        score(records[0], records[1], import_settings(json.dumps(settings), records)).weight
    )
    with pytest.raises(NotImportable, match="not a part"):
        import_settings(text, records, {"eka": "name.nick"})


def test_a_model_of_our_own_is_not_exported_and_its_levels_are_named() -> None:
    with pytest.raises(NotImportable) as refusal:
        export_settings(default_model())
    for one in default_model().comparisons:
        assert one.title in str(refusal.value)
        assert one.levels[0].label in str(refusal.value)


def test_two_comparisons_of_one_name_are_refused(settings: Any) -> None:
    changed = {**settings, "comparisons": [*settings["comparisons"], settings["comparisons"][0]]}
    with pytest.raises(NotImportable, match="called first_name"):
        import_settings(json.dumps(changed), [])


def test_no_settings_at_all_are_told_so() -> None:
    for text in ("{", "[]", "{}"):
        with pytest.raises(NotImportable, match="save_model_to_json"):
            import_settings(text, [])
