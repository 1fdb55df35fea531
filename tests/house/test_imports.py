"""The direction of dependencies, as pyproject.toml has it."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _lint(config: Path) -> subprocess.CompletedProcess[str]:
    lint = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache", str(config)]
    return subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)


def test_import_contracts_are_kept() -> None:
    done = _lint(ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout


def test_rooms_upside_down_would_be_seen(tmp_path: Path) -> None:
    rooms = 'layers = ["app", "patterns", "graph_schema | ledger", "resolvers"]'
    upside_down = 'layers = ["resolvers", "graph_schema | ledger", "patterns", "app"]'
    text = (ROOT / "pyproject.toml").read_text()
    assert rooms in text
    broken = tmp_path / "pyproject.toml"
    broken.write_text(text.replace(rooms, upside_down))
    done = _lint(broken)
    assert done.returncode == 1
    assert re.search(r"rooms in order.*BROKEN", done.stdout)
