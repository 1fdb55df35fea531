"""Crime recording: victims, witnesses and suspects of incidents, among them households of staff."""

from datetime import date, timedelta
from random import Random

from app.synthetic.book import Book, Row
from app.synthetic.clerk import Clerk, Rates, held_on, iso
from app.synthetic.world import Person

_TYPES = ("burglary", "theft", "assault", "vehicle crime", "fraud", "harassment", "criminal damage")


def write(book: Book) -> None:
    """Write persons.csv, incidents.csv and involvement.csv."""
    rates = Rates(typo=0.03, birth_missing=0.2, flat_lost=0.08, phone_missing=0.2, short_form=0.1)
    clerk = book.clerk("crime", rates)
    world = book.world
    rows: list[Row] = []
    seen: list[tuple[Person, date, str]] = []
    for person in world.related():
        of_staff = book.of("vetting", person.uid) is not None
        likely = 0.12 if of_staff else 0.35 if person.nominal and not person.exact else 0.9
        if clerk.chance(likely) or person.victim:
            day = person.seen_on or world.start + timedelta(days=clerk.rng.randrange(world.days - 1))
            rows.append(_row(book, clerk, person, day, f"C{len(rows) + 50001}"))
            seen.append((person, day, rows[-1]["person_id"]))
    book.write_csv("crime", "persons", rows)
    _write_incidents(book, clerk.rng, seen)


def _row(book: Book, clerk: Clerk, person: Person, day: date, person_id: str) -> Row:
    name, home = clerk.name(person), person.home_on(day)
    place = clerk.dwelling(home.dwelling, exact=person.exact)
    phone, email = held_on(person.phones, day), held_on(person.emails, day)
    return {
        "person_id": book.enter("crime", person_id, person),
        "first_name": name.given,
        "last_name": name.family,
        "date_of_birth": clerk.born(person),
        "gender": person.sex,
        "flat": place.flat,
        "building_no": place.number,
        "street": place.street,
        "town": place.town,
        "postcode": place.postcode,
        "lived_there_from": iso(home.start),
        "lived_there_to": iso(home.end),
        "phone": clerk.phone(phone.value, exact=person.exact) if phone else "",
        "phone_from": iso(phone.start) if phone else "",
        "phone_to": iso(phone.end) if phone else "",
        "email": email.value if email and (person.taken or clerk.chance(0.3)) else "",
        "recorded_on": iso(day),
    }


def _write_incidents(book: Book, rng: Random, seen: list[tuple[Person, date, str]]) -> None:
    officers = [person for person, _ in book.world.staff() if not person.taken]
    incidents: list[Row] = []
    roles: list[Row] = []
    for person, day, person_id in seen:
        drawn = rng.choice(officers)
        if not incidents or person.victim or rng.random() < 0.7:
            officer = book.world.persons[person.officer] if person.officer else drawn
            incidents.append(
                {
                    "incident_no": f"CR{len(incidents) + 1:06d}",
                    "reported_on": iso(day),
                    "crime_type": rng.choice(_TYPES),
                    "station": rng.choice(book.world.stations),
                    "officer_worker": book.id_of("roster", officer),
                }
            )
        role = "suspect" if person.nominal and rng.random() < 0.5 else rng.choice(("victim", "witness"))
        role = "victim" if person.victim else "suspect" if person.taken and person.nominal else role
        number = incidents[-1]["incident_no"]
        roles.append({"incident_no": number, "person_id": person_id, "involvement": role})
    book.write_csv("crime", "incidents", incidents)
    book.write_csv("crime", "involvement", roles)
