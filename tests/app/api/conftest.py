"""A service for each test, and one with two persons and their finding that a module only reads."""

from collections.abc import Iterator

import pytest
from running_kith import Known, Service, running, two_who_share_a_home


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Yield an empty service with its sources registered."""
    with running(tmp_path_factory.mktemp("data") / "kith") as service:
        yield service


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """Yield a service that knows an officer and a detained person at one address."""
    with running(tmp_path_factory.mktemp("data") / "kith") as service:
        officer, detained = two_who_share_a_home(service)
        (finding,) = service.get("/v1/findings")["items"]
        yield Known(service, officer, detained, finding["id"])
