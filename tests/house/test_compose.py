"""docker-compose.yml and Dockerfile name what the tests ran on: images, settings, health commands."""

import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from neo4j_server import CONF, VERSIONS, free_port

from app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def health(service: str, port: int) -> subprocess.CompletedProcess[bytes]:
    """Run a service's health command here, on another port than in its container."""
    kind, *command = SERVICES[service]["healthcheck"]["test"]
    assert kind == "CMD"
    own_port = {"kith": "8765", "neo4j": "7687"}[service]
    assert any(own_port in part for part in command)
    moved = [part.replace(own_port, str(port)) for part in command]
    moved[0] = {"python": sys.executable}.get(moved[0], moved[0])
    return subprocess.run(moved, capture_output=True, check=False, timeout=20)


def environment() -> Iterator[tuple[str, str]]:
    """Yield each variable that a service is given."""
    for service in SERVICES.values():
        yield from service["environment"].items()


def test_images_are_those_tested() -> None:
    assert SERVICES["neo4j"]["image"] == VERSIONS["lts"].image
    assert SERVICES["kith"]["image"] == f"kith:{PROJECT['version']}"


def test_python_is_the_oldest_that_is_supported() -> None:
    floor = PROJECT["requires-python"].removeprefix(">=")
    assert set(re.findall(r"^FROM python:([\d.]+)-slim", DOCKERFILE, re.MULTILINE)) == {floor}


def test_variables_of_kith_are_settings() -> None:
    given = set(SERVICES["kith"]["environment"]) | set(re.findall(r"\b(KITH_\w+)=", DOCKERFILE))
    assert given
    assert {name.removeprefix("KITH_").lower() for name in given} <= set(Settings.model_fields)


def test_settings_of_neo4j_are_those_tested() -> None:
    tested = dict(line.split("=", 1) for line in CONF.splitlines())
    given = {name: value for name, value in SERVICES["neo4j"]["environment"].items() if name != "NEO4J_AUTH"}
    assert given
    for name, value in given.items():
        # The image's rule: a dot is written `_`, an underscore `__`.
        setting = re.sub(r"(?<!_)_(?!_)", ".", name.removeprefix("NEO4J_")).replace("__", "_")
        default = re.sub(r"\$\{\w+:-(.*)\}", r"\1", value)
        assert default == tested[setting]


def test_bloom_is_asked_for_and_its_licence_accepted_by_the_user() -> None:
    bloom, neo4j = SERVICES["bloom"], SERVICES["neo4j"]
    assert bloom["profiles"] == ["enterprise"]
    assert bloom["image"] == neo4j["image"].replace("community", "enterprise")
    assert bloom["environment"]["NEO4J_ACCEPT_LICENSE_AGREEMENT"] == "${NEO4J_ACCEPT_LICENSE_AGREEMENT:-no}"
    assert neo4j["environment"].items() <= bloom["environment"].items()
    assert bloom["healthcheck"] == neo4j["healthcheck"]


def test_no_password_has_a_default() -> None:
    passwords = [value for name, value in environment() if "PASSWORD" in name or "AUTH" in name]
    assert len(passwords) == 3
    assert all(re.search(r"\$\{KITH_NEO4J_PASSWORD:\?[^}]+\}$", value) for value in passwords)
    assert not any(re.search(r"PASSWORD|SECRET|AUTH", line) for line in DOCKERFILE.splitlines())


def test_ports_are_on_loopback_and_the_defaults() -> None:
    ports = [port for service in SERVICES.values() for port in service["ports"]]
    assert all(port.startswith("127.0.0.1:") for port in ports)
    kith = Settings.model_fields["port"].default
    assert SERVICES["kith"]["ports"] == [f"127.0.0.1:{kith}:{kith}"]
    assert f"EXPOSE {kith}" in DOCKERFILE


@pytest.mark.parametrize("service", ["kith", "neo4j", "bloom"])
def test_service_has_health_memory_and_a_volume(service: str) -> None:
    wanted: dict[str, Any] = SERVICES[service]
    assert {"healthcheck", "mem_limit", "volumes", "restart", "stop_grace_period"} <= set(wanted)


@pytest.mark.parametrize("service", ["kith", "neo4j"])
def test_health_command_fails_where_nothing_listens(service: str) -> None:
    assert health(service, free_port()).returncode != 0


def test_health_command_of_neo4j_passes_on_a_real_one(neo4j_url: str) -> None:
    assert health("neo4j", urlsplit(neo4j_url).port or 7687).returncode == 0


@pytest.mark.slow
def test_health_command_of_kith_passes_on_a_real_one(tmp_path: Path) -> None:
    port = free_port()
    kith = str(Path(sys.executable).with_name("kith"))
    serve = [kith, "serve", "--data", str(tmp_path / "data"), "--port", str(port)]
    with subprocess.Popen(serve, stdout=subprocess.DEVNULL) as service:
        try:
            deadline = time.monotonic() + 60
            while health("kith", port).returncode and time.monotonic() < deadline:
                time.sleep(0.2)
            assert health("kith", port).returncode == 0
        finally:
            service.terminate()
    assert health("kith", port).returncode != 0


@pytest.mark.slow
def test_kith_in_a_container_starts_only_with_keys_of_named_roles(tmp_path: Path) -> None:
    host = re.findall(r"KITH_HOST=(\S+)", DOCKERFILE)
    kith = str(Path(sys.executable).with_name("kith"))
    serve = [kith, "serve", "--data", str(tmp_path / "data"), "--port", str(free_port()), "--host", *host]
    done = subprocess.run(serve, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 3
    assert "kith key create" in done.stderr
