"""Erase records or a person with all that was made of them, and prove it by a certificate."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.analyst_graph import open_analyst_graph
from app.resolving import resolve
from app.wiring import Kith
from graph_schema.store import GraphStore
from ledger.audit import AuditEntry
from ledger.entry import LedgerError
from ledger.erasure import Ended, Erasure, Token
from ledger.event import BULK_KINDS
from ledger.ledger import Session
from resolvers.domain import RecordKey

ERASED = "(erased)"
ACTOR = "kith erase"
MOST_OBJECTS = 1_000
"""Ids kept in one audit entry; its count says how many there were."""

Fact = tuple[str, str, str]
"""Origin (`record` or `event`), source, id in that source."""


class NothingToErase(LedgerError):
    """What was named is not there."""


def erase(kith: Kith, targets: Sequence[str], reason: str, actor: str = ACTOR) -> Erasure:
    """Erase records (`source|source_id`) or persons (entity ids) and return the certificate.

    Raises: NothingToErase, LedgerError (reason); LedgerBusy, StoreUnavailable when it is done but for the
    bytes, which `finish` is to overwrite.
    """
    certificate = take_out(kith, targets, reason, actor)
    kith.pipeline.settle()
    finish(kith)
    return certified(kith, certificate)


def take_out(
    kith: Kith, targets: Sequence[str], reason: str, actor: str, look: AuditEntry | None = None
) -> str:
    """Take records and persons out of ledger, findings and embedded graph, and resolve the others again.

    One commit; the bytes are for `finish` to overwrite. `look` is the audit entry of a request.
    Returns the certificate's id. Raises: NothingToErase, LedgerError (reason).
    """
    return kith.pipeline.run(
        lambda session: erase_within(session, kith, Doomed(named(session, targets)), reason, actor, look)
    )


def certified(kith: Kith, certificate: str) -> Erasure:
    """Return the erasure of a certificate as it stands now. Raises: KeyError."""
    with kith.ledger.read() as session:
        erasure = session.erasures.get(certificate)
    if erasure is None:
        raise KeyError(certificate)
    return erasure


def finish(kith: Kith) -> list[Erasure]:
    """Overwrite what erasures freed; return those whose bytes another server's files may still hold.

    A Neo4j keeps deleted bytes until its store is made anew: an erasure is finished there once the store, and
    that of the analysts' graph if there is one, is younger than it and holds what the ledger wants.
    Raises: LedgerBusy, StoreUnavailable.
    """
    kith.ledger.purge()
    with kith.ledger.read() as session:
        open_ = [one for one in session.erasures.all() if one.graph_at is None]
        waiting = session.outbox.length()
    done = []
    if open_ and not waiting:
        analysts = open_analyst_graph(kith.settings)
        try:
            done = [one.certificate for one in open_ if _is_new(kith.graph, one) and _is_new(analysts, one)]
        finally:
            if analysts is not None:
                analysts.close()
    if done:
        kith.pipeline.run(lambda session: session.erasures.finish(done, graph=True))
    return [one for one in open_ if one.certificate not in done]


def replay(kith: Kith, tokens: Collection[Token]) -> str | None:
    """Erase again what a backup brought back; return the certificate, None when there is nothing to do.

    What the backup does not have yet is refused when it comes.
    """

    def job(session: Session) -> str | None:
        records, events, absent = session.erasures.recall(tokens, ACTOR)
        if not records and not events and not absent:
            return None
        certificate = erase_within(session, kith, Doomed(records, events), "restore", ACTOR)
        session.erasures.forbid(certificate, absent)
        return certificate

    certificate = kith.pipeline.run(job)
    kith.pipeline.settle()
    finish(kith)
    return certificate


def _is_new(graph: GraphStore | None, erasure: Erasure) -> bool:
    """Return whether a graph is absent, or was made, and filled, after an erasure."""
    if graph is None:
        return True
    made = graph.made_at()
    return made is None or (made > erasure.recorded_at and graph.sequence() >= erasure.sequence)


def named(session: Session, targets: Sequence[str]) -> list[int]:
    """Return the numbers of the records that keys and entity ids name, ascending.

    A person's are those that are live, and the deleted ones that belonged to it to the last.
    Raises: NothingToErase, naming the place of the target in the list, never itself.
    """
    numbers: set[int] = set()
    for place, target in enumerate(targets, 1):
        source, bar, source_id = target.partition("|")
        if bar:
            key = RecordKey(source, source_id)
            row = session.records.get(key)
            number = row.number if row is not None else session.erasures.mentioned(key, ACTOR)
            found: Collection[int] = () if number is None else (number,)
        else:
            live = session.identity.follow(target)
            now = session.identity.members([live])[live] if live is not None else ()
            found = [*now, *session.identity.formerly(live or target)]
        if not found:
            raise NothingToErase(f"target {place}: nothing here has this key or id; write source|id, or e…")
        numbers.update(found)
    return sorted(numbers)


@dataclass(frozen=True, slots=True)
class Doomed:
    """What goes: record numbers and event numbers, ascending, and rows of segments that ended."""

    records: Sequence[int] = ()
    events: Sequence[int] = ()
    rows: Sequence[Ended] = ()


def erase_within(
    session: Session, kith: Kith, doomed: Doomed, reason: str, actor: str, look: AuditEntry | None = None
) -> str:
    """Erase within a session, resolve the others again, and return the certificate's id."""
    pipeline, numbers = kith.pipeline, doomed.records
    elsewhere = pipeline.effects.within is None or kith.settings.bloom_url is not None
    keys = [row.key for row in session.records.by_number(numbers).values()]
    alone, shared = session.erasures.mentioning(keys)
    alone = sorted({*alone, *doomed.events})
    shared = [number for number in shared if number not in set(alone)]
    ever = session.identity.ever_of(numbers)
    facts = {("record", key.source, key.source_id) for key in keys}
    facts |= _event_facts(session, alone)
    concerned = session.findings.citing(facts | _event_facts(session, shared), ever)
    drawn = _drawn(session, (*alone, *shared))
    left = _participants(session, (*alone, *shared)) - set(keys)
    counts = {
        "features": len(session.resolution.features(numbers)),
        "edges": len(session.resolution.edges(numbers)),
        "findings": len(concerned),
    }
    certificate = session.erasures.begin(reason, actor)
    touched = resolve(session, pipeline.model(session), deletes=numbers, actor=actor)
    gone = {(key.source, key.source_id) for key in keys}
    counts.update(session.erasures.erase_records(certificate, numbers))
    counts["segment_rows"] += session.erasures.erase_rows(certificate, doomed.rows)
    counts["events"] = session.erasures.erase_events(certificate, alone)["events"]
    counts["redacted_events"] = session.erasures.redact_events(certificate, gone, shared, actor)
    session.findings.redact(concerned, certificate, redacting(facts))
    identity = session.identity
    ended = [id_ for id_ in ever if identity.follow(id_) is None and not identity.formerly(id_)]
    identity.end(certificate, ended)
    session.erasures.certify(certificate, counts, graph=elsewhere)
    pipeline.effects.follow(session, touched, events=drawn, participants=left)
    pipeline.effects.project(session, concerned)
    seen = (certificate, *ended, *(f"r{number}" for number in numbers))
    entry = look or AuditEntry(actor, "admin", "erase", "erase")
    session.audit.append(
        replace(entry, objects=seen[:MOST_OBJECTS], count=len(seen), purpose=f"erasure: {reason}")
    )
    return certificate


