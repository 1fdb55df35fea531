"""Draw the people of a synthetic force: staff, their households, nominals and other members of the public."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Any

import yaml

from app.synthetic.world import Dwelling, Holding, Job, Person, Relation, Tenancy, World

RANKS = (("Constable", 0.72), ("Sergeant", 0.17), ("Inspector", 0.06), ("Police Staff", 0.05))
TEAMS = (("A", 0.12), ("B", 0.12), ("C", 0.12), ("D", 0.12), ("E", 0.12),
         ("N1", 0.08), ("N2", 0.08), ("CID", 0.16), ("CUST", 0.08))  # fmt: skip
"""Response teams A to E, two neighbourhood teams, detectives, custody; and their share of a station."""

DUTY_ROLES = {"N1": "neighbourhood", "N2": "neighbourhood", "CID": "investigation", "CUST": "custody"}
_MONTH = timedelta(days=30)
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


class Vocabulary:
    """Names and places to draw from, and what clerks make of them."""

    def __init__(self) -> None:
        document = yaml.safe_load((files("app.synthetic") / "names.yaml").read_text(encoding="utf-8"))
        self.communities: dict[str, dict[str, Any]] = document["communities"]
        self.short_forms: dict[str, list[str]] = document["short_forms"]
        self.spellings: dict[str, list[str]] = document["spellings"]
        self.streets: list[str] = document["streets"]
        self.street_kinds: list[str] = document["street_kinds"]
        self.towns: list[str] = document["towns"]
        self._zipf: dict[int, list[float]] = {}

    def draw(self, rng: Random, names: Sequence[str]) -> str:
        """Return a name, the first of the list most often."""
        if len(names) not in self._zipf:
            self._zipf[len(names)] = list(accumulate(1 / (place + 8) ** 0.7 for place in range(len(names))))
        return rng.choices(names, cum_weights=self._zipf[len(names)])[0]


class Population:
    """Draw persons with everything that is unique to each: ids, numbers, homes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = Random(f"{world.seed}:population")
        self.words = Vocabulary()
        self._used: set[str] = set()
        self._postcodes = self._streets_with_postcodes()
        self._block: list[Dwelling] = []

    def person(
        self, *, family: str = "", community: str = "", sex: str = "", age: tuple[int, int] = (18, 75)
    ) -> Person:
        """Return a new person, known to the world, without a home."""
        rng = self.rng
        shares = {name: given["share"] for name, given in self.words.communities.items()}
        community = community or rng.choices(list(shares), list(shares.values()))[0]
        names = self.words.communities[community]
        sex = sex or rng.choice("FM")
        given = names["female" if sex == "F" else "male"]
        days = rng.randrange(age[0] * 365, age[1] * 365 + 365)
        person = Person(
            uid=f"P{len(self.world.persons) + 1:06d}",
            given=self.words.draw(rng, given),
            middle=self.words.draw(rng, given) if rng.random() < 0.6 else "",
            family=family or self.words.draw(rng, names["family"]),
            former_family=self.words.draw(rng, names["family"]) if sex == "F" and rng.random() < 0.3 else "",
            sex=sex,
            born=self.world.end - timedelta(days=days),
            national_id=self.unique(lambda: f"QQ{rng.randrange(10**6):06d}{rng.choice('ABCD')}"),
        )
        person.middle = "" if person.middle == person.given else person.middle
        self.world.persons[person.uid] = person
        since = self.world.start - timedelta(days=rng.randrange(30, 3000))
        person.phones.append(Holding(self.mobile(), since))
        if rng.random() < 0.2:
            person.phones[0].end = self.world.day(rng.uniform(0.05, 0.9))
            person.phones.append(Holding(self.mobile(), person.phones[0].end))
        person.emails.append(Holding(self.email(person), since))
        person.accounts.append(Holding(self.account(), since))
        if rng.random() < 0.55:
            person.vehicles.append(Holding(self.plate(), since))
        return person

    def unique(self, make: Callable[[], str]) -> str:
        """Return the first value made that was not used before."""
        while (value := make()) in self._used:
            pass
        self._used.add(value)
        return value

    def mobile(self) -> str:
        """Return a mobile number nobody has."""
        return self.unique(lambda: f"07{self.rng.choice('457')}{self.rng.randrange(10**8):08d}")

    def email(self, person: Person) -> str:
        """Return an e-mail address nobody has."""
        stem = f"{person.given}.{person.family}".lower().replace(" ", "").replace("'", "")
        return self.unique(
            lambda: f"{stem}{self.rng.randrange(1, 999)}@mail{self.rng.randrange(1, 5)}.example"
        )

    def account(self) -> str:
        """Return a bank account nobody has: sort code and number."""
        return self.unique(lambda: f"{self.rng.randrange(900000, 999999)} {self.rng.randrange(10**7, 10**8)}")

    def plate(self) -> str:
        """Return a registration mark nobody has."""
        letters = ["".join(self.rng.choices(_LETTERS, k=count)) for count in (2, 3)]
        return self.unique(lambda: f"{letters[0]}{self.rng.randrange(10, 75)} {letters[1]}")

    def home(self) -> Dwelling:
        """Return a dwelling nobody lived in: a house, or one time in five a flat of a block."""
        if self.rng.random() < 0.22:
            if not self._block:
                self._block = self.block(min(40, max(6, int(self.rng.lognormvariate(2.6, 0.5)))))
            return self._block.pop(0)
        return self.house()

    def house(self) -> Dwelling:
        """Return a house nobody lived in."""
        street, town, postcode = self.rng.choice(self._postcodes)
        while True:
            number = str(self.rng.randrange(1, 160))
            if f"{number} {postcode}" not in self._used:
                self._used.add(f"{number} {postcode}")
                return Dwelling("", number, street, town, postcode)

    def block(self, flats: int) -> list[Dwelling]:
        """Return the flats of a new block."""
        house = self.house()
        return [
            Dwelling(str(flat), house.number, house.street, house.town, house.postcode)
            for flat in range(1, flats + 1)
        ]

    def settle(self, household: Sequence[Person]) -> None:
        """Give a household its home, and to one in three an earlier one."""
        rng, world = self.rng, self.world
        since = world.start - timedelta(days=rng.randrange(60, 4000))
        homes = [Tenancy(self.home(), since)]
        if rng.random() < 0.33:
            moved = world.day(rng.uniform(-0.6, 0.9))
            homes = [Tenancy(homes[0].dwelling, since, moved), Tenancy(self.home(), moved)]
        for person in household:
            person.homes = [Tenancy(home.dwelling, home.start, home.end) for home in homes]

    def _streets_with_postcodes(self) -> list[tuple[str, str, str]]:
        rng, words = self.rng, self.words
        streets = [f"{name} {kind}" for name in words.streets for kind in words.street_kinds]
        result = []
        for number, street in enumerate(rng.sample(streets, len(streets))):
            town = number % len(words.towns)
            for _ in range(4):
                postcode = self.unique(
                    lambda town=town: (
                        f"Z{'XY'[town % 2]}{town + 1} {rng.randrange(1, 9)}"  # type: ignore[misc]
                        f"{rng.choice(_LETTERS)}{rng.choice(_LETTERS)}"
                    )
                )
                result.append((street, words.towns[town], postcode))
        return result


