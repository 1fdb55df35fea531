"""Put into the world what looks like a pattern and is innocent, each named after its explanation."""

from collections.abc import Callable
from datetime import timedelta

from app.synthetic.casework import CASEWORK, name_like, note
from app.synthetic.go_betweens import GO_BETWEENS
from app.synthetic.plants import Planter
from app.synthetic.world import (
    ComplaintWish,
    Dwelling,
    Holding,
    LookUpWish,
    Person,
    Relation,
    Tenancy,
)

Stage = Callable[[Planter], None]


def stage_all(planter: Planter, times: int) -> None:
    """Stage each look-alike `times` times, the large ones once."""
    for stage in _REPEATED:
        for _ in range(times):
            stage(planter)
    for stage in _ONCE:
        stage(planter)


def _live_together(planter: Planter, left: Person, right: Person) -> None:
    since = planter.world.start - timedelta(days=planter.rng.randrange(200, 1500))
    home = planter.population.home()
    left.homes, right.homes = [Tenancy(home, since)], [Tenancy(home, since)]


def _declare(planter: Planter, left: Person, right: Person, kind: str) -> None:
    since = min(left.homes[0].start, planter.world.start)
    planter.world.relations.append(Relation(left.uid, right.uid, kind, since, since + timedelta(days=20)))


def _declared_partner(planter: Planter) -> None:
    """A declared partner with a custody record; looked up once, with a task."""
    left, right = planter.staff(), planter.nominal()
    _live_together(planter, left, right)
    _declare(planter, left, right, "partner")
    account = planter.population.account()
    for person in (left, right):
        person.accounts = [Holding(account, left.homes[0].start)]
    planter.world.lookups.append(LookUpWish(left.uid, right.uid, task=True))
    note(planter.world, "shared_home", "declared_partner", left, right)
    note(planter.world, "shared_identifier", "joint_account_of_declared_couple", left, right)
    note(planter.world, "linked_lookup", "tasked_lookup", left, right)


def _father_and_son(planter: Planter) -> None:
    """A declared father of the same name at the same address, with a custody record."""
    left, right = planter.staff(), planter.nominal()
    _live_together(planter, left, right)
    right.given, right.middle, right.family, right.sex = left.given, "", left.family, left.sex
    right.born = left.born.replace(year=left.born.year - 27, day=min(left.born.day, 28))
    _declare(planter, left, right, "parent")
    note(planter.world, "shared_home", "father_and_son_of_one_name", left, right)


def _next_tenant(planter: Planter) -> None:
    """A nominal who took a home after a member of staff had left it; looked up once without a task."""
    left, right = planter.staff(), planter.nominal()
    world, home = planter.world, planter.population.home()
    moved = world.day(planter.rng.uniform(0.1, 0.5))
    arrived = moved + timedelta(days=planter.rng.randrange(10, 60))
    long_ago = world.start - timedelta(days=800)
    left.homes = [Tenancy(home, long_ago, moved), Tenancy(planter.population.home(), moved)]
    right.homes = [Tenancy(planter.population.home(), long_ago, arrived), Tenancy(home, arrived)]
    right.seen_on = arrived + timedelta(days=planter.rng.randrange(60))
    left.exact = right.exact = True
    world.lookups.append(LookUpWish(left.uid, right.uid, task=False))
    note(world, "shared_home", "next_tenant", left, right)
    note(world, "linked_lookup", "next_tenant", left, right)


def _recycled_number(planter: Planter) -> None:
    """A phone number given to a member of staff after a nominal had lost it."""
    left, right = planter.staff(), planter.nominal()
    world, number = planter.world, planter.population.mobile()
    lost = world.day(planter.rng.uniform(0.05, 0.4))
    given = lost + timedelta(days=planter.rng.randrange(100, 180))
    right.phones = [
        Holding(number, world.start - timedelta(days=300), lost),
        Holding(planter.population.mobile(), lost),
    ]
    left.phones = [
        Holding(planter.population.mobile(), world.start - timedelta(days=300), given),
        Holding(number, given),
    ]
    left.exact = right.exact = True
    note(world, "shared_identifier", "recycled_number", left, right)


def _sold_vehicle(planter: Planter) -> None:
    """A car that a member of staff sold to a nominal."""
    left, right = planter.staff(), planter.nominal()
    world, plate = planter.world, planter.population.plate()
    sold = world.day(planter.rng.uniform(0.1, 0.6))
    bought = sold + timedelta(days=planter.rng.randrange(3, 30))
    left.vehicles = [
        Holding(plate, world.start - timedelta(days=500), sold),
        Holding(planter.population.plate(), sold),
    ]
    right.vehicles = [Holding(plate, bought)]
    right.seen_on = bought + timedelta(days=planter.rng.randrange(60))
    left.exact = right.exact = True
    note(world, "shared_identifier", "sold_vehicle", left, right)


