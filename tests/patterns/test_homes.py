"""Homes read for a few persons say what homes read for everybody do."""

from pathlib import Path
from typing import Any

import pytest
from pattern_worlds import World, entity

from graph_schema.stores.embedded import EmbeddedStore
from patterns.catalogue import shared_home
from patterns.detection import detect
from patterns.finding import Finding
from patterns.pattern import Scope

HOUSE = {"line": "12 Oak Street", "postcode": "ZZ1 1AA"}
HOSTEL = {"line": "1 Mill Lane", "postcode": "ZZ2 2BB", "valid_from": "2020-01-01"}
DETENTION = {"source": "custody", "id": "D1", "kind": "custody", "from": "2023-05-03"}
GUESTS = 60


@pytest.fixture
def findings_about(tmp_path: Path) -> Any:
    """Return a function that gives what `shared_home` says about persons, or everybody (None).

    Ana, who is staff, and Bo, who was detained, are both at a hostel of many, and were at one house one after
    the other.
    """
    store = EmbeddedStore(str(tmp_path / "graph.db"))
    ana = {"person": "ana", "source": "hr", "name": "Ana Pike", "staff_number": "S1"}
    bo = {"person": "bo", "source": "custody", "name": "Bo Tran"}
    records = [
        {**ana, "id": 1, "address": HOSTEL},
        {**ana, "id": 2, "address": {**HOUSE, "valid_from": "2010-01-01", "valid_to": "2012-01-01"}},
        {**bo, "id": 3, "address": HOSTEL},
        {**bo, "id": 4, "address": {**HOUSE, "valid_from": "2012-01-05", "valid_to": "2014-01-01"}},
    ]
    records += [
        {
            "person": f"guest {n}",
            "source": "custody",
            "id": 10 + n,
            "name": f"Gus Guest{n}",
            "address": HOSTEL,
        }
        for n in range(GUESTS)
    ]
    event = {**DETENTION, "participants": [["custody", 3, "detained"]]}
    view = World.of({"records": records, "events": [event]}).load(store)

    def ask(*persons: str) -> list[Finding]:
        about = frozenset(entity(person) for person in persons) or None
        return detect(view, [shared_home.PATTERN], Scope(about=about))

    yield ask
    store.close()


def test_a_home_of_too_many_ties_nobody_whoever_is_asked_about(findings_about: Any) -> None:
    everybody = findings_about()
    assert [finding.explained for finding in everybody] == [True]
    assert findings_about("ana") == everybody
    assert findings_about("bo") == everybody


def test_reading_some_of_the_many_would_tie_them(
    findings_about: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: of the hostel only the guests of the house are read: it looks like a home of two."""
    monkeypatch.setattr(shared_home, "held_by_too_many", lambda *_: [])
    assert [finding.explained for finding in findings_about("ana")] == [False]
