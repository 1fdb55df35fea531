"""Where a whole force and the public around it live, in columns: to measure links by address at full size."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

PERIOD = 1305
"""Days of data (3.6 years); day 0 is the first, earlier ones are negative."""

LEAST = 60
"""Days of true common residence from which an undeclared home is one to be found."""

_BEFORE = -3000
_SIZES = (0.30, 0.34, 0.16, 0.13, 0.05, 0.02)
_TENANCY = {"person": pl.Int64, "dwelling": pl.Int64, "start": pl.Int64, "end": pl.Int64}
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Homes:
    """A world of homes.

    `statements`: record (a source's id), source, person, staff, dwelling, block (null for a house), flatless,
    start, end: what each record says. `ties`: left (staff), right (nominal), days of true common residence,
    declared. `persons`: person, household, staff, nominal.
    """

    statements: pl.DataFrame
    ties: pl.DataFrame
    persons: pl.DataFrame

    def holdings(self) -> pl.DataFrame:
        """Return the statements as `link_scan` reads them; a person is its true number."""
        block = pl.format("b{}", "block")
        return self.statements.select(
            pl.col("person").cast(pl.String),
            "staff",
            pl.lit("Address").alias("label"),
            pl.when("flatless").then(block).otherwise(pl.format("d{}", "dwelling")).alias("thing"),
            pl.when(pl.col("block").is_not_null()).then(block).alias("building"),
            pl.col("start").cast(pl.Int32),
            pl.col("end").cast(pl.Int32),
            "source",
        )


def live_somewhere(staff: int, seed: int) -> Homes:
    """Draw homes, moves, households, staff, nominals and what five systems write of their addresses."""
    rng = np.random.default_rng(seed)
    block_of = _blocks(rng, staff * 7)
    tenancies, persons = _settle(rng, len(block_of), staff)
    tenancies = pl.concat([tenancies, _lodgers(rng, tenancies, persons)])
    ties = _ties(rng, tenancies, persons)
    statements = _write(rng, tenancies, persons, len(block_of))
    blocks = pl.DataFrame({"dwelling": np.arange(len(block_of)), "block": block_of})
    statements = statements.join(blocks, on="dwelling", how="left").with_columns(
        pl.col("block").replace(-1, None),
        flatless=pl.col("flatless") & (pl.col("block").fill_null(-1) >= 0),
    )
    return Homes(statements.sort("record", "dwelling", "start"), ties, persons)


def _blocks(rng: np.random.Generator, dwellings: int) -> Ints:
    """Return the block of each dwelling, -1 for a house: 22 % are flats, in blocks of log-normal size."""
    block = np.full(dwellings, -1, dtype=np.int64)
    sizes = np.maximum(4, rng.lognormal(2.6, 0.6, dwellings // 10).astype(np.int64))
    flats = np.repeat(np.arange(len(sizes)), sizes)[: int(dwellings * 0.22)]
    block[: len(flats)] = flats
    return block


def _settle(rng: np.random.Generator, dwellings: int, staff: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return tenancies and persons: successive households in each dwelling, six in ten moved there."""
    short = rng.random(dwellings) < 0.35
    starts, ends = [], []
    end = np.full(dwellings, _BEFORE - 1.0)
    for _ in range(9):
        start = end + rng.exponential(20, dwellings) * (end > _BEFORE)
        end = start + rng.exponential(np.where(short, 912, 4380))
        starts.append(start)
        ends.append(end)
    spells = pl.DataFrame(
        {
            "dwelling": np.tile(np.arange(dwellings), 9),
            "start": np.concatenate(starts).astype(np.int64),
            "end": np.concatenate(ends).astype(np.int64),
        }
    ).filter((pl.col("end") > _BEFORE) & (pl.col("start") < PERIOD))
    household = _moves(rng, spells["start"].to_numpy(), spells["end"].to_numpy())
    spells = spells.with_columns(household=pl.Series(household))
    number = int(household.max()) + 1
    sizes = rng.choice(np.arange(1, 7), number, p=_SIZES)
    hired = np.zeros(number, dtype=bool)
    about = spells.filter((pl.col("end") > 0) & (pl.col("start") < PERIOD // 2))["household"].unique().sort()
    hired[rng.choice(about.to_numpy(), staff, replace=False)] = True
    persons = pl.DataFrame({"household": np.repeat(np.arange(number), sizes)}).with_row_index("person")
    persons = persons.with_columns(
        pl.col("person").cast(pl.Int64),
        staff=pl.Series(hired).gather(persons["household"]) & pl.col("person").is_first_distinct(),
    )
    first = pl.col("household").is_first_distinct()
    persons = persons.with_columns(
        staff=pl.Series(hired).gather(persons["household"]) & first,
        nominal=pl.Series(rng.random(persons.height) < 0.05),
    ).with_columns(nominal=pl.col("nominal") & ~pl.col("staff"))
    tenancies = spells.join(persons.select("person", "household"), on="household").select(list(_TENANCY))
    return tenancies.sort(list(_TENANCY)), persons


def _moves(rng: np.random.Generator, start: Ints, end: Ints) -> Ints:
    """Return the household of each spell: that of a spell ended just before, or a new one."""
    household = np.arange(len(start), dtype=np.int64)
    arrivals = np.argsort(start, kind="stable")
    arrivals = arrivals[start[arrivals] > _BEFORE]
    departures = np.argsort(end, kind="stable")
    for arrival, departure, moves in zip(arrivals, departures, rng.random(len(arrivals)) < 0.6, strict=False):
        if moves and 0 <= start[arrival] - end[departure] < 90:
            household[arrival] = household[departure]
    return household


def _lodgers(rng: np.random.Generator, tenancies: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Return nominals who live for a while with staff of another household, from 20 days to 900."""
    homes = tenancies.join(persons.filter("staff").select("person"), on="person", how="semi")
    homes = homes.filter((pl.col("end") > 200) & (pl.col("start") < PERIOD - 200))
    homes = homes.sample(homes["person"].n_unique() // 18, seed=int(rng.integers(2**31)))
    who = persons.filter("nominal")["person"].sample(homes.height, seed=int(rng.integers(2**31)))
    low = np.maximum(homes["start"].to_numpy(), 0)
    high = np.minimum(homes["end"].to_numpy(), PERIOD)
    start = low + (rng.random(homes.height) * np.maximum(high - low - 30, 1)).astype(np.int64)
    end = np.minimum(start + rng.integers(20, 900, homes.height), high)
    columns = {"person": who, "dwelling": homes["dwelling"], "start": start, "end": end}
    return pl.DataFrame(columns, schema=_TENANCY)


def _ties(rng: np.random.Generator, tenancies: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Return every staff and nominal who truly lived together; most of those of one household declared it."""
    left = tenancies.join(persons.filter("staff").select("person", "household"), on="person")
    right = tenancies.join(persons.filter("nominal").select("person", "household"), on="person")
    both = left.join(right, on="dwelling", suffix="_right").with_columns(
        days=pl.min_horizontal("end", "end_right", PERIOD) - pl.max_horizontal("start", "start_right", 0)
    )
    ties = both.filter(pl.col("days") > 0).group_by(left="person", right="person_right").agg(
        pl.col("days").sum(), family=(pl.col("household") == pl.col("household_right")).any()
    ).sort("left", "right")  # fmt: skip
    declared = pl.Series(rng.random(ties.height) < 0.8)
    return ties.with_columns(declared=declared & pl.col("family")).drop("family")


def _write(
    rng: np.random.Generator, tenancies: pl.DataFrame, persons: pl.DataFrame, dwellings: int
) -> pl.DataFrame:
    """Return what HR, vetting, custody, stops and intelligence write, each with the errors of its kind."""
    staff = tenancies.join(persons.filter("staff").select("person"), on="person", how="semi")
    nominal = tenancies.join(persons.filter("nominal").select("person"), on="person", how="semi")
    written = [
        _hr(rng, staff),
        _earlier(rng, nominal),
        _on_a_day(rng, staff, VETTING, dwellings),
        _on_a_day(rng, nominal, CUSTODY, dwellings),
        _on_a_day(rng, nominal, STOPS, dwellings),
        _on_a_day(rng, nominal, INTELLIGENCE, dwellings),
    ]
    isstaff = persons.select("person", "staff")
    return pl.concat(written).join(isstaff, on="person")


@dataclass(frozen=True, slots=True)
class Source:
    """A system that writes the address of a day.

    `times` a person; `wrong` how often, `strangers` how often what is wrong is the home of strangers;
    `flat_lost`; `since_known` how often the start is known; `lasts` days it is taken to hold, None = open.
    """

    name: str
    times: float
    wrong: float
    strangers: float
    flat_lost: float
    since_known: float
    lasts: int | None


VETTING = Source("vetting", 1.0, 0.0, 0.0, 0.04, 0.5, None)
CUSTODY = Source("custody", 1.7, 0.12, 0.04, 0.15, 0.6, None)
STOPS = Source("stops", 0.5, 0.12, 0.04, 0.15, 0.0, 30)
INTELLIGENCE = Source("intelligence", 0.2, 0.40, 0.35, 0.20, 0.0, 200)


def _hr(rng: np.random.Generator, staff: pl.DataFrame) -> pl.DataFrame:
    """HR keeps each address with its dates; one move in seven is never told, a quarter are told late."""
    rows = staff.sort("person", "start")
    told = pl.Series(rng.random(rows.height) > 0.15) | pl.col("person").is_first_distinct()
    rows = rows.with_columns(told=told).filter("told")
    late = (rng.lognormal(3.6, 0.7, rows.height) * (rng.random(rows.height) < 0.25)).astype(np.int64)
    rows = rows.with_columns(start=pl.col("start") + pl.Series(late))
    last = pl.col("person") != pl.col("person").shift(-1).fill_null(-1)
    stale = last & ((pl.col("end") >= PERIOD) | pl.Series(rng.random(rows.height) < 0.15))
    return rows.select(
        record=pl.format("hr|{}", "person"),
        source=pl.lit("hr"),
        person="person",
        dwelling="dwelling",
        flatless=pl.Series(rng.random(rows.height) < 0.06),
        start="start",
        end=pl.when(stale).then(None).otherwise(pl.max_horizontal("end", "start")),
    )


def _earlier(rng: np.random.Generator, nominal: pl.DataFrame) -> pl.DataFrame:
    """Custody keeps half of the addresses a nominal has left, with dates: the next tenant is innocent."""
    rows = nominal.filter((pl.col("end") < PERIOD) & pl.Series(rng.random(nominal.height) < 0.5))
    return rows.select(
        record=pl.format("custody|{}-earlier", "person"),
        source=pl.lit("custody"),
        person="person",
        dwelling="dwelling",
        flatless=pl.Series(rng.random(rows.height) < 0.15),
        start="start",
        end="end",
    )


def _on_a_day(
    rng: np.random.Generator, tenancies: pl.DataFrame, source: Source, dwellings: int
) -> pl.DataFrame:
    """Return one record for each time that a person's address was asked for; some of them name another.

    Most wrong addresses are of no dwelling known here; one in twenty is an earlier one of theirs.
    """
    persons = tenancies["person"].unique().sort().to_numpy()
    times = rng.poisson(source.times - 1, len(persons)) + 1 if source.times >= 1 else (
        (rng.random(len(persons)) < source.times).astype(np.int64)
    )  # fmt: skip
    asked = np.repeat(persons, times)
    days = pl.DataFrame({"person": asked, "day": rng.integers(0, PERIOD, len(asked))}).with_row_index("n")
    rows = days.join(tenancies, on="person").filter(pl.col("day").is_between("start", "end", closed="left"))
    rows = rows.sort("n", "start", descending=[False, True]).unique("n", keep="first", maintain_order=True)
    number = rows.height
    wrong = pl.Series(rng.random(number) < source.wrong)
    earlier = tenancies.sort("person", "start").group_by("person", maintain_order=True).agg(
        pl.col("dwelling").first().alias("earlier")
    )  # fmt: skip
    rows = rows.join(earlier, on="person", maintain_order="left")
    lie = rng.random(number)
    anywhere = rng.integers(0, dwellings, number)
    other = pl.Series(np.where(lie < source.strangers, anywhere, dwellings + np.arange(number)))
    elsewhere = pl.when(pl.Series(lie > 0.95)).then("earlier").otherwise(other)
    known = pl.Series(rng.random(number) < source.since_known)
    rows = rows.with_columns(
        start=pl.when(known & ~wrong)
        .then(pl.col("start") + pl.Series(rng.integers(-20, 21, number)))
        .otherwise("day"),
        dwelling=pl.when(wrong).then(elsewhere).otherwise("dwelling"),
        noticed=pl.Series(rng.random(number) < 0.9) & (pl.col("end") < PERIOD) & ~wrong,
    )
    end = pl.when("noticed").then("end") if source.lasts is None else pl.col("day") + source.lasts
    return rows.select(
        record=pl.format(f"{source.name}|{{}}", "n"),
        source=pl.lit(source.name),
        person="person",
        dwelling="dwelling",
        flatless=pl.Series(rng.random(number) < source.flat_lost),
        start=pl.min_horizontal("start", "day"),
        end=end,
    )