def _serial_complainant(planter: Planter) -> None:
    """One complainant who names the same two officers four times."""
    left = planter.staff()
    right, complainant = planter.staff(like=left), planter.nominal()
    wish = ComplaintWish((left.uid, right.uid), complainant=complainant.uid)
    planter.world.complaints += [wish] * 4
    note(planter.world, "repeated_co_complaint", "serial_complainant", left, right)


def _witness_only(planter: Planter) -> None:
    """Two colleagues named together four times, one of them always as a witness."""
    left = planter.staff()
    right = planter.staff(like=left)
    planter.world.complaints += [ComplaintWish((left.uid,), witnesses=(right.uid,))] * 4
    note(planter.world, "repeated_co_complaint", "named_as_witness", left, right)


def _namesake(planter: Planter) -> None:
    """A nominal with the name and birth year of an officer's declared partner, looked up without a task."""
    left, partner, right = planter.staff(), planter.nominal(), planter.nominal()
    _live_together(planter, left, partner)
    _declare(planter, left, partner, "partner")
    name_like(right, partner)
    planter.world.lookups.append(LookUpWish(left.uid, right.uid, task=False))
    note(planter.world, "linked_lookup", "namesake", left, right, partner)


def _twin(planter: Planter) -> None:
    """A member of staff whose declared twin, living elsewhere, has a custody record."""
    left, right = planter.staff(), planter.nominal()
    right.family, right.born = left.family, left.born
    _declare(planter, left, right, "sibling")
    note(planter.world, "shared_home", "twin", left, right)


def _flat_lost(planter: Planter) -> None:
    """Neighbours in one block whose flat numbers every clerk left out."""
    left, right = planter.staff(), planter.nominal()
    flats = planter.population.block(8)
    since = planter.world.start - timedelta(days=700)
    others = [planter.nominal() for _ in range(3)]
    for person, flat in zip(others, flats[2:], strict=False):
        person.homes, person.exact = [Tenancy(flat, since)], True
    building = Dwelling("", flats[0].number, flats[0].street, flats[0].town, flats[0].postcode)
    for person in (left, right):
        person.homes, person.exact = [Tenancy(building, since)], True
    note(planter.world, "shared_home", "flat_lost", left, right)


def _section_house(planter: Planter) -> None:
    """Sixteen officers who live in the section house, and a hostel where one officer once had a room."""
    since = planter.world.start - timedelta(days=400)
    officers = [planter.staff() for _ in range(16)]
    house = planter.population.house()
    for person in officers:
        person.homes, person.exact = [Tenancy(house, since)], True
    note(planter.world, "shared_address", "section_house", *officers)
    hostel, guest = planter.population.house(), planter.staff()
    residents = [planter.nominal() for _ in range(18)]
    for person in (guest, *residents):
        person.homes, person.exact = [Tenancy(hostel, since)], True
    note(planter.world, "shared_home", "hostel", guest, *residents)


def _switchboard(planter: Planter) -> None:
    """The station's switchboard, given as their number by 25 officers and four nominals; one is looked up."""
    number, since = "01632 960100", planter.world.start - timedelta(days=900)
    officers = [planter.staff() for _ in range(25)]
    nominals = [planter.nominal() for _ in range(4)]
    for person in (*officers, *nominals):
        person.phones = [Holding(number, since)]
    planter.world.lookups.append(LookUpWish(officers[0].uid, nominals[0].uid, task=False))
    note(planter.world, "shared_identifier", "switchboard", *officers, *nominals)
    note(planter.world, "linked_lookup", "switchboard", officers[0], nominals[0])


def _credit_union(planter: Planter) -> None:
    """The collecting account of a credit union, into which twelve officers are paid."""
    officers = [planter.staff() for _ in range(12)]
    account = Holding(planter.population.account(), planter.world.start - timedelta(days=900))
    for person in officers:
        person.accounts = [account]
    note(planter.world, "shared_identifier", "credit_union_account", *officers)


def _pool_car(planter: Planter) -> None:
    """A pool car on the parking permits of eight officers."""
    officers = [planter.staff() for _ in range(8)]
    car = Holding(planter.population.plate(), planter.world.start - timedelta(days=500))
    for person in officers:
        person.vehicles = [car]
    note(planter.world, "shared_identifier", "pool_car", *officers)


def _mass_incident(planter: Planter) -> None:
    """One disorder on one night, of which five persons complain, each naming the same six officers."""
    first = planter.staff()
    officers = [first, *(planter.staff(like=first) for _ in range(5))]
    wish = ComplaintWish(tuple(person.uid for person in officers), incident="INC-BRIAR")
    planter.world.complaints += [wish] * 5
    note(planter.world, "repeated_co_complaint", "mass_incident", *officers)


_REPEATED: tuple[Stage, ...] = (
    _declared_partner,
    _father_and_son,
    _next_tenant,
    _recycled_number,
    _sold_vehicle,
    _serial_complainant,
    _witness_only,
    _namesake,
    _twin,
    _flat_lost,
    *CASEWORK,
    *GO_BETWEENS,
)
_ONCE: tuple[Stage, ...] = (_section_house, _switchboard, _credit_union, _pool_car, _mass_incident)
