"""Put into the world what looks like a pattern and is innocent, each named after its explanation."""

from collections.abc import Callable
from datetime import date, timedelta

from app.synthetic.plants import Planter
from app.synthetic.world import (
    ComplaintWish,
    Dwelling,
    Holding,
    LookAlike,
    LookUpWish,
    Person,
    Relation,
    Tenancy,
    World,
)

Stage = Callable[[Planter], None]


def stage_all(planter: Planter, times: int) -> None:
    """Stage each look-alike `times` times, the large ones once."""
    for stage in _REPEATED:
        for _ in range(times):
            stage(planter)
    for stage in _ONCE:
        stage(planter)


def _note(world: World, pattern: str, explanation: str, *persons: Person) -> None:
    number = len(world.lookalikes) + 1
    uids = tuple(person.uid for person in persons)
    world.lookalikes.append(LookAlike(f"A{number:03d}", pattern, explanation, uids))


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
    _note(planter.world, "shared_home", "declared_partner", left, right)
    _note(planter.world, "shared_identifier", "joint_account_of_declared_couple", left, right)
    _note(planter.world, "linked_lookup", "tasked_lookup", left, right)


def _father_and_son(planter: Planter) -> None:
    """A declared father of the same name at the same address, with a custody record."""
    left, right = planter.staff(), planter.nominal()
    _live_together(planter, left, right)
    right.given, right.middle, right.family, right.sex = left.given, "", left.family, left.sex
    right.born = left.born.replace(year=left.born.year - 27, day=min(left.born.day, 28))
    _declare(planter, left, right, "parent")
    _note(planter.world, "shared_home", "father_and_son_of_one_name", left, right)


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
    _note(world, "shared_home", "next_tenant", left, right)
    _note(world, "linked_lookup", "next_tenant", left, right)


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
    _note(world, "shared_identifier", "recycled_number", left, right)


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
    _note(world, "shared_identifier", "sold_vehicle", left, right)


def _serial_complainant(planter: Planter) -> None:
    """One complainant who names the same two officers four times."""
    left = planter.staff()
    right, complainant = planter.staff(like=left), planter.nominal()
    wish = ComplaintWish((left.uid, right.uid), complainant=complainant.uid)
    planter.world.complaints += [wish] * 4
    _note(planter.world, "repeated_co_complaint", "serial_complainant", left, right)


def _witness_only(planter: Planter) -> None:
    """Two colleagues named together four times, one of them always as a witness."""
    left = planter.staff()
    right = planter.staff(like=left)
    planter.world.complaints += [ComplaintWish((left.uid,), witnesses=(right.uid,))] * 4
    _note(planter.world, "repeated_co_complaint", "named_as_witness", left, right)


def _namesake(planter: Planter) -> None:
    """A nominal with the name and birth year of an officer's declared partner, looked up without a task."""
    left, partner, right = planter.staff(), planter.nominal(), planter.nominal()
    _live_together(planter, left, partner)
    _declare(planter, left, partner, "partner")
    _name_like(right, partner)
    planter.world.lookups.append(LookUpWish(left.uid, right.uid, task=False))
    _note(planter.world, "linked_lookup", "namesake", left, right, partner)


def _name_like(person: Person, other: Person) -> None:
    """Give a person the name, sex and birth year of another; month and day of birth both differ."""
    person.given, person.middle, person.family, person.sex = other.given, "", other.family, other.sex
    person.born = date(other.born.year, other.born.month % 12 + 1, other.born.day % 28 + 1)


def _twin(planter: Planter) -> None:
    """A member of staff whose declared twin, living elsewhere, has a custody record."""
    left, right = planter.staff(), planter.nominal()
    right.family, right.born = left.family, left.born
    _declare(planter, left, right, "sibling")
    _note(planter.world, "shared_home", "twin", left, right)


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
    _note(planter.world, "shared_home", "flat_lost", left, right)


def _section_house(planter: Planter) -> None:
    """Sixteen officers who live in the section house, and a hostel where one officer once had a room."""
    since = planter.world.start - timedelta(days=400)
    officers = [planter.staff() for _ in range(16)]
    house = planter.population.house()
    for person in officers:
        person.homes, person.exact = [Tenancy(house, since)], True
    _note(planter.world, "shared_address", "section_house", *officers)
    hostel, guest = planter.population.house(), planter.staff()
    residents = [planter.nominal() for _ in range(18)]
    for person in (guest, *residents):
        person.homes, person.exact = [Tenancy(hostel, since)], True
    _note(planter.world, "shared_home", "hostel", guest, *residents)


