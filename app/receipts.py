"""What a write answers: status, entity, and each entity and finding it touched."""

from collections.abc import Iterable, Sequence

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
        result.number if isinstance(result, PutResult) and isinstance(key, RecordKey) else None
        for key, result in zip(keys, results, strict=True)
    ]
    known = [number for number in numbers if number is not None]
    entity = session.identity.entity_of(known)
    redo = session.resolution.redo_length()
    concerning = _by_record(touched)
    concerned = [set(concerning.get(number, ())) if number is not None else set() for number in numbers]
    if apart or len(results) == 1:
        nobodys = touched.identities.keys() - {id_ for ids in concerned for id_ in ids}
        concerned = [ids | nobodys for ids in concerned]
    told: Sequence[Sequence[str]] = [findings] if len(results) == 1 else [()] * len(results)
    if apart and len(results) > 1 and findings:
        own = [{entity.get(number, "") if number is not None else ""} for number in numbers]
        told = _shared_out(session, findings, [a | b for a, b in zip(own, concerned, strict=True)])
    return [
        Receipt(
            status=result.status.value,
            source=key.source,
            id=key.source_id if isinstance(key, RecordKey) else key.event_id,
            version=result.version,
            sequence=result.sequence,
            entity_id=entity.get(number) if number is not None else None,
            touched=changes(touched, ids),
            findings=list(about),
            redo=redo,
        )
        if isinstance(result, PutResult)
        else result
        for key, result, number, ids, about in zip(keys, results, numbers, concerned, told, strict=True)
    ]


def _shared_out(session: Session, findings: Sequence[str], concerned: Sequence[set[str]]) -> list[list[str]]:
    """Return the findings about each set of entities, in order; those about none of them go to all."""
    rows = {id_: session.findings.get(id_) for id_ in findings}
    about = {id_: {subject for _, subject in row["subjects"]} if row else set() for id_, row in rows.items()}
    everybody = {entity for ids in concerned for entity in ids}
    return [[id_ for id_ in findings if about[id_] & ids or not about[id_] & everybody] for ids in concerned]


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
