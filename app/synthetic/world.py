"""The truth of a synthetic force: persons, homes, what they hold, their ties, and what is planted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.synthetic.rosters.arrangement import Arrangement
from app.synthetic.rosters.workforce import Workforce


@dataclass(frozen=True, slots=True)
class Dwelling:
    """A place to live; `flat` is empty for a house."""

    flat: str
    number: str
    street: str
    town: str
    postcode: str


@dataclass(slots=True)
class Tenancy:
    """Somebody lived in a dwelling from `start` until `end` (exclusive, None = still does)."""

    dwelling: Dwelling
    start: date
    end: date | None = None


@dataclass(slots=True)
class Holding:
    """Somebody used a phone, e-mail address, account or vehicle until `end` (None = still does)."""

    value: str
    start: date
    end: date | None = None


@dataclass(slots=True)
class Job:
    """A member of staff's post."""

    staff_number: str
    collar_number: str
    rank: str
    station: str
    team: str
    duty_role: str
    joined: date
    earlier: tuple[str, date, date] | None = None
    """A team they served in before, from and until; None = none that anybody knows."""


@dataclass(slots=True)
class Person:
    """One true person; lists are oldest first."""

    uid: str
    given: str
    middle: str
    family: str
    former_family: str
    sex: str
    born: date
    national_id: str
    homes: list[Tenancy] = field(default_factory=list)
    phones: list[Holding] = field(default_factory=list)
    emails: list[Holding] = field(default_factory=list)
    accounts: list[Holding] = field(default_factory=list)
    vehicles: list[Holding] = field(default_factory=list)
    job: Job | None = None
    nominal: bool = False
    """Whether custody has dealt with this person."""
    exact: bool = False
    """Whether systems write this person's birth, homes, things and user without error: a clear case."""
    taken: bool = False
    """Whether a plant or look-alike has this person already."""
    seen_on: date | None = None
    """The day on which custody and crime recording must have seen this person, None = any."""
    victim: bool = False
    """Whether crime recording must have this person as a victim."""
    officer: str | None = None
    """Who must have arrested this person, or be the officer in their case; None = drawn."""

    def home_on(self, day: date) -> Tenancy:
        """Return the tenancy in force on a day, else the nearest one."""
        inside = [home for home in self.homes if home.start <= day and (home.end is None or day < home.end)]
        return inside[-1] if inside else self.homes[-1]


@dataclass(frozen=True, slots=True)
class Relation:
    """A true tie between two persons; `declared` is the day on which `left`, of the staff, declared it."""

    left: str
    right: str
    kind: str
    start: date
    declared: date


@dataclass(slots=True)
class Plant:
    """A thing put there to be found; `dose` is recounted from the written rows, in the pattern's own unit.

    Units: days of overlap (shared_home, shared_address, shared_identifier, the shortest of a short_path),
    common complaints, look-ups without a task (linked_lookup, own_case, repeated_interest), complaints
    decided on (independence), joint voluntary shifts, extra shifts of a quarter without a trace for the most
    (paid_not_there).
    """

    plant_id: str
    pattern: str
    persons: tuple[str, ...]
    blatant: bool
    detail: str
    dose: float = 0.0
    evidence: tuple[str, ...] = ()


@dataclass(slots=True)
class LookAlike:
    """Something innocent that resembles a pattern, named after the explanation it carries."""

    lookalike_id: str
    resembles_pattern: str
    explanation: str
    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComplaintWish:
    """A complaint that must be in the data: who is accused, and what else is fixed (None = drawn).

    An investigator who is drawn is of another team and tied to nobody; `day` is that of the incident.
    """

    accused: tuple[str, ...]
    complainant: str | None = None
    incident: str | None = None
    witnesses: tuple[str, ...] = ()
    investigator: str | None = None
    day: date | None = None
    closed: date | None = None


@dataclass(frozen=True, slots=True)
class LookUpWish:
    """A look-up that must be in the log; `task` says whether it has a task reference, `day` None = any."""

    user: str
    subject: str
    task: bool
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Duties:
    """The workforce whose people are the staff in order, and what is arranged among them."""

    workforce: Workforce
    arrangements: tuple[Arrangement, ...]


Day = tuple[int, int]
"""Place of a member of staff among the staff, and day of the period."""


@dataclass(slots=True)
class Attendance:
    """What happens on single duties, by a word of `attendance`, and who never has a badge on them."""

    duties: dict[Day, str] = field(default_factory=dict)
    badgeless: set[int] = field(default_factory=set)


@dataclass(slots=True)
class World:
    """Everything that is true; systems write from it what each of them knows."""

    seed: int
    start: date
    end: date
    stations: tuple[str, ...]
    persons: dict[str, Person] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    plants: list[Plant] = field(default_factory=list)
    lookalikes: list[LookAlike] = field(default_factory=list)
    complaints: list[ComplaintWish] = field(default_factory=list)
    lookups: list[LookUpWish] = field(default_factory=list)
    duties: Duties | None = None
    """The staff's rosters, None until people are posted."""
    absences: tuple[int, int] = (0, 0)
    """How many people are to be paid and not there, and how many look-alikes of each kind there are to be."""
    attendance: Attendance | None = None
    """What happens on single duties, None until the roster is written."""

    def staff(self) -> Iterator[tuple[Person, Job]]:
        """Yield the members of staff with their jobs, by uid."""
        return ((person, person.job) for person in self.persons.values() if person.job is not None)

    def related(self) -> Iterator[Person]:
        """Yield everybody else, by uid."""
        return (person for person in self.persons.values() if person.job is None)

    @property
    def days(self) -> int:
        """Return the number of days of the period."""
        return (self.end - self.start).days

    def day(self, fraction: float) -> date:
        """Return a day of the period by its fraction of it."""
        return self.start + timedelta(days=int(fraction * (self.days - 1)))
