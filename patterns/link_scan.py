"""The link score over everybody at once, in columns: the same bits as `link_score`, pair by pair."""

from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from patterns.link_score import POPULATION, SHARING, reliability

HOLDINGS: dict[str, pl.DataType] = {
    "person": pl.String(),
    "staff": pl.Boolean(),
    "label": pl.String(),
    "thing": pl.String(),
    "building": pl.String(),
    "start": pl.Int32(),
    "end": pl.Int32(),
    "source": pl.String(),
}
"""One statement a row; `start`/`end` are day ordinals, null start = unknown, null end = open.

`building` is set for the flats of a building, and for its address without a flat, to the latter's thing: its
residents are all of the building's. Null otherwise.
"""

_EVER, _NEVER = -10_000_000, 10_000_000
_SPAN = 2 * _NEVER + 2

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def score_links(holdings: pl.DataFrame, *, max_holders: int = 200, each_source: bool = False) -> pl.DataFrame:
    """Return each pair of a member of staff and anybody at one thing: left, right, thing, label, bits, …

    Also reliability, rho (with the time in it), overlap_days (null = unknown, or open where `open`),
    gap_days, from and until (day ordinals of the shared time, null = unbounded), occupancy, holders (at any
    time), right_staff, source (of the right one). One row a pair and thing, or with `each_source` one a
    source too, its best statements; `left` is staff, the smaller id where both are. Sorted by left, right and
    thing. Things with more than `max_holders` people give no pairs.
    """
    said = _settled(holdings.select([pl.col(name).cast(type_) for name, type_ in HOLDINGS.items()]))
    said = said.with_columns(pl.col("person").n_unique().over("thing").alias("holders"))
    shared = said.filter(pl.col("holders").is_between(2, max_holders) & pl.col("staff").any().over("thing"))
    things = shared.select("thing").unique().sort("thing").with_row_index("place")
    pairs = _pairs(shared).join(things, on="thing")
    crowd = _Crowd.of(_present(said, things), things.height + 1)  # one more, so that there is one
    scored = pairs.with_columns(**_scores(pairs, crowd))
    best = scored.sort(
        *("left", "right", "thing", "bits", "overlap_days", "from", "source"),
        descending=[False, False, False, True, True, False, False],
        nulls_last=True,
    ).unique(
        ["left", "right", "thing", *(["source"] if each_source else [])], keep="first", maintain_order=True
    )
    return best.select(
        *("left", "right", "thing", "label", "bits", "reliability", "overlap_days", "gap_days", "occupancy"),
        *("holders", "open", "rho", "source"),
        pl.col("staff_right").alias("right_staff"),
        pl.when(pl.col("from") > _EVER).then("from").alias("from"),
        pl.when(pl.col("until") < _NEVER).then("until").alias("until"),
    )


def by_thing(links: pl.DataFrame) -> pl.DataFrame:
    """Return one row a pair and thing: its best link, and `origins`, the sources by which they were together.

    `links` are those of `score_links` with `each_source`; an origin is a source of the right one, sorted.
    """
    together = (pl.col("gap_days") == 0) & (pl.col("overlap_days").is_null() | (pl.col("overlap_days") > 0))
    own = ["left", "right", "thing"]
    origins = links.group_by(own).agg(pl.col("source").filter(together).unique().sort().alias("origins"))
    best = links.sort(
        *own, "bits", "overlap_days", "source", descending=[False, False, False, True, True, False],
        nulls_last=True,
    ).unique(own, keep="first", maintain_order=True)  # fmt: skip
    return best.drop("source").join(origins, on=own, how="left", maintain_order="left")


def succeeded(holdings: pl.DataFrame) -> pl.DataFrame:
    """Return the statements of homes, an end that is not said closed by the next home a source tells of.

    A person has one home at a time, or two for a while: a stale home in a personnel file ends where vetting
    or custody later has another. Other kinds of thing, and statements without a start, stay as they are.
    """
    rows = holdings.with_row_index("row")
    homes = rows.filter((pl.col("label") == "Address") & pl.col("start").is_not_null())
    homes = homes.sort("person", "start", "thing", "row").with_columns(
        run=pl.struct("person", "thing").rle_id()
    )
    starts = homes.group_by("run").agg(pl.col("person").first(), pl.col("start").min().alias("next"))
    following = starts.with_columns(run=pl.col("run") - 1)
    closed = homes.join(following, on=["run", "person"]).select("row", "next", "start")
    closed = closed.filter(pl.col("next") > pl.col("start")).drop("start")
    rows = rows.join(closed, on="row", how="left", maintain_order="left")
    return rows.with_columns(end=pl.coalesce("end", "next")).drop("row", "next")


