"""A run over everybody: others write while it looks, and what they wrote is not overwritten."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from builders import event, record

from app.settings import Settings
from app.wiring import Kith, open_kith
from patterns.finding import Finding
from patterns.pattern import Scope, View

PHONE = "07700 900123"


@pytest.fixture
def kith(tmp_path: Path) -> Iterator[Kith]:
    kith = open_kith(Settings(data=tmp_path / "data"))
    put = kith.pipeline
    officer = record("hr|1", "Rosalind Achterberg", staff_number="40871", phone=PHONE)
    nominal = record("custody|9", "Otmar Velde", phone=PHONE)
    custody = event("custody|C1", "custody|9 detained", kind="custody")
    put.put_records([(officer, None), (nominal, None)], "test")
    put.put_events([(custody, None)], "test")
    yield kith
    kith.close()


class Meanwhile:
    """A pattern of the catalogue; when it has looked, somebody else writes before it answers."""

    def __init__(self, kith: Kith, write: Callable[[], object]) -> None:
        self._pattern = kith.patterns["shared_identifier"]
        self._write = write
        self.written_within_seconds = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pattern, name)

    def run(self, view: View, scope: Scope) -> list[Finding]:
        found = list(self._pattern.run(view, scope))
        assert found
        other = Thread(target=self._write, daemon=True)
        other.start()
        other.join(20)
        self.written_within_seconds = not other.is_alive()
        return found


def findings(kith: Kith) -> int:
    with kith.ledger.read() as session:
        return session.findings.count({"state": "new"})


def test_others_write_while_a_run_looks(kith: Kith) -> None:
    other = record("hr|2", "Somebody Else")
    pattern = Meanwhile(kith, lambda: kith.pipeline.put_records([(other, None)], "test"))
    kith.pipeline.detect(kith.graph, [pattern], Scope())
    assert pattern.written_within_seconds
    assert findings(kith) == 1


def test_a_finding_about_persons_merged_meanwhile_is_not_kept(kith: Kith) -> None:
    same = record("custody|9", "Rosalind Achterberg", staff_number="40871", phone=PHONE)
    pattern = Meanwhile(kith, lambda: kith.pipeline.put_records([(same, 2)], "test"))
    kith.pipeline.detect(kith.graph, [pattern], Scope())
    with kith.ledger.read() as session:
        assert session.identity.count() == 1
    assert findings(kith) == 0


def test_a_finding_decided_on_meanwhile_stays_decided(kith: Kith) -> None:
    with kith.ledger.read() as session:
        (row,), _ = session.findings.page({}, None, 10)
    finding_id = row["id"]

    def decide() -> None:
        kith.pipeline.run(
            lambda session: session.findings.move(finding_id, "escalated", "ines", "with the inquiry")
        )

    kith.pipeline.detect(kith.graph, [Meanwhile(kith, decide)], Scope())
    with kith.ledger.read() as session:
        (row,), _ = session.findings.page({}, None, 10)
    assert row["state"] == "escalated"
