"""Professional standards: complaints, the officers named in them, and who complained."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from app.synthetic.book import Book, Row
from app.synthetic.clerk import Clerk, Rates
from app.synthetic.world import ComplaintWish, Job, Person

_CATEGORIES = ("incivility", "excessive force", "neglect of duty", "unlawful search", "failure to record")


def write(book: Book) -> None:
    """Write parties.csv, complaints.csv and named.csv: the wished-for complaints, and others of every day."""
    rates = Rates(typo=0.03, birth_missing=0.4, middle_missing=1.0, phone_missing=0.3)
    clerk = book.clerk("complaints", rates)
    register = _Register(book, clerk)
    persons = book.world.persons
    public = [person for person in book.world.related() if not person.nominal and not person.taken]
    wishes = [*book.world.complaints, *_everyday(book, clerk)]
    clerk.rng.shuffle(wishes)
    tied = {uid for tie in book.world.relations for uid in (tie.left, tie.right)}
    investigators = [
        (person, job)
        for person, job in book.world.staff()
        if not person.taken and person.uid not in tied and job.earlier is None
    ]
    complaints, named = [], []
    for number, wish in enumerate(wishes, 1):
        reference = f"CO{number:06d}"
        drawn_day = book.world.start + timedelta(days=clerk.rng.randrange(book.world.days - 1))
        day = wish.day or drawn_day
        closed = wish.closed or day + timedelta(days=clerk.rng.randrange(20, 120))
        job = persons[wish.accused[0]].job
        complaints.append(
            {
                "complaint_ref": reference,
                "incident_ref": wish.incident or f"INC-{number:06d}",
                "incident_date": day.strftime("%d/%m/%Y"),
                "closed_date": closed.strftime("%d/%m/%Y") if closed < book.world.end else "",
                "category": clerk.rng.choice(_CATEGORIES),
                "station": job.station if job else "",
            }
        )
        complainant = persons[wish.complainant] if wish.complainant else clerk.rng.choice(public)
        roles = [(persons[uid], "accused") for uid in wish.accused]
        roles += [(persons[uid], "witness") for uid in wish.witnesses]
        investigator = wish.investigator or _investigator(clerk, persons, wish, investigators)
        roles.append((persons[investigator], "investigator"))
        named += [
            {"complaint_ref": reference, "party_id": register.party(person), "capacity": role}
            for person, role in [*roles, (complainant, "complainant")]
        ]
    book.write_csv("complaints", "parties", register.rows)
    book.write_csv("complaints", "complaints", complaints)
    book.write_csv("complaints", "named", named)


def _investigator(
    clerk: Clerk, persons: Mapping[str, Person], wish: ComplaintWish, able: Sequence[tuple[Person, Job]]
) -> str:
    """Draw somebody who never served in a team of the accused."""
    teams = {job.team for uid in wish.accused if (job := persons[uid].job) is not None}
    while True:
        person, job = clerk.rng.choice(able)
        if job.team not in teams and person.uid not in wish.accused:
            return person.uid


class _Register:
    """The parties; one in ten is entered anew when named again."""

    def __init__(self, book: Book, clerk: Clerk) -> None:
        self.rows: list[Row] = []
        self._book, self._clerk = book, clerk

    def party(self, person: Person) -> str:
        """Return a party id for the person: officers by rank and numbers, the public by birth and home."""
        known = self._book.of("complaints", person.uid)
        if known is not None and not self._clerk.chance(0.1):
            return known
        clerk, job = self._clerk, person.job
        party = self._book.enter("complaints", f"PTY{len(self.rows) + 1:05d}", person)
        name, home = clerk.name(person), person.homes[-1].dwelling
        self.rows.append(
            {
                "party_id": party,
                "first_name": name.given,
                "last_name": name.family,
                "rank": job.rank if job else "",
                "staff_no": job.staff_number if job and clerk.chance(0.9) else "",
                "collar_no": job.collar_number if job else "",
                "date_of_birth": "" if job else clerk.born(person),
                "phone": "" if job else clerk.phone(person.phones[-1].value),
                "address": "" if job else clerk.line(home, exact=person.exact),
                "postcode": "" if job else home.postcode,
            }
        )
        return party


def _everyday(book: Book, clerk: Clerk) -> list[ComplaintWish]:
    """Return complaints that happen anyway: mostly of one officer, else of team-mates; no pair twice."""
    teams: dict[str, list[str]] = {}
    for person, job in book.world.staff():
        if not person.taken:
            teams.setdefault(job.team, []).append(person.uid)
    crews = [teams[team] for team in sorted(teams) if len(teams[team]) > 3]
    seen: set[tuple[str, str]] = set()
    wishes = []
    for _ in range(sum(map(len, teams.values())) * book.world.days // 1600):
        size = clerk.rng.choices((1, 2, 3), (0.7, 0.22, 0.08))[0]
        accused = sorted(clerk.rng.sample(clerk.rng.choice(crews), size))
        pairs = {(left, right) for left in accused for right in accused if left < right}
        if not pairs & seen:
            seen |= pairs
            wishes.append(ComplaintWish(tuple(accused)))
    return wishes
