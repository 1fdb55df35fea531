"""Score the co-rostering scan on synthetic rosters with an answer key, against the committed floors."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse
from scipy.stats import hypergeom

from app.synthetic.rosters.arrangement import CREW, FOLLOWER, PLANTED, VOLUNTARY_PAIR
from app.synthetic.rosters.force import Force, choose, post, simulate
from app.synthetic.rosters.sheet import shifts
from app.synthetic.rosters.workforce import OFF, PLANNED, TEAMS, posts
from patterns.frames import SEGMENT_SCHEMA, Frames
from patterns.opportunity import NINE_CELLS
from patterns.roster import VOLUNTARY, Roster, blocks, read_roster
from patterns.roster_scan import ScanSettings, scan

END = date(2026, 7, 1)
FLOORS = {
    "raw P@100": ("<=", 0.05),
    "hypergeometric P@100": ("<=", 0.60),
    "P@100": (">=", 0.99),
    "false per 1,000 staff": ("<=", 0.15),
    "pairs >= 10/y": (">=", 0.94),
    "followers >= 15/y": (">=", 0.75),
    "crews fully named": (">=", 0.50),
    "CPU-s": ("<=", 25.0),
    "GB": ("<=", 4.0),
}


def main() -> None:
    """Generate, scan in a process of its own, score, print one table; exit 1 when a floor is missed."""
    asked = _arguments()
    if asked.scan:
        _scan_alone(Path(asked.scan), nine=asked.nine_cells)
        return
    missed = 0
    for seed in asked.seeds:
        with tempfile.TemporaryDirectory() as folder:
            missed += _planted(Path(folder), asked, seed)
    for seed in asked.innocent:
        with tempfile.TemporaryDirectory() as folder:
            missed += _innocent(Path(folder), asked, seed)
    sys.exit(1 if missed else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--staff", type=int, default=45_000)
    parser.add_argument("--years", type=float, default=3.6)
    parser.add_argument("--seeds", type=int, nargs="*", default=[1])
    parser.add_argument("--innocent", type=int, nargs="*", default=[4, 5, 6], help="seeds of no-plant twins")
    parser.add_argument("--nine-cells", action="store_true", help="a null that lacks week parity")
    parser.add_argument("--scan", help=argparse.SUPPRESS)
    return parser.parse_args()


def _force(asked: argparse.Namespace, seed: int, *, plants: bool) -> Force:
    days = round(asked.years * 365.25)
    stations = [f"ST{number:03d}" for number in range(max(3, asked.staff // 300))]
    given = posts(asked.staff, len(stations), np.random.default_rng([seed, 10]))
    workforce = post(END - timedelta(days=days), days, stations, given, seed)
    return simulate(workforce, choose(workforce, np.arange(asked.staff), seed, plants=plants), seed)


def _write(force: Force, folder: Path) -> int:
    """Write the shifts as segments, a file for some stations, and who is who; return how many rows."""
    workers = [f"W{number:05d}" for number in range(force.workforce.people)]
    rows = 0
    for number, frame in enumerate(shifts(force.workforce, workers)):
        _segment(frame).write_parquet(folder / f"{number:03d}.parquet", row_group_size=300_000)
        rows += frame.height
    pl.DataFrame(
        {"record_source": ["roster"] * len(workers), "record_id": workers, "entity_id": workers}
    ).write_parquet(folder / "members.pq")
    return rows


def _segment(frame: pl.DataFrame) -> pl.DataFrame:
    began = pl.col("duty_date").cast(pl.Datetime("us")) + pl.duration(
        hours=pl.col("starts").str.head(2).cast(int)
    )
    named = {
        "source": pl.lit("roster"),
        "event_id": pl.col("shift_id"),
        "version": pl.lit(1),
        "kind": pl.lit("shift"),
        "start": began.dt.replace_time_zone("Europe/London", ambiguous="earliest").dt.convert_time_zone(
            "UTC"
        ),
        "place_type": pl.lit("station"),
        "place_id": pl.col("station"),
        "record_source": pl.lit("roster"),
        "record_id": pl.col("worker_id"),
        "role": pl.lit("worker"),
    }
    absent = {"end", "reference", "attributes"}
    return frame.select(
        (pl.lit(None) if name in absent else named.get(name, pl.col(name))).cast(kind).alias(name)
        for name, kind in SEGMENT_SCHEMA.items()
    )


def _scan_alone(folder: Path, *, nine: bool) -> None:
    """Scan the segments of a folder and write what was found, with the process's CPU time and memory."""
    members = pl.read_parquet(folder / "members.pq")
    frames = Frames([str(path) for path in sorted(folder.glob("*.parquet"))], None, members)
    began = time.process_time()
    roster = read_roster(frames)
    read = time.process_time() - began
    found = scan(roster, ScanSettings(cells=NINE_CELLS) if nine else None)
    status = Path("/proc/self/status").read_text()
    answer = {
        "pairs": [asdict(pair) for pair in found.pairs],
        "crews": [asdict(crew) for crew in found.crews],
        "followings": [asdict(one) for one in found.followings],
        "teams": roster.teams,
        "persons": roster.persons,
        "health": [asdict(level) for level in found.health],
        "held": found.held,
        "tests": found.tests,
        "read CPU-s": read,
        "CPU-s": time.process_time() - began,
        "GB": int(status.split("VmHWM:")[1].split()[0]) / 1e6,
    }
    (folder / "found.json").write_text(json.dumps(answer))


