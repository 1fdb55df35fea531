"""Paths to nominals through go-betweens: some planted, others that only look like one."""

from collections.abc import Callable
from datetime import date, timedelta

from app.synthetic.casework import note
from app.synthetic.plants import BLATANT, Planter, dose_in_days
from app.synthetic.world import Dwelling, Holding, Person, Relation, Tenancy

_Span = tuple[date, date | None]


def plant_paths(planter: Planter, count: int) -> None:
    """Plant `count` paths: through a friend, a declared partner, or a friend and one of theirs."""
    for number in range(count):
        blatant = number < BLATANT
        span = planter.window(dose_in_days(planter, blatant))
        nominal = planter.nominal()
        if number % 4 == 3:
            staff, partner = _couple(planter)
            _one_phone(planter, partner, nominal, span)
            people: tuple[Person, ...] = (staff, partner, nominal)
        elif number % 4 == 2:
            staff, friend, other = planter.settled(), planter.bystander(), planter.bystander()
            _one_phone(planter, staff, friend, span)
            _one_email(planter, friend, other, span)
            friend.homes = [Tenancy(planter.population.home(), planter.world.start)]
            _one_home(planter, other, nominal, span)
            people = (staff, friend, other, nominal)
        else:
            staff, friend = planter.settled(), planter.bystander()
            share = _one_phone if number % 4 else _one_email
            share(planter, staff, friend, span)
            _one_home(planter, friend, nominal, span)
            people = (staff, friend, nominal)
        _meet(planter, span, *people[1:])
        planter.plant("short_path", people, blatant, f"{len(people) - 1} ties")


def _couple(planter: Planter) -> tuple[Person, Person]:
    """Return a settled member of staff and a partner, declared by nobody else, who is not staff."""
    persons, ties = planter.world.persons, planter.world.relations
    while True:
        staff = planter.settled()
        own = [tie for tie in ties if staff.uid in (tie.left, tie.right)]
        partner = next((persons[tie.right] for tie in own if tie.kind == "partner"), None)
        if partner is not None and all(persons[tie.right].job is None for tie in own):
            partner.taken = True
            return staff, partner


def _meet(planter: Planter, span: _Span, *people: Person) -> None:
    """Let crime recording and custody see these people within the span, all at one time or another."""
    first, last = span[0], span[1] or planter.world.end
    for person in people:
        person.seen_on = first + timedelta(days=planter.rng.randrange(max(1, (last - first).days)))
        person.victim = not person.nominal


def _one_phone(planter: Planter, left: Person, right: Person, span: _Span) -> None:
    _take_up(planter, left.phones, right.phones, planter.population.mobile(), span)


def _one_email(planter: Planter, left: Person, right: Person, span: _Span) -> None:
    _take_up(planter, left.emails, right.emails, planter.population.email(left), span)


def _take_up(planter: Planter, mine: list[Holding], theirs: list[Holding], value: str, span: _Span) -> None:
    """Give one person a thing for long, and let the other use it for a time."""
    mine[:] = [Holding(value, planter.world.start - timedelta(days=planter.rng.randrange(100, 900)))]
    theirs[:] = [Holding(value, *span)]


def _one_home(planter: Planter, guest: Person, host: Person, span: _Span) -> None:
    """Let a person live for a time in the home of another, who has it for long."""
    long_ago = planter.world.start - timedelta(days=planter.rng.randrange(200, 2000))
    host.homes = [Tenancy(planter.population.home(), long_ago)]
    guest.homes = [
        Tenancy(planter.population.home(), long_ago, span[0]),
        Tenancy(host.homes[0].dwelling, *span),
    ]
    if span[1] is not None:
        guest.homes.append(Tenancy(planter.population.home(), span[1]))


def _friends(planter: Planter) -> tuple[Person, Person, Person, _Span]:
    """Return staff, a go-between and a nominal of whom all is written as it is, and a long span."""
    people = planter.settled(), planter.bystander(), planter.nominal()
    span = planter.window(int(planter.world.days * 0.7))
    _meet(planter, span, *people[1:])
    for person in people:
        person.exact = True
    return *people, span


def _handset_resold(planter: Planter) -> None:
    """A number that staff gave up two to four weeks before somebody who lives with a nominal had it."""
    staff, friend, nominal, span = _friends(planter)
    number, lost = planter.population.mobile(), span[0] - timedelta(days=planter.rng.randrange(14, 28))
    _one_home(planter, friend, nominal, span)
    friend.phones = [Holding(number, *span)]
    staff.phones = [
        Holding(number, planter.world.start - timedelta(days=900), lost),
        Holding(planter.population.mobile(), lost),
    ]
    note(planter.world, "short_path", "handset_resold", staff, friend, nominal)


