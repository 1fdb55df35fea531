"""Resolution state in memory: what `kith link` runs on, and what other states must equal."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from resolvers.domain import Edge, RecordKey
from resolvers.features import Features


@dataclass(frozen=True, slots=True)
class _Live:
    key: RecordKey
    features: Features
    blocking_keys: tuple[int, ...]


class MemoryState:
    """A `ResolutionState` of dictionaries; judgements are put with `judge`."""

    def __init__(self) -> None:
        self._live: dict[int, _Live] = {}
        self._members: dict[int, set[int]] = {}
        self._edges: dict[int, dict[int, float]] = {}
        self._judgements: dict[int, dict[int, bool]] = {}
        self._redo: set[int] = set()

    def put_records(self, rows: Iterable[tuple[int, RecordKey, Features, Collection[int]]]) -> None:
        """Insert or replace live records."""
        for number, key, features, blocking_keys in rows:
            self._leave_blocks(number)
            self._live[number] = _Live(key, features, tuple(blocking_keys))
            for blocking_key in blocking_keys:
                members = self._members.get(blocking_key)
                if members is None:
                    self._members[blocking_key] = {number}
                else:
                    members.add(number)

    def delete_records(self, numbers: Collection[int]) -> None:
        """Remove records with their features, blocking keys and edges."""
        for number in numbers:
            self._leave_blocks(number)
            self._live.pop(number, None)
            for other in self._edges.pop(number, {}):
                self._edges[other].pop(number, None)

    def _leave_blocks(self, number: int) -> None:
        if number not in self._live:
            return
        for blocking_key in self._live[number].blocking_keys:
            members = self._members[blocking_key]
            members.discard(number)
            if not members:
                del self._members[blocking_key]

    def live(self) -> Mapping[int, RecordKey]:
        """Return number and key of every live record."""
        return {number: row.key for number, row in self._live.items()}

    def record_keys(self, numbers: Collection[int]) -> Mapping[int, RecordKey]:
        """Return the record key of each live record among `numbers`."""
        return {number: self._live[number].key for number in numbers if number in self._live}

    def features(self, numbers: Collection[int]) -> Mapping[int, Features]:
        """Return the features of each live record among `numbers`."""
        return {number: self._live[number].features for number in numbers if number in self._live}

    def blocking_keys(self, numbers: Collection[int]) -> Mapping[int, Collection[int]]:
        """Return the blocking keys of each live record among `numbers`."""
        return {number: self._live[number].blocking_keys for number in numbers if number in self._live}

    def block_sizes(self, keys: Collection[int]) -> Mapping[int, int]:
        """Return the live membership of each key (0 where none)."""
        return {key: len(self._members.get(key, ())) for key in keys}

    def block_members(self, keys: Collection[int], limit: int) -> Mapping[int, Sequence[int]]:
        """Return the member numbers of each key whose live membership is at most `limit`."""
        found = {}
        for key in keys:
            members = self._members.get(key)
            if members is not None and len(members) <= limit:
                found[key] = sorted(members)
        return found

    def edges(self, numbers: Collection[int]) -> Collection[Edge]:
        """Return every stored edge with an end among `numbers`."""
        wanted = set(numbers)
        return [
            Edge(min(number, other), max(number, other), weight)
            for number in wanted
            for other, weight in self._edges.get(number, {}).items()
            if other not in wanted or number < other
        ]

    def put_edges(self, edges: Iterable[Edge]) -> None:
        """Insert or replace edges."""
        for edge in edges:
            self._edges.setdefault(edge.left, {})[edge.right] = edge.weight
            self._edges.setdefault(edge.right, {})[edge.left] = edge.weight

    def delete_edges(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Remove edges by (left, right), left < right."""
        for left, right in pairs:
            self._edges.get(left, {}).pop(right, None)
            self._edges.get(right, {}).pop(left, None)

    def judge(self, left: int, right: int, same: bool | None) -> None:
        """Put a judgement in force between two records, live or not; `None` takes it back."""
        for a, b in ((left, right), (right, left)):
            self._judgements.setdefault(a, {}).pop(b, None)
            if same is not None:
                self._judgements[a][b] = same

    def judgements(self, numbers: Collection[int]) -> Collection[tuple[int, int, bool]]:
        """Return judgements in force between live records, an end among `numbers`: (left, right, same)."""
        wanted = {number for number in numbers if number in self._live}
        return [
            (min(number, other), max(number, other), same)
            for number in wanted
            for other, same in self._judgements.get(number, {}).items()
            if other in self._live and (other not in wanted or number < other)
        ]

    def enqueue_redo(self, keys: Iterable[int]) -> None:
        """Remember keys whose live membership crossed `max_block`, either way."""
        self._redo.update(keys)

    def take_redo(self, limit: int) -> Sequence[int]:
        """Remove and return up to `limit` keys of the redo queue, smallest first."""
        taken = sorted(self._redo)[:limit]
        self._redo.difference_update(taken)
        return taken

    def redo_length(self) -> int:
        """Return how many keys wait in the redo queue."""
        return len(self._redo)
