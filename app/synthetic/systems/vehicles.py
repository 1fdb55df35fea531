"""The vehicle register: keepers of vehicles, with the dates of keepership."""

from app.synthetic.book import Book, Row
from app.synthetic.clerk import Rates, iso


def write(book: Book) -> None:
    """Write keepers.csv: one keeper in three, and all with a clear plant; an address may be an old one."""
    clerk = book.clerk("vehicles", Rates(typo=0.02, birth_missing=0.15, flat_lost=0.12, short_form=0.02))
    rows: list[Row] = []
    for person in book.world.persons.values():
        for held in person.vehicles:
            if not person.exact and (person.taken or not clerk.chance(0.3)):
                continue
            stale = not person.exact and clerk.chance(0.15)
            home = person.homes[0 if stale else -1]
            rows.append(
                {
                    "entry_no": book.enter("vehicles", f"K{len(rows) + 1:06d}", person),
                    "registration": held.value,
                    "keeper": clerk.name(person).full,
                    "keeper_born": clerk.born(person, "%d-%m-%Y"),
                    "keeper_address": clerk.line(home.dwelling, exact=person.exact),
                    "postcode": home.dwelling.postcode,
                    "address_from": iso(home.start),
                    "address_to": iso(home.end),
                    "kept_from": iso(held.start),
                    "kept_to": iso(held.end),
                }
            )
    book.write_csv("vehicles", "keepers", rows)