def _switchboard(planter: Planter) -> None:
    """The station's switchboard, given as their number by 25 officers and four nominals; one is looked up."""
    number, since = "01632 960100", planter.world.start - timedelta(days=900)
    officers = [planter.staff() for _ in range(25)]
    nominals = [planter.nominal() for _ in range(4)]
    for person in (*officers, *nominals):
        person.phones = [Holding(number, since)]
    planter.world.lookups.append(LookUpWish(officers[0].uid, nominals[0].uid, task=False))
    _note(planter.world, "shared_identifier", "switchboard", *officers, *nominals)
    _note(planter.world, "linked_lookup", "switchboard", officers[0], nominals[0])


def _credit_union(planter: Planter) -> None:
    """The collecting account of a credit union, into which twelve officers are paid."""
    officers = [planter.staff() for _ in range(12)]
    account = Holding(planter.population.account(), planter.world.start - timedelta(days=900))
    for person in officers:
        person.accounts = [account]
    _note(planter.world, "shared_identifier", "credit_union_account", *officers)


def _pool_car(planter: Planter) -> None:
    """A pool car on the parking permits of eight officers."""
    officers = [planter.staff() for _ in range(8)]
    car = Holding(planter.population.plate(), planter.world.start - timedelta(days=500))
    for person in officers:
        person.vehicles = [car]
    _note(planter.world, "shared_identifier", "pool_car", *officers)


def _mass_incident(planter: Planter) -> None:
    """One disorder on one night, of which five persons complain, each naming the same six officers."""
    first = planter.staff()
    officers = [first, *(planter.staff(like=first) for _ in range(5))]
    wish = ComplaintWish(tuple(person.uid for person in officers), incident="INC-BRIAR")
    planter.world.complaints += [wish] * 5
    _note(planter.world, "repeated_co_complaint", "mass_incident", *officers)


def _tasked_in_own_case(planter: Planter) -> None:
    """An accused who opened the complainant's record, each time for a task."""
    left, right, day = _complained(planter)
    for _ in range(3):
        planter.world.lookups.append(_seen(planter, left, right, day, (-5, 60), task=True))
    _note(planter.world, "own_case", "tasked", left, right)


def _arrested_the_complainant(planter: Planter) -> None:
    """An officer who opened the record of somebody they arrested, who then complained of the arrest."""
    left, right, day = _complained(planter)
    right.seen_on, right.officer, right.exact = day, left.uid, True
    for _ in range(2):
        planter.world.lookups.append(_seen(planter, left, right, day, (0, 10)))
    _note(planter.world, "own_case", "arrested_the_complainant", left, right)


def _before_the_complaint(planter: Planter) -> None:
    """A look-up without a task a month or more before anybody complained."""
    left, right, day = _complained(planter)
    planter.world.lookups.append(_seen(planter, left, right, day, (-80, -30)))
    _note(planter.world, "own_case", "before_the_complaint", left, right)


def _long_after_close(planter: Planter) -> None:
    """A look-up without a task more than a year after the complaint was closed."""
    world, left, right = planter.world, planter.settled(), planter.nominal()
    day = world.start - timedelta(days=430)
    wish = ComplaintWish((left.uid,), right.uid, day=day, closed=day + timedelta(days=40))
    world.complaints.append(wish)
    world.lookups.append(LookUpWish(left.uid, right.uid, task=False))
    _note(world, "own_case", "long_after_close", left, right)


def _namesake_of_complainant(planter: Planter) -> None:
    """A look-up without a task of somebody with the name and birth year of a complainant."""
    left, complainant, day = _complained(planter)
    right = planter.nominal()
    _name_like(right, complainant)
    planter.world.lookups.append(_seen(planter, left, right, day, (0, 60)))
    _note(planter.world, "own_case", "namesake", left, right, complainant)


def _complained(planter: Planter) -> tuple[Person, Person, date]:
    """Return a member of staff, a nominal who complained of them, and the day of the incident."""
    left, right = planter.settled(), planter.nominal()
    day = planter.world.day(planter.rng.uniform(0.4, 0.7))
    planter.world.complaints.append(ComplaintWish((left.uid,), right.uid, day=day))
    return left, right, day