def _next_tenant(planter: Planter) -> None:
    """A friend of a member of staff whose home a nominal took some weeks after they had left it."""
    staff, friend, nominal, _ = _friends(planter)
    long_ago, home = planter.world.start - timedelta(days=900), planter.population.home()
    left = planter.world.day(planter.rng.uniform(0.3, 0.6))
    came = left + timedelta(days=planter.rng.randrange(10, 40))
    _one_phone(planter, staff, friend, (long_ago, None))
    friend.homes = [Tenancy(home, long_ago, left), Tenancy(planter.population.home(), left)]
    nominal.homes = [Tenancy(planter.population.home(), long_ago, came), Tenancy(home, came)]
    friend.seen_on = left - timedelta(days=5)
    nominal.seen_on = came + timedelta(days=5)
    note(planter.world, "short_path", "next_tenant_of_a_friend", staff, friend, nominal)


def _solicitors_number(planter: Planter) -> None:
    """A solicitor's number, given by staff and seven clients, one of whom lives with a nominal."""
    staff, client, nominal, span = _friends(planter)
    _one_home(planter, client, nominal, span)
    number = Holding(planter.population.mobile(), planter.world.start - timedelta(days=900))
    others = [planter.bystander() for _ in range(6)]
    _meet(planter, span, *others)
    for person in (staff, client, *others):
        person.phones, person.exact = [number], True
    note(planter.world, "short_path", "solicitors_number", staff, client, nominal, *others)


def _block_without_flats(planter: Planter) -> None:
    """A friend of a member of staff and a nominal in one block, whose flats every clerk left out."""
    staff, friend, nominal, _ = _friends(planter)
    since = planter.world.start - timedelta(days=700)
    _one_phone(planter, staff, friend, (since, None))
    flats = planter.population.block(6)
    known = [planter.nominal() for _ in range(2)]
    for person, flat in zip(known, flats, strict=False):
        person.homes, person.exact = [Tenancy(flat, since)], True
    building = Dwelling("", flats[0].number, flats[0].street, flats[0].town, flats[0].postcode)
    friend.homes, nominal.homes = [Tenancy(building, since)], [Tenancy(building, since)]
    note(planter.world, "short_path", "flat_lost", staff, friend, nominal)


def _garage(planter: Planter) -> None:
    """The owner of a garage, on the papers of the cars of thirteen customers: one staff, one a nominal."""
    staff, owner, nominal, span = _friends(planter)
    customers = [staff, nominal, *(planter.bystander() for _ in range(11))]
    _meet(planter, span, *customers[1:])
    cars = [Holding(planter.population.plate(), planter.world.start - timedelta(days=800)) for _ in customers]
    for person, car in zip(customers, cars, strict=True):
        person.vehicles, person.exact = [car], True
    owner.vehicles = cars
    note(planter.world, "short_path", "garage", owner, *customers)


def _declared_in_law(planter: Planter) -> None:
    """A partner's brother with a custody record, whom the member of staff declared as well."""
    (staff, partner), nominal = _couple(planter), planter.nominal()
    since = planter.world.start - timedelta(days=900)
    _one_phone(planter, partner, nominal, (since, None))
    partner.exact = nominal.exact = True
    planter.world.relations.append(
        Relation(staff.uid, nominal.uid, "brother-in-law", since, since + timedelta(days=20))
    )
    note(planter.world, "short_path", "declared_in_law", staff, partner, nominal)


def _one_home_in_turn(planter: Planter) -> None:
    """A home that a member of staff left to a flatmate, and the flatmate years later to a nominal."""
    staff, friend, nominal = planter.staff(), planter.bystander(), planter.nominal()
    world, home = planter.world, planter.population.home()
    days = [world.start - timedelta(days=2500), world.start - timedelta(days=1200)]
    late = world.day(0.5)
    staff.homes = [Tenancy(home, days[0], days[1]), Tenancy(planter.population.home(), days[1])]
    friend.homes = [Tenancy(home, days[1] - timedelta(days=300), late)]
    nominal.homes = [Tenancy(home, late - timedelta(days=100))]
    friend.seen_on = nominal.seen_on = late - timedelta(days=20)
    friend.victim = True
    for person in (staff, friend, nominal):
        person.exact = True
    note(world, "short_path", "one_home_in_turn", staff, friend, nominal)


def _strangers(planter: Planter) -> None:
    """A true go-between, of whom neither knows that the other exists: no record says so."""
    staff, friend, nominal, span = _friends(planter)
    _one_phone(planter, staff, friend, span)
    _one_home(planter, friend, nominal, span)
    note(planter.world, "short_path", "strangers", staff, friend, nominal)


GO_BETWEENS: tuple[Callable[[Planter], None], ...] = (
    _handset_resold,
    _next_tenant,
    _solicitors_number,
    _block_without_flats,
    _garage,
    _declared_in_law,
    _one_home_in_turn,
    _strangers,
)
