"""Splink as the oracle of imported models: its settings, made-up records, and the weights it gives to pairs.

`python tests/splink_oracle.py FOLDER`, where Splink is installed, writes what tests/golden/splink holds.
"""

import csv
import json
import random
import sys
from itertools import combinations
from pathlib import Path

COLUMNS = ("unique_id", "first_name", "surname", "dob", "email", "city")
FIRST = (
    "anna",
    "annie",
    "hannah",
    "brian",
    "bryan",
    "clare",
    "claire",
    "martha",
    "marhta",
    "dwayne",
    "duane",
)
LAST = ("bell", "bells", "marsh", "march", "okoro", "dixon", "dickson", "dicksonx", "anna", "smith", "smyth")
CITIES = ("leeds", "leads", "york", "bradford", "hull")


def records(count: int = 90) -> list[dict[str, str]]:
    """Return made-up records with typos, swapped names, near dates and gaps; "" is missing."""
    chance = random.Random(11)
    made = []
    for number in range(count):
        first, last = chance.choice(FIRST), chance.choice(LAST)
        if chance.random() < 0.1:
            first, last = last, first
        day = f"19{chance.choice((70, 71, 80))}-0{chance.randint(1, 3)}-1{chance.randint(0, 9)}"
        row = (f"{number:03}", first, last, day, f"{first}.{last}@example.org", chance.choice(CITIES))
        said = dict(zip(COLUMNS, row, strict=True))
        for column in COLUMNS[1:]:
            if chance.random() < 0.08:
                said[column] = ""
        made.append(said)
    return made


def settings() -> dict[str, object]:
    """Return settings with every level that imports, m and u given."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    comparisons = [
        cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
        cl.ForenameSurnameComparison("first_name", "surname"),
        cl.DamerauLevenshteinAtThresholds("surname", [1, 2]),
        cl.JaroAtThresholds("surname", [0.9, 0.8]),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.LevenshteinAtThresholds("email", [2, 5]),
        cl.JaccardAtThresholds("city", [0.9, 0.6]),
        cl.CustomComparison(
            output_column_name="either",
            comparison_levels=[
                cll.NullLevel("first_name"),
                cll.Or(cll.ExactMatchLevel("first_name"), cll.LevenshteinLevel("surname", 1)),
                cll.ElseLevel(),
            ],
        ),
    ]
    made = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on("dob", "first_name"), block_on("surname")],
        probability_two_random_records_match=0.01,
    ).create_settings_dict("duckdb")
    made["comparisons"][3]["output_column_name"] = "surname_jaro"
    chance = random.Random(5)
    for comparison in made["comparisons"]:
        weighed = [one for one in comparison["comparison_levels"] if not one.get("is_null_level")]
        for place, level in enumerate(weighed):
            level["m_probability"] = chance.uniform(0.1, 0.9) / (place + 1)
            level["u_probability"] = chance.uniform(0.001, 0.02) * (place + 1) ** 2
    return made


def weights(made: dict[str, object], rows: list[dict[str, str]], file: Path) -> dict[tuple[str, str], float]:
    """Return Splink's match weight of every pair; `file` is where it reads the records from."""
    import duckdb
    from splink import DuckDBAPI, Linker

    connection = duckdb.connect()
    connection.execute(
        f"CREATE TABLE people AS SELECT * FROM read_csv('{file}', all_varchar = true, nullstr = '')"
    )
    api = DuckDBAPI(connection)
    every_pair = {**made, "blocking_rules_to_generate_predictions": ["1=1"], "retain_matching_columns": False}
    linker = Linker(api.register("people"), every_pair)
    found = linker.inference.predict(threshold_match_weight=-1e9).as_record_list()
    return {
        tuple(sorted((row["unique_id_l"], row["unique_id_r"]))): row["match_weight"]  # type: ignore[misc]
        for row in found
    }


def write(folder: Path) -> None:
    """Write settings, records and Splink's weights."""
    rows, made = records(), settings()
    with (folder / "records.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    found = weights(made, rows, folder / "records.csv")
    pairs = [tuple(sorted(pair)) for pair in combinations([row["unique_id"] for row in rows], 2)]
    (folder / "settings.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    lines = [f"{left},{right},{found[left, right]!r}" for left, right in pairs]
    (folder / "weights.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