def _seen(
    planter: Planter,
    left: Person,
    right: Person,
    day: date,
    within: tuple[int, int],
    *,
    task: bool = False,
) -> LookUpWish:
    """Return a look-up some days from a day, within the period."""
    at = day + timedelta(days=planter.rng.randrange(*within))
    last = planter.world.end - timedelta(days=1)
    return LookUpWish(left.uid, right.uid, task, max(planter.world.start, min(at, last)))


def _other_team_of_station(planter: Planter) -> None:
    """Somebody of another team of a large station looks into a complaint."""
    left = planter.settled()
    right = planter.settled(like=left, elsewhere=True)
    planter.world.complaints.append(ComplaintWish((left.uid,), investigator=right.uid))
    _note(planter.world, "independence", "other_team_of_station", left, right)


def _served_long_ago(planter: Planter) -> None:
    """Somebody who left the accused's team more than three years before looks into a complaint."""
    left, right = planter.settled(), planter.settled()
    if left.job is not None and right.job is not None:
        until = planter.world.start - timedelta(days=planter.rng.randrange(1200, 2500))
        right.job.earlier = (left.job.team, until - timedelta(days=700), until)
    planter.world.complaints.append(ComplaintWish((left.uid,), investigator=right.uid))
    _note(planter.world, "independence", "served_together_long_ago", left, right)


def _accused_later(planter: Planter) -> None:
    """Somebody looks into a complaint, and is only later accused together with the same person."""
    left = planter.settled()
    right = planter.settled(like=left, elsewhere=True)
    first = planter.world.day(planter.rng.uniform(0.1, 0.4))
    later = planter.world.day(planter.rng.uniform(0.6, 0.9))
    planter.world.complaints += [
        ComplaintWish((left.uid,), investigator=right.uid, day=first),
        ComplaintWish((left.uid, right.uid), day=later),
    ]
    _note(planter.world, "independence", "accused_together_later", left, right)


def _tasked_visits(planter: Planter) -> None:
    """Somebody who goes back to a victim for a task each time."""
    left, right = _back_to_a_victim(planter, 8, task=True)
    _note(planter.world, "repeated_interest", "tasked", left, right)


def _officer_in_case(planter: Planter) -> None:
    """The officer in the case, who opens the victim's record day after day while it is fresh."""
    left, right = planter.settled(), planter.nominal()
    world, rng = planter.world, planter.rng
    right.victim, right.officer, right.exact = True, left.uid, True
    right.seen_on = world.day(rng.uniform(0.1, 0.8))
    for at in rng.sample(range(1, 13), 6):
        day = right.seen_on + timedelta(days=at)
        world.lookups.append(LookUpWish(left.uid, right.uid, task=False, day=day))
    _note(world, "repeated_interest", "officer_in_case", left, right)


def _two_days_only(planter: Planter) -> None:
    """Somebody who opened a victim's record on two days, often on each."""
    left, right = planter.settled(), planter.nominal()
    world, rng = planter.world, planter.rng
    right.victim = True
    for at in rng.sample(range(world.days), 2):
        day = world.start + timedelta(days=at)
        world.lookups += [LookUpWish(left.uid, right.uid, task=False, day=day)] * 4
    _note(world, "repeated_interest", "two_days_only", left, right)


def _way_of_working(planter: Planter) -> None:
    """Somebody who goes back to each of five victims as often, and never notes a task."""
    left, victims = planter.settled(), [planter.nominal() for _ in range(5)]
    world = planter.world
    for right in victims:
        right.victim = True
        for at in planter.rng.sample(range(world.days), 4):
            day = world.start + timedelta(days=at)
            world.lookups.append(LookUpWish(left.uid, right.uid, task=False, day=day))
    _note(world, "repeated_interest", "way_of_working", left, *victims)


def _back_to_a_victim(planter: Planter, days: int, *, task: bool) -> tuple[Person, Person]:
    left, right = planter.settled(), planter.nominal()
    right.victim = True
    for at in planter.rng.sample(range(planter.world.days), days):
        day = planter.world.start + timedelta(days=at)
        planter.world.lookups.append(LookUpWish(left.uid, right.uid, task=task, day=day))
    return left, right


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
    _tasked_in_own_case,
    _arrested_the_complainant,
    _before_the_complaint,
    _long_after_close,
    _namesake_of_complainant,
    _other_team_of_station,
    _served_long_ago,
    _accused_later,
    _tasked_visits,
    _officer_in_case,
    _two_days_only,
    _way_of_working,
)
_ONCE: tuple[Stage, ...] = (_section_house, _switchboard, _credit_union, _pool_car, _mass_incident)
