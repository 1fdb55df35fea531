"""Undeclared shared homes at the size of a force: how well links by address rank, by score and by identities.

    python benchmarks/links.py [--staff 45000] [--seed 7] [--resolve] [--calibrate FILE]

`--resolve` also measures on Kith's own identities: it writes names, births and phones for the records of the
same world, resolves them, and ranks again (minutes). A score below its floor makes the exit code 1. The
probabilities that the pattern shows are checked on the same world; `--calibrate` first counts them anew on
worlds of other seeds.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from link_identities import resolved

from app.synthetic.homes import LEAST, Homes, live_somewhere
from patterns.calibration import Calibration, calibration_error, fit, shipped, to_json
from patterns.catalogue.shared_home import PATTERN
from patterns.link_scan import by_thing, pair_bits, score_links, succeeded

FLOORS = {"true identities": 0.85, "Kith's identities": 0.80}
HARD = {"idf": (500, 0.15), "idf x overlap": (None, 0.75)}
"""The world must be hard enough: IDF's precision among its first 500, the AP of IDF × overlap."""
SECONDS = 5.0
"""Of CPU, over all threads: on an idle machine it takes less by the clock."""
ERROR = 0.03
"""The most that shown probabilities may be off, on average over ten bins."""
CALIBRATED_ON = (11, 12, 13)
"""Seeds of the worlds that probabilities are counted on; never one that they are checked on."""


def figures(pairs: pl.DataFrame, score: pl.Expr, truth: pl.DataFrame) -> dict[str, float]:
    """Return precision at 100, 500 and 1,000, average precision, and recall among the first 2,000.

    Pairs of one score stand in no order: each counts as the share of hits among them.
    """
    best = pairs.group_by("left", "right").agg(score.max().round(6).alias("score"))
    marked = best.join(truth.with_columns(hit=True), on=["left", "right"], how="left")
    groups = marked.group_by("score").agg(pl.len().alias("pairs"), pl.col("hit").sum().alias("hits"))
    groups = groups.sort("score", descending=True)
    number, hits = groups["pairs"].cum_sum().to_numpy(), groups["hits"].cum_sum().to_numpy()
    rank = np.arange(1, int(number[-1]) + 1)
    seen = np.interp(rank, np.insert(number, 0, 0), np.insert(hits, 0, 0))
    precision = hits / number
    at = {f"P@{n}": float(seen[min(n, len(seen)) - 1] / n) for n in (100, 500, 1000)}
    average = float((np.diff(hits, prepend=0) * precision).sum() / truth.height)
    return {**at, "AP": average, "R@2000": float(seen[:2000][-1] / truth.height)}


def table(name: str, holdings: pl.DataFrame, ties: pl.DataFrame) -> Mapping[str, dict[str, float]]:
    """Print and return the figures of the score and its baselines; declared ties are context, not raised."""
    started, cpu = time.perf_counter(), time.process_time()
    links = score_links(succeeded(holdings), each_source=True)
    whole = pair_bits(links)
    spent, cpu = time.perf_counter() - started, time.process_time() - cpu
    plain = asked_about(score_links(holdings), holdings, ties)
    sought = ties.filter(~pl.col("declared") & (pl.col("days") >= LEAST)).select("left", "right")
    truth = sought.join(plain.select("left", "right").unique(), on=["left", "right"], how="semi")
    held = holdings.group_by("thing").agg(pl.col("person").n_unique().alias("holders"))
    plain = plain.join(held, on="thing")
    idf = (holdings["person"].n_unique() / pl.col("holders")).log()
    overlap = pl.col("overlap_days").fill_null(90).clip(0, 90) / 90 * (pl.col("gap_days") == 0)
    baselines = {
        "shared at all": pl.lit(1.0),
        "1/(n-1)": 1 / (pl.col("holders") - 1),
        "idf": idf,
        "idf x overlap": idf * overlap,
    }
    found = {key: figures(plain, score, truth) for key, score in baselines.items()}
    for key, pairs in (("best link", links), ("link score", whole)):
        found[key] = figures(asked_about(pairs, holdings, ties), pl.col("bits"), truth)
    shown = plain.select("left", "right").n_unique()
    print(f"\n{name}: {shown:,} sharing pairs, {sought.height:,} undeclared homes of {LEAST} days or more,")
    print(f"{truth.height:,} of them in the records at all; join and score {spent:.1f} s ({cpu:.1f} CPU-s)")
    for key, row in found.items():
        print(f"  {key:14}", "  ".join(f"{column} {value:.3f}" for column, value in row.items()))
    return {**found, "seconds": {"CPU": cpu}}


