"""Custody: nominals as they were booked in, some twice under two numbers, and their detentions."""

from datetime import date, datetime, time, timedelta

from app.synthetic.book import Book, Row
from app.synthetic.clerk import Clerk, Rates, held_on, iso
from app.synthetic.world import Person

_OFFENCES = ("theft", "assault", "public order", "drugs", "criminal damage", "burglary", "motoring")


def write(book: Book) -> None:
    """Write nominals.csv and detentions.csv; each nominal is detained at least once."""
    clerk = book.clerk("custody", Rates(typo=0.03, birth_missing=0.05, flat_lost=0.10, phone_missing=0.25))
    officers = [(person, job) for person, job in book.world.staff() if job.duty_role == "response"]
    nominals: list[Row] = []
    detentions: list[Row] = []
    for person in book.world.related():
        if not person.nominal:
            continue
        last = book.world.end - timedelta(days=1)
        booked = person.seen_on or book.world.start + timedelta(days=clerk.rng.randrange(book.world.days - 1))
        again = min(booked + timedelta(days=clerk.rng.randrange(5, 200)), last)
        bookings = [(_enter(book, clerk, person, booked, nominals), booked)]
        if clerk.chance(0.25) and not person.taken:
            bookings.append((_enter(book, clerk, person, again, nominals), again))
        elif clerk.chance(0.4):
            bookings.append((bookings[0][0], again))
        for nominal, day in bookings:
            drawn, job = clerk.rng.choice(officers)
            officer = book.world.persons[person.officer] if person.officer else drawn
            arrived = datetime.combine(day, time(clerk.rng.randrange(24), clerk.rng.randrange(60)))
            released = arrived + timedelta(minutes=clerk.rng.randrange(90, 1300))
            detentions.append(
                {
                    "detention_no": f"DET{len(detentions) + 1:06d}",
                    "nominal_id": nominal,
                    "arrived_at": arrived.strftime("%Y-%m-%d %H:%M"),
                    "released_at": released.strftime("%Y-%m-%d %H:%M"),
                    "station": job.station,
                    "offence": clerk.rng.choice(_OFFENCES),
                    "arresting_worker": book.id_of("roster", officer),
                }
            )
    book.write_csv("custody", "nominals", nominals)
    book.write_csv("custody", "detentions", detentions)


def _enter(book: Book, clerk: Clerk, person: Person, booked: date, rows: list[Row]) -> str:
    """Add a nominal as booked in on a day; return its id."""
    name, home = clerk.name(person), person.home_on(booked)
    phone, email, car = (held_on(held, booked) for held in (person.phones, person.emails, person.vehicles))
    dated = person.exact or clerk.chance(0.95)
    nominal = book.enter("custody", f"N{len(rows) + 10001}", person)
    rows.append(
        {
            "nominal_id": nominal,
            "surname": name.family.upper(),
            "forename": name.given,
            "middle_names": name.middle,
            "dob": clerk.born(person),
            "sex": person.sex,
            "address": clerk.line(home.dwelling, exact=person.exact),
            "postcode": home.dwelling.postcode,
            "address_since": iso(home.start) if dated else "",
            "address_until": iso(home.end) if dated else "",
            "mobile": clerk.phone(phone.value, exact=person.exact) if phone else "",
            "mobile_from": iso(phone.start) if phone else "",
            "mobile_to": iso(phone.end) if phone else "",
            "email": email.value if email and (person.taken or clerk.chance(0.3)) else "",
            "vehicle": car.value if car and (person.taken or clerk.chance(0.5)) else "",
            "vehicle_from": iso(car.start) if car else "",
            "vehicle_to": iso(car.end) if car else "",
            "booked_on": iso(booked),
        }
    )
    return nominal
