"""The contract between incremental resolution and whoever keeps its state (a ledger, or memory)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from resolvers.domain import Edge, RecordKey
from resolvers.features import Features


class ResolutionState(Protocol):
    """Features, blocking keys, edges and judgements of the live records; one unit of work, one caller.

    Records are named by record number (int > 0, arrival order: never a tie-breaker); ties go by record
    key. A blocking key is a 64-bit signed integer. Methods take and give many at once so that bulk is fast.
    """

    def put_records(self, rows: Iterable[tuple[int, RecordKey, Features, Collection[int]]]) -> None:
        """Insert or replace live records: (number, key, features, blocking keys)."""

    def delete_records(self, numbers: Collection[int]) -> None:
        """Remove records with their features, blocking keys and edges."""

    def record_keys(self, numbers: Collection[int]) -> Mapping[int, RecordKey]:
        """Return the record key of each live record among `numbers`."""

    def features(self, numbers: Collection[int]) -> Mapping[int, Features]:
        """Return the features of each live record among `numbers`."""

    def blocking_keys(self, numbers: Collection[int]) -> Mapping[int, Collection[int]]:
        """Return the blocking keys of each live record among `numbers`."""

    def block_sizes(self, keys: Collection[int]) -> Mapping[int, int]:
        """Return the live membership of each key (0 where none)."""

    def block_members(self, keys: Collection[int], limit: int) -> Mapping[int, Sequence[int]]:
        """Return the member numbers of each key whose live membership is at most `limit`."""

    def edges(self, numbers: Collection[int]) -> Collection[Edge]:
        """Return every stored edge with an end among `numbers`."""

    def put_edges(self, edges: Iterable[Edge]) -> None:
        """Insert or replace edges."""

    def delete_edges(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Remove edges by (left, right), left < right."""

    def judgements(self, numbers: Collection[int]) -> Collection[tuple[int, int, bool]]:
        """Return judgements in force between live records, an end among `numbers`: (left, right, same)."""

    def enqueue_redo(self, keys: Iterable[int]) -> None:
        """Remember keys whose live membership crossed `max_block`, either way."""

    def take_redo(self, limit: int) -> Sequence[int]:
        """Remove and return up to `limit` keys of the redo queue, smallest first."""

    def redo_length(self) -> int:
        """Return how many keys wait in the redo queue."""
