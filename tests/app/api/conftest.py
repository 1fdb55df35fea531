"""A service for each test, and one with two persons and their finding that a module only reads.

`KITH_TEST_GRAPH=neo4j` runs the same suite with the graph on a real Neo4j, one fresh service a test.
"""

import os
from collections.abc import Iterator

import pytest
from neo4j_server import wipe
from running_kith import Known, Service, running, two_who_share_a_home

ON_NEO4J = os.environ.get("KITH_TEST_GRAPH") == "neo4j"


def known_scope(fixture_name: str, config: pytest.Config) -> str:
    """Neo4j has one database: two services alive at once would see each other's persons."""
    return "function" if ON_NEO4J else "module"


def graph_url(request: pytest.FixtureRequest) -> str | None:
    """Return the URL of an empty Neo4j, or None for the embedded graph."""
    if not ON_NEO4J:
        return None
    url: str = request.getfixturevalue("neo4j_url")
    wipe(url)
    return url


@pytest.fixture
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Yield an empty service with its sources registered."""
    with running(tmp_path_factory.mktemp("data") / "kith", neo4j_url=graph_url(request)) as service:
        yield service


@pytest.fixture(scope=known_scope)
def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """Yield a service that knows an officer and a detained person at one address."""
    with running(tmp_path_factory.mktemp("data") / "kith", neo4j_url=graph_url(request)) as service:
        officer, detained = two_who_share_a_home(service)
        assert service.kith.pipeline.settle()  # a Neo4j that is slow to start may lag
        (finding,) = service.get("/v1/findings")["items"]
        yield Known(service, officer, detained, finding["id"])
