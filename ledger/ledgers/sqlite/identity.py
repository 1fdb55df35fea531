"""Which entity each record belongs to, in SQLite; who keeps an id is decided in `ledger.identity`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from ledger.entry import Entry, IdentityChange
from ledger.identity import Succession, entity_id, entity_number, succeed
from ledger.ledgers.sqlite.transaction import Transaction, entry_of
from resolvers.domain import RecordKey, partition_digest

_FOLLOW = """
WITH RECURSIVE chain (number) AS (
  VALUES (?) UNION SELECT into_entity FROM entity JOIN chain USING (number) WHERE into_entity IS NOT NULL
) SELECT number FROM entity JOIN chain USING (number) WHERE live = 1"""
_CERTIFICATE = """
WITH RECURSIVE chain (number) AS (
  VALUES (?) UNION SELECT into_entity FROM entity JOIN chain USING (number) WHERE into_entity IS NOT NULL
) SELECT certificate FROM entity JOIN chain USING (number) WHERE certificate IS NOT NULL"""
_FORMERLY = """
SELECT number FROM record JOIN belonging b ON b.record = number
WHERE live = 0 AND certificate IS NULL AND b.entity IN (SELECT value FROM carray(?1))
  AND b.since = (SELECT max(since) FROM belonging WHERE record = number) ORDER BY number"""
_STOOD_FOR = """
WITH RECURSIVE chain (number) AS (
  SELECT value FROM carray(?1) UNION SELECT entity.number FROM entity JOIN chain ON into_entity = chain.number
) SELECT number FROM chain"""


class SqliteIdentity:
    """The facet `Identity`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def assign(
        self, clusters: Iterable[Iterable[int]], gone: Collection[int], actor: str
    ) -> Sequence[IdentityChange]:
        """Give ids to re-computed clusters; only real changes are returned and logged, each an entry."""
        parts = [tuple(cluster) for cluster in clusters]
        before = self._touched([number for part in parts for number in part], gone)
        plan = succeed(before, parts, gone)
        return _Changes(self._tx, before, actor).write(plan)

    def entity_of(self, numbers: Collection[int]) -> Mapping[int, str]:
        """Return the entity of each record that has one."""
        sql = "SELECT record, entity FROM membership WHERE record IN (SELECT value FROM carray(?1))"
        return {record: entity_id(entity) for record, entity in self._tx.rows_in(sql, numbers)}

    def members(self, entity_ids: Collection[str]) -> Mapping[str, tuple[int, ...]]:
        """Return the record numbers (ascending) of each live entity."""
        numbers = [number for id_ in entity_ids if (number := entity_number(id_)) is not None]
        return {entity_id(entity): records for entity, records in self._members(numbers).items()}

    def follow(self, entity_id_: str) -> str | None:
        """Return the live id an id stands for now, None if unknown or emptied."""
        number = entity_number(entity_id_)
        live = None if number is None else self._tx.value(_FOLLOW, number)
        return None if live is None else entity_id(live)

    def certificate(self, entity_id_: str) -> str | None:
        """Return the certificate of the erasure that ended an entity, or the one it was merged into."""
        number = entity_number(entity_id_)
        found: str | None = None if number is None else self._tx.value(_CERTIFICATE, number)
        return found

    def formerly(self, entity_id_: str) -> Sequence[int]:
        """Return the deleted records (ascending) that an entity, or one merged into it, held to the last."""
        numbers = [entity_number(id_) for id_ in stood_for(self._tx, [entity_id_])]
        return [row[0] for row in self._tx.rows_in(_FORMERLY, [n for n in numbers if n is not None])]

    def ever_of(self, numbers: Collection[int]) -> Sequence[str]:
        """Return every entity that ever held one of these records, sorted."""
        sql = "SELECT DISTINCT entity FROM belonging WHERE record IN (SELECT value FROM carray(?1))"
        return sorted(entity_id(number) for (number,) in self._tx.rows_in(sql, numbers))

    def end(self, certificate: str, entity_ids: Collection[str]) -> None:
        """Write down that these entities, empty now, ended by an erasure."""
        numbers = [number for id_ in entity_ids if (number := entity_number(id_)) is not None]
        self._tx.run_many(
            "UPDATE entity SET certificate = ? WHERE number = ?", ((certificate, n) for n in numbers)
        )

    def entities(self, after: str = "", limit: int = 1000) -> Sequence[str]:
        """Return live entities created after the one named, in order of creation."""
        sql = "SELECT number FROM entity WHERE live = 1 AND number > ? ORDER BY number LIMIT ?"
        return [entity_id(number) for (number,) in self._tx.rows(sql, entity_number(after) or 0, limit)]

    def count(self) -> int:
        """Return how many entities are live."""
        number: int = self._tx.value("SELECT count(*) FROM entity WHERE live = 1")
        return number

    def history(self, entity_id_: str) -> Sequence[Entry]:
        """Return the identity entries of one entity, oldest first."""
        sql = (
            "SELECT sequence, recorded_at, kind, subject, actor, detail FROM entry"
            " WHERE subject = ? AND substr(kind, 1, 9) = 'identity.' ORDER BY sequence"
        )
        return [entry_of(row) for row in self._tx.rows(sql, entity_id_)]

    def partition_digest(self) -> str:
        """Return the digest of the clusters of live records."""
        clusters: defaultdict[int, list[RecordKey]] = defaultdict(list)
        sql = "SELECT entity, source, source_id FROM membership JOIN record ON number = record WHERE live = 1"
        for entity, source, source_id in self._tx.connection.execute(sql):
            clusters[entity].append(RecordKey(source, source_id))
        return partition_digest(clusters.values())

    def _touched(self, numbers: Collection[int], gone: Collection[int]) -> dict[int, tuple[int, ...]]:
        sql = "SELECT DISTINCT entity FROM membership WHERE record IN (SELECT value FROM carray(?1))"
        return self._members([entity for (entity,) in self._tx.rows_in(sql, [*numbers, *gone])])

    def _members(self, entities: Collection[int]) -> dict[int, tuple[int, ...]]:
        sql = (
            "SELECT entity, record FROM membership WHERE entity IN (SELECT value FROM carray(?1))"
            " ORDER BY entity, record"
        )
        members: defaultdict[int, list[int]] = defaultdict(list)
        for entity, record in self._tx.rows_in(sql, entities):
            members[entity].append(record)
        return {entity: tuple(records) for entity, records in members.items()}


