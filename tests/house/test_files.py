"""What every committed file keeps to: its length, its name, no path of anybody's machine."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CEILING = 400
WORDLESS = {"utils", "helpers", "common", "manager", "service", "misc"}
# Written with brackets so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:[w]ork|[r]oot|[t]mp|[h]ome/[a-z]+|[U]sers/[a-z]+)/[\w.-]+")
BINARY = {".png", ".woff2", ".parquet", ".ico"}


def committed() -> list[Path]:
    """Return the files that git has or would take, sorted."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return sorted(path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file())


def machine_paths(text: str) -> Iterator[str]:
    """Yield the absolute paths in a text that only one machine has."""
    for found in MACHINE_PATH.finditer(text):
        yield found[0]


def test_no_python_file_is_over_the_ceiling() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in committed() if path.suffix == ".py"}
    assert len(lengths) > 50
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > CEILING} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in committed() if path.suffix == ".py" and path.stem in WORDLESS] == []


def test_no_file_names_a_path_of_a_machine() -> None:
    texts = {path: path.read_text() for path in committed() if path.suffix not in BINARY}
    found = {str(path.relative_to(ROOT)): list(machine_paths(text)) for path, text in texts.items()}
    assert {path: paths for path, paths in found.items() if paths} == {}


@pytest.mark.parametrize("path", ["ork/main", "oot/.cache", "mp/data.csv"])
def test_a_path_of_a_machine_would_be_seen(path: str) -> None:
    first = {"ork": "w", "oot": "r", "mp": "t"}[path.split("/")[0]]
    assert list(machine_paths(f'open("/{first}{path}")')) == [f"/{first}{path}"]
