"""Look-alikes at work: look-ups in cases that are in order, deciders who are, and victims gone back to."""

from collections.abc import Callable
from datetime import date, timedelta

from app.synthetic.plants import Planter
from app.synthetic.world import ComplaintWish, LookAlike, LookUpWish, Person, World


def note(world: World, pattern: str, explanation: str, *persons: Person) -> None:
    """Note a look-alike of a pattern."""
    number = len(world.lookalikes) + 1
    uids = tuple(person.uid for person in persons)
    world.lookalikes.append(LookAlike(f"A{number:03d}", pattern, explanation, uids))


def name_like(person: Person, other: Person) -> None:
    """Give a person the name, sex and birth year of another; month and day of birth are said, and differ."""
    person.given, person.middle, person.family, person.sex = other.given, "", other.family, other.sex
    person.born = date(other.born.year, other.born.month % 12 + 1, other.born.day % 28 + 1)
    person.exact = other.exact = True


def _tasked_in_own_case(planter: Planter) -> None:
    """An accused who opened the complainant's record, each time for a task."""
    left, right, day = _complained(planter)
    for _ in range(3):
        planter.world.lookups.append(_seen(planter, left, right, day, (-5, 60), task=True))
    note(planter.world, "own_case", "tasked", left, right)


def _arrested_the_complainant(planter: Planter) -> None:
    """An officer who opened the record of somebody they arrested, who then complained of the arrest."""
    left, right, day = _complained(planter)
    right.seen_on, right.officer, right.exact, left.exact = day, left.uid, True, True
    for _ in range(2):
        planter.world.lookups.append(_seen(planter, left, right, day, (0, 10)))
    note(planter.world, "own_case", "arrested_the_complainant", left, right)


def _before_the_complaint(planter: Planter) -> None:
    """A look-up without a task a month or more before anybody complained."""
    left, right, day = _complained(planter)
    planter.world.lookups.append(_seen(planter, left, right, day, (-80, -30)))
    note(planter.world, "own_case", "before_the_complaint", left, right)


def _long_after_close(planter: Planter) -> None:
    """A look-up without a task more than a year after the complaint was closed."""
    world, left, right = planter.world, planter.settled(), planter.nominal()
    day = world.start - timedelta(days=430)
    wish = ComplaintWish((left.uid,), right.uid, day=day, closed=day + timedelta(days=40))
    world.complaints.append(wish)
    world.lookups.append(LookUpWish(left.uid, right.uid, task=False))
    note(world, "own_case", "long_after_close", left, right)


def _namesake_of_complainant(planter: Planter) -> None:
    """A look-up without a task of somebody with the name and birth year of a complainant."""
    left, complainant, day = _complained(planter)
    right = planter.nominal()
    name_like(right, complainant)
    planter.world.lookups.append(_seen(planter, left, right, day, (0, 60)))
    note(planter.world, "own_case", "namesake", left, right, complainant)


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
    note(planter.world, "independence", "other_team_of_station", left, right)


def _served_long_ago(planter: Planter) -> None:
    """Somebody who left the accused's team more than three years before looks into a complaint."""
    left = planter.settled()
    right = planter.settled(like=left, elsewhere=True)
    if left.job is not None and right.job is not None:
        until = planter.world.start - timedelta(days=planter.rng.randrange(1200, 2500))
        right.job.earlier = (left.job.team, until - timedelta(days=700), until)
    planter.world.complaints.append(ComplaintWish((left.uid,), investigator=right.uid))
    note(planter.world, "independence", "served_together_long_ago", left, right)


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
    note(planter.world, "independence", "accused_together_later", left, right)


def _tasked_visits(planter: Planter) -> None:
    """Somebody who goes back to a victim for a task each time."""
    left, right = _back_to_a_victim(planter, 8, task=True)
    note(planter.world, "repeated_interest", "tasked", left, right)


def _officer_in_case(planter: Planter) -> None:
    """The officer in the case, who opens the victim's record day after day while it is fresh."""
    left, right = planter.settled(), planter.nominal()
    world, rng = planter.world, planter.rng
    right.victim, right.officer, right.exact, left.exact = True, left.uid, True, True
    right.seen_on = world.day(rng.uniform(0.1, 0.8))
    for at in rng.sample(range(1, 13), 6):
        day = right.seen_on + timedelta(days=at)
        world.lookups.append(LookUpWish(left.uid, right.uid, task=False, day=day))
    note(world, "repeated_interest", "officer_in_case", left, right)


def _two_days_only(planter: Planter) -> None:
    """Somebody who opened a victim's record on two days, often on each."""
    left, right = planter.settled(), planter.nominal()
    world, rng = planter.world, planter.rng
    right.victim = True
    for at in rng.sample(range(world.days), 2):
        day = world.start + timedelta(days=at)
        world.lookups += [LookUpWish(left.uid, right.uid, task=False, day=day)] * 4
    note(world, "repeated_interest", "two_days_only", left, right)


def _way_of_working(planter: Planter) -> None:
    """Somebody who goes back to each of five victims as often, and never notes a task."""
    left, victims = planter.settled(), [planter.nominal() for _ in range(5)]
    world = planter.world
    for right in victims:
        right.victim = True
        for at in planter.rng.sample(range(world.days), 4):
            day = world.start + timedelta(days=at)
            world.lookups.append(LookUpWish(left.uid, right.uid, task=False, day=day))
    note(world, "repeated_interest", "way_of_working", left, *victims)


def _back_to_a_victim(planter: Planter, days: int, *, task: bool) -> tuple[Person, Person]:
    left, right = planter.settled(), planter.nominal()
    right.victim = True
    for at in planter.rng.sample(range(planter.world.days), days):
        day = planter.world.start + timedelta(days=at)
        planter.world.lookups.append(LookUpWish(left.uid, right.uid, task=task, day=day))
    return left, right


CASEWORK: tuple[Callable[[Planter], None], ...] = (
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
