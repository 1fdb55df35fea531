"""The joint shifts of what is planted on rosters, recounted from the written table."""

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
