"""The linkage model: one frozen JSON document that decides, with nothing else, every match weight."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from math import exp2, log2
from typing import Any

_GRAIN = float(1 << 26)


def quantised(bits: float) -> float:
    """Return `bits` on a grid of 2⁻²⁶, so that sums are exact and do not depend on their order."""
    return round(bits * _GRAIN) / _GRAIN


def bits_of(probability: float) -> float:
    """Return the log2 odds of a probability in (0, 1)."""
    return log2(probability / (1.0 - probability))


def probability_of(bits: float) -> float:
    """Return the probability whose log2 odds are `bits`."""
    return 1.0 / (1.0 + exp2(-max(min(bits, 1000.0), -1000.0)))


@dataclass(frozen=True, slots=True)
class TrainedLevel:
    """A comparison level with its shares among matches (m) and among non-matches (u), both in (0, 1)."""

    id: str
    label: str
    m: float
    u: float

    @property
    def weight(self) -> float:
        """Return the match weight of the level in bits."""
        return quantised(log2(self.m / self.u))


@dataclass(frozen=True, slots=True)
class TermFrequencies:
    """How common the terms of one level are: shares of the records that have any.

    A term that is not listed has the share `rare`. `collision` is the chance that two records agree on a
    term, whichever it is.
    """

    collision: float
    rare: float
    shares: Mapping[str, float]

    def bits(self, term: str) -> float:
        """Return the bits that agreeing on this very term adds to the level's weight; negative if common."""
        return quantised(log2(self.collision / self.shares.get(term, self.rare)))


@dataclass(frozen=True, slots=True)
class TrainedComparison:
    """One use of a comparison on some columns of the features; `terms` is by level id."""

    name: str
    title: str
    comparison: str
    columns: tuple[str, ...]
    levels: tuple[TrainedLevel, ...]
    terms: Mapping[str, TermFrequencies] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrainedDependence:
    """Two comparisons, by name, that agree together among non-matches.

    `bits` (levels of the first × levels of the second) are added to a match weight where both compare
    something: negative where one fact would be counted twice.
    """

    first: str
    second: str
    bits: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class BlockingRule:
    """Records that agree on every part (`function:column`, see blocking.py) are candidates."""

    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the rule as people read it."""
        return " + ".join(self.parts)


@dataclass(frozen=True)
class LinkageModel:
    """A whole model. Thresholds are match probabilities; `prior` is that of two random records."""

    comparisons: tuple[TrainedComparison, ...]
    blocking: tuple[BlockingRule, ...]
    prior: float
    dependences: tuple[TrainedDependence, ...] = ()
    join: float = 0.95
    review: float = 0.50
    max_block: int = 200
    max_pairs: int = 100_000_000
    review_cluster: int = 25
    largest_cluster: int = 200
    trained_at: str = ""
    training_hash: str = ""
    training_records: int = 0

    @cached_property
    def id(self) -> str:
        """Return the version id: a hash of everything that decides."""
        return "m" + hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    @cached_property
    def prior_bits(self) -> float:
        """Return the prior in bits."""
        return quantised(bits_of(self.prior))

    @cached_property
    def join_bits(self) -> float:
        """Return the join threshold in bits."""
        return quantised(bits_of(self.join))

    @cached_property
    def review_bits(self) -> float:
        """Return the review threshold in bits."""
        return quantised(bits_of(self.review))

    def to_json(self) -> str:
        """Return the canonical JSON document of the model."""
        document = asdict(self)
        return json.dumps({"model": 1, **document}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> "LinkageModel":
        """Return the model of a JSON document. Raises: ValueError for another format or a wrong field."""
        document: dict[str, Any] = json.loads(text)
        if document.pop("model", None) != 1:
            raise ValueError("not a linkage model of format 1: its field `model` must be 1")
        try:
            return LinkageModel(
                comparisons=tuple(_comparison(row) for row in document.pop("comparisons")),
                dependences=tuple(_dependence(row) for row in document.pop("dependences", ())),
                blocking=tuple(BlockingRule(tuple(row["parts"])) for row in document.pop("blocking")),
                **document,
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"a linkage model with a missing or unknown field: {error}") from error


def _comparison(row: dict[str, Any]) -> TrainedComparison:
    return TrainedComparison(
        name=row["name"],
        title=row["title"],
        comparison=row["comparison"],
        columns=tuple(row["columns"]),
        levels=tuple(TrainedLevel(**level) for level in row["levels"]),
        terms={level: TermFrequencies(**table) for level, table in row["terms"].items()},
    )


def _dependence(row: dict[str, Any]) -> TrainedDependence:
    return TrainedDependence(row["first"], row["second"], tuple(tuple(bits) for bits in row["bits"]))


@cache
def default_model() -> LinkageModel:
    """Return the model for staff records that ships with Kith."""
    return LinkageModel.from_json(files("resolvers").joinpath("models/default.json").read_text("utf-8"))