def populate(world: World, staff: int, related: int) -> Population:
    """Fill the world with staff and related persons; every household tie of staff is declared."""
    population = Population(world)
    left = related
    for number in range(staff):
        _hire(population, number, staff)
    for person, _ in list(world.staff()):
        if person.homes:
            continue
        left -= _household(population, person, left)
    while left > 0:
        left -= _public(population, left)
    return population


def _hire(population: Population, number: int, staff: int) -> None:
    rng, world = population.rng, population.world
    person = population.person(age=(20, 58))
    team = rng.choices([name for name, _ in TEAMS], [share for _, share in TEAMS])[0]
    station = world.stations[number * len(world.stations) // staff]
    person.job = Job(
        staff_number=population.unique(lambda: f"S{rng.randrange(10**5):05d}"),
        collar_number=population.unique(lambda: f"{rng.randrange(100, 9999)}"),
        rank=rng.choices([name for name, _ in RANKS], [share for _, share in RANKS])[0],
        station=station,
        team=f"{station}-{team}",
        duty_role=DUTY_ROLES.get(team, "response"),
        joined=max(world.start - timedelta(days=rng.randrange(7000)), person.born + timedelta(days=18 * 366)),
    )


def _household(population: Population, person: Person, left: int) -> int:
    """Settle a member of staff with partner, child or parent; return how many related persons that took."""
    rng, world = population.rng, population.world
    household, kinds = [person], []
    if rng.random() < 0.06:
        colleague = next((other for other in _singles(world) if other is not person), None)
        if colleague is not None:
            household.append(colleague)
            kinds.append("partner")
    elif left > 0 and rng.random() < 0.5:
        age = (world.end - person.born).days // 365
        same = rng.random() < 0.6
        partner = population.person(
            family=person.family if same else "",
            sex="M" if person.sex == "F" else "F",
            age=(max(18, age - 6), min(75, age + 6)),
        )
        household.append(partner)
        kinds.append("partner")
    if left > len(household) and rng.random() < 0.15:
        older = rng.random() < 0.4 and (world.end - person.born).days < 40 * 365
        age = (world.end - person.born).days // 365 + (26 if older else -24)
        if age >= 18:
            household.append(population.person(family=person.family, age=(age, age + 4)))
            kinds.append("parent" if older else "child")
    population.settle(household)
    since = min(person.homes[0].start, world.start)
    for other, kind in zip(household[1:], kinds, strict=True):
        world.relations.append(Relation(person.uid, other.uid, kind, since, since + _MONTH))
    for colleague in household[1:]:
        if colleague.job is not None:
            for other in household:
                if other is not colleague:
                    world.relations.append(
                        Relation(colleague.uid, other.uid, "household", since, since + _MONTH)
                    )
    return sum(other.job is None for other in household)


def _singles(world: World) -> Iterator[Person]:
    """Yield staff who have no home yet, the last hired first."""
    return (
        person for person in reversed(world.persons.values()) if person.job is not None and not person.homes
    )


def _public(population: Population, left: int) -> int:
    """Settle a household of members of the public; return how many they are.

    Among them twins, and fathers and sons of one name at one address: hard to tell apart.
    """
    rng = population.rng
    size = min(left, rng.choices((1, 2, 3), (0.6, 0.3, 0.1))[0])
    first = population.person()
    household = [first]
    for _ in range(size - 1):
        other = population.person(family=first.family if rng.random() < 0.75 else "")
        chance = rng.random()
        if chance < 0.05 and other.family == first.family:
            other.born = first.born
        elif chance < 0.10 and other.family == first.family and first.born.year < 1985:
            other.given, other.sex, other.middle = first.given, first.sex, first.middle
            other.born = date(first.born.year + 24, other.born.month, min(other.born.day, 28))
        household.append(other)
    population.settle(household)
    for person in household:
        person.nominal = rng.random() < 0.42
    return size
