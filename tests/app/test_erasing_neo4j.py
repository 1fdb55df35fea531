"""An erasure with the graph on a Neo4j: gone from its answers at once, from its files once they are new."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from canaries import OWN, fill, hits
from neo4j_server import Server
from running_kith import running

from app.erasing import erase, finish
from app.rebuilding import rebuild

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]


def test_the_certificate_stays_open_until_the_store_is_new(
    start_neo4j: Callable[[], Server], tmp_path: Path
) -> None:
    server, home = start_neo4j(), tmp_path / "neo4j" / "data"
    with running(tmp_path / "kith", ("hr", "vetting", "custody", "psd"), server.url) as service:
        kith, known = service.kith, fill(service)
        assert kith.pipeline.settle()  # the server has all of it before anything is erased
        erasure = erase(kith, [known["person"]], "request")
        assert (erasure.purged_at is not None, erasure.graph_at) == (True, None)
        assert hits(tmp_path / "kith", OWN) == {}
        assert kith.graph.get([known["person"]]) == {}
        whole = kith.graph.digest()
        assert [one.certificate for one in finish(kith)] == [erasure.certificate]
        assert hits(home, OWN)  # what was deleted is still in the server's files
        server.stop()
        for name in ("databases", "transactions"):
            shutil.rmtree(home / name)
        server = start_neo4j()
        rebuild(kith.pipeline, kith.graph)
        assert finish(kith) == []
        assert kith.graph.digest() == whole
        server.stop()
        assert hits(tmp_path / "neo4j", OWN) == {}
