"""What is installed is this checkout, and what is shipped is all of it."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names in a wheel built now."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(
        build, cwd=ROOT, check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": "0"}
    )
    with zipfile.ZipFile(next(folder.glob("kith-*.whl"))) as wheel:
        return set(wheel.namelist())


@pytest.mark.parametrize("package", PACKAGES)
def test_package_resolves_inside_the_repository(package: str) -> None:
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    assert [Path(place) for place in spec.submodule_search_locations] == [ROOT / package]


def test_wheel_holds_every_file_of_the_packages(wheel_names: set[str]) -> None:
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *PACKAGES]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    files = {name for name in done.stdout.splitlines() if (ROOT / name).is_file()}
    assert files - wheel_names == set()


@pytest.mark.parametrize(
    "pattern",
    [
        r"app/ui/templates/.+\.html",
        r"app/ui/static/.+\.mjs",
        r"app/ui/static/.+\.css",
        r"ledger/migrations/.+\.sql",
        r"sources/.+\.ya?ml",
        r"resolvers/.+\.json",
    ],
)
def test_wheel_holds_more_than_code(wheel_names: set[str], pattern: str) -> None:
    assert [name for name in wheel_names if re.fullmatch(pattern, name)]


def test_wheel_holds_nothing_but_the_packages(wheel_names: set[str]) -> None:
    rooms = {name.split("/")[0] for name in wheel_names if ".dist-info/" not in name}
    assert rooms == set(PACKAGES)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_lock_pins_what_the_project_asks_for(lock: str) -> None:
    asked = PROJECT["project"]["dependencies"]
    if lock == "requirements-dev.lock":
        asked = asked + PROJECT["project"]["optional-dependencies"]["dev"]
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE)
    assert len(pins) > len(asked)
    for requirement in map(Requirement, asked):
        name = requirement.name.lower().replace("_", "-")
        versions = [Version(version) for pinned, version in pins if pinned == name]
        assert versions, f"{name} is not in {lock}: run `make lock`"
        assert all(requirement.specifier.contains(version) for version in versions), (
            f"{name}: run `make lock`"
        )


def test_both_locks_pin_the_same_versions() -> None:
    line = re.compile(r"^[\w.-]+==\S+(?: ; [^\\\n]+)?", re.MULTILINE)
    runtime, tests = (
        set(line.findall((ROOT / lock).read_text()))
        for lock in ("requirements.lock", "requirements-dev.lock")
    )
    assert {pin.split(" ;")[0].strip() for pin in runtime} <= {pin.split(" ;")[0].strip() for pin in tests}
