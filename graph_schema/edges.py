"""Arrow batches of links, for work on whole populations."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import pyarrow as pa

BATCH = 10_000
_TEXTS = ("id", "type", "start", "end", "valid_from", "valid_to")
_SCHEMA = pa.schema([*((name, pa.string()) for name in _TEXTS), ("sources", pa.list_(pa.string()))])


def edge_batches(rows: Iterable[Sequence[object]]) -> Iterator[pa.RecordBatch]:
    """Yield record batches (id, type, start, end, valid_from, valid_to, sources), in the order given.

    At most `BATCH` rows each; without a date null, without sources an empty list.
    """
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        yield pa.record_batch([list(column) for column in zip(*batch, strict=True)], schema=_SCHEMA)
