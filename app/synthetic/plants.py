"""Put into the world what patterns are to find, in doses from hardly visible to blatant."""

from datetime import date, timedelta
from random import Random

from app.synthetic.population import Population
from app.synthetic.world import ComplaintWish, Holding, LookUpWish, Person, Plant, Tenancy, World

BLATANT = 10
"""The first so many plants of a pattern are meant to be blatant."""

THINGS = ("phone", "account", "vehicle", "email")


class Planter:
    """Choose persons that nothing else is planted on, and plant."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.world = population.world
        self.rng = Random(f"{self.world.seed}:plants")
        tied = {uid for relation in self.world.relations for uid in (relation.left, relation.right)}
        self._staff = [person for person, _ in self.world.staff() if person.uid not in tied]
        self._settled = [person for person, _ in self.world.staff() if person.uid in tied]
        self._nominals = [person for person in self.world.related() if person.nominal]
        self._bystanders = [
            person for person in self.world.related() if not person.nominal and person.uid not in tied
        ]
        self.rng.shuffle(self._staff)
        self.rng.shuffle(self._nominals)
        self.rng.shuffle(self._settled)
        self.rng.shuffle(self._bystanders)

    def staff(self, like: Person | None = None) -> Person:
        """Return an unattached member of staff; with `like`, of the same team where one is left."""
        team = like.job.team if like is not None and like.job is not None else None
        free = [person for person in self._staff if not person.taken]
        chosen = next((person for person in free if person.job and person.job.team == team), free[0])
        chosen.taken = True
        return chosen

    def settled(self, like: Person | None = None, *, elsewhere: bool = False) -> Person:
        """Return a member of staff with a family that nothing is planted on, whose home is left alone.

        With `like`, somebody of the same team who has no tie to them, or `elsewhere` of another team of the
        same station; anybody where none is left.
        """
        free = [person for person in self._settled if not person.taken]
        fit = (person for person in free if like is None or self._near(person, like, elsewhere=elsewhere))
        chosen = next(fit, free[0])
        chosen.taken = True
        return chosen

    def _near(self, person: Person, like: Person, *, elsewhere: bool) -> bool:
        tied = {(tie.left, tie.right) for tie in self.world.relations}
        if person.job is None or like.job is None or {(person.uid, like.uid), (like.uid, person.uid)} & tied:
            return False
        same = person.job.team == like.job.team
        return (not same and person.job.station == like.job.station) if elsewhere else same

    def nominal(self) -> Person:
        """Return a nominal that nothing is planted on."""
        chosen = next(person for person in self._nominals if not person.taken)
        chosen.taken = True
        return chosen

    def bystander(self) -> Person:
        """Return a member of the public of no household of staff, no nominal, that nothing is planted on."""
        chosen = next(person for person in self._bystanders if not person.taken)
        chosen.taken = True
        return chosen

    def window(self, days: int) -> tuple[date, date | None]:
        """Return a span of so many days within the period; an end near the period's is open."""
        room = max(1, self.world.days - days - 5)
        start = self.world.start + timedelta(days=self.rng.randrange(room))
        end = start + timedelta(days=days)
        return start, (None if end > self.world.end - timedelta(days=10) else end)

    def plant(self, pattern: str, persons: tuple[Person, ...], blatant: bool, detail: str) -> None:
        """Note a plant; its dose and evidence are recounted from what is written."""
        number = len(self.world.plants) + 1
        uids = tuple(person.uid for person in persons)
        self.world.plants.append(Plant(f"L{number:03d}", pattern, uids, blatant, detail))
        for person in persons:
            person.exact = person.exact or blatant

    def share_home(self, left: Person, right: Person, days: int, blatant: bool) -> None:
        """Let `right` live with `left` for so many days, undeclared."""
        rng, world = self.rng, self.world
        long_ago = world.start - timedelta(days=rng.randrange(200, 2000))
        left.homes = [Tenancy(self.population.home(), long_ago)]
        start, end = self.window(days)
        right.homes = [
            Tenancy(self.population.home(), long_ago, start),
            Tenancy(left.homes[0].dwelling, start, end),
        ]
        if end is not None:
            right.homes.append(Tenancy(self.population.home(), end))
        right.seen_on = start + timedelta(days=rng.randrange(days // 2 + 1))
        pattern = "shared_address" if right.job else "shared_home"
        self.plant(pattern, (left, right), blatant, f"{days} days in one home")

    def share_thing(self, kind: str, left: Person, right: Person, days: int, blatant: bool) -> None:
        """Let both use one phone, account, vehicle or e-mail address for so many days, undeclared."""
        start, end = self.window(days)
        draw = self.population
        makers = {"phone": draw.mobile, "account": draw.account, "vehicle": draw.plate}
        value = draw.email(left) if kind == "email" else makers[kind]()
        mine, theirs = (getattr(person, kind + "s") for person in (left, right))
        mine[:] = [Holding(value, self.world.start - timedelta(days=self.rng.randrange(100, 900)))]
        theirs[:] = [Holding(held.value, held.start, start) for held in theirs[-1:] if held.start < start]
        theirs.append(Holding(value, start, end))
        right.seen_on = start + timedelta(days=self.rng.randrange(days // 2 + 1))
        self.plant("shared_identifier", (left, right), blatant, f"one {kind} for {days} days")


def plant_all(population: Population, count: int) -> None:
    """Plant `count` of each pattern that does not rest on rosters."""
    planter = Planter(population)
    for number in range(count):
        _home(planter, number)
        _colleagues(planter, number)
        _thing(planter, number)
        _complaints(planter, number)
        _lookups(planter, number)
        _own_case(planter, number)
        _decider(planter, number)
        _interest(planter, number)


def dose_in_days(planter: Planter, blatant: bool) -> int:
    """Return a dose in days: a blatant one most of the period, the others 20 days to most of a year."""
    days = planter.world.days
    if blatant:
        return planter.rng.randrange(int(days * 0.66), int(days * 0.9))
    return planter.rng.choice((20, 45, 75, 100, 150, 240)) * min(days, 540) // 540 + 1


def _home(planter: Planter, number: int) -> None:
    blatant = number < BLATANT
    planter.share_home(planter.staff(), planter.nominal(), dose_in_days(planter, blatant), blatant)


def _colleagues(planter: Planter, number: int) -> None:
    blatant = number < BLATANT
    planter.share_home(planter.staff(), planter.staff(), dose_in_days(planter, blatant), blatant)


def _thing(planter: Planter, number: int) -> None:
    blatant = number < BLATANT
    left = planter.staff()
    kind = THINGS[number % len(THINGS)]
    right = planter.staff() if kind == "account" and number % 8 == 1 else planter.nominal()
    planter.share_thing(kind, left, right, dose_in_days(planter, blatant), blatant)


def _complaints(planter: Planter, number: int) -> None:
    rng, blatant = planter.rng, number < BLATANT
    left = planter.staff()
    right = planter.staff(like=left if number % 4 else None)
    times = rng.randrange(5, 10) if blatant else rng.randrange(3, 5)
    planter.plant("repeated_co_complaint", (left, right), blatant, f"{times} complaints name both")
    planter.world.complaints += [ComplaintWish((left.uid, right.uid))] * times


def _lookups(planter: Planter, number: int) -> None:
    rng, blatant = planter.rng, number < BLATANT
    left, right = planter.staff(), planter.nominal()
    if number % 2:
        planter.share_home(left, right, dose_in_days(planter, blatant), blatant)
    else:
        planter.share_thing("phone", left, right, dose_in_days(planter, blatant), blatant)
    times = rng.randrange(4, 13) if blatant else rng.randrange(1, 4)
    planter.plant("linked_lookup", (left, right), blatant, f"{times} look-ups without a task")
    planter.world.lookups += [LookUpWish(left.uid, right.uid, task=False)] * times


def _own_case(planter: Planter, number: int) -> None:
    rng, world, blatant = planter.rng, planter.world, number < BLATANT
    left, right = planter.settled(), planter.nominal()
    day = world.day(rng.uniform(0.1, 0.6))
    wish = ComplaintWish((left.uid,), right.uid, day=day, closed=day + timedelta(days=rng.randrange(30, 90)))
    times = rng.randrange(3, 8) if blatant else rng.randrange(1, 3)
    world.complaints.append(wish)
    planter.plant("own_case", (left, right), blatant, f"{times} look-ups of one's own complainant")
    if times > 2:
        planter.plant("repeated_interest", (left, right), False, f"{times} days at one's own complainant")
    for at in rng.sample(range(-5, 60), times):
        seen = min(day + timedelta(days=at), world.end - timedelta(days=1))
        world.lookups.append(LookUpWish(left.uid, right.uid, task=False, day=seen))


def _decider(planter: Planter, number: int) -> None:
    """A team-mate, or somebody once accused beside them, decides on complaints against a member of staff."""
    rng, world, blatant = planter.rng, planter.world, number < BLATANT
    left = planter.settled()
    right = planter.settled(like=left, elsewhere=number % 2 == 1)
    times = rng.randrange(3, 6) if blatant else rng.randrange(1, 3)
    if number % 2:
        world.complaints.append(ComplaintWish((left.uid, right.uid), day=world.day(rng.uniform(0.0, 0.2))))
    for _ in range(times):
        day = world.day(rng.uniform(0.3, 0.95))
        world.complaints.append(ComplaintWish((left.uid,), investigator=right.uid, day=day))
    tie = "once accused together" if number % 2 else "of one team"
    planter.plant("independence", (left, right), blatant, f"{times} complaints decided, {tie}")


def _interest(planter: Planter, number: int) -> None:
    rng, world, blatant = planter.rng, planter.world, number < BLATANT
    left, right = planter.settled(), planter.nominal()
    right.victim = True
    times = rng.randrange(6, 12) if blatant else rng.randrange(2, 6)
    first = rng.randrange(world.days // 3)
    if number % 2:
        day = world.start + timedelta(days=first)
        world.lookups.append(LookUpWish(left.uid, right.uid, task=True, day=day))
    planter.plant("repeated_interest", (left, right), blatant, f"{times} days of look-ups without a task")
    for at in rng.sample(range(first + 10, world.days), times):
        day = world.start + timedelta(days=at)
        world.lookups.append(LookUpWish(left.uid, right.uid, task=False, day=day))


def declared_pairs(world: World) -> list[tuple[str, str]]:
    """Return the pairs that have declared their relation, each sorted."""
    return sorted({(min(tie.left, tie.right), max(tie.left, tie.right)) for tie in world.relations})