def redacting(facts: Collection[Fact]) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """Return what makes of a finding's snapshot the part that may stay when these facts are erased.

    Ids, roles and numbers of persons, and the names of the other facts: enough for a later run to see
    whether there is anything new. Every sentence, name and number goes.
    """

    def redacted(body: Mapping[str, Any]) -> Mapping[str, Any]:
        return {
            **body,
            "title": "Erased",
            "sentence": "",
            "numbers": {},
            "explanations": [],
            "refuter": "",
            "subjects": [{**subject, "name": ERASED} for subject in body["subjects"]],
            "evidence": [
                {**{name: fact[name] for name in ("origin", "source", "source_id", "weight")}, "sentence": ""}
                for fact in body["evidence"]
                if (fact["origin"], fact["source"], fact["source_id"]) not in facts
            ],
        }

    return redacted


def _event_facts(session: Session, numbers: Collection[int]) -> set[Fact]:
    rows = session.events.keys(numbers)
    return {("event", key.source, key.event_id) for key in rows.values()}


def _drawn(session: Session, numbers: Collection[int]) -> list[str]:
    """Return the owners of the events that the graph has: live ones of no bulk kind."""
    rows = session.events.by_number(numbers).values()
    return [f"x{row.number}" for row in rows if row.event is not None and row.event.kind not in BULK_KINDS]


def _participants(session: Session, numbers: Collection[int]) -> set[RecordKey]:
    rows = session.events.by_number(numbers).values()
    return {part.record for row in rows if row.event is not None for part in row.event.participants}
