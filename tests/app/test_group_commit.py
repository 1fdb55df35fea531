"""Group commit: every job is answered after its commit, alone in its failure, in whatever company it went."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.group_commit import GroupCommit
from ledger.entry import LedgerBusy
from ledger.ledger import Session
from ledger.ledgers import open_ledger
from ledger.ledgers.sqlite import SqliteLedger

CLIENTS = 32


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    ledger = open_ledger(tmp_path)
    assert isinstance(ledger, SqliteLedger)
    yield ledger
    ledger.close()


def note(subject: str) -> Callable[[Session], int]:
    return lambda session: session.append("note", subject, "test", {})


def subjects(ledger: SqliteLedger) -> list[str]:
    with ledger.read() as session:
        return [entry.subject for entry in session.entries(0, 1_000, ["note"])]


def test_many_clients_each_get_their_own_answer_from_few_commits(ledger: SqliteLedger) -> None:
    commits = counted(ledger)
    group, gate = GroupCommit(ledger), threading.Event()
    holder = threading.Thread(target=group.run, args=(lambda session: gate.wait(5),))
    holder.start()
    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = [clients.submit(group.run, note(str(n))) for n in range(CLIENTS)]
        while len(group._waiting) < CLIENTS:
            threading.Event().wait(0.01)
        gate.set()
        sequences = [answer.result() for answer in answers]
    holder.join()
    assert len(set(sequences)) == CLIENTS
    assert sorted(subjects(ledger)) == sorted(str(n) for n in range(CLIENTS))
    assert len(commits) == 2


def test_clients_that_come_again_at_once_still_share_commits(ledger: SqliteLedger) -> None:
    """Whoever is answered does not stand in the way of those who wait: they would all go one by one."""
    rounds, commits = 20, counted(ledger)
    group, seen = GroupCommit(ledger), []

    def client(number: int) -> None:
        for n in range(rounds):
            seen.append(group.run(note(f"{number}/{n}")))

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(client, range(CLIENTS)))
    assert len(set(seen)) == CLIENTS * rounds
    assert len(commits) < CLIENTS * rounds / 4


def test_a_job_that_raises_undoes_itself_alone(ledger: SqliteLedger) -> None:
    group = GroupCommit(ledger)

    def fails(session: Session) -> None:
        session.append("note", "undone", "test", {})
        raise KeyError("undone")

    with pytest.raises(KeyError):
        group.run(fails)
    group.run(note("kept"))
    assert subjects(ledger) == ["kept"]


def test_no_one_is_answered_when_the_commit_fails(ledger: SqliteLedger) -> None:
    @contextmanager
    def full_disk() -> Iterator[Session]:
        with write() as session:
            yield session
            raise LedgerBusy("the disk is full")

    write = ledger.write
    group = GroupCommit(ledger)
    ledger.write = full_disk  # type: ignore[method-assign]
    with pytest.raises(LedgerBusy):
        group.run(note("lost"))
    ledger.write = write  # type: ignore[method-assign]
    group.run(note("kept"))
    assert subjects(ledger) == ["kept"]


def test_a_twin_that_answers_before_the_commit_is_found_out(ledger: SqliteLedger) -> None:
    """The broken twin: it hands out the result inside the transaction, so a failed commit goes unnoticed."""

    class AnswersEarly(GroupCommit):
        def run(self, job):  # type: ignore[no-untyped-def, override]
            result = None
            try:
                with self._ledger.write() as session:
                    result = job(session)
                    raise LedgerBusy("the disk is full")
            except LedgerBusy:
                return result

    answered = AnswersEarly(ledger).run(note("lost"))
    assert answered is not None
    assert subjects(ledger) == []


def counted(ledger: SqliteLedger) -> list[int]:
    """Count the write transactions of a ledger from here on."""
    commits: list[int] = []
    write = ledger.write

    @contextmanager
    def counting() -> Iterator[Session]:
        with write() as session:
            yield session
        commits.append(1)

    ledger.write = counting  # type: ignore[assignment, method-assign]
    return commits
