"""Work too long for one answer: started, watched and fetched by id; gone when the service stops."""

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.errors import Absent, Problem, problem_of

R = TypeVar("R")

_log = logging.getLogger("kith.jobs")


@dataclass(slots=True)
class Job(Generic[R]):
    """One piece of work: status is running, done or failed; `found` counts what it has come upon so far."""

    id: str
    subject: str
    status: str = "running"
    found: int = 0
    result: R | None = None
    problem: str | None = None


class Jobs(Generic[R]):
    """Run a few jobs at a time in threads; the latest finished ones are kept for whoever asks."""

    def __init__(self, at_once: int = 2, kept: int = 50) -> None:
        self._at_once = at_once
        self._kept = kept
        self._jobs: dict[str, Job[R]] = {}
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self, subject: str, work: Callable[[Job[R]], R]) -> Job[R]:
        """Start work on a subject. Raises: Problem too-many when enough is running."""
        job: Job[R] = Job("j" + secrets.token_hex(8), subject)
        with self._lock:
            if sum(other.status == "running" for other in self._jobs.values()) >= self._at_once:
                detail = f"{self._at_once} runs are under way; ask again when one has ended"
                raise Problem("too-many", detail, headers={"Retry-After": "5"})
            self._jobs[job.id] = job
            self._forget()
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            thread = threading.Thread(target=self._run, args=(job, work), name=f"kith-{job.id}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return job

    def get(self, job_id: str, subject: str) -> Job[R]:
        """Return a job on this subject. Raises: Absent when there is none (any more)."""
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None or job.subject != subject:
            raise Absent
        return job

    def close(self, seconds: float = 10.0) -> None:
        """Wait a little for what is running."""
        for thread in self._threads:
            thread.join(seconds)

    def _run(self, job: Job[R], work: Callable[[Job[R]], R]) -> None:
        try:
            job.result = work(job)
            job.status = "done"
        except Exception as error:
            _log.error("job on %s failed: %s", job.subject, type(error).__name__)
            job.problem = str(problem_of(error).detail)
            job.status = "failed"

    def _forget(self) -> None:
        finished = [job_id for job_id, job in self._jobs.items() if job.status != "running"]
        for job_id in finished[: max(0, len(finished) - self._kept)]:
            del self._jobs[job_id]
