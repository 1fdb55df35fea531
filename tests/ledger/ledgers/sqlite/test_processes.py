"""Several processes, processes killed, and the disk: what was answered is there; each with its twin."""

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import PIPE

import pytest
from builders import key

from ledger.ledgers.sqlite import SqliteLedger

CHILD = Path(__file__).with_name("child.py")
ENDLESS = 100_000
KILLS = 5
Child = subprocess.Popen[bytes]


def _start(folder: Path, sources: Sequence[str], count: int, mode: str, *before: str) -> list[Child]:
    """Start a child a source; once all have the ledger open, let them write at once."""
    command = [*before, sys.executable, str(CHILD), str(folder)]
    children = [
        subprocess.Popen([*command, source, str(count), mode], stdin=PIPE, stdout=PIPE, stderr=PIPE)
        for source in sources
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == b"open\n", child.communicate()[1].decode()
    for child in children:
        assert child.stdin is not None
        child.stdin.write(b"go\n")
        child.stdin.flush()
    return children


def _acknowledged(output: bytes) -> list[int]:
    """Return the numbers acknowledged; a last line cut short was not said."""
    return [int(line.split()[1]) for line in output.decode().split("\n")[:-1]]


def _missing(folder: Path, source: str, acknowledged: list[int]) -> int:
    """Return how many acknowledged records the ledger does not have; it must be sound in any case."""
    ledger = SqliteLedger(folder)
    assert list(ledger.check()) == []
    with ledger.read() as session:
        known = session.records.numbers([key(f"{source}|{number}") for number in acknowledged])
    ledger.close()
    return len(acknowledged) - len(known)


def _lost_by_kills(folder: Path, mode: str) -> int:
    """Kill a writing child again and again at a random moment; return how many answers were empty."""
    chance = random.Random(7)
    lost = 0
    for kill in range(KILLS):
        (child,) = _start(folder, [f"s{kill}"], ENDLESS, mode)
        assert child.stdout is not None
        first = child.stdout.readline()
        try:
            child.wait(timeout=chance.uniform(0.02, 0.2))
        except subprocess.TimeoutExpired:
            child.kill()
        rest, errors = child.communicate()
        assert first, errors.decode()
        lost += _missing(folder, f"s{kill}", _acknowledged(first + rest))
    return lost


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path) -> None:
    assert _lost_by_kills(tmp_path / "data", "sound") == 0


@pytest.mark.slow
def test_an_answer_before_the_commit_would_be_lost(tmp_path: Path) -> None:
    assert _lost_by_kills(tmp_path / "data", "early") > 0


def _write_at_once(folder: Path, mode: str) -> tuple[list[int], int | None]:
    """Let three processes open one new folder and write at once; return exit codes and the bad position."""
    children = _start(folder, ["s0", "s1", "s2"], 100, mode)
    codes = []
    for child in children:
        child.communicate(timeout=60)
        codes.append(child.returncode)
    ledger = SqliteLedger(folder)
    with ledger.read() as session:
        bad = session.audit.verify()
    ledger.close()
    return codes, bad


@pytest.mark.slow
def test_processes_that_write_at_once_lose_nothing_and_keep_one_chain(tmp_path: Path) -> None:
    codes, bad = _write_at_once(tmp_path / "data", "sound")
    assert (codes, bad) == ([0, 0, 0], None)
    for source in ("s0", "s1", "s2"):
        assert _missing(tmp_path / "data", source, list(range(100))) == 0
    ledger = SqliteLedger(tmp_path / "data")
    with ledger.read() as session:
        assert session.records.count() == session.sequence() == 300
        assert len(session.audit.recent(limit=500)) == 300
    ledger.close()


def test_a_chain_head_kept_between_transactions_would_fail(tmp_path: Path) -> None:
    codes, bad = _write_at_once(tmp_path / "data", "cached")
    assert any(codes) or bad is not None


def _dirty_answers(folder: Path, mode: str) -> tuple[int, int]:
    """Return (answers, answers given while the log was not synced to disk), as the kernel saw them."""
    trace = folder.parent / f"{mode}.trace"
    calls = "trace=pwrite64,pwritev,write,fsync,fdatasync"
    (child,) = _start(folder, ["s"], 40, mode, "strace", "-f", "-y", "-e", calls, "-o", str(trace))
    _, errors = child.communicate(timeout=120)
    assert child.returncode == 0, errors.decode()
    dirty, answers, early = False, 0, 0
    for line in trace.read_text().splitlines():
        call = re.match(r"\d+\s+(?:<\.\.\. )?(\w+)", line)
        if call is None:
            continue
        if "kith.db-wal>" in line:
            dirty = call[1] not in ("fsync", "fdatasync")
        elif call[1] == "write" and '"ack ' in line:
            answers += 1
            early += dirty
    return answers, early


def _may_trace() -> bool:
    strace = shutil.which("strace")
    return strace is not None and subprocess.run([strace, "true"], capture_output=True).returncode == 0


needs_strace = pytest.mark.skipif(not _may_trace(), reason="no strace: the order of syncs is not seen")


@needs_strace
def test_the_log_is_on_disk_before_each_answer(tmp_path: Path) -> None:
    assert _dirty_answers(tmp_path / "data", "sound") == (40, 0)


@needs_strace
def test_a_commit_that_does_not_wait_for_the_disk_would_fail(tmp_path: Path) -> None:
    answers, early = _dirty_answers(tmp_path / "data", "normal")
    assert answers == early == 40
