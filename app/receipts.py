"""What a write answers: status, entity, and each entity and finding it touched."""

from collections.abc import Collection, Iterable, Sequence

from app.messages import EntityTouched, Receipt, UnmergeReceipt, WriteEffect
from app.resolving import Touched
from ledger.entry import PutResult
from ledger.event import EventKey
from ledger.ledger import Session
from resolvers.domain import RecordKey


def receipts(
    session: Session,
    keys: Sequence[RecordKey | EventKey],
    results: Sequence[PutResult | Exception],
    touched: Touched,
    findings: Sequence[str],
    *,
    apart: bool = False,
) -> list[Receipt | Exception]:
    """Return a receipt for each result, or its error.

    A single write lists everything it touched; one of many lists the entities that concern its own record.
    `apart` = several single writes in one go: what concerns none of them alone is listed by all.
    """
    numbers = [
        result.number
        for key, result in zip(keys, results, strict=True)
        if isinstance(result, PutResult) and isinstance(key, RecordKey)
    ]
    entity = session.identity.entity_of(numbers)
    redo = session.resolution.redo_length()
    alone = len(results) == 1
    concerning = _by_record(touched)
    shared: set[str] = set()
    if alone or apart:
        shared = touched.identities.keys() - {id_ for n in numbers for id_ in concerning.get(n, ())}
    answers: list[Receipt | Exception] = []
    for key, result in zip(keys, results, strict=True):
        if not isinstance(result, PutResult):
            answers.append(result)
            continue
        is_record = isinstance(key, RecordKey)
        mine = shared | (concerning.get(result.number, set()) if is_record else set())
        entity_id = entity.get(result.number) if is_record else None
        answers.append(
            Receipt(
                status=result.status.value,
                source=key.source,
                id=key.source_id if isinstance(key, RecordKey) else key.event_id,
                version=result.version,
                sequence=result.sequence,
                entity_id=entity_id,
                touched=changes(touched, mine),
                findings=list(findings)
                if alone
                else _about(session, findings, {*mine, entity_id})
                if apart
                else [],
                redo=redo,
            )
        )
    return answers


def _about(session: Session, findings: Sequence[str], entities: Collection[str | None]) -> list[str]:
    """Return those of the findings that have a subject among the entities, in order."""
    return [
        id_
        for id_ in findings
        if (row := session.findings.get(id_)) and any(subject in entities for _, subject in row["subjects"])
    ]


def changes(touched: Touched, entity_ids: Iterable[str]) -> list[EntityTouched]:
    """Return the identity changes of these entities, by id."""
    return [
        EntityTouched(entity_id=id_, change=touched.identities[id_].kind, into=touched.identities[id_].into)
        for id_ in sorted(entity_ids)
    ]


def shown(answer: object) -> set[str]:
    """Return the entity ids an answer names, for the audit."""
    if not isinstance(answer, Receipt | WriteEffect):
        return set()
    ids = {touched.entity_id for touched in answer.touched}
    if isinstance(answer, Receipt | UnmergeReceipt) and answer.entity_id is not None:
        ids.add(answer.entity_id)
    return ids


def _by_record(touched: Touched) -> dict[int, set[str]]:
    """Return, for each record number, the entities whose change concerns it: its own and those merged in."""
    merged: dict[str, set[str]] = {}
    for id_, change in touched.identities.items():
        if change.into is not None:
            merged.setdefault(change.into, set()).add(id_)
    found: dict[int, set[str]] = {}
    for id_, change in touched.identities.items():
        for number in change.records:
            found.setdefault(number, set()).update({id_}, merged.get(id_, ()))
    return found
