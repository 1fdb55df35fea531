"""What the ledger's tests ask for: an empty ledger, and one whose clock the test turns."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger.ledger import Ledger
from ledger.ledgers.sqlite import SqliteLedger


class Clock:
    """A clock that stands until it is turned, forward or back."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 5, 3, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def turn(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    """Yield an empty ledger; at the end it must be sound."""
    ledger = SqliteLedger(tmp_path / "data", clock=clock)
    yield ledger
    assert list(ledger.check()) == []
    ledger.close()


@pytest.fixture
def open_again(tmp_path: Path, clock: Clock) -> Iterator[Callable[[], Ledger]]:
    """Yield a function that opens the same folder as `ledger` once more, as another process would."""
    opened: list[Ledger] = []

    def again() -> Ledger:
        opened.append(SqliteLedger(tmp_path / "data", wait=0.2, clock=clock))
        return opened[-1]

    yield again
    for ledger in opened:
        ledger.close()
