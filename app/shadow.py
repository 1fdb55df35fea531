"""A model in shadow: the persons it would make of the live records, beside those there are now."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.rebuilding import live_features
from ledger.ledger import Session
from resolvers.domain import RecordKey
from resolvers.features import Features
from resolvers.linkage_model import LinkageModel
from resolvers.memory_state import MemoryState
from resolvers.resolution import redo, update

REDO_AT_ONCE = 256

Cluster = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shadow:
    """What a model would change. Pairs are of records of one person; `findings` name persons that change.

    `merges` are the persons that would become one, `splits` a person and the sizes of its parts; the largest
    first.
    """

    records: int
    persons_before: int
    persons_after: int
    merges: tuple[tuple[str, ...], ...]
    splits: tuple[tuple[str, tuple[int, ...]], ...]
    pairs_gained: int
    pairs_lost: int
    findings: tuple[str, ...]


def shadow(session: Session, model: LinkageModel) -> Shadow:
    """Return what a model would change if it were put in force; nothing is written."""
    puts = list(live_features(session))
    after = partition(session, model, puts)
    person = session.identity.entity_of([number for number, _, _ in puts])
    before: defaultdict[str, list[int]] = defaultdict(list)
    for number, entity_id in sorted(person.items()):
        before[entity_id].append(number)
    place = {number: cluster for cluster in after for number in cluster}
    parts = {id_: Counter(place[number] for number in numbers) for id_, numbers in before.items()}
    meets = {cluster: Counter(person[number] for number in cluster) for cluster in after}
    merges = sorted((tuple(sorted(of_one)) for of_one in meets.values() if len(of_one) > 1), key=_largest)
    splits = sorted(
        (
            (id_, tuple(sorted(found.values(), reverse=True)))
            for id_, found in parts.items()
            if len(found) > 1
        ),
        key=lambda split: (-sum(split[1]), split[0]),
    )
    kept = sum(_pairs(number) for found in parts.values() for number in found.values())
    changed = {id_ for merge in merges for id_ in merge} | {id_ for id_, _ in splits}
    return Shadow(
        records=len(puts),
        persons_before=len(before),
        persons_after=len(after),
        merges=tuple(merges),
        splits=tuple(splits),
        pairs_gained=sum(_pairs(len(cluster)) for cluster in after) - kept,
        pairs_lost=sum(_pairs(len(numbers)) for numbers in before.values()) - kept,
        findings=tuple(sorted(row["id"] for row in session.findings.about(sorted(changed)))),
    )


def partition(
    session: Session, model: LinkageModel, puts: Sequence[tuple[int, RecordKey, Features]]
) -> set[Cluster]:
    """Return the clusters (record numbers, ascending) that a model makes of records and judgements."""
    state = MemoryState()
    keys = {number for number, _, _ in puts}
    judged = session.resolution.judgements(keys)
    for left, right, same in judged:
        state.judge(left, right, same)
    ends = {number for left, right, _ in judged for number in (left, right)}
    cluster_of: dict[int, Cluster] = {number: (number,) for number in keys}
    changes = update(state, model, puts=puts, judged=sorted(ends))
    while True:
        for change in changes:
            cluster_of.update((number, cluster) for cluster in change.clusters for number in cluster)
        if not state.redo_length():
            return set(cluster_of.values())
        changes = redo(state, model, REDO_AT_ONCE)


def _largest(merge: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    return -len(merge), merge


def _pairs(size: int) -> int:
    return size * (size - 1) // 2
