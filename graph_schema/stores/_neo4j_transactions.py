"""Run units of work on Neo4j: fail fast when it is down, try again what the driver does not."""

import random
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import neo4j
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    ConnectionAcquisitionTimeoutError,
    ConstraintError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from graph_schema.store import StoreError, StoreUnavailable

CONNECT_SECONDS = 2.0
ACQUIRE_SECONDS = 2.5
"""Bounds the handshake too, with a server that accepts and then says nothing."""
TRANSACTION_SECONDS = 10.0
SCHEMA_SECONDS = 300
"""An index over a graph of millions that is there already takes minutes to fill."""

GIVE_UP_SECONDS = 0.5
"""No new attempt at a server that does not answer starts later than this: with its connect, 3 s in all."""

ATTEMPTS = 6
"""Attempts at a unit of work that a server which answers has refused for a passing reason."""

_DOWN = (ServiceUnavailable, SessionExpired, ConnectionAcquisitionTimeoutError)
_TIMED_OUT = "Neo.ClientError.Transaction.TransactionTimedOut"

Work = Callable[[neo4j.ManagedTransaction], Any]
Result = TypeVar("Result")


class Transactions:
    """One driver; each unit of work has a session of its own, and reads what this process has written."""

    def __init__(self, url: str, user: str, password: str) -> None:
        try:
            urlsplit(url).port  # noqa: B018 - raises for what is no port; the driver would only when it connects
            self._driver = neo4j.GraphDatabase.driver(
                url,
                auth=(user, password) if user else None,
                connection_timeout=CONNECT_SECONDS,
                connection_acquisition_timeout=ACQUIRE_SECONDS,
                connection_write_timeout=TRANSACTION_SECONDS,
                # Idle connections are closed by ourselves before a load balancer drops them without a word.
                max_connection_lifetime=300,
                liveness_check_timeout=60,
                # The driver's own retry goes on for 30 s; ours knows what may be repeated.
                max_transaction_retry_time=0,
                # A label or type that no node carries yet is no mistake here.
                notifications_min_severity="OFF",
                warn_notification_severity="OFF",
                telemetry_disabled=True,
            )
        except (ConfigurationError, ValueError) as error:
            raise StoreError(
                f"not a usable Neo4j URL ({error}): give bolt://host:port or neo4j://host"
            ) from None
        self._bookmarks = neo4j.GraphDatabase.bookmark_manager()

    def read(self, work: Callable[[neo4j.ManagedTransaction], Result]) -> Result:
        """Return what `work` reads in one transaction. Raises: StoreUnavailable, StoreError."""
        return self._run(work, TRANSACTION_SECONDS, write=False)

    def write(
        self, work: Callable[[neo4j.ManagedTransaction], Result], seconds: float = TRANSACTION_SECONDS
    ) -> Result:
        """Return what `work` gives in one write transaction; `work` may run several times.

        So it must read what it changes inside the transaction. Raises: StoreUnavailable, StoreError.
        """
        return self._run(work, seconds, write=True)

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the rows of one read query."""
        return self.read(lambda transaction: run(transaction, query, parameters))

    def schema(self, statement: str) -> list[dict[str, Any]]:
        """Run one schema command, which needs a transaction that holds nothing else."""
        return self.write(lambda transaction: run(transaction, statement), SCHEMA_SECONDS)

    def close(self) -> None:
        """Close every connection."""
        self._driver.close()

    def _run(
        self, work: Callable[[neo4j.ManagedTransaction], Result], seconds: float, *, write: bool
    ) -> Result:
        timed = neo4j.unit_of_work(timeout=seconds)(work)
        started = time.monotonic()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._driver.session(bookmark_manager=self._bookmarks) as session:
                    return session.execute_write(timed) if write else session.execute_read(timed)
            except (DriverError, Neo4jError) as error:
                if isinstance(error, IncompleteCommit):
                    started = time.monotonic()  # It answered until then.
                late = isinstance(error, _DOWN) and time.monotonic() - started > GIVE_UP_SECONDS
                if late or attempt == ATTEMPTS or not _repeatable(error, write=write):
                    raise _as_store_error(error) from error
            # Full jitter, so that writers who met do not meet again.
            time.sleep(random.uniform(0.02, min(1.0, 0.1 * 2**attempt)))
        raise AssertionError("the last attempt returns or raises")


def run(
    transaction: neo4j.ManagedTransaction, query: str, parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Return the rows of a query inside a transaction."""
    return [dict(record) for record in transaction.run(query, dict(parameters or {}))]


def _repeatable(error: DriverError | Neo4jError, *, write: bool) -> bool:
    """Return whether a new attempt may help; our units of work are idempotent.

    Beyond what the driver calls retryable: a commit whose answer was lost, two writers that made one key at
    once, and a write that ran into the server's time-out (a read that does is too large: no second try).
    """
    if error.is_retryable() or isinstance(error, IncompleteCommit | ConstraintError):
        return True
    return write and _timed_out(error)


def _timed_out(error: Exception) -> bool:
    return isinstance(error, ClientError) and str(error.code).startswith(_TIMED_OUT)


def _as_store_error(error: DriverError | Neo4jError) -> StoreError:
    if isinstance(error, AuthError):
        return StoreError("Neo4j refuses the user or password: check KITH_NEO4J_USER and KITH_NEO4J_PASSWORD")
    if isinstance(error, _DOWN) or error.is_retryable():
        return StoreUnavailable("Neo4j does not answer: check that it runs and that its URL is right")
    if _timed_out(error):
        return StoreUnavailable("Neo4j took too long: narrow the question or try again later")
    code = getattr(error, "code", None) or type(error).__name__
    return StoreError(f"Neo4j refused ({code}): see its log")
