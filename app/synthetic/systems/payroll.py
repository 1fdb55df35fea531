"""Payroll: whom the force pays into which account, and expense claims with who authorised them."""

from datetime import timedelta

from app.synthetic.book import Book, Row
from app.synthetic.clerk import Clerk, Rates, iso

_CATEGORIES = ("mileage", "meals", "lodging", "equipment", "travel")


def write(book: Book) -> None:
    """Write payees.csv and expenses.csv."""
    clerk = book.clerk("payroll", Rates(typo=0.01, short_form=0.0, birth_missing=0.02, middle_missing=0.7))
    rows = []
    for number, (person, job) in enumerate(book.world.staff(), 1):
        account, staff_number = person.accounts[-1], job.staff_number
        if clerk.chance(0.002):
            staff_number = staff_number[:-1] + str(clerk.rng.randrange(10))
        rows.append(
            {
                "payee_no": book.enter("payroll", f"{400000 + number}", person),
                "payee_name": clerk.name(person).filed,
                "birth_date": clerk.born(person, "%Y%m%d"),
                "ni_number": person.national_id if clerk.chance(0.97) else "",
                "staff_no": staff_number,
                "account": account.value,
                "account_since": iso(account.start),
            }
        )
    book.write_csv("payroll", "payees", rows)
    book.write_csv("payroll", "expenses", _claims(book, clerk))


def _claims(book: Book, clerk: Clerk) -> list[Row]:
    """Return claims, authorised by somebody of the claimant's station where one of twelve is."""
    staff = list(book.world.staff())
    claims = []
    for number in range(len(staff) * book.world.days // 300):
        person, job = clerk.rng.choice(staff)
        others = [(other, post) for other, post in clerk.rng.sample(staff, 12) if other is not person]
        station = job.station
        boss, _ = min(others, key=lambda pair: (pair[1].station != station, pair[0].uid))
        day = book.world.start + timedelta(days=clerk.rng.randrange(book.world.days))
        claims.append(
            {
                "claim_no": f"E{number + 1:06d}",
                "claimant": book.id_of("payroll", person),
                "authoriser": book.id_of("payroll", boss),
                "claim_date": iso(day),
                "category": clerk.rng.choice(_CATEGORIES),
                "amount": f"{clerk.rng.lognormvariate(3.2, 0.8):.2f}",
            }
        )
    return claims
