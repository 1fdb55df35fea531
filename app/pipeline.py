"""The way in: every write from push to finding, one durable commit, one receipt."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from app import detector, judging
from app.group_commit import GroupCommit
from app.messages import JudgementReceipt, Receipt, UnmergeReceipt, Withdrawn, WriteEffect
from app.outbox import OutboxDrain
from app.push import Gone, Push, about, named
from app.receipts import receipts, shown
from app.resolving import Touched, resolve
from app.unit_of_work import Effects
from graph_schema.store import GraphStore
from ledger.audit import AuditEntry
from ledger.entry import Erased, LedgerError, NewJudgement, PutResult
from ledger.event import BULK_KINDS, Event, EventKey
from ledger.ledger import Ledger, Session
from patterns.finding import State
from patterns.pattern import Pattern, Scope
from resolvers.domain import Record, RecordKey
from resolvers.features import extract
from resolvers.linkage_model import LinkageModel, default_model

T = TypeVar("T")
E = TypeVar("E", bound=WriteEffect)
Answers = list[Receipt | Exception]

MODELS_KEPT = 3
"""Models held in memory: the one in force, and those that past moments were asked about."""


class StaleVersion(LedgerError):
    """If-Match named a version that is no longer the current one."""


class Pipeline:
    """Put, delete, judge and decide; synchronous and safe for many threads.

    With the embedded graph, one transaction holds ledger, identities, graph and findings. With Neo4j the
    graph follows through the outbox and findings follow the graph: at once while the server answers, else
    later.
    """

    def __init__(
        self, ledger: Ledger, effects: Effects, commit: GroupCommit, drain: OutboxDrain | None
    ) -> None:
        self._ledger = ledger
        self.effects = effects
        self._commit = commit
        self._drain = drain
        self._promoted: dict[str | None, LinkageModel] = {}
        self._promoted_lock = threading.Lock()

    # -- records -------------------------------------------------------------------------

    def put_record(
        self, record: Record, version: int | None, actor: str, audit: AuditEntry | None = None
    ) -> Receipt:
        """Put one record, in one go with those that other clients put now.

        Raises: VersionConflict, Erased, LedgerBusy.
        """
        push = Push(record, extract(record), version, actor, audit)
        receipt: Receipt = self._commit.join(self._put_together, push)
        self.follow()
        return receipt

    def put_records(
        self,
        rows: Sequence[tuple[Record, int | None]],
        actor: str,
        audit: AuditEntry | None = None,
        *,
        bulk: bool = False,
    ) -> Answers:
        """Put many in one commit; a receipt or the error of each, in order.

        `bulk` leaves the graph to `settle` and the patterns to a population run, both to be asked for once
        everything is put: a person is then drawn once, not once a chunk.
        """
        pushes = [Push(record, extract(record), version, actor) for record, version in rows]

        def job(session: Session) -> Answers:
            results, touched, findings = self._put(session, pushes, actor, bulk=bulk)
            return receipts(session, [push.record.key for push in pushes], results, touched, findings)

        return self._write(job, audit, settle=not bulk)

    def _put_together(self, session: Session, pushes: Sequence[Push]) -> Answers:
        """Put what clients said independently of one another; each is answered as if it were alone."""
        results, touched, findings = self._put(session, pushes, named(pushes))
        keys = [push.record.key for push in pushes]
        answers = receipts(session, keys, results, touched, findings, apart=True)
        for push, answer in zip(pushes, answers, strict=True):
            if push.audit is not None and not isinstance(answer, Exception):
                session.audit.append(about(push.audit, shown(answer)))
        return answers

    def _put(
        self, session: Session, pushes: Sequence[Push], actor: str, *, bulk: bool = False
    ) -> tuple[list[PutResult | Exception], Touched, list[str]]:
        """Write pushes down and bring everything derived up to them."""
        results: list[PutResult | Exception] = []
        for said_by, group in groupby(pushes, lambda push: push.actor):
            results += session.records.put_many([(push.record, push.version) for push in group], said_by)
        puts = {
            result.number: (result.number, push.record.key, push.features)
            for push, result in zip(pushes, results, strict=True)
            if isinstance(result, PutResult) and result.changed
        }
        touched = resolve(session, self.model(session), puts=list(puts.values()), actor=actor)
        judging.reopen(session, self.model(session), puts.keys())
        return results, touched, self.effects.follow(session, touched, content=puts.keys(), bulk=bulk)

    def delete_record(
        self, key: RecordKey, version: int | None, actor: str, audit: AuditEntry | None = None
    ) -> Receipt:
        """Write a tombstone. Raises: KeyError when the record was never known."""

        def job(session: Session) -> Answers:
            results, touched, findings = self.delete(session, Gone(records=[(key, version)]), actor)
            return receipts(session, [key], results, touched, findings)

        return _only(self._write(job, audit))

    def delete(self, session: Session, gone: Gone, actor: str) -> tuple[list[PutResult], Touched, list[str]]:
        """Write tombstones and bring everything derived up to them; results are events first, then records.

        Raises: KeyError for what was never known and has no version, VersionConflict, Erased.
        """
        took_part = _participants_before(session, [key for key, _ in gone.events])
        events = [session.events.delete(key, version, actor) for key, version in gone.events]
        records = [session.records.delete(key, version, actor) for key, version in gone.records]
        numbers = [result.number for result in records if result.changed]
        touched = (
            resolve(session, self.model(session), deletes=numbers, actor=actor) if numbers else Touched()
        )
        changed = [f"x{result.number}" for result in events if result.changed]
        findings = self.effects.follow(session, touched, events=changed, participants=took_part)
        return [*events, *records], touched, findings

    # -- events --------------------------------------------------------------------------

    def put_event(
        self, event: Event, version: int | None, actor: str, audit: AuditEntry | None = None
    ) -> Receipt:
        """Put one event. Raises: VersionConflict, Erased, LedgerBusy."""
        return _only(self.put_events([(event, version)], actor, audit))

    def put_events(
        self,
        rows: Sequence[tuple[Event, int | None]],
        actor: str,
        audit: AuditEntry | None = None,
        *,
        bulk: bool = False,
    ) -> Answers:
        """Put many events in one commit, as `put_records` does records."""

        def job(session: Session) -> Answers:
            keys = [event.key for event, _ in rows]
            took_part = {part.record for event, _ in rows for part in event.participants}
            took_part |= _participants_before(session, keys)
            results = session.events.put_many(rows, actor)
            changed = [
                f"x{result.number}"
                for (event, _), result in zip(rows, results, strict=True)
                if isinstance(result, PutResult) and result.changed and event.kind not in BULK_KINDS
            ]
            findings = self.effects.follow(
                session, Touched(), events=changed, participants=took_part, bulk=bulk
            )
            return receipts(session, keys, results, Touched(), findings)

        return self._write(job, audit, settle=not bulk)

    def delete_event(
        self, key: EventKey, version: int | None, actor: str, audit: AuditEntry | None = None
    ) -> Receipt:
        """Write a tombstone for an event. Raises: KeyError when it was never known."""

        def job(session: Session) -> Answers:
            results, touched, findings = self.delete(session, Gone(events=[(key, version)]), actor)
            return receipts(session, [key], results, touched, findings)

        return _only(self._write(job, audit))

    # -- judgements and decisions --------------------------------------------------------

    def judge(self, new: NewJudgement, audit: AuditEntry | None = None) -> JudgementReceipt:
        """Record a human's word on a pair. Raises: KeyError, ConflictingJudgement, VersionConflict."""
        return self._decide(lambda session: judging.judge(session, self._judging(session), new), audit)

    def undo(
        self, judgement_id: str, version: int, actor: str, reason: str, audit: AuditEntry | None = None
    ) -> JudgementReceipt:
        """Put back in force what was said of the pair before a version; one more version, nothing deleted.

        Raises: KeyError, StaleVersion (another version is in force), ConflictingJudgement.
        """

        def job(session: Session) -> JudgementReceipt:
            now = session.judgements.get(judgement_id)
            if now is None:
                raise KeyError(judgement_id)
            if now.version != version:
                raise StaleVersion("another judgement of the pair is in force by now: read it, then decide")
            new = judging.taking_back(session, now, actor, reason)
            return judging.judge(session, self._judging(session), new)

        return self._decide(job, audit)

    def unmerge(
        self,
        entity_id: str,
        records: Sequence[RecordKey],
        actor: str,
        reason: str,
        audit: AuditEntry | None = None,
    ) -> UnmergeReceipt:
        """Part records from the rest of their entity by cannot-links; must-links across are taken back.

        Raises: KeyError (not a live entity, or a record that is not of it), ValueError (no record is left).
        """

        parting = judging.Parting(entity_id, tuple(records), actor, reason)
        return self._decide(lambda session: judging.unmerge(session, self._judging(session), parting), audit)

    def _decide(self, job: Callable[[Session], E], audit: AuditEntry | None) -> E:
        """Take a decision; its receipt has what it withdrew, in its commit or once the graph had followed."""
        with self._ledger.read() as session:
            before = session.sequence()
        receipt = self._write(lambda session: [job(session)], audit)[0]
        with self._ledger.read() as session:
            return receipt.model_copy(update={"withdrawn": _withdrawn(session, receipt, before)})

    def _judging(self, session: Session) -> judging.Means:
        return judging.Means(self.model(session), self.effects)

    def dispose(
        self,
        finding_id: str,
        state: str,
        reason: str,
        actor: str,
        *,
        expected_version: int | None = None,
        audit: AuditEntry | None = None,
    ) -> None:
        """Decide on a finding. Raises: KeyError, Erased, StaleVersion."""

        def job(session: Session) -> None:
            row = session.findings.get(finding_id)
            if row is None or session.restrictions.findings_withheld([finding_id]):
                raise KeyError(finding_id)
            if row["certificate"] is not None:
                raise Erased(row["certificate"])
            if expected_version is not None and row["version"] != expected_version:
                raise StaleVersion("the finding has changed since it was read: read it again, then decide")
            session.findings.move(finding_id, State(state).value, actor, reason)
            self.effects.project(session, [finding_id])
            if audit is not None:
                session.audit.append(replace(audit, objects=(finding_id,), count=1))

        self._commit.run(job)
        self.follow()

    def reply(
        self, finding_id: str, text: str, received_on: str, actor: str, *, audit: AuditEntry | None = None
    ) -> None:
        """Put a subject's reply on file. Raises: KeyError."""

        def job(session: Session) -> None:
            now = session.findings.follow(finding_id)
            if now is None or session.restrictions.findings_withheld([now]):
                raise KeyError(finding_id)
            session.findings.reply(now, text, received_on, actor)
            if audit is not None:
                session.audit.append(replace(audit, objects=(now,), count=1))

        self._commit.run(job)

    def audit(self, entry: AuditEntry) -> int:
        """Write down a look at somebody; the answer may leave only afterwards."""
        return self._commit.run(lambda session: session.audit.append(entry))

    def run(self, job: Callable[[Session], T]) -> T:
        """Run any other job on the ledger within the group commit."""
        return self._commit.run(job)

    # -- patterns, model, background -----------------------------------------------------

    def detect(self, graph: GraphStore, patterns: Sequence[Pattern], scope: Scope) -> list[str]:
        """Run patterns over a scope and keep what they find; return the findings touched.

        They look at a snapshot, so that others can write meanwhile; only keeping what they found takes the
        write lock. Raises: what a pattern raises; then nothing is kept.
        """
        within = self.effects.within
        with self._ledger.look() as session:
            seen = session.sequence()
            store = within(session) if within else graph
            found = detector.look(session, store, patterns, scope, self.effects.kept)

        def keep(session: Session) -> list[str]:
            findings = detector.keep(session, found, patterns, scope.about, seen)
            self.effects.project(session, findings)
            return findings

        findings = self._commit.run(keep)
        self.follow()
        return findings

    def model(self, session: Session) -> LinkageModel:
        """Return the model in force in a session: the one last promoted by then, or Kith's default."""
        current = session.models.current_id()
        with self._promoted_lock:
            if current not in self._promoted:
                text = session.models.current() if current is not None else None
                model = LinkageModel.from_json(text) if text is not None else default_model()
                while len(self._promoted) >= MODELS_KEPT:
                    del self._promoted[next(iter(self._promoted))]
                self._promoted[current] = model
            return self._promoted[current]

    def settle(self, on_progress: Callable[[int], None] | None = None) -> bool:
        """Bring the graph up to the ledger (another server's with its findings); return whether it is.

        `on_progress` is told how many parts of the graph wait.
        """
        if self._drain is not None:
            return self._drain.run(on_progress)
        while waiting := self._commit.run(self.effects.draw_some):
            if on_progress is not None:
                on_progress(waiting)
        return True

    def start(self) -> None:
        """Draw what a load that broke off left waiting, or follow the ledger from now on (Neo4j)."""
        if self._drain is not None:
            self._drain.start()
        else:
            self.settle()

    def close(self) -> None:
        """Stop the background work."""
        if self._drain is not None:
            self._drain.close()

    def _write(
        self, job: Callable[[Session], list[T]], audit: AuditEntry | None, *, settle: bool = True
    ) -> list[T]:
        def whole(session: Session) -> list[T]:
            answers = job(session)
            if audit is not None:
                session.audit.append(about(audit, {id_ for answer in answers for id_ in shown(answer)}))
            return answers

        answers = self._commit.run(whole)
        if settle:
            self.follow()
        return answers

    def follow(self) -> None:
        """Let another server's graph follow a write; the embedded one was written with it."""
        if self._drain is not None:
            self._drain.follow()


def _only(answers: Sequence[T | Exception]) -> T:
    answer = answers[0]
    if isinstance(answer, Exception):
        raise answer
    return answer


def _withdrawn(session: Session, receipt: WriteEffect, since: int) -> list[Withdrawn]:
    """Return the findings about the persons touched that were withdrawn since, not those that began so."""
    persons = {one.entity_id for one in receipt.touched} | {one.into for one in receipt.touched if one.into}
    return [
        Withdrawn(finding=row["id"], title=row["title"], was=step["from"], reason=step["reason"])
        for row in session.findings.about(persons)
        for step in row["history"]
        if step["sequence"] > since and step["to"] == State.WITHDRAWN and step["from"] is not None
    ]


def _participants_before(session: Session, keys: Sequence[EventKey]) -> set[RecordKey]:
    stored = [session.events.get(key) for key in keys]
    return {
        part.record
        for row in stored
        if row is not None and row.event is not None
        for part in row.event.participants
    }
