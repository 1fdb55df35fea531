"""Financial intelligence: account holders among nominals."""

from app.synthetic.book import Book, Row
from app.synthetic.clerk import Rates, iso


def write(book: Book) -> None:
    """Write holders.csv: one nominal in six, and all whose account matters."""
    clerk = book.clerk("finance", Rates(typo=0.01, birth_missing=0.1, middle_missing=0.2))
    rows: list[Row] = []
    for person in book.world.related():
        if not person.nominal or not (person.taken or clerk.chance(0.16)):
            continue
        for held in person.accounts:
            rows.append(
                {
                    "holder_ref": book.enter("finance", f"FI{len(rows) + 1:05d}", person),
                    "holder_name": clerk.name(person).full,
                    "date_of_birth": clerk.born(person),
                    "account": held.value,
                    "opened": iso(held.start),
                    "closed": iso(held.end),
                }
            )
    book.write_csv("finance", "holders", rows)
