"""Carry the outbox to another server's graph, and look again at whom it changed."""

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app import detector
from app.concern import concerned, looked_at
from app.group_commit import GroupCommit
from app.unit_of_work import Effects
from graph_schema.store import GraphStore, StoreError, StoreUnavailable
from ledger.entry import LedgerError
from ledger.ledger import Ledger, Session
from patterns.pattern import Scope

OWNERS_AT_ONCE = 500
PERSONS_KNOWN = 100_000
"""Waiting persons known when the others that a change concerns are looked for."""

PERSONS_AT_ONCE = 100
IDLE_SECONDS = 1.0
BACK_OFF_SECONDS = 5.0
TRIES = 5
"""Times that one owner is tried before it goes to quarantine, so that it holds up no other."""
SOURCE, ACTOR = "kith", "kith"
POISON = (
    "it failed {} times and was left out: report it; the next change of it, or `kith rebuild`, tries again"
)
PATIENCE_SECONDS = 2.0
"""How long a writer lets the graph follow before it leaves that to the thread."""

_One = tuple[int | None, str]
"""An owner that waits for the graph by its position, or (None) a person who waits to be looked at."""

_Work = Callable[[Sequence[_One]], None]

_log = logging.getLogger("kith.outbox")


class OutboxDrain:
    """Drain the outbox into a graph store: by whoever has just written, and by a thread that retries.

    One drain at a time over all processes of a data folder, so that an older state never overwrites a
    newer one.
    """

    def __init__(
        self, ledger: Ledger, graph: GraphStore, commit: GroupCommit, effects: Effects, lock: Path
    ) -> None:
        self._ledger = ledger
        self._graph = graph
        self._commit = commit
        self._effects = effects
        self._lock = lock
        self._one = threading.Lock()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._down = False
        self._behind = False
        self._last_seconds = 0.0

    def follow(self) -> None:
        """Drain after a write while that is quick; where it is not, leave it to the thread.

        A server that is down or slow, or a queue that fills as fast as it is drained, holds up nobody who
        writes for longer than one unit of work. Without a thread (a command) all is drained.
        """
        if self._thread is None:
            self.run()
        elif self._behind or not self._caught_up():
            self._behind = True
            self._wake.set()

    def _caught_up(self) -> bool:
        try:
            return self._attempt(patience=PATIENCE_SECONDS)
        except Exception as error:  # The write is committed: its answer does not depend on the graph.
            _log.error("the outbox could not be drained: %s", type(error).__name__)
            return False

    def run(self, on_progress: Callable[[int], None] | None = None) -> bool:
        """Drain graph changes, then detections, until both queues are empty; return whether they are.

        False when the server does not answer, or refuses: nobody but the thread tries again until it has
        drained what is owed. `on_progress` is told how many graph changes wait.
        """
        return False if self._down else self._attempt(on_progress)

    def _attempt(
        self, on_progress: Callable[[int], None] | None = None, patience: float | None = None
    ) -> bool:
        """Return whether both queues are empty now; with `patience` (seconds) stop when it is used up."""
        until = None if patience is None else time.monotonic() + patience
        try:
            with self._alone(patience) as mine:
                while mine and (until is None or time.monotonic() < until):
                    waiting = self._project_some()
                    if not waiting and not self._look_at_some():
                        self._down = False
                        return True
                    if on_progress is not None:
                        on_progress(waiting)
        except StoreError as error:
            if not self._down and not isinstance(error, StoreUnavailable):
                _log.error("the graph refuses what waits for it, which is kept and tried again: %s", error)
            self._down = True
            self._wake.set()
        return False

    def start(self) -> None:
        """Start the thread that retries what could not be drained."""
        self._thread = threading.Thread(target=self._follow, name="kith-outbox", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the thread; what waits stays in the outbox."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=15)

    def _follow(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(IDLE_SECONDS)
            self._wake.clear()
            try:
                reached = self._attempt()
                self._behind = not reached or self._last_seconds > PATIENCE_SECONDS
            except Exception:
                _log.exception("the outbox could not be drained; it is kept and tried again")
                reached, self._behind = False, True
            if not reached:
                self._stop.wait(BACK_OFF_SECONDS)

    @contextmanager
    def _alone(self, patience: float | None) -> Iterator[bool]:
        """Hold the one drain of the data folder; False with `patience` when another has it."""
        if not self._one.acquire(timeout=-1 if patience is None else patience):
            yield False
            return
        try:
            with self._lock.open("a") as handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | (0 if patience is None else fcntl.LOCK_NB))
                except BlockingIOError:
                    yield False
                else:
                    yield True
        finally:
            self._one.release()

    def _project_some(self) -> int:
        """Project what waits longest; return how much waited."""
        with self._ledger.read() as session:
            waiting = session.outbox.take(OWNERS_AT_ONCE)
            length = session.outbox.length() if waiting else 0
        self._one_by_one_if_it_fails(self._project, waiting)
        return length

    def _one_by_one_if_it_fails(self, work: _Work, waiting: Sequence[_One]) -> None:
        """Work on all at once, else on each alone; count a failed try of those that fail where others do not.

        Raises: what is nobody's own failure: the store or the ledger fails, or all of several do.
        """
        try:
            work(waiting)
            return
        except (StoreUnavailable, LedgerError):
            raise
        except Exception as error:
            self._graph.sequence()  # A server that refuses everything says so here.
            failed = [(waiting[0], error)] if len(waiting) == 1 else self._failing(work, waiting)
        if len(failed) == len(waiting) > 1:
            raise failed[0][1]
        for one, why in failed:
            self._commit.run(_poisoned(one, why))
        if failed:
            raise failed[0][1]

    def _failing(self, work: _Work, waiting: Sequence[_One]) -> list[tuple[_One, Exception]]:
        failed = []
        for one in waiting:
            try:
                work([one])
            except (StoreUnavailable, LedgerError):
                raise
            except Exception as error:
                failed.append((one, error))
        return failed

    def _project(self, waiting: Sequence[_One]) -> None:
        if not waiting:
            return
        with self._ledger.read() as session:
            owners = [owner for _, owner in waiting]
            patches = self._effects.projector.patches_for(self._graph, session, owners)
            sequence = session.sequence()
            seen = looked_at(patches, set(session.detections.take(PERSONS_KNOWN)))
        others = concerned(self._graph, seen, self._effects.most_holders)
        if others:  # before the graph has changed: afterwards nothing would tell whom the change concerned
            self._commit.run(
                lambda session: session.detections.put(sorted(others), since=session.outbox.oldest())
            )
        started = time.monotonic()
        self._graph.apply(patches, sequence)
        self._last_seconds = time.monotonic() - started
        positions = [position for position, _ in waiting if position is not None]
        self._commit.run(lambda session: session.outbox.done(positions))

    def _look_at_some(self) -> bool:
        """Look at the persons who wait longest; return whether any did."""
        with self._ledger.read() as session:
            persons: list[_One] = [(None, person) for person in session.detections.take(PERSONS_AT_ONCE)]
        self._one_by_one_if_it_fails(self._look, persons)
        return bool(persons)

    def _look(self, waiting: Sequence[_One]) -> None:
        if not waiting:
            return
        persons = [person for _, person in waiting]
        with self._ledger.look() as session:
            scope = Scope(about=frozenset(persons))
            seen = session.sequence()
            found = detector.look(session, self._graph, self._effects.live, scope, self._effects.kept)
        patterns = self._effects.live

        def keep(session: Session) -> None:
            findings: Sequence[str] = detector.keep(session, found, patterns, scope.about)
            self._effects.project(session, findings)
            session.detections.done(persons, seen)

        self._commit.run(keep)


def _poisoned(one: _One, error: Exception) -> Callable[[Session], None]:
    """Return a job that counts a failed try, and after the last puts the owner into quarantine.

    Only the kind of the error is kept: its message may hold personal values. `position` None = a detection.
    """
    position, owner = one
    what = "detection" if position is None else "graph"

    def count(session: Session) -> None:
        tries = session.detections.failed(owner) if position is None else session.outbox.failed(position)
        if tries < TRIES:
            return
        code = type(error).__name__
        row = {"source": SOURCE, "field": owner, "code": f"{what}: {code}", "message": POISON.format(tries)}
        session.quarantine.put(row, ACTOR)
        if position is None:
            session.detections.done([owner])
        else:
            session.outbox.done([position])

    _log.error("%s of %s failed: %s", what, owner, type(error).__name__)
    return count