def _found(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Scan in a process of its own, one BLAS thread; return what it wrote."""
    command = [
        sys.executable,
        __file__,
        "--scan",
        str(folder),
        *(["--nine-cells"] if asked.nine_cells else []),
    ]
    subprocess.run(command, check=True, env={"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "2"})
    answer: dict[str, Any] = json.loads((folder / "found.json").read_text())
    return answer


def _number(found: dict[str, Any], code: int) -> int:
    """Return the number of a person of the force."""
    return int(found["persons"][code][1:])


@dataclass(frozen=True)
class _Ranked:
    p: float
    kind: str
    people: frozenset[int]
    right: bool
    attached: bool = False


def _ranked(found: dict[str, Any], force: Force) -> list[_Ranked]:
    """Return what was found, most surprising first, but what is declared; each right or wrong by the key."""
    key = {frozenset(one.people): one.kind for one in force.arrangements}
    declared = {people for people, kind in key.items() if kind not in PLANTED}
    crews = [people for people, kind in key.items() if kind == CREW]
    target = {one.people[0]: one.people[1] for one in force.arrangements if one.kind == FOLLOWER}
    partner = {person for people in declared for person in people}
    ranked = []
    for pair in found["pairs"]:
        people = frozenset(_number(found, pair[side]) for side in ("who", "whom"))
        right = key.get(people) == VOLUNTARY_PAIR or any(people <= crew for crew in crews)
        if people not in declared:
            ranked.append(_Ranked(pair["p"], VOLUNTARY_PAIR, people, right))
    for crew in found["crews"]:
        people = frozenset(_number(found, member) for member in crew["members"])
        p = min(joint["p"] for joint in crew["joints"])
        ranked.append(_Ranked(p, CREW, people, any(people <= planted for planted in crews)))
    for one in found["followings"]:
        who = _number(found, one["who"])
        right = target.get(who) in {_number(found, member["whom"]) for member in one["members"]}
        attached = one["partner"] is not None or (who in partner and not right)
        ranked.append(_Ranked(one["members"][0]["p"], FOLLOWER, frozenset([who]), right, attached))
    return sorted(ranked, key=lambda one: (one.p, one.kind, sorted(one.people)))


def _joint(force: Force, left: int, right: int, *, duty: bool) -> float:
    """Return joint shifts a year in the data: both by choice, or left's by choice onto right's duty."""
    work = force.workforce
    mine = (work.basis[left] == 1) | (work.basis[left] == 2)
    theirs = (work.basis[right] == PLANNED) if duty else (work.basis[right] == 1) | (work.basis[right] == 2)
    there = (
        (work.band[left] != OFF) & (work.band[left] % 3 == work.band[right] % 3) & (work.band[right] != OFF)
    )
    place = work.unit[left] // len(TEAMS) == work.unit[right] // len(TEAMS)
    return float((mine & theirs & there & place).sum() / work.years)


def _planted(folder: Path, asked: argparse.Namespace, seed: int) -> int:
    began = time.process_time()
    force = _force(asked, seed, plants=True)
    rows = _write(force, folder)
    made = time.process_time() - began
    found = _found(folder, asked)
    ranked = _ranked(found, force)
    raised = [one for one in ranked if not one.attached]
    wrong = sum(not one.right for one in raised)
    wrong_all = sum(not one.right for one in ranked)
    right = {one.people for one in raised if one.right}
    per = 1000 / asked.staff
    table: dict[str, Any] = {
        "seed": seed,
        "rows": rows,
        "generating CPU-s": round(made, 1),
        "pairs tested": found["tests"],
        **_baselines(folder, force),
        "findings": len(raised),
        "P@100": round(sum(one.right for one in raised[:100]) / max(1, len(raised[:100])), 3),
        "false per 1,000 staff": round(wrong * per, 3),
        "the same without the collateral rule": round(wrong_all * per, 3),
        **_recalls(force, right),
        "held by the health check": found["held"],
        "health": [(level["seen"], round(level["nominal"], 1)) for level in found["health"]],
        "reading CPU-s": round(found["read CPU-s"], 1),
        "CPU-s": round(found["CPU-s"], 1),
        "GB": round(found["GB"], 2),
    }
    for one in raised:
        if not one.right:
            print("  wrong:", one.kind, f"{one.p:.1e}", sorted(one.people))
    return _print(table) + (1 if found["held"] else 0)


def _recalls(force: Force, right: set[frozenset[int]]) -> dict[str, Any]:
    """Return found / planted by dose: pairs by all joint shifts, followers by those taken to follow."""
    counts: dict[str, list[bool]] = {}
    for one, times in zip(force.arrangements, force.times, strict=True):
        a, b = one.people[:2]
        if one.kind == VOLUNTARY_PAIR:
            dose = _joint(force, a, b, duty=False)
            bands = ["pairs"] + [
                f"pairs {low}-{high}/y" for low, high in ((0, 6), (6, 10)) if low <= dose < high
            ]
            bands += ["pairs >= 10/y"] if dose >= 10 else []
            seen = any({a, b} <= people for people in right)
        elif one.kind == FOLLOWER:
            dose = times / force.workforce.years
            office = force.workforce.unit[b, -1] % len(TEAMS) == TEAMS.index("CID")
            bands = ["followers"] + (["followers >= 15/y"] if dose >= 15 else [])
            bands += ["followers >= 15/y, not of an office"] if dose >= 15 and not office else []
            bands += ["followers >= 15/y, chance included"] if _joint(force, a, b, duty=True) >= 15 else []
            seen = frozenset([a]) in right
        elif one.kind == CREW:
            came = {person for person in one.people if _came(force, person, one.people)}
            bands, seen = ["crews fully named"], any(came <= people for people in right)
            part = any(len(people & came) >= 2 for people in right)
            counts.setdefault("crews seen at all", []).append(part)
        else:
            continue
        for band in bands:
            counts.setdefault(band, []).append(seen)
    return {
        band: f"{sum(seen)}/{len(seen)}" if band not in FLOORS else round(sum(seen) / len(seen), 3)
        for band, seen in sorted(counts.items())
    }


def _came(force: Force, person: int, crew: tuple[int, ...]) -> bool:
    """Return whether the person was free often enough to be of the crew: one joint shift a year."""
    return any(_joint(force, person, other, duty=False) >= 1 for other in crew if other != person)


def _baselines(folder: Path, force: Force) -> dict[str, float]:
    """Return P@100 of methods that rank pairs by their voluntary shifts without a null of choice."""
    key = {
        frozenset(pair)
        for one in force.arrangements
        if one.kind in (VOLUNTARY_PAIR, CREW)
        for pair in _every_pair(one.people)
    }
    members = pl.read_parquet(folder / "members.pq")
    roster = read_roster(Frames([str(path) for path in sorted(folder.glob("*.parquet"))], None, members))
    best: dict[str, list[tuple[float, bool]]] = {"raw": [], "Jaccard": [], "hypergeometric": []}
    for block in blocks(roster):
        if not (roster.basis[block.rows] != VOLUNTARY).any():
            continue
        for name, values in _place_baselines(roster, block.rows, key):
            best[name] = sorted([*best[name], *values], reverse=True)[:200]
    return {
        f"{name} P@{n}": round(sum(hit for _, hit in rows[:n]) / n, 3)
        for name, rows in best.items()
        for n in (50, 100, 200)
    }


def _every_pair(people: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    return ((one, other) for at, one in enumerate(people) for other in people[at + 1 :])


def _place_baselines(
    roster: Roster, rows: Any, key: set[frozenset[int]]
) -> Iterable[tuple[str, list[tuple[float, bool]]]]:
    rows = rows[roster.basis[rows] == VOLUNTARY]
    people, member = np.unique(roster.person[rows], return_inverse=True)
    slot = roster.day[rows] * 3 + roster.band[rows]
    taken = sparse.csr_array((np.ones(len(rows)), (member, slot)))
    taken.data[:] = 1
    joint, total = (taken @ taken.T).toarray(), np.asarray(taken.sum(axis=1)).ravel()
    left, right = np.nonzero(np.triu(joint, 1) >= 5)
    count = joint[left, right]
    z = count - total[left] * total[right] / taken.shape[1]
    likely = np.argsort(-z)[:2000]
    left, right, count = left[likely], right[likely], count[likely]
    names = [int(roster.persons[person][1:]) for person in people]
    hits = [frozenset((names[a], names[b])) in key for a, b in zip(left, right, strict=True)]
    surprise = -hypergeom.logsf(count - 1, taken.shape[1], total[left], total[right])
    share = count / (total[left] + total[right] - count)
    for name, values in (("raw", count), ("Jaccard", share), ("hypergeometric", surprise)):
        yield name, sorted(zip(values.tolist(), hits, strict=True), reverse=True)[:200]


def _innocent(folder: Path, asked: argparse.Namespace, seed: int) -> int:
    """Scan the no-plant twin: nothing may be found, declared pairs apart, health check or not."""
    force = _force(asked, seed, plants=False)
    rows = _write(force, folder)
    found = _found(folder, asked)
    raised = [one for one in _ranked(found, force) if not one.attached]
    health = [(level["seen"], round(level["nominal"], 1)) for level in found["health"]]
    print(f"no-plant twin, seed {seed}: {rows:,} rows, {len(raised)} findings, health {health}, "
          f"held {found['held']}, {found['CPU-s']:.1f} CPU-s", flush=True)  # fmt: skip
    return len(raised)


def _print(table: dict[str, Any]) -> int:
    missed = 0
    for name, value in table.items():
        said = ""
        if name in FLOORS:
            sign, floor = FLOORS[name]
            kept = value <= floor if sign == "<=" else value >= floor
            missed += not kept
            said = f"  ({sign} {floor}{'' if kept else ' MISSED'})"
        print(f"{name:40} {value}{said}", flush=True)
    return missed


if __name__ == "__main__":
    main()