def asked_about(pairs: pl.DataFrame, holdings: pl.DataFrame, ties: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of staff and nominal that did not declare themselves."""
    nominal = holdings.filter(~pl.col("staff")).select(right="person").unique()
    declared = ties.filter("declared").select("left", "right")
    return pairs.join(nominal, on="right", how="semi").join(declared, on=["left", "right"], how="anti")


def raised(holdings: pl.DataFrame, ties: pl.DataFrame) -> pl.DataFrame:
    """Return left, right, bits and truth of the pairs that `shared_home` would raise.

    Its rules on homes, said over columns; true are those who lived together for so many days.
    """
    set_to = {one.name: one.default for one in PATTERN.parameters}
    links = score_links(succeeded(holdings), max_holders=int(set_to["max_holders"]), each_source=True)
    flats = holdings.filter(pl.col("thing") != pl.col("building")).group_by("building").agg(
        pl.col("thing").n_unique().alias("flats")
    )  # fmt: skip
    homes = by_thing(asked_about(links, holdings, ties)).join(
        flats, left_on="thing", right_on="building", how="left"
    )
    stayed = pl.col("overlap_days").fill_null(set_to["min_overlap"]) >= set_to["min_overlap"]
    kept = homes.filter(
        (pl.col("gap_days") == 0)
        & (stayed | (pl.col("origins").list.len() > 1))
        & (pl.col("occupancy") < set_to["widely_held"])
        & (pl.col("flats").fill_null(0) < 2)
    )
    pairs = pair_bits(links.join(kept, on=["left", "right", "thing"], how="semi"))
    true = ties.filter(pl.col("days") >= LEAST).select("left", "right", truth=True)
    pairs = pairs.filter(pl.col("bits") >= set_to["min_bits"]).join(true, on=["left", "right"], how="left")
    return pairs.with_columns(pl.col("truth").fill_null(value=False))


def calibrated(staff: int, checked: pl.DataFrame) -> Calibration:
    """Return probabilities counted on worlds of `CALIBRATED_ON`, with their error on another."""
    worlds = [live_somewhere(staff, seed) for seed in CALIBRATED_ON]
    pairs = pl.concat([raised(homes.holdings(), texts(homes.ties)) for homes in worlds])
    said = (
        f"{len(worlds)} synthetic forces of {staff:,} staff with known answers: lived together {LEAST} days"
    )
    found = Calibration(fit(pairs["bits"], pairs["truth"]), said, pairs.height, 0.0)
    error = calibration_error(found.probabilities(checked["bits"]), checked["truth"])
    return replace(found, error=round(error, 4))


def reliability_table(found: Calibration, pairs: pl.DataFrame) -> float:
    """Print how often pairs were true beside the probability shown of them; return the error."""
    chance = found.probabilities(pairs["bits"])
    error = calibration_error(chance, pairs["truth"])
    shown = pairs.with_columns(chance=chance, tenth=(pl.Series(chance) * 10).floor().clip(0, 9))
    print(f"\nprobabilities of shared_home, counted on {found.source};")
    print(f"checked on {pairs.height:,} pairs it would raise here, error {error:.4f}")
    for _, rows in shown.sort("tenth").group_by("tenth", maintain_order=True):
        print(f"  {rows.height:6,} pairs  shown {rows['chance'].mean():.3f}  true {rows['truth'].mean():.3f}")
    return error


def texts(ties: pl.DataFrame) -> pl.DataFrame:
    """Return ties whose persons are named as in the holdings."""
    return ties.with_columns(pl.col("left", "right").cast(pl.String))


def with_identities(homes: Homes, identities: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the holdings and the ties of a world by resolved identities.

    A true person is the entity of most of its records; an entity is staff where a record of it is.
    """
    statements = homes.statements.join(identities, on="record")
    counted = (
        statements.group_by("person", "entity")
        .len()
        .sort("person", "len", "entity", descending=[False, True, False])
    )
    entity_of = counted.unique("person", keep="first", maintain_order=True).select("person", "entity")
    ties = homes.ties
    for side in ("left", "right"):
        ties = ties.join(entity_of, left_on=side, right_on="person", how="left").with_columns(
            pl.col("entity").fill_null(pl.format("lost{}", side)).alias(side)
        ).drop("entity")  # fmt: skip
    own = homes.holdings().with_columns(person=statements.sort("record", "dwelling", "start")["entity"])
    return own.with_columns(staff=pl.col("staff").any().over("person")), ties


def main() -> int:
    """Measure, print, and return 1 where a floor is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--staff", type=int, default=45_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--resolve", action="store_true")
    parser.add_argument("--calibrate", type=Path, help="write the probabilities here")
    asked = parser.parse_args()
    homes = live_somewhere(asked.staff, asked.seed)
    ties = texts(homes.ties)
    print(f"{asked.staff:,} staff, seed {asked.seed}: {homes.statements.height:,} statements of addresses")
    found = table("true identities", homes.holdings(), ties)
    failed = [
        name for name, (first, most) in HARD.items() if found[name][f"P@{first}" if first else "AP"] > most
    ]
    failed += ["true identities"] if found["link score"]["AP"] < FLOORS["true identities"] else []
    pairs = raised(homes.holdings(), ties)
    probabilities = calibrated(asked.staff, pairs) if asked.calibrate else shipped(PATTERN.id)
    if asked.calibrate:
        asked.calibrate.write_text(to_json(probabilities), "utf-8")
    failed += ["probabilities"] if reliability_table(probabilities, pairs) > ERROR else []
    if asked.resolve:
        found_by = time.process_time()
        identities = resolved(homes, asked.seed)
        print(f"\nresolved {identities.height:,} records in {time.process_time() - found_by:.0f} CPU-s")
        own, truth = with_identities(homes, identities)
        ranked = table("Kith's identities", own, truth)
        failed += ["Kith's identities"] if ranked["link score"]["AP"] < FLOORS["Kith's identities"] else []
    failed += ["seconds"] if found["seconds"]["CPU"] > SECONDS else []
    for name in failed:
        print(f"MISSED: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
