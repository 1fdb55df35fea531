"""A real Neo4j Community server for the tests: one given by URL, one in Docker, or one run by Java."""

import contextlib
import os
import platform
import re
import shutil
import socket
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import neo4j

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "neo4j"
START_SECONDS = 120
SHORT_LIVED = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Java's flags for a server that lives for minutes: it compiles fast rather than well: a third less CPU."""


class NoServer(Exception):
    """This machine cannot give a Neo4j server; the message has the reasons."""


@dataclass(frozen=True, slots=True)
class Version:
    """A server version the tests run on, the Java releases it runs on and its main class."""

    number: str
    java: tuple[int, ...]
    main_class: str

    @property
    def image(self) -> str:
        """Return the official Docker image of this version."""
        return f"neo4j:{self.number}-community"


VERSIONS: Mapping[str, Version] = {
    "lts": Version("5.26.30", (17, 21), "org.neo4j.server.CommunityEntryPoint"),
    "current": Version("2026.08.1", (21, 25), "org.neo4j.server.Neo4jCommunity"),
}

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>kith.tests</groupId><artifactId>neo4j-server</artifactId><version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{0}</version></dependency>
    <dependency><groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{0}</version></dependency>
  </dependencies>
</project>
"""

CONF = """server.bolt.listen_address=127.0.0.1:{0}
server.bolt.advertised_address=127.0.0.1:{0}
server.http.enabled=false
server.https.enabled=false
dbms.security.auth_enabled=false
server.memory.heap.initial_size=1g
server.memory.heap.max_size=1g
server.memory.pagecache.size=512m
dbms.usage_report.enabled=false
"""


@dataclass(slots=True)
class Server:
    """A running server; it ends by itself if this process dies, however it dies."""

    url: str
    process: subprocess.Popen[bytes] | None
    guard: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End the server at once, as a power cut would, and wait until it is gone; harmless when repeated."""
        assert self.guard.stdin is not None
        self.guard.stdin.close()
        self.guard.wait(timeout=60)
        if self.process is not None:
            self.process.wait(timeout=60)


def _guard(command: str) -> subprocess.Popen[bytes]:
    """Start a shell that runs `command` once our end of its input closes, even by a kill -9 of us."""
    script = f"read _; {command}"
    return subprocess.Popen(["sh", "-c", script], stdin=subprocess.PIPE, start_new_session=True)


def _answers(command: list[str], seconds: int = 20) -> str | None:
    """Return what a command prints (both streams), None if it is absent or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout + done.stderr


def free_port() -> int:
    """Return a loopback port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def find_java(releases: tuple[int, ...]) -> str | None:
    """Return a `java` of one of the releases, looking where systems and their users put them."""
    homes = [Path(home) for home in (os.environ.get("JAVA_HOME"),) if home]
    for root, pattern in (
        ("/usr/lib/jvm", "*"),
        ("/opt", "*"),
        ("/opt/java", "*"),
        ("/Library/Java/JavaVirtualMachines", "*/Contents/Home"),
        ("~/.sdkman/candidates/java", "*"),
        ("~/.jdks", "*"),
    ):
        homes += sorted(Path(root).expanduser().glob(pattern))
    candidates = [shutil.which("java")] + [str(home / "bin" / "java") for home in homes]
    for java in candidates:
        found = re.search(r'version "(\d+)', _answers([java, "-version"]) or "") if java else None
        if found and int(found[1]) in releases:
            return java
    return None