def pair_bits(links: pl.DataFrame) -> pl.DataFrame:
    """Return left, right and the bits of all that links them: each thing once, each source's word once.

    `links` are those of `score_links` with `each_source`. Sources that agree on one thing make it surer: that
    at least one of them holds has the probability 1 - Π(1 - ρ).
    """
    strongest = links.sort("bits", "thing", descending=[True, False])
    once = strongest.unique(["left", "right", "source", "label"], keep="first", maintain_order=True)
    things = once.group_by("left", "right", "thing").agg(
        odds=((pl.col("bits") * log(2)).exp() - 1).max(),
        best=pl.col("rho").sort_by("bits").last(),
        surer=1 - (1 - pl.col("rho")).product(),
        source=pl.col("source").sort_by("bits").last(),
    )
    things = things.with_columns(bits=(1 + pl.col("odds") * pl.col("surer") / pl.col("best")).log(2))
    heard = things.sort("bits", "thing", descending=[True, False])
    heard = heard.unique(["left", "right", "source"], keep="first", maintain_order=True)
    return heard.group_by("left", "right").agg(pl.col("bits").sum()).sort("left", "right")


def _settled(said: pl.DataFrame) -> pl.DataFrame:
    """Return the statements, an end that is not said closed by one that is, as `shared_things.settled`."""
    own = ["person", "thing"]
    ended = pl.col("start").is_not_null() & pl.col("end").is_not_null()
    last = pl.when(ended).then("end").max().over(own)
    starts = pl.when(ended).then("start").min().over(own)
    closes = pl.col("end").is_null() & last.is_not_null() & (last > pl.col("start").fill_null(_EVER))
    return said.with_columns(
        pl.when(closes & pl.col("start").is_null()).then(starts).otherwise("start").alias("start"),
        pl.when(closes).then(last).otherwise("end").alias("end"),
    )


def _pairs(shared: pl.DataFrame) -> pl.DataFrame:
    """Return each pair of statements of one thing: left, right and both sides' dates and sources."""
    said_by = shared["source"].unique().sort().to_list()
    trust = pl.DataFrame(
        {"source": said_by, "trust": [reliability(source) for source in said_by]},
        schema={"source": pl.String, "trust": pl.Float64},
    )
    columns = ["thing", "label", "person", "staff", "start", "end", "source", "trust", "holders"]
    right = shared.join(trust, on="source").select(columns)
    pairs = right.filter("staff").join(right, on="thing", suffix="_right")
    pairs = pairs.filter(
        (pl.col("person") != pl.col("person_right"))
        & (~pl.col("staff_right") | (pl.col("person") < pl.col("person_right")))
    )
    names = {"person": "left", "person_right": "right", "source": "source_left", "source_right": "source"}
    return pairs.rename(names).with_columns(reliability=pl.col("trust") * pl.col("trust_right"))


def _present(said: pl.DataFrame, things: pl.DataFrame) -> pl.DataFrame:
    """Return place, start, end: when each person was at each thing, overlapping statements as one.

    At an address without its flat are all the residents of the building.
    """
    flatless = said.filter(pl.col("building") == pl.col("thing")).select("thing").unique()
    lifted = said.filter(pl.col("building") != pl.col("thing")).with_columns(thing=pl.col("building"))
    everyone = pl.concat([said, lifted.join(flatless, on="thing", how="semi")]).join(things, on="thing")
    spans = everyone.select(
        "place", "person", pl.col("start").fill_null(_EVER), pl.col("end").fill_null(_NEVER)
    ).filter(pl.col("start") < pl.col("end"))
    own = ["place", "person"]
    spans = spans.sort(*own, "start", "end")
    before = pl.col("end").cum_max().shift(1).over(own)
    spans = spans.with_columns(run=(before.is_null() | (pl.col("start") > before)).cum_sum())
    return spans.group_by("run").agg(pl.col("place").first(), pl.col("start").min(), pl.col("end").max())


