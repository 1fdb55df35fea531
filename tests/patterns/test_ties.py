"""Who is tied to whom: read for one as for everybody; paths by cost, where a count of hops would accuse."""

from collections.abc import Sequence
from math import log2
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pattern_worlds import World, entity

from graph_schema.store import GraphStore
from graph_schema.stores.embedded import EmbeddedStore
from patterns.people import People
from patterns.ties import Ground, Neighbourhood, Path, Ties

GROUND = Ground(max_holders=4, max_cost=8)
HOMES = ("1 Elm Row", "2 Elm Row", "Flat 1, 9 Mill Lane", "9 Mill Lane")
SPANS = ({}, {"valid_from": "2020-01-01"}, {"valid_from": "2020-01-01", "valid_to": "2021-01-01"})


def person(name: str, number: int, **attributes: Any) -> dict[str, Any]:
    staff = {"staff_number": f"S{number}"} if name.startswith("staff") else {}
    said = {"source": "hr", "id": number, "name": f"{name.title()} Pike", **staff, **attributes}
    return {"person": name, **said}


def phones(*numbers: int) -> list[dict[str, str]]:
    return [{"value": f"07700 9004{number:02d}", "valid_from": "2020-01-01"} for number in numbers]


def neighbourhood(store: GraphStore, *, whole: bool = False, ends: Sequence[str] = ()) -> Neighbourhood:
    marked = {entity(end) for end in ends}
    return Neighbourhood(Ties(store, GROUND, whole=whole), People(store), GROUND, marked.__contains__)


def paths(near: Neighbourhood, start: str, end: str) -> list[Path]:
    return [path for path in near.paths(entity(start)) if path.persons[-1] == entity(end)]


people = st.lists(
    st.tuples(
        st.sets(st.sampled_from(HOMES), max_size=2),
        st.sampled_from(SPANS),
        st.sets(st.integers(1, 4), max_size=2),
    ),
    min_size=2,
    max_size=9,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people)
def test_ties_read_for_one_person_are_those_read_for_everybody(store: EmbeddedStore, drawn: Any) -> None:
    """Where a thing has more holders than count, too, whichever of its holders were read."""
    records = [
        person(
            f"p{at}",
            at,
            address=[{"line": home, "postcode": "ZZ9 7AB", **span} for home in sorted(homes)],
            phone=[{**one, **span} for one in phones(*sorted(held))],
        )
        for at, (homes, span, held) in enumerate(drawn)
    ]
    hub = [person(f"hub{at}", 50 + at, address={"line": HOMES[0], "postcode": "ZZ9 7AB"}) for at in range(3)]
    World([*records, *hub]).load(store)
    whole = Ties(store, GROUND, whole=True)
    for row in records:
        one = entity(row["person"])
        assert Ties(store, GROUND, whole=False).of(one) == whole.of(one)


def test_a_go_between_costs_as_much_as_there_are_other_ways_on(store: EmbeddedStore) -> None:
    """The broken twin, a count of hops, holds a customer of a garage for as near as a friend's flatmate."""
    cars = [{"value": f"AB{at:02d} XYZ", "valid_from": "2020-01-01"} for at in range(9)]
    customers = [person(f"c{at}", 20 + at, vehicle=car) for at, car in enumerate(cars[2:])]
    World(
        [
            person("staff", 1, phone=phones(1), vehicle=cars[0]),
            person("friend", 2, phone=phones(1, 2)),
            person("flatmate", 3, phone=phones(2)),
            person("owner", 4, vehicle=cars),
            person("customer", 5, vehicle=cars[1]),
            *customers,
        ]
    ).load(store)
    near = neighbourhood(store, ends=("flatmate", "customer"))
    (friendly,), (commercial,) = (paths(near, "staff", end) for end in ("flatmate", "customer"))
    assert len(friendly.ties) == len(commercial.ties) == 2
    tied = -2 * log2(0.97 * 0.97)
    assert friendly.cost == pytest.approx(tied, abs=1e-4)
    assert commercial.cost == pytest.approx(tied + log2(8), abs=1e-4)


def test_no_path_leads_through_staff_or_an_end_or_walks_a_thing_twice(store: EmbeddedStore) -> None:
    World(
        [
            person("staff", 1, phone=phones(1, 2, 3)),
            person("staff two", 2, phone=phones(1, 4)),
            person("nominal", 3, phone=phones(2, 4)),
            person("friend", 4, phone=phones(3)),
            person("other", 5, phone=phones(3, 4)),
        ]
    ).load(store)
    near = neighbourhood(store, ends=("nominal",))
    walked = {path.persons for path in near.paths(entity("staff"))}
    assert (entity("staff"), entity("other"), entity("nominal")) in walked
    assert (entity("staff"), entity("friend"), entity("nominal")) not in walked
    inside = {person for path in walked for person in path[1:-1]}
    assert inside == {entity("other")}
    assert (entity("staff"), entity("friend"), entity("other")) not in walked  # phone 3 twice


def test_paths_come_the_cheapest_first_and_the_same_from_either_end(store: EmbeddedStore) -> None:
    World(
        [
            person("staff", 1, phone=phones(1, 2)),
            person("friend", 2, phone=phones(1, 3)),
            person("once", 3, phone=[{**phones(2)[0], "valid_to": "2019-01-01"}, *phones(3)]),
            person("nominal", 4, phone=phones(3)),
        ]
    ).load(store)
    near = neighbourhood(store, ends=("nominal",))
    walked = [path.cost for path in near.paths(entity("staff"))]
    assert walked == sorted(walked)
    there, back = paths(near, "staff", "nominal"), paths(near, "nominal", "staff")
    assert [path.persons for path in there] == [path.persons[::-1] for path in back]
    assert [path.cost for path in there] == pytest.approx([path.cost for path in back])


def test_a_limit_of_cost_and_of_sources_holds(store: EmbeddedStore) -> None:
    World(
        [person("staff", 1, phone=phones(1)), {**person("friend", 2, phone=phones(1)), "source": "custody"}]
    ).load(store)
    for ground, tied in (
        (GROUND, True),
        (Ground(4, 0.1), False),
        (Ground(4, 8, frozenset({"hr"})), False),
        (Ground(4, 8, start="2019-01-01", end="2019-06-01"), False),
        (Ground(4, 8, start="2019-01-01", end="2020-06-01"), True),
    ):
        for whole in (True, False):
            assert bool(Ties(store, ground, whole=whole).of(entity("staff"))) == tied
