"""What the tests of patterns share: an embedded graph, one for each file of tests."""

from collections.abc import Iterator

import pytest

from graph_schema.stores.embedded import EmbeddedStore


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(str(tmp_path_factory.mktemp("store") / "graph.db"))
    yield store
    store.close()