@dataclass(frozen=True, slots=True)
class _Crowd:
    """How many people are at each thing from each change on: sorted keys (place, time), maxima over runs."""

    keys: Ints
    maxima: tuple[Ints, ...]
    """`maxima[k][i]` is the largest number over the 2^k changes from the i-th on."""

    @classmethod
    def of(cls, spans: pl.DataFrame, places: int) -> "_Crowd":
        place = spans["place"].cast(pl.Int64).to_numpy()
        times = np.concatenate(
            [spans["start"].to_numpy(), spans["end"].to_numpy(), np.full(places, _EVER - 1)]
        )
        where = np.concatenate([place, place, np.arange(places, dtype=np.int64)])
        change = np.concatenate([np.ones(len(place)), -np.ones(len(place)), np.zeros(places)]).astype(
            np.int64
        )
        keys = _key(where, times)
        order = np.argsort(keys, kind="stable")
        keys, present = keys[order], np.cumsum(change[order])
        last = np.append(keys[1:] != keys[:-1], True)
        keys, level = keys[last], present[last]
        maxima = [level]
        longest = int(np.bincount(keys // _SPAN).max(initial=1))
        while 2 ** len(maxima) <= longest:
            half = 2 ** (len(maxima) - 1)
            shorter = maxima[-1]
            maxima.append(np.maximum(shorter, np.append(shorter[half:], np.repeat(shorter[-1:], half))))
        return cls(keys, tuple(maxima))

    def most(self, place: Ints, start: Ints, end: Ints) -> Ints:
        """Return the largest number present at one time in each window [start, end), at least 2."""
        first = np.searchsorted(self.keys, _key(place, start), side="right") - 1
        after = np.maximum(np.searchsorted(self.keys, _key(place, end), side="left"), first + 1)
        size = np.floor(np.log2(after - first)).astype(np.int64)
        most = np.empty(len(first), dtype=np.int64)
        for power, level in enumerate(self.maxima):
            here = size == power
            most[here] = np.maximum(level[first[here]], level[after[here] - 2**power])
        return np.maximum(np.where(start < end, most, 2), 2)


def _key(place: Ints, time: Ints) -> Ints:
    return place.astype(np.int64) * _SPAN + (time.astype(np.int64) - _EVER + 1)


def _scores(pairs: pl.DataFrame, crowd: _Crowd) -> dict[str, Any]:
    columns = {
        name: pairs[name].fill_null(missing).cast(pl.Int64).to_numpy()
        for name, missing in (
            ("start", _EVER),
            ("start_right", _EVER),
            ("end", _NEVER),
            ("end_right", _NEVER),
        )
    }
    start = np.maximum(columns["start"], columns["start_right"])
    end = np.minimum(columns["end"], columns["end_right"])
    gap = np.maximum(start - end, 0)
    days = np.maximum(end - start, 0)
    unknown = (pairs["start"].is_null() | pairs["start_right"].is_null()).to_numpy() & (days > 0)
    still = (end >= _NEVER) & ~unknown
    others = crowd.most(pairs["place"].cast(pl.Int64).to_numpy(), start, end) - 1
    bits, rho = np.zeros(pairs.height), np.zeros(pairs.height)
    for label in pairs["label"].unique().to_list():
        here, kind = (pairs["label"] == label).to_numpy(), SHARING[label]
        ramp = 1.0 if kind.ramp == 0 else 0.5 + 0.5 * np.minimum(1.0, days / kind.ramp)
        touch = np.where(still, 1.0, np.where(unknown, 0.5, ramp))
        touch = np.where(gap > 0, 0.25 * np.exp(-gap / kind.decay), touch)
        rho[here] = (pairs["reliability"].to_numpy() * touch)[here]
        household = np.minimum(1.0, kind.household / others)
        bits[here] = np.log2(1 + rho * POPULATION / others * household)[here]
    known = pl.Series(days, dtype=pl.Int64)
    return {
        "bits": bits,
        "rho": rho,
        "overlap_days": pl.select(
            pl.when(pl.Series(still | unknown)).then(None).otherwise(known)
        ).to_series(),
        "gap_days": gap,
        "occupancy": others + 1,
        "from": start,
        "until": end,
        "open": still,
    }
