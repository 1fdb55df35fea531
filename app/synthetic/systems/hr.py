"""Human resources: every member of staff, with home, phone and parking permit; rejoiners have two numbers."""

from app.synthetic.book import Book, Row
from app.synthetic.clerk import Clerk, Rates, held_on, iso
from app.synthetic.world import Dwelling, Job, Person


def write(book: Book) -> None:
    """Write staff.csv."""
    rates = Rates(typo=0.01, short_form=0.01, birth_missing=0.005, flat_lost=0.06, phone_missing=0.05)
    clerk = book.clerk("hr", rates)
    rows = []
    for person, job in book.world.staff():
        rows.append(_row(book, clerk, person, job, job.staff_number))
        if clerk.chance(0.01):
            rows.append(_row(book, clerk, person, job, f"{job.staff_number}R"))
    book.write_csv("hr", "staff", rows)


def _row(book: Book, clerk: Clerk, person: Person, job: Job, staff_number: str) -> Row:
    name, home, phone = clerk.name(person), person.homes[-1], person.phones[-1]
    before = person.homes[-2] if len(person.homes) > 1 else None
    car = held_on(person.vehicles, book.world.end)
    return {
        "staff_no": book.enter("hr", staff_number, person),
        "forenames": f"{name.given} {name.middle}".strip(),
        "surname": name.family,
        "previous_surname": person.former_family if clerk.chance(0.8) else "",
        "birth_date": clerk.born(person, "%d/%m/%Y"),
        "gender": "Female" if person.sex == "F" else "Male",
        "ni_number": "" if clerk.chance(0.03) else person.national_id,
        "rank": job.rank,
        "station": job.station,
        "earlier_team": job.earlier[0] if job.earlier else "",
        "earlier_team_since": iso(job.earlier[1]) if job.earlier else "",
        "earlier_team_until": iso(job.earlier[2]) if job.earlier else "",
        "collar_no": job.collar_number,
        "start_date": job.joined.strftime("%d/%m/%Y"),
        **_address("", clerk.dwelling(home.dwelling, exact=person.exact)),
        "address_since": iso(home.start),
        **_address("old_", clerk.dwelling(before.dwelling, exact=person.exact) if before else _NOWHERE),
        "old_since": iso(before.start) if before else "",
        "old_until": iso(before.end) if before else "",
        "mobile": clerk.phone(phone.value, exact=person.exact),
        "mobile_since": iso(phone.start),
        "personal_email": person.emails[-1].value if person.taken or clerk.chance(0.7) else "",
        "permit_vehicle": car.value if car else "",
        "permit_since": iso(car.start) if car else "",
        "permit_until": iso(car.end) if car else "",
    }


_NOWHERE = Dwelling("", "", "", "", "")


def _address(prefix: str, home: Dwelling) -> Row:
    return {
        f"{prefix}flat": home.flat,
        f"{prefix}house": home.number,
        f"{prefix}street": home.street,
        f"{prefix}town": home.town,
        f"{prefix}postcode": home.postcode,
    }
