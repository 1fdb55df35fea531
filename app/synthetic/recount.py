"""The joint shifts of what is planted on rosters, and shifts without a trace, recounted from the tables."""

import polars as pl

from app.synthetic.book import Book
from app.synthetic.rosters.arrangement import FOLLOWER, PLANTED
from app.synthetic.world import Plant

_SLOT = ["station", "duty_date", "band"]


class Duties:
    """The written shifts of the people that something is planted on."""

    def __init__(self, book: Book) -> None:
        uids = sorted(
            {uid for plant in book.world.plants if plant.pattern in PLANTED for uid in plant.persons}
        )
        workers = {book.of("roster", uid): uid for uid in uids}
        table = pl.scan_parquet(next(path for path in book.files["roster"] if path.suffix == ".parquet"))
        day = pl.when(pl.col("starts") == "08:00").then(pl.lit("07:00")).otherwise("starts")
        self._rows = (
            table.filter(pl.col("worker_id").is_in(list(workers)))
            .with_columns(band=day, uid=pl.col("worker_id").replace_strict(workers, default=None))
            .collect()
        )

    def recount(self, plant: Plant) -> tuple[float, tuple[str, ...]]:
        """Return a plant's dose, and the rows that say so.

        A pair's dose is the slots both chose; a follower's those chosen on the other's planned duty; a crew's
        those that at least three of it chose.
        """
        chosen = self._rows.filter(pl.col("basis").is_in(["overtime", "swap_in"]))
        parts = [chosen.filter(pl.col("uid") == uid) for uid in plant.persons]
        if plant.pattern == FOLLOWER:
            duty = self._rows.filter((pl.col("uid") == plant.persons[1]) & (pl.col("basis") == "planned"))
            parts[1] = duty
        together = pl.concat(parts).with_columns(here=pl.col("uid").n_unique().over(_SLOT))
        least = 2 if len(parts) == 2 else 3
        rows = together.filter(pl.col("here") >= least)
        ids = rows["shift_id"].to_list()
        return float(rows.select(_SLOT).unique().height), tuple(sorted(f"event:roster|{id_}" for id_ in ids))


class Stays:
    """The written extra shifts of people who are paid and not there, beside the stays that doors show."""

    def __init__(self, book: Book) -> None:
        uids = [plant.persons[0] for plant in book.world.plants if plant.pattern == "paid_not_there"]
        workers = {book.of("roster", uid): uid for uid in uids}
        badges = {book.of("badge", uid): uid for uid in uids}
        tables = {
            system: pl.scan_parquet(next(path for path in book.files[system] if path.suffix == ".parquet"))
            for system in ("roster", "badge")
        }
        at = {
            name: pl.col("duty_date").dt.combine(pl.col(name).str.to_time("%H:%M"))
            for name in ("starts", "ends")
        }
        shifts = (
            tables["roster"]
            .filter(pl.col("worker_id").is_in(list(workers)) & (pl.col("basis") == "overtime"))
            .with_columns(uid=pl.col("worker_id").replace_strict(workers, default=None), **at)
            .with_columns(
                ends=pl.when(pl.col("ends") <= pl.col("starts"))
                .then(pl.col("ends").dt.offset_by("1d"))
                .otherwise("ends")
            )
        )
        stays = (
            tables["badge"]
            .filter(pl.col("badge_no").is_in(list(badges)))
            .select(
                *(
                    pl.col(name).dt.convert_time_zone("Europe/London").dt.replace_time_zone(None)
                    for name in ("entered", "left")
                ),
                uid=pl.col("badge_no").replace_strict(badges, default=None),
            )
        )
        within = pl.min_horizontal("ends", "left") - pl.max_horizontal("starts", "entered")
        shown = (
            shifts.join(stays, on="uid")
            .filter((pl.col("entered") < pl.col("ends")) & (pl.col("left") > pl.col("starts")))
            .group_by("shift_id")
            .agg(within.sum().alias("shown"))
        )
        half = (pl.col("ends") - pl.col("starts")) / 2
        self._rows = (
            shifts.join(shown, on="shift_id", how="left")
            .filter(pl.col("shown").is_null() | (pl.col("shown") < half))
            .select(
                "uid",
                "shift_id",
                quarter=pl.col("duty_date").dt.year() * 4 + pl.col("duty_date").dt.quarter(),
            )
            .sort("uid", "quarter", "shift_id")
            .collect()
        )

    def untraced(self, uid: str) -> tuple[float, tuple[str, ...]]:
        """Return a dose, the extra shifts without half a trace in the worst quarter, and these rows."""
        mine = self._rows.filter(pl.col("uid") == uid)
        if mine.is_empty():
            return 0.0, ()
        worst = mine.group_by("quarter").len().sort("len", "quarter", descending=[True, False])["quarter"][0]
        ids = mine.filter(pl.col("quarter") == worst)["shift_id"].to_list()
        return float(len(ids)), tuple(f"event:roster|{id_}" for id_ in ids)
