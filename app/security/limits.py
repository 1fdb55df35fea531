"""How many requests run at once: per key and in all."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import Problem


class Limiter:
    """Count running requests; the one too many is refused at once, never queued."""

    def __init__(self, per_key: int = 64, in_all: int = 256) -> None:
        self._per_key = per_key
        self._in_all = in_all
        self._running: Counter[str] = Counter()
        self._all = 0
        self._lock = threading.Lock()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place among all running requests, before anything is done for this one.

        Raises: Problem unavailable.
        """
        with self._lock:
            if self._all >= self._in_all:
                raise Problem("unavailable", "too many requests are running", headers={"Retry-After": "1"})
            self._all += 1
        try:
            yield
        finally:
            with self._lock:
                self._all -= 1

    @contextmanager
    def slot(self, key_id: str) -> Iterator[None]:
        """Hold one of a key's slots while its request runs. Raises: Problem too-many."""
        with self._lock:
            if self._running[key_id] >= self._per_key:
                detail = f"this key has {self._per_key} requests running; wait for one to end"
                raise Problem("too-many", detail, headers={"Retry-After": "1"})
            self._running[key_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[key_id] -= 1
                if not self._running[key_id]:
                    del self._running[key_id]
