"""The synthetic force: the same bytes each time, systems that load, visible plants, an innocent twin."""

import csv
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from app.ingest import dry_run, load_mapping, read
from app.synthetic import Summary, generate
from app.synthetic.answer_key import BLATANT_DOSE
from app.synthetic.generation import SYSTEMS
from app.synthetic.plants import Planter

ROOT = Path(__file__).resolve().parents[3]
LONDON = ZoneInfo("Europe/London")
STAFF, RELATED, YEARS = 600, 2400, 0.75
PATTERNS = (
    "shared_home",
    "shared_address",
    "shared_identifier",
    "short_path",
    "paid_not_there",
    "repeated_co_complaint",
    "linked_lookup",
    "own_case",
    "independence",
    "repeated_interest",
)


@pytest.fixture(scope="module")
def force(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return generate(tmp_path_factory.mktemp("force"), STAFF, RELATED, YEARS)


@pytest.fixture(scope="module")
def innocent(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return generate(tmp_path_factory.mktemp("innocent"), STAFF, RELATED, YEARS, plants=False)


def key(force: Summary, name: str) -> pl.DataFrame:
    return pl.read_parquet(force.output / "answer_key" / f"{name}.parquet")


def digests(folder: Path) -> Mapping[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.slow
def test_the_same_arguments_give_the_same_bytes_and_another_seed_others(
    force: Summary, tmp_path: Path
) -> None:
    again = generate(tmp_path / "again", STAFF, RELATED, YEARS)
    assert digests(again.output) == digests(force.output)
    other = generate(tmp_path / "other", STAFF, RELATED, YEARS, seed=8)
    assert not set(digests(other.output).values()) & set(digests(force.output).values())


def test_every_system_loads_whole_through_its_mapping(force: Summary) -> None:
    assert list(force.files) == list(SYSTEMS)
    truth = key(force, "entity_truth")
    for system, files in force.files.items():
        report = dry_run(files, load_mapping(ROOT / f"sources/{system}.yaml"))
        assert (report.rejected, report.warnings) == (0, ()), (system, report.examples)
        assert report.records == truth.filter(pl.col("source") == system).height
    assert truth.height == force.records == truth.unique(["source", "source_id"]).height


def test_the_answer_key_is_kept_apart(force: Summary) -> None:
    assert not any("answer_key" in str(path) for files in force.files.values() for path in files)
    uids = set(key(force, "entity_truth")["uid"])
    for files in force.files.values():
        for path in files:
            if path.suffix == ".csv":
                assert not uids & set(path.read_text(encoding="utf-8").replace("\n", ",").split(","))


def test_events_name_records_that_exist(force: Summary) -> None:
    truth = key(force, "entity_truth")
    known = set(zip(truth["source"], truth["source_id"], strict=True))
    for system, files in force.files.items():
        reading = read(files, load_mapping(ROOT / f"sources/{system}.yaml"))
        for chunk in reading.events:
            for event, _ in chunk:
                assert {(part.record.source, part.record.source_id) for part in event.participants} <= known
        for frame in reading.segments:
            assert set(zip(frame["record_source"], frame["record_id"], strict=True)) <= known


def test_plants_have_doses_from_faint_to_blatant(force: Summary) -> None:
    plants = key(force, "plants")
    for pattern in PATTERNS:
        doses = plants.filter(pl.col("pattern") == pattern)
        assert doses.height >= STAFF // 50
        assert doses["blatant"].sum() >= 8
        assert doses.filter("blatant")["dose"].min() >= BLATANT_DOSE[pattern]
        assert doses["dose"].min() < BLATANT_DOSE[pattern]
    assert plants.filter(pl.col("dose") > 0)["evidence"].list.len().min() > 0
    assert plants.filter(pl.col("dose") == 0)["evidence"].list.len().sum() == 0


@pytest.mark.slow
def test_the_default_force_is_as_large_as_promised(tmp_path: Path) -> None:
    summary = generate(tmp_path)
    assert (summary.staff, summary.related, len(summary.files)) == (2000, 10_000, 11)
    plants = key(summary, "plants")
    for pattern in PATTERNS:
        doses = plants.filter(pl.col("pattern") == pattern)
        assert doses.height >= 15
        assert doses["blatant"].sum() >= 8
    days = pl.read_parquet(tmp_path / "roster" / "shifts.parquet")["duty_date"]
    assert (days.max() - days.min()).days >= 545  # type: ignore[operator,union-attr]


def rows(force: Summary, system: str, name: str) -> list[dict[str, str]]:
    with (force.output / system / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def persons(force: Summary) -> Mapping[tuple[str, str], str]:
    truth = key(force, "entity_truth")
    return {(source, source_id): uid for source, source_id, uid in truth.rows()}


def test_the_complaint_dose_is_in_the_raw_file(force: Summary) -> None:
    uid_of, together = persons(force), {}
    for row in rows(force, "complaints", "named"):
        if row["capacity"] == "accused":
            together.setdefault(row["complaint_ref"], set()).add(uid_of["complaints", row["party_id"]])
    for plant in key(force, "plants").filter(pl.col("pattern") == "repeated_co_complaint").rows(named=True):
        assert sum(set(plant["persons"]) <= accused for accused in together.values()) == plant["dose"]


def test_the_look_up_dose_is_in_the_raw_file(force: Summary) -> None:
    uid_of, counts = persons(force), {}
    log = pl.read_parquet(force.output / "access" / "look_ups.parquet").filter(pl.col("task_ref").is_null())
    for user, system, subject in log.select("user_id", "subject_system", "subject_id").rows():
        pair = uid_of["access", user], uid_of[system, subject]
        counts[pair] = counts.get(pair, 0) + 1
    for plant in key(force, "plants").filter(pl.col("pattern") == "linked_lookup").rows(named=True):
        assert counts[tuple(plant["persons"])] == plant["dose"]


def test_who_decided_on_whom_is_in_the_raw_file(force: Summary) -> None:
    """And a drawn investigator is never of a team of the accused."""
    uid_of, roles = persons(force), {}
    for row in rows(force, "complaints", "named"):
        parts = roles.setdefault(row["complaint_ref"], {"accused": set(), "investigator": set()})
        parts.setdefault(row["capacity"], set()).add(uid_of["complaints", row["party_id"]])
    plants = key(force, "plants").filter(pl.col("pattern") == "independence")
    counted = [
        sum(left in one["accused"] and right in one["investigator"] for one in roles.values())
        for left, right in plants["persons"]
    ]
    assert counted == plants["dose"].to_list()
    team = {uid_of["roster", row["worker_id"]]: row["team"] for row in rows(force, "roster", "workers")}
    noted = {frozenset(case) for name in ("plants", "lookalikes") for case in key(force, name)["persons"]}
    for one in roles.values():
        (investigator,) = one["investigator"]
        for accused in one["accused"]:
            same = team[investigator] == team[accused]
            assert not same or frozenset((accused, investigator)) in noted


def test_a_shared_home_is_in_the_raw_files(force: Summary) -> None:
    """Of each blatant plant both persons' files say one house number and postcode."""
    uid_of, homes = persons(force), {}
    for row in rows(force, "hr", "staff"):
        uid = uid_of["hr", row["staff_no"]]
        homes.setdefault(uid, set()).update(
            {(row["house"], row["postcode"]), (row["old_house"], row["old_postcode"])}
        )
    for row in rows(force, "custody", "nominals"):
        uid = uid_of["custody", row["nominal_id"]]
        number = row["address"].split(", ")[-2].split(" ")[0]
        homes.setdefault(uid, set()).add((number, row["postcode"]))
    plants = key(force, "plants").filter((pl.col("pattern") == "shared_home") & pl.col("blatant"))
    for plant in plants.rows(named=True):
        left, right = plant["persons"]
        assert (homes[left] & homes[right]) - {("", "")}


def test_a_path_is_in_the_raw_files(force: Summary) -> None:
    """The e-mail or phone that a blatant path begins with is in HR's file and in crime recording."""
    uid_of, said = persons(force), {}
    for system, name, id_, columns in (
        ("hr", "staff", "staff_no", ("mobile", "personal_email")),
        ("crime", "persons", "person_id", ("phone", "email")),
    ):
        for row in rows(force, system, name):
            things = {row[column].replace(" ", "").replace("+44", "0") for column in columns} - {""}
            said.setdefault(uid_of[system, row[id_]], set()).update(things)
    plants = key(force, "plants").filter((pl.col("pattern") == "short_path") & pl.col("blatant"))
    first = [plant[:2] for plant in plants["persons"] if plant[1] in said]
    shared = [said[staff] & said[friend] for staff, friend in first]
    assert len([things for things in shared if things]) >= 6


def test_extra_shifts_without_a_stay_are_in_the_raw_files(force: Summary) -> None:
    """Whoever is paid and not there has on as many extra shifts of a quarter no stay of half of it."""
    uid_of = persons(force)
    shifts = pl.read_parquet(force.output / "roster" / "shifts.parquet").filter(pl.col("basis") == "overtime")
    stays: dict[str, list[tuple[datetime, datetime]]] = {}
    table = pl.read_parquet(force.output / "badge" / "stays.parquet")
    for badge, entered, left in table.select("badge_no", "entered", "left").rows():
        start, end = (at.astimezone(LONDON).replace(tzinfo=None) for at in (entered, left))
        stays.setdefault(uid_of["badge", badge], []).append((start, end))
    for plant in key(force, "plants").filter(pl.col("pattern") == "paid_not_there").rows(named=True):
        (uid,) = plant["persons"]
        blank: dict[tuple[int, int], int] = {}
        for worker, day, starts, ends in shifts.select("worker_id", "duty_date", "starts", "ends").rows():
            if uid_of["roster", worker] == uid:
                begin = datetime.fromisoformat(f"{day} {starts}")
                end = datetime.fromisoformat(f"{day} {ends}")
                end += timedelta(days=end <= begin)
                shown = sum(
                    (max(min(end, left) - max(begin, entered), timedelta()) for entered, left in stays[uid]),
                    timedelta(),
                )
                quarter = day.year, (day.month - 1) // 3
                blank[quarter] = blank.get(quarter, 0) + (shown < (end - begin) / 2)
        assert max(blank.values()) == plant["dose"]


def test_look_alikes_of_absence_leave_the_traces_they_are_named_after(force: Summary) -> None:
    uid_of = persons(force)
    cases: dict[str, set[str]] = {}
    for case in (
        key(force, "lookalikes").filter(pl.col("resembles_pattern") == "paid_not_there").rows(named=True)
    ):
        cases.setdefault(case["explanation"], set()).update(case["persons"])
    assert len(cases) == 5
    holders = {
        uid_of["badge", one] for one in pl.read_parquet(force.output / "badge" / "stays.parquet")["badge_no"]
    }
    assert not holders & cases["no_badge"]
    shifts = pl.read_parquet(force.output / "roster" / "shifts.parquet")
    court = shifts.filter(pl.col("duty_role") == "court")["worker_id"]
    assert {uid_of["roster", worker] for worker in court} == cases["court"]
    hours = shifts.filter((pl.col("starts") == "15:00") & (pl.col("ends") == "19:00"))["worker_id"]
    assert {uid_of["roster", worker] for worker in hours} <= cases["paid_minimum_of_a_call_out"]


def test_declared_pairs_are_no_plants_and_stand_in_the_register(force: Summary) -> None:
    declared = {frozenset(pair) for pair in key(force, "declared_pairs").rows()}
    assert declared
    for plant in key(force, "plants").rows(named=True):
        assert frozenset(plant["persons"]) not in declared
    uid_of = persons(force)
    said = {
        frozenset(uid_of["vetting", row[side]] for side in ("applicant_line", "associate_line"))
        for row in rows(force, "vetting", "declarations")
    }
    assert said == declared


@pytest.mark.parametrize("twin", ["force", "innocent"])
def test_nobody_shares_a_thing_without_a_plant_a_declaration_or_a_named_explanation(
    twin: str, request: pytest.FixtureRequest
) -> None:
    cases = key(request.getfixturevalue(twin), "lookalikes")
    assert "chance" not in set(cases["explanation"])
    assert set(cases["resembles_pattern"]) >= set(PATTERNS)


@pytest.mark.slow
def test_a_plant_that_is_not_noted_is_seen_as_chance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin of the test above: homes and things shared behind the answer key's back."""
    monkeypatch.setattr(Planter, "plant", lambda *_: None)
    summary = generate(tmp_path, STAFF, RELATED, YEARS)
    assert "chance" in set(key(summary, "lookalikes")["explanation"])


def test_the_innocent_twin_has_nothing_planted(innocent: Summary) -> None:
    assert key(innocent, "plants").height == 0
    assert innocent.lookalikes > 20
    uid_of, pairs = persons(innocent), {}
    for row in rows(innocent, "complaints", "named"):
        if row["capacity"] == "accused":
            pairs.setdefault(row["complaint_ref"], set()).add(uid_of["complaints", row["party_id"]])
    explained = {
        frozenset(case["persons"])
        for case in key(innocent, "lookalikes").rows(named=True)
        if case["resembles_pattern"] == "repeated_co_complaint"
    }
    counts: dict[frozenset[str], int] = {}
    for accused in pairs.values():
        for left in accused:
            for right in accused:
                if left < right:
                    counts[frozenset((left, right))] = counts.get(frozenset((left, right)), 0) + 1
    for pair, times in counts.items():
        assert times < 2 or any(pair <= known for known in explained)


def test_records_have_the_errors_of_their_systems(force: Summary) -> None:
    """Births are blank in crime recording one time in five, hardly ever in HR; some persons are re-keyed."""
    blank = [not row["date_of_birth"] for row in rows(force, "crime", "persons")]
    assert 0.15 < sum(blank) / len(blank) < 0.25
    assert sum(not row["birth_date"] for row in rows(force, "hr", "staff")) < 0.02 * STAFF
    truth = key(force, "entity_truth")
    again = truth.group_by("source", "uid").len().filter(pl.col("len") > 1)
    assert {"custody", "hr", "complaints"} <= set(again["source"])


def test_a_force_that_is_too_small_is_refused(tmp_path: Path) -> None:
    for staff, related, years in ((499, 5000, 1.0), (500, 1400, 1.0), (500, 1500, 0.1)):
        with pytest.raises(ValueError, match="at least 500 staff"):
            generate(tmp_path, staff, related, years)
