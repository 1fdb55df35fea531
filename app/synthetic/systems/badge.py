"""Doors and radios: holders of badges, and from when to when each was in a building or on the air."""

from collections.abc import Iterator

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from app.synthetic.attendance import ABSENT, CALL_OUT, COURT, DEAD_READER, LEFT_EARLY, OUTSIDE
from app.synthetic.book import Book
from app.synthetic.clerk import Rates
from app.synthetic.rosters.workforce import TEAMS

_WORKED = ("planned", "overtime", "swap_in")
_ROWS = 500_000
_FORGOTTEN, _EARLY, _OUT, _DEAD = 0.03, 0.10, 0.25, 0.005
"""How often a badge is forgotten, the way out is by another door, a detective is out for hours, and a
station's reader is dead for a day."""


def write(book: Book) -> None:
    """Write holders.csv and stays.parquet. Raises: ValueError before the roster is written."""
    world = book.world
    if world.attendance is None:
        raise ValueError("the roster is not written yet: write it first")
    clerk = book.clerk("badge", Rates(typo=0.01, short_form=0.05, middle_missing=1.0))
    holders = []
    for number, (person, job) in enumerate(world.staff(), 1):
        name = clerk.name(person)
        holders.append(
            {
                "badge_no": book.enter("badge", f"B{number:05d}", person),
                "holder": f"{name.given} {name.family}",
                "staff_no": job.staff_number if clerk.chance(0.97) or person.exact else "",
            }
        )
    book.write_csv("badge", "holders", holders)
    book.write_frames("badge", "stays", _stays(book))


def _stays(book: Book) -> Iterator[pl.DataFrame]:
    rng, number = np.random.default_rng([book.world.seed, 17]), 0
    path = next(path for path in book.files["roster"] if path.suffix == ".parquet")
    special, dead = _special(book, rng)
    for batch in pq.ParquetFile(path).iter_batches(_ROWS):
        shifts = pl.DataFrame(pl.from_arrow(batch)).filter(pl.col("basis").is_in(_WORKED))
        shifts = shifts.join(special, on=["worker_id", "duty_date"], how="left", maintain_order="left")
        stays = _of_shifts(
            shifts.join(dead, on=["station", "duty_date"], how="anti", maintain_order="left"), rng
        )
        yield stays.with_columns(stay_no=pl.int_range(number + 1, number + 1 + pl.len())).select(
            "stay_no", pl.all().exclude("stay_no")
        )
        number += stays.height


def _special(book: Book, rng: np.random.Generator) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what is arranged for single duties, and the days on which a station's reader is dead."""
    world = book.world
    assert world.attendance is not None
    workers = [book.id_of("roster", person) for person, _ in world.staff()]
    days = pl.date_range(world.start, world.end, closed="left", eager=True)
    said = [(workers[at], days[day], kind) for (at, day), kind in sorted(world.attendance.duties.items())]
    schema = {"worker_id": pl.String, "duty_date": pl.Date, "special": pl.String}
    badgeless = [workers[at] for at in sorted(world.attendance.badgeless)]
    rest = pl.DataFrame({"worker_id": badgeless}, schema={"worker_id": pl.String})
    special = pl.DataFrame(said, schema=schema, orient="row").join(rest, on="worker_id", how="anti")
    never = rest.join(pl.DataFrame({"duty_date": days}), how="cross").with_columns(special=pl.lit(ABSENT))
    dark = rng.random((len(world.stations), len(days))) < _DEAD
    if world.duties is not None:
        for (at, day), kind in world.attendance.duties.items():
            if kind == DEAD_READER:
                dark[world.duties.workforce.unit[at, day] // len(TEAMS), day] = True
    where, when = np.nonzero(dark)
    names = pl.Series(list(world.stations)).gather(where)
    dead = pl.DataFrame({"station": names, "duty_date": days.gather(when)})
    return pl.concat([special, never]), dead


def _of_shifts(shifts: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return the stays of worked shifts: mostly one that covers it, at times shorter, two, or none."""
    special = pl.col("special").fill_null("")
    none = (
        special.is_in([ABSENT, OUTSIDE, COURT])
        | (pl.col("duty_role") == "court")
        | pl.col("station").str.starts_with("EV")
        | (pl.Series(rng.random(shifts.height) < _FORGOTTEN) & (special == ""))
    )
    starts = pl.col("duty_date").dt.combine(pl.col("starts").str.to_time("%H:%M"))
    ends = pl.col("duty_date").dt.combine(pl.col("ends").str.to_time("%H:%M"))
    ends = pl.when(ends <= starts).then(ends.dt.offset_by("1d")).otherwise(ends)
    size, early = shifts.height, rng.random(shifts.height) < _EARLY
    before, after = (
        rng.normal(8, 5, size),
        np.where(early, -rng.uniform(20, 120, size), rng.normal(8, 6, size)),
    )
    stay, out = rng.uniform(40, 150, size), rng.uniform(60, 240, size)
    timed = shifts.with_columns(
        entered=starts - _minutes(before),
        left=pl.when(special == LEFT_EARLY)
        .then(starts + _minutes(stay))
        .when(special == CALL_OUT)
        .then(starts + _minutes(np.minimum(stay, 60.0)))
        .otherwise(ends + _minutes(after)),
        leaves=pl.Series(rng.random(size) < _OUT) & (pl.col("duty_role") == "investigation"),
        at=starts + _minutes(rng.uniform(60, 180, size)),
        out=_minutes(out),
    ).filter(~none & (pl.col("entered") < pl.col("left")))
    plain = timed.filter(~pl.col("leaves"))
    gone = timed.filter("leaves")
    parts = [
        plain,
        gone.with_columns(left=pl.min_horizontal("left", "at")),
        gone.with_columns(entered=pl.col("at") + pl.col("out")).filter(pl.col("entered") < pl.col("left")),
    ]
    columns = ["worker_id", "entered", "left", "station"]
    rows = pl.concat([part.select(columns) for part in parts]).sort("entered", "worker_id")
    return rows.select(
        pl.format("B{}", pl.col("worker_id").str.slice(1)).alias("badge_no"),
        *(_utc(name) for name in ("entered", "left")),
        building="station",
    )


def _minutes(values: np.ndarray) -> pl.Series:
    return pl.Series((values * 60).astype(np.int64)).cast(pl.Duration("ms")) * 1000


def _utc(name: str) -> pl.Expr:
    local = pl.col(name).dt.replace_time_zone("Europe/London", ambiguous="earliest", non_existent="null")
    known = local.dt.convert_time_zone("UTC").dt.truncate("1m")
    return known.fill_null(pl.col(name).dt.replace_time_zone("UTC")).alias(name)
