"""Arrow batches of links, for work on whole populations."""

from collections.abc import Iterable, Iterator
from itertools import islice

import pyarrow as pa

BATCH = 10_000
_SCHEMA = pa.schema([(name, pa.string()) for name in ("id", "type", "start", "end")])


def edge_batches(rows: Iterable[tuple[str, str, str, str]]) -> Iterator[pa.RecordBatch]:
    """Yield record batches (id, type, start, end) of at most `BATCH` rows, in the order given."""
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        yield pa.record_batch([list(column) for column in zip(*batch, strict=True)], schema=_SCHEMA)
