"""Several processes, processes killed, and the disk: what was answered is there; each with its twin."""

import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from builders import key

from ledger.ledgers.sqlite import SqliteLedger

CHILD = Path(__file__).with_name("child.py")
ENDLESS = 100_000
KILLS = 5


def _start(folder: Path, source: str, count: int, mode: str, *before: str) -> "subprocess.Popen[bytes]":
    command = [*before, sys.executable, str(CHILD), str(folder), source, str(count), mode]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


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
        child = _start(folder, f"s{kill}", ENDLESS, mode)
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


def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path) -> None:
    assert _lost_by_kills(tmp_path / "data", "sound") == 0


def test_an_answer_before_the_commit_would_be_lost(tmp_path: Path) -> None:
    assert _lost_by_kills(tmp_path / "data", "early") > 0


def _write_at_once(folder: Path, mode: str) -> tuple[list[int], int | None]:
    """Let three processes open one new folder and write at once; return exit codes and the bad position."""
    children = [_start(folder, f"s{number}", 100, mode) for number in range(3)]
    codes = []
    for child in children:
        child.communicate(timeout=60)
        codes.append(child.returncode)
    ledger = SqliteLedger(folder)
    with ledger.read() as session:
        bad = session.audit.verify()
    ledger.close()
    return codes, bad


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
    child = _start(folder, "s", 40, mode, "strace", "-f", "-y", "-e", calls, "-o", str(trace))
    _, errors = child.communicate(timeout=120)
    if "ptrace" in errors.decode():
        pytest.skip("strace may not trace here")
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


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace: the order of syncs is not seen")
def test_the_log_is_on_disk_before_each_answer(tmp_path: Path) -> None:
    assert _dirty_answers(tmp_path / "data", "sound") == (40, 0)


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace: the order of syncs is not seen")
def test_a_commit_that_does_not_wait_for_the_disk_would_fail(tmp_path: Path) -> None:
    answers, early = _dirty_answers(tmp_path / "data", "normal")
    assert answers == early == 40