def stood_for(transaction: Transaction, entity_ids: Collection[str]) -> list[str]:
    """Return these entities and all that were merged into them: what was said of those is said of these."""
    numbers = [number for id_ in entity_ids if (number := entity_number(id_)) is not None]
    found = {entity_id(number) for (number,) in transaction.rows_in(_STOOD_FOR, numbers)}
    return sorted(found.union(entity_ids))


class _Changes:
    """Write one succession: entries first, in order, then the tables they stand for."""

    def __init__(self, transaction: Transaction, before: Mapping[int, tuple[int, ...]], actor: str) -> None:
        self._tx = transaction
        self._before = before
        self._actor = actor
        self._cause = transaction.sequence()

    def write(self, plan: Succession) -> list[IdentityChange]:
        """Write what really changes; return it: created, then changed, merged and emptied, each ascending."""
        changed = [(entity, records) for entity, records in plan.kept if records != self._before[entity]]
        first = self._cause + 1
        founded = list(enumerate(plan.founded, first))
        changes = [
            *(IdentityChange(entity_id(entity), "created", records) for entity, records in founded),
            *(IdentityChange(entity_id(entity), "changed", records) for entity, records in changed),
            *(
                IdentityChange(entity_id(entity), "merged", (), entity_id(heir))
                for entity, heir in plan.merged
            ),
            *(IdentityChange(entity_id(entity), "emptied", ()) for entity in plan.emptied),
        ]
        self._tx.append_many(
            ((f"identity.{c.kind}", c.entity_id, self._detail(c)) for c in changes), self._actor
        )
        self._tx.run_many(
            "INSERT INTO entity (number, live) VALUES (?, 1)", ((entity,) for entity, _ in founded)
        )
        self._tx.run_many(
            "UPDATE entity SET live = 0, into_entity = ?, ended = ? WHERE number = ?",
            [
                *((heir, first, entity) for entity, heir in plan.merged),
                *((None, first, entity) for entity in plan.emptied),
            ],
        )
        self._settle(plan, founded)
        return changes

    def _settle(self, plan: Succession, founded: Sequence[tuple[int, tuple[int, ...]]]) -> None:
        """Bring the membership table to what the plan says."""
        before = {record: entity for entity, records in self._before.items() for record in records}
        after = {record: entity for entity, records in (*plan.kept, *founded) for record in records}
        left = sorted(before.keys() - after.keys())
        moved = sorted((record, entity) for record, entity in after.items() if before.get(record) != entity)
        self._tx.run_in("DELETE FROM membership WHERE record IN (SELECT value FROM carray(?1))", left)
        self._tx.run_many(
            "INSERT INTO membership (record, entity) VALUES (?, ?)"
            " ON CONFLICT (record) DO UPDATE SET entity = excluded.entity",
            moved,
        )
        self._remember([*left, *(record for record, _ in moved if record in before)], moved)

    def _remember(self, ended: Sequence[int], moved: Sequence[tuple[int, int]]) -> None:
        """Close the intervals of what left an entity and open those of what joined one."""
        sequence = self._cause + 1
        self._tx.run_in(
            "UPDATE belonging SET until = ?2 WHERE until IS NULL"
            " AND record IN (SELECT value FROM carray(?1))",
            ended,
            sequence,
        )
        self._tx.run_many(
            "INSERT INTO belonging (record, since, entity) VALUES (?, ?, ?)",
            ((record, sequence, entity) for record, entity in moved),
        )

    def _detail(self, change: IdentityChange) -> dict[str, object]:
        number = entity_number(change.entity_id)
        before = self._before.get(number, ()) if number is not None else ()
        detail: dict[str, object] = {"cause": self._cause, "from": list(before), "to": list(change.records)}
        return detail if change.into is None else {**detail, "into": change.into}
