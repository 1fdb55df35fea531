"""The words every room shares: record key, record, judgement, edge, cluster."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Scalar = str | int | float | bool
"""A canonical attribute part: dates are ISO text."""

Attributes = Mapping[str, tuple[Mapping[str, Scalar], ...]]
"""Attribute name → its values, each a flat mapping of parts (`{"value": …}` for one-part attributes)."""


@dataclass(frozen=True, slots=True, order=True)
class RecordKey:
    """Name a record as its source does; order is by source, then source id."""

    source: str
    source_id: str

    def __str__(self) -> str:
        return f"{self.source}|{self.source_id}"


@dataclass(frozen=True, slots=True)
class Record:
    """What one source said of one person, in canonical form."""

    key: RecordKey
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Edge:
    """A scored pair of record numbers (left < right); weight in bits, prior included."""

    left: int
    right: int
    weight: float


def partition_digest(clusters: Iterable[Iterable[RecordKey]]) -> str:
    """Return the SHA-256 (hex) of a partition: sorted clusters of sorted `source|source_id`.

    The same for every order, batch split and path by which the partition came about.
    """
    lines = sorted("\x1f".join(sorted(str(key) for key in cluster)) for cluster in clusters)
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()
