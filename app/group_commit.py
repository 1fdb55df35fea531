"""Join the writes of many threads into one durable transaction each time the write lock is free."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ledger.ledger import Ledger, Session

I = TypeVar("I")  # noqa: E741 - an item of work
T = TypeVar("T")
Together = Callable[[Session, Sequence[I]], Sequence[T | Exception]]
"""Do the work of several items at once: an answer, or an error, for each in order."""


class _Ticket:
    """One item on its way through a commit: afterwards it has a result or an error."""

    __slots__ = ("done", "error", "item", "result", "together")

    def __init__(self, together: Together[Any, Any], item: Any) -> None:
        self.together = together
        self.item = item
        self.result: Any = None
        self.error: BaseException | None = None
        self.done = False


class GroupCommit:
    """Run jobs on the ledger, many to a commit, each answered only after that commit.

    Whoever finds nobody leading leads: it takes all waiting jobs into one transaction, a savepoint
    each, so that a job that raises undoes itself alone and one sync to disk serves all. Items of one kind of
    work are done together, which costs far less than one by one. No thread of its own.
    """

    def __init__(self, ledger: Ledger, limit: int = 64) -> None:
        self._ledger = ledger
        self._limit = limit
        self._waiting: deque[_Ticket] = deque()
        self._led = False
        self._turn = threading.Condition()

    def run(self, job: Callable[[Session], T]) -> T:
        """Return what `job` returned, once it is committed.

        Raises: what the job raised (it alone is undone), or LedgerBusy when the commit failed.
        """

        def alone(session: Session, _items: Sequence[None]) -> list[T | Exception]:
            return [job(session)]

        return self.join(alone, None)

    def join(self, together: Together[I, T], item: I) -> T:
        """Return what `together` answered for `item`, done with all items that wait for the same function.

        When it raises for several items, each is tried alone.
        Raises: as `run`, and the error that is the answer.
        """
        ticket = _Ticket(together, item)
        with self._turn:
            self._waiting.append(ticket)
        while taken := self._lead(ticket):
            try:
                self._commit(taken)
            finally:
                with self._turn:
                    self._led = False
                    self._turn.notify_all()
        if ticket.error is not None:
            raise ticket.error
        result: T = ticket.result
        return result

    def _lead(self, ticket: _Ticket) -> list[_Ticket]:
        """Wait until the ticket is done (nothing is returned) or its thread is to lead: the oldest waiting.

        Who is answered goes at once, without queueing for the lead: or they, and not those who still wait,
        would get it one after another, each for a commit of little more than its own next job.
        """
        with self._turn:
            self._turn.wait_for(lambda: ticket.done or not self._led)
            if ticket.done:
                return []
            self._led = True
            return [self._waiting.popleft() for _ in range(min(self._limit, len(self._waiting)))]

    def _commit(self, tickets: list[_Ticket]) -> None:
        kinds: dict[Together[Any, Any], list[_Ticket]] = {}
        for ticket in tickets:
            kinds.setdefault(ticket.together, []).append(ticket)
        try:
            with self._ledger.write() as session:
                for together in kinds.values():
                    self._run(session, together)
        except BaseException as error:
            for ticket in tickets:
                ticket.error = ticket.error or error
        for ticket in tickets:
            ticket.done = True

    def _run(self, session: Session, tickets: list[_Ticket]) -> None:
        """Do the work of tickets of one kind; they share a savepoint."""
        try:
            with session.savepoint():
                answers = tickets[0].together(session, [ticket.item for ticket in tickets])
        except Exception as error:
            if len(tickets) == 1:
                tickets[0].error = error
                return
            for ticket in tickets:
                self._run(session, [ticket])
            return
        for ticket, answer in zip(tickets, answers, strict=True):
            if isinstance(answer, Exception):
                ticket.error = answer
            else:
                ticket.result = answer
