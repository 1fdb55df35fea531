"""The book kept while systems write: which record stands for whom, and the files of each system."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random

import polars as pl
import pyarrow.parquet as pq

from app.synthetic.clerk import Clerk, Rates
from app.synthetic.population import Vocabulary
from app.synthetic.world import Person, World

Row = dict[str, str]
"""One line of a system's table: column → text."""


class Book:
    """Where systems write; each system's files lie in a folder of its name."""

    def __init__(self, world: World, words: Vocabulary, output: Path) -> None:
        self.world = world
        self.words = words
        self.output = output
        self.records: dict[tuple[str, str], list[str]] = {}
        """(system, uid) → the ids of that system's records of the person, first written first."""
        self.truth: list[tuple[str, str, str]] = []
        """(source, source_id, uid) of every record."""
        self.files: dict[str, list[Path]] = {}

    def clerk(self, system: str, rates: Rates) -> Clerk:
        """Return the clerk of a system."""
        return Clerk(self.world.seed, system, self.words, rates)

    def enter(self, system: str, source_id: str, person: Person) -> str:
        """Note that a record of a system stands for a person; return its id."""
        self.records.setdefault((system, person.uid), []).append(source_id)
        self.truth.append((system, source_id, person.uid))
        return source_id

    def of(self, system: str, uid: str) -> str | None:
        """Return the id of the system's first record of a person, None where it has none."""
        ids = self.records.get((system, uid))
        return ids[0] if ids else None

    def id_of(self, system: str, person: Person) -> str:
        """Return the id of the system's first record of a person. Raises KeyError where it has none."""
        return self.records[system, person.uid][0]

    def any_of(self, system: str, uid: str, rng: Random) -> str | None:
        """Return the id of one of the system's records of a person."""
        ids = self.records.get((system, uid))
        return rng.choice(ids) if ids else None

    def write_csv(self, system: str, name: str, rows: Sequence[Mapping[str, str]]) -> None:
        """Write one table of a system as CSV; the columns are those of the first row."""
        with self._path(system, f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def write_parquet(self, system: str, name: str, frame: pl.DataFrame) -> None:
        """Write one table of a system as Parquet."""
        frame.write_parquet(self._path(system, f"{name}.parquet"), compression="zstd")

    def write_frames(self, system: str, name: str, frames: Iterable[pl.DataFrame]) -> None:
        """Write one table of a system as Parquet, frame by frame: one of them in memory at a time."""
        writer: pq.ParquetWriter | None = None
        path = self._path(system, f"{name}.parquet")
        for frame in frames:
            table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table, row_group_size=300_000)
        if writer is not None:
            writer.close()

    def _path(self, system: str, name: str) -> Path:
        folder = self.output / system
        folder.mkdir(parents=True, exist_ok=True)
        self.files.setdefault(system, []).append(folder / name)
        return folder / name
