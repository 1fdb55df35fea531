"""What the tests of the app may ask for: a command line in a folder of its own."""

import os
from pathlib import Path

import pytest
from running_command import MAPPING, PEOPLE, Run

from app.cli.console import application, guarded


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command in an own folder: status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("KITH_")]:
        monkeypatch.delenv(name)
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "m.yaml").write_text(MAPPING)

    def run(*words: str) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as stopped:
            guarded(lambda: application(list(words)))
        out, err = capfd.readouterr()
        code = stopped.value.code
        return (code if isinstance(code, int) else 0), out, err

    return run
