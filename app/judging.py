"""A human's word on records, within one unit of work: judge a pair, take it back, part an entity."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import product

from app.messages import JudgementReceipt, UnmergeReceipt, WriteEffect
from app.receipts import changes
from app.resolving import resolve
from app.unit_of_work import Effects
from ledger.entry import JudgementEntry, NewJudgement, Status, Verdict
from ledger.ledger import Session
from resolvers.domain import RecordKey
from resolvers.doubt import speaks_against
from resolvers.linkage_model import LinkageModel
from resolvers.scoring import score

ACTOR = "kith"


@dataclass(frozen=True, slots=True)
class Means:
    """What judging needs beside the session."""

    model: LinkageModel
    effects: Effects


@dataclass(frozen=True, slots=True)
class Parting:
    """Which records of an entity are of another person, who says so, and why."""

    entity_id: str
    records: tuple[RecordKey, ...]
    actor: str
    reason: str


def judge(session: Session, means: Means, new: NewJudgement) -> JudgementReceipt:
    """Write one judgement and bring entities, graph and findings up to it.

    Raises: KeyError, ConflictingJudgement, VersionConflict.
    """
    _require_shown(session, [new.left, new.right])
    before = _suspended(session)
    result = session.judgements.put(weighed(session, means.model, new))
    entry = result.entry
    ends = [entry.left, entry.right] if result.status is Status.ACCEPTED else []
    effect = _settle(session, means, ends, new.author, before)
    return JudgementReceipt(
        **{**effect.model_dump(), "touched": effect.touched, "sequence": entry.sequence},
        status=result.status.value,
        id=entry.id,
        left=str(entry.left),
        right=str(entry.right),
        verdict=entry.verdict.value,
        version=entry.version,
    )


def taking_back(session: Session, now: JudgementEntry, actor: str, reason: str) -> NewJudgement:
    """Return the judgement that says again what was said of a pair before the one in force."""
    earlier = [entry for entry in session.judgements.history(now.id) if entry.version < now.version]
    verdict = earlier[-1].verdict if earlier else Verdict.WITHDRAWN
    return NewJudgement(now.left, now.right, verdict, actor, reason)


def unmerge(session: Session, means: Means, parting: Parting) -> UnmergeReceipt:
    """Part records from the rest of their entity: a cannot-link for each pair across.

    Must-links across are taken back first, so that the new word contradicts nothing.
    Raises: KeyError, ValueError, ConflictingJudgement.
    """
    numbers = session.identity.members([parting.entity_id]).get(parting.entity_id, ())
    keys = sorted(row.key for row in session.records.by_number(numbers).values())
    parted, rest = sorted(set(parting.records)), sorted(set(keys) - set(parting.records))
    if not keys or not set(parted) <= set(keys):
        raise KeyError("unmerge: name records of this entity")
    _require_shown(session, parted)
    if not rest:
        raise ValueError("records: leave at least one record in the entity")
    before = _suspended(session)
    across = list(product(parted, rest))
    tied = {
        frozenset((one.left, one.right))
        for one in session.judgements.of(parted)
        if one.verdict is Verdict.SAME
    }
    for verdict, pairs in (
        (Verdict.WITHDRAWN, [pair for pair in across if frozenset(pair) in tied]),
        (Verdict.DIFFERENT, across),
    ):
        for left, right in pairs:
            new = NewJudgement(left, right, verdict, parting.actor, parting.reason)
            session.judgements.put(weighed(session, means.model, new))
    effect = _settle(session, means, keys, parting.actor, before)
    return UnmergeReceipt(
        **{**effect.model_dump(), "touched": effect.touched},
        entity_id=parting.entity_id,
        parted=_entities(session, parted),
        remaining=_entities(session, rest),
        judgements=len(across),
    )


def reopen(session: Session, model: LinkageModel, numbers: Collection[int]) -> list[str]:
    """Put before a human again each judgement about these records that new evidence speaks against.

    It stays in force until somebody decides; the re-opening is a ledger entry. Return the judgements' ids.
    """
    linked = session.resolution.judgements(numbers)
    if not linked:
        return []
    ends = {number for left, right, _ in linked for number in (left, right)}
    key_of = session.resolution.record_keys(ends)
    features = {key_of[number]: found for number, found in session.resolution.features(ends).items()}
    reopened = []
    for entry in session.judgements.of([key_of[number] for number in sorted(ends)]):
        if (
            entry.reopened is not None
            or not entry.verdict.binds
            or not {entry.left, entry.right} <= features.keys()
        ):
            continue
        now = score(features[entry.left], features[entry.right], model).weight
        if speaks_against(entry.verdict is Verdict.SAME, entry.weight, now, model):
            session.judgements.reopen(entry.id, now, ACTOR)
            reopened.append(entry.id)
    return reopened


def weighed(session: Session, model: LinkageModel, new: NewJudgement) -> NewJudgement:
    """Return a judgement with the pair's present match weight, None where a record is not live."""
    numbers = session.records.numbers([new.left, new.right])
    features = session.resolution.features(numbers.values())
    if len(features) < 2:
        return new
    left, right = (features[numbers[key]] for key in (new.left, new.right))
    return replace(new, weight=score(left, right, model).weight)


def _settle(
    session: Session, means: Means, keys: Collection[RecordKey], actor: str, suspended: Collection[str]
) -> WriteEffect:
    """Resolve again around records whose judgements changed; return every entity and finding affected."""
    numbers = session.records.numbers(keys)
    touched = resolve(session, means.model, judged=sorted(numbers.values()), actor=actor)
    found = set(means.effects.follow(session, touched))
    found |= {row["id"] for row in session.findings.about(sorted(touched.identities))}
    return WriteEffect(
        sequence=session.sequence(),
        touched=changes(touched, touched.identities),
        findings=sorted(found),
        suspended=sorted(_suspended(session) - set(suspended)),
        redo=session.resolution.redo_length(),
    )


def _require_shown(session: Session, keys: Collection[RecordKey]) -> None:
    """Raise KeyError where a record is withheld: to whoever judges it is not there."""
    if session.restrictions.withheld(session.records.numbers(keys).values()):
        raise KeyError("a record is withheld")


def _suspended(session: Session) -> set[str]:
    return {one.entry.id for one in session.judgements.placed() if one.suspended}


def _entities(session: Session, keys: Iterable[RecordKey]) -> list[str]:
    numbers = session.records.numbers(list(keys)).values()
    return sorted(set(session.identity.entity_of(numbers).values()))
