"""The state of incremental resolution, in ledger tables: shared by all processes."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ledger.ledgers.sqlite.judgements import judged
from ledger.ledgers.sqlite.transaction import Transaction, chunks
from resolvers.blocking import identifier_keys
from resolvers.domain import Edge, RecordKey
from resolvers.features import Features

_AT_ONCE = 50_000
_AMONG = "IN (SELECT value FROM carray(?1))"


class SqliteResolution:
    """`ResolutionState` of the live records; a record's keys beside its features are the reverse index.

    A record is posted under its blocking keys and under its identifiers, so that a search by identifier reads
    few records whatever the model blocks on. It is live here from `put_records` to `delete_records`, so that
    what a tombstone leaves behind (edges, judgements) is still seen while it is being taken out.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def put_records(self, rows: Iterable[tuple[int, RecordKey, Features, Collection[int]]]) -> None:
        """Insert or replace live records; their keys are in the record table already."""
        for chunk in chunks(rows, _AT_ONCE):
            new = {number: (features, frozenset(keys)) for number, _, features, keys in chunk}
            posted = {number: keys | identifier_keys(features) for number, (features, keys) in new.items()}
            self._move_postings(self.posted_keys(new.keys()), posted)
            self._tx.run_many(
                "INSERT INTO feature (number, body, keys) VALUES (?, ?, ?)"
                " ON CONFLICT (number) DO UPDATE SET body = excluded.body, keys = excluded.keys",
                (
                    (number, features.to_json(), array("q", sorted(keys)).tobytes())
                    for number, (features, keys) in sorted(new.items())
                ),
            )

    def delete_records(self, numbers: Collection[int]) -> None:
        """Remove records with their features, blocking keys and edges."""
        self._move_postings(self.posted_keys(numbers), {})
        self._tx.run_in(f"DELETE FROM feature WHERE number {_AMONG}", numbers)
        self._tx.run_in(f"DELETE FROM edge WHERE left_record {_AMONG}", numbers)
        self._tx.run_in(f"DELETE FROM edge WHERE right_record {_AMONG}", numbers)

    def clear(self) -> None:
        """Forget everything that resolution made of the records, to make it again."""
        for table in ("posting", "block", "edge", "redo", "feature"):
            self._tx.run(f"DELETE FROM {table}")

    def record_keys(self, numbers: Collection[int]) -> Mapping[int, RecordKey]:
        """Return the record key of each live record among `numbers`."""
        sql = (
            f"SELECT number, source, source_id FROM feature JOIN record USING (number) WHERE number {_AMONG}"
        )
        return {
            number: RecordKey(source, source_id)
            for number, source, source_id in self._tx.rows_in(sql, numbers)
        }

    def features(self, numbers: Collection[int]) -> Mapping[int, Features]:
        """Return the features of each live record among `numbers`."""
        sql = f"SELECT number, body FROM feature WHERE number {_AMONG}"
        return {number: Features.from_json(body) for number, body in self._tx.rows_in(sql, numbers)}

    def blocking_keys(self, numbers: Collection[int]) -> Mapping[int, Collection[int]]:
        """Return the blocking keys of each live record among `numbers`, ascending."""
        sql = f"SELECT number, keys FROM feature WHERE number {_AMONG}"
        return {number: array("q", keys).tolist() for number, keys in self._tx.rows_in(sql, numbers)}

    def posted_keys(self, numbers: Collection[int]) -> Mapping[int, frozenset[int]]:
        """Return what each live record among `numbers` is posted under: its blocking keys and identifiers."""
        sql = f"SELECT number, body, keys FROM feature WHERE number {_AMONG}"
        return {
            number: identifier_keys(Features.from_json(body)).union(array("q", keys))
            for number, body, keys in self._tx.rows_in(sql, numbers)
        }

    def block_sizes(self, keys: Collection[int]) -> Mapping[int, int]:
        """Return the live membership of each key (0 where none)."""
        sizes: dict[int, int] = dict.fromkeys(keys, 0)
        sizes.update(self._tx.rows_in(f"SELECT key, size FROM block WHERE key {_AMONG}", keys))
        return sizes

    def block_members(self, keys: Collection[int], limit: int) -> Mapping[int, Sequence[int]]:
        """Return the members (ascending) of each key whose live membership is at most `limit`."""
        sql = (
            "SELECT p.key, p.number FROM block b JOIN posting p ON p.key = b.key"
            f" WHERE b.key {_AMONG} AND b.size <= ?2 ORDER BY p.key, p.number"
        )
        members: defaultdict[int, list[int]] = defaultdict(list)
        for key, number in self._tx.rows_in(sql, keys, limit):
            members[key].append(number)
        return dict(members)

    def identified(self, features: Features, limit: int) -> Sequence[int]:
        """Return live records that may share an identifier with `features`, ascending, at most `limit`."""
        sql = f"SELECT DISTINCT number FROM posting WHERE key {_AMONG} ORDER BY number LIMIT ?2"
        return [number for (number,) in self._tx.rows_in(sql, identifier_keys(features), limit)]

    def edges(self, numbers: Collection[int]) -> Collection[Edge]:
        """Return every stored edge with an end among `numbers`, ascending."""
        columns = "SELECT left_record, right_record, weight FROM edge WHERE"
        sql = f"{columns} left_record {_AMONG} UNION {columns} right_record {_AMONG} ORDER BY 1, 2"
        return [Edge(left, right, weight) for left, right, weight in self._tx.rows_in(sql, numbers)]

    def put_edges(self, edges: Iterable[Edge]) -> None:
        """Insert or replace edges."""
        self._tx.run_many(
            "INSERT INTO edge (left_record, right_record, weight) VALUES (?, ?, ?)"
            " ON CONFLICT (left_record, right_record) DO UPDATE SET weight = excluded.weight",
            sorted((edge.left, edge.right, edge.weight) for edge in edges),
        )

    def delete_edges(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Remove edges by (left, right), left < right."""
        self._tx.run_many("DELETE FROM edge WHERE left_record = ? AND right_record = ?", pairs)

    def judgements(self, numbers: Collection[int]) -> Collection[tuple[int, int, bool]]:
        """Return the judgements in force between live records, an end among `numbers`."""
        found = judged(self._tx, numbers)
        live = self.record_keys({end for left, right, _ in found for end in (left, right)})
        return [(left, right, same) for left, right, same in found if left in live and right in live]

    def enqueue_redo(self, keys: Iterable[int]) -> None:
        """Remember keys whose live membership crossed `max_block`, either way."""
        self._tx.run_many(
            "INSERT INTO redo (key) VALUES (?) ON CONFLICT DO NOTHING", ((key,) for key in keys)
        )

    def take_redo(self, limit: int) -> Sequence[int]:
        """Remove and return up to `limit` keys of the redo queue, smallest first."""
        keys = [key for (key,) in self._tx.rows("SELECT key FROM redo ORDER BY key LIMIT ?", limit)]
        self._tx.run_in(f"DELETE FROM redo WHERE key {_AMONG}", keys)
        return keys

    def misposted(self) -> bool:
        """Return whether the posting lists are not those of the kept features and blocking keys."""
        posted = self._tx.connection.execute("SELECT key, number FROM posting")
        expected = (
            (key, number)
            for number, body, keys in self._tx.connection.execute("SELECT number, body, keys FROM feature")
            for key in identifier_keys(Features.from_json(body)).union(array("q", keys))
        )
        return _tally(posted) != _tally(expected)

    def redo_length(self) -> int:
        """Return how many keys wait in the redo queue."""
        length: int = self._tx.value("SELECT count(*) FROM redo")
        return length

    def _move_postings(self, old: Mapping[int, frozenset[int]], new: Mapping[int, frozenset[int]]) -> None:
        """Bring postings and block sizes from the old keys of records to the new ones."""
        none: frozenset[int] = frozenset()
        lost = [(key, number) for number, keys in old.items() for key in keys - new.get(number, none)]
        won = [(key, number) for number, keys in new.items() for key in keys - old.get(number, none)]
        self._tx.run_many("DELETE FROM posting WHERE key = ? AND number = ?", sorted(lost))
        self._tx.run_many("INSERT INTO posting (key, number) VALUES (?, ?)", sorted(won))
        change = Counter(key for key, _ in won)
        change.subtract(key for key, _ in lost)
        self._tx.run_many(
            "INSERT INTO block (key, size) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET size = size + excluded.size",
            sorted((key, size) for key, size in change.items() if size),
        )
        self._tx.run_in(f"DELETE FROM block WHERE key {_AMONG} AND size = 0", [key for key, _ in lost])


def _tally(pairs: Iterable[tuple[Any, ...]]) -> tuple[int, int]:
    """Return how many pairs there are and the sum of their hashes: equal for equal pairs in any order."""
    count = total = 0
    for pair in pairs:
        count += 1
        total += hash(pair)
    return count, total
