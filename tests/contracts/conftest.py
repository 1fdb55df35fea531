"""Each back end of the store contract, opened once a module and empty for each test."""

from collections.abc import Iterator

import pytest

from graph_schema.store import GraphStore
from graph_schema.stores import open_store

BACK_ENDS = ("embedded", "neo4j")


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=[pytest.mark.neo4j] * (name == "neo4j")) for name in BACK_ENDS],
)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    """Open each back end once."""
    if request.param == "neo4j":
        url = request.getfixturevalue("neo4j_url")
    else:
        url = str(tmp_path_factory.mktemp("graph") / "graph.db")
    store = open_store(url)
    yield store
    store.close()


@pytest.fixture
def store(opened: GraphStore) -> GraphStore:
    """Return an empty store."""
    opened.clear()
    return opened
