"""Join the writes of many threads into one durable transaction each time the write lock is free."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from ledger.ledger import Ledger, Session

T = TypeVar("T")


class _Ticket:
    """One job on its way through a commit: afterwards it has a result or an error."""

    __slots__ = ("done", "error", "job", "result")

    def __init__(self, job: Callable[[Session], Any]) -> None:
        self.job = job
        self.result: Any = None
        self.error: BaseException | None = None
        self.done = False


class GroupCommit:
    """Run jobs on the ledger, many to a commit, each answered only after that commit.

    Whoever finds the write lock free leads: it takes all waiting jobs into one transaction, a savepoint
    each, so that a job that raises undoes itself alone and one sync to disk serves all. No thread of its own.
    """

    def __init__(self, ledger: Ledger, limit: int = 64) -> None:
        self._ledger = ledger
        self._limit = limit
        self._waiting: deque[_Ticket] = deque()
        self._lead = threading.Lock()

    def run(self, job: Callable[[Session], T]) -> T:
        """Return what `job` returned, once it is committed.

        Raises: what the job raised (it alone is undone), or LedgerBusy when the commit failed.
        """
        ticket = _Ticket(job)
        self._waiting.append(ticket)
        with self._lead:
            if not ticket.done:
                self._commit(self._take(ticket))
        if ticket.error is not None:
            raise ticket.error
        result: T = ticket.result
        return result

    def _take(self, ticket: _Ticket) -> list[_Ticket]:
        """Return the oldest waiting jobs, the leader's own always among them."""
        taken: list[_Ticket] = []
        while self._waiting and len(taken) < self._limit:
            taken.append(self._waiting.popleft())
        if ticket not in taken:
            self._waiting.remove(ticket)
            taken.append(ticket)
        return taken

    def _commit(self, tickets: list[_Ticket]) -> None:
        try:
            with self._ledger.write() as session:
                for ticket in tickets:
                    self._run_one(session, ticket)
        except BaseException as error:
            for ticket in tickets:
                ticket.error = ticket.error or error
        for ticket in tickets:
            ticket.done = True

    @staticmethod
    def _run_one(session: Session, ticket: _Ticket) -> None:
        try:
            with session.savepoint():
                ticket.result = ticket.job(session)
        except Exception as error:
            ticket.error = error