def fetch_jars(version: Version) -> Path:
    """Return the folder of the server's jars, assembled by Maven on the first call.

    Raises: NoServer where Maven is absent or fails.
    """
    folder = CACHE / version.number
    if (folder / "lib").is_dir():
        return folder / "lib"
    if shutil.which("mvn") is None:
        raise NoServer("no `mvn` to fetch the server's jars")
    CACHE.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{version.number}-", suffix=".tmp", dir=CACHE))
    (draft / "pom.xml").write_text(_POM.format(version.number))
    command = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime"]
    done = subprocess.run(
        [*command, "-DoutputDirectory=lib"],
        cwd=draft,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    if done.returncode:
        shutil.rmtree(draft)
        raise NoServer(f"Maven could not fetch Neo4j {version.number}: {done.stdout[-500:]}")
    with contextlib.suppress(OSError):  # another run was first: its jars are the same
        draft.rename(folder)
    shutil.rmtree(draft, ignore_errors=True)
    return folder / "lib"


def _write_home(home: Path, jars: Path, port: int) -> None:
    for name in ("conf", "data", "logs", "plugins", "import", "run", "licenses"):
        (home / name).mkdir(parents=True, exist_ok=True)
    (home / "conf" / "neo4j.conf").write_text(CONF.format(port))
    logging_jar = next(path for path in jars.glob("neo4j-logging-*.jar"))
    with zipfile.ZipFile(logging_jar) as archive:
        names = archive.namelist()
        for wanted in ("user-logs.xml", "server-logs.xml"):
            member = next(name for name in names if name.endswith(f"default-{wanted}"))
            (home / "conf" / wanted).write_bytes(archive.read(member))


def start_java(
    version: Version, home: Path, port: int | None = None, flags: Sequence[str] = SHORT_LIVED
) -> Server:
    """Start a server by Java on a home folder, new or left by an earlier server, and wait until it answers.

    `port` is the Bolt port, None = any free one; `flags` go to Java.

    Raises: NoServer without a fitting Java or Maven, or if the server does not come up.
    """
    java = find_java(version.java)
    if java is None:
        wanted = " or ".join(str(release) for release in version.java)
        raise NoServer(f"no Java {wanted} for Neo4j {version.number}")
    jars = fetch_jars(version)
    port = port or free_port()
    _write_home(home, jars, port)
    opens = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
    command = [java, "-cp", f"{jars}/*", "-Xms1g", "-Xmx1g", *flags, "--enable-native-access=ALL-UNNAMED"]
    command += [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in opens]
    command += [version.main_class, f"--home-dir={home}", f"--config-dir={home / 'conf'}", "--console-mode"]
    with (home / "logs" / "console.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    server = Server(f"bolt://127.0.0.1:{port}", process, _guard(f"kill -9 {process.pid} 2>/dev/null"))
    _await_answer(server, home / "logs" / "console.log")
    return server


def import_offline(version: Version, home: Path, arguments: Path) -> None:
    """Run the offline importer on a home folder whose server is not running.

    Raises: NoServer without a fitting Java or Maven, CalledProcessError when the importer fails.
    """
    java = find_java(version.java)
    if java is None:
        raise NoServer(f"no Java for Neo4j {version.number}")
    jars = fetch_jars(version)
    _write_home(home, jars, free_port())
    command = [java, "-cp", f"{jars}/*", "-Xmx1g", "org.neo4j.cli.AdminTool", "database", "import", "full"]
    subprocess.run(
        [*command, "neo4j", f"@{arguments}"],
        env={**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")},
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=600,
    )


def start_docker(version: Version) -> Server:
    """Start a server in Docker and wait until it answers.

    Raises: NoServer without a Docker engine, or if the image cannot be had.
    """
    if shutil.which("docker") is None or _answers(["docker", "info"]) is None:
        raise NoServer("no Docker engine answers")
    run = ["docker", "run", "--detach", "--rm", "--publish", "127.0.0.1::7687", "--env", "NEO4J_AUTH=none"]
    container = (_answers([*run, version.image], seconds=600) or "").strip().rpartition("\n")[2]
    published = _answers(["docker", "port", container, "7687"]) if container else None
    if published is None:
        raise NoServer(f"Docker could not run {version.image}")
    server = Server(
        f"bolt://{published.split()[0]}", None, _guard(f"docker rm --force {container} >/dev/null")
    )
    _await_answer(server, None)
    return server


def _await_answer(server: Server, log: Path | None) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        ended = server.process is not None and server.process.poll() is not None
        if not ended and is_up(server.url):
            return
        if ended:
            break
        time.sleep(0.25)
    server.stop()
    raise NoServer(f"Neo4j did not come up: {log.read_text()[-1000:] if log else server.url}")


@contextlib.contextmanager
def running(version: Version, flags: Sequence[str] = SHORT_LIVED) -> Iterator[str]:
    """Yield the URL of a server: `KITH_TEST_NEO4J_URL`, else Docker, else Java with `flags`; ours is stopped.

    A server given by URL must ask for no password; the tests wipe it.

    Raises: NoServer with every reason why not.
    """
    given = os.environ.get("KITH_TEST_NEO4J_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="kith-neo4j-", ignore_cleanup_errors=True) as home:
        try:
            server = start_docker(version)
        except NoServer as without_docker:
            try:
                server = start_java(version, Path(home), flags=flags)
            except NoServer as without_java:
                raise NoServer(f"{without_docker}; {without_java} ({platform.system()})") from None
        try:
            yield server.url
        finally:
            server.stop()


def connect(url: str) -> neo4j.Driver:
    """Return a driver for a server that asks for no password."""
    return neo4j.GraphDatabase.driver(url, connection_timeout=2)


def is_up(url: str) -> bool:
    """Say whether a server answers at the URL."""
    with connect(url) as driver:
        try:
            driver.verify_connectivity()
        except (neo4j.exceptions.DriverError, neo4j.exceptions.Neo4jError):
            return False
        return True


def server_version(url: str) -> str:
    """Return the version that the server at the URL says it has."""
    with connect(url) as driver:
        return driver.get_server_info().agent.removeprefix("Neo4j/")


def wipe(url: str) -> None:
    """Delete every node and relationship, in batches; constraints and indexes stay."""
    with connect(url) as driver, driver.session() as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()
