"""The clerks of one source system: what they write down of a person, with the errors of their kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from app.synthetic.population import Vocabulary
from app.synthetic.world import Dwelling, Holding, Person

_NEIGHBOURS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wqrtyuioplsdfghjkzxzcvbnmv", strict=True))
_STREET_KINDS = {"Street": "St", "Road": "Rd", "Avenue": "Ave", "Lane": "Ln", "Close": "Cl", "Drive": "Dr",
                 "Terrace": "Terr", "Gardens": "Gdns"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rates:
    """How often a system's clerks err; chances a row."""

    typo: float = 0.02
    short_form: float = 0.06
    spelling: float = 0.03
    former_name: float = 0.02
    birth_missing: float = 0.05
    birth_swapped: float = 0.003
    birth_off: float = 0.006
    middle_missing: float = 0.4
    flat_lost: float = 0.06
    phone_missing: float = 0.1


@dataclass(frozen=True, slots=True)
class Written:
    """A name as written."""

    given: str
    middle: str
    family: str

    @property
    def full(self) -> str:
        """Return the name in one line."""
        return " ".join(part for part in (self.given, self.middle, self.family) if part)

    @property
    def filed(self) -> str:
        """Return the name as a card index has it."""
        return f"{self.family.upper()}, {self.given}" + (f" {self.middle[0]}" if self.middle else "")


class Clerk:
    """Write what one system knows; the same seed and system give the same errors."""

    def __init__(self, seed: int, system: str, words: Vocabulary, rates: Rates) -> None:
        self.rng = Random(f"{seed}:{system}")
        self.words = words
        self.rates = rates

    def chance(self, rate: float) -> bool:
        """Return true at this rate."""
        return self.rng.random() < rate

    def name(self, person: Person) -> Written:
        """Return the person's name with short forms, other spellings, a former name or a typo."""
        given, middle, family = person.given, person.middle, person.family
        if self.chance(self.rates.short_form):
            given = self.rng.choice(self.words.short_forms.get(given, [given]))
        if self.chance(self.rates.spelling):
            given = self.rng.choice(self.words.spellings.get(given, [given]))
            family = self.rng.choice(self.words.spellings.get(family, [family]))
        if person.former_family and self.chance(self.rates.former_name):
            family = person.former_family
        if self.chance(self.rates.typo):
            if self.chance(0.5):
                given = self.mistyped(given)
            else:
                family = self.mistyped(family)
        if self.chance(self.rates.middle_missing):
            middle = ""
        elif middle and self.chance(0.3):
            middle = middle[0]
        return Written(given, middle, family)

    def born(self, person: Person, form: str = "%Y-%m-%d") -> str:
        """Return the date of birth in the system's form: blank, day and month swapped, or off by a little.

        Of an exact person it is right: a namesake without a birth is told apart by nobody.
        """
        born = person.born
        missing = self.chance(self.rates.birth_missing)
        if person.exact:
            return born.strftime(form)
        if missing:
            return ""
        if born.day <= 12 and self.chance(self.rates.birth_swapped * 2.5):
            born = date(born.year, born.day, born.month)
        elif self.chance(self.rates.birth_off):
            born += timedelta(days=self.rng.choice((-365, -30, -10, -1, 1, 10, 30, 365)))
        return born.strftime(form)

    def dwelling(self, home: Dwelling, *, exact: bool) -> Dwelling:
        """Return a dwelling as written: the flat lost, the street abbreviated or mistyped."""
        flat, street = home.flat, home.street
        if self.chance(0.25):
            name, kind = street.rsplit(" ", 1)
            street = f"{name} {_STREET_KINDS[kind]}"
        if not exact and self.chance(self.rates.flat_lost):
            flat = ""
        if not exact and self.chance(self.rates.typo):
            street = self.mistyped(street)
        return Dwelling(flat, home.number, street, home.town, home.postcode)

    def line(self, home: Dwelling, *, exact: bool) -> str:
        """Return a dwelling in one line, without its postcode."""
        written = self.dwelling(home, exact=exact)
        flat = f"Flat {written.flat}, " if written.flat else ""
        return f"{flat}{written.number} {written.street}, {written.town}"

    def phone(self, number: str, *, exact: bool = False) -> str:
        """Return a phone number in one of the ways people write it; at times blank or with a wrong digit."""
        if not exact and self.chance(self.rates.phone_missing):
            return ""
        digits = number.replace(" ", "")
        if not exact and self.chance(self.rates.typo / 2):
            place = self.rng.randrange(4, len(digits))
            digits = digits[:place] + str(self.rng.randrange(10)) + digits[place + 1 :]
        return self.rng.choice((digits, f"{digits[:5]} {digits[5:]}", f"+44 {digits[1:]}"))

    def mistyped(self, word: str) -> str:
        """Return a word with one key missed, doubled, swapped or left out."""
        if len(word) < 4:
            return word
        place = self.rng.randrange(1, len(word) - 1)
        before, here, after = word[:place], word[place], word[place + 1 :]
        return self.rng.choice(
            (
                before + _NEIGHBOURS.get(here, here) + after,
                before + after,
                before + here + here + after,
                before + after[0] + here + after[1:],
            )
        )


def held_on(holdings: Sequence[Holding], day: date) -> Holding | None:
    """Return what was held on a day, else the latest; None if nothing ever was."""
    inside = [held for held in holdings if held.start <= day and (held.end is None or day < held.end)]
    chosen = inside or holdings
    return chosen[-1] if chosen else None


def iso(day: date | None) -> str:
    """Return a day as ISO text, blank for none."""
    return "" if day is None else day.isoformat()
