"""Vetting: forms of staff with whom they live and are related to, and the register of declared relations."""

from collections import defaultdict
from datetime import timedelta

from app.synthetic.book import Book, Row
from app.synthetic.clerk import Clerk, Rates, iso
from app.synthetic.world import Job, Person, Relation, Tenancy


def write(book: Book) -> None:
    """Write form_persons.csv and declarations.csv."""
    rates = Rates(former_name=0.01, birth_missing=0.02, flat_lost=0.04, middle_missing=0.1)
    clerk = book.clerk("vetting", rates)
    declared: dict[str, list[Relation]] = defaultdict(list)
    for relation in book.world.relations:
        declared[relation.left].append(relation)
    lines: list[Row] = []
    declarations: list[Row] = []
    for number, (person, job) in enumerate(book.world.staff(), 1):
        form = f"V{number:05d}"
        lines.append(_line(book, clerk, person, form, 1, job))
        for place, relation in enumerate(declared[person.uid], 2):
            lines.append(_line(book, clerk, book.world.persons[relation.right], form, place, None))
            signed = max(relation.declared, book.world.start - timedelta(days=700))
            declarations.append(
                {
                    "declaration_id": f"D{len(declarations) + 1:05d}",
                    "form_no": form,
                    "applicant_line": f"{form}-1",
                    "associate_line": f"{form}-{place}",
                    "relation": relation.kind,
                    "signed_on": signed.strftime("%d %b %Y"),
                }
            )
    book.write_csv("vetting", "form_persons", lines)
    book.write_csv("vetting", "declarations", declarations)


def _line(book: Book, clerk: Clerk, person: Person, form: str, place: int, job: Job | None) -> Row:
    """Return a line of a form: the applicant's with their `job`, anybody else's without."""
    name, phone = clerk.name(person), person.phones[-1]
    earlier = person.homes[-2] if job is not None and len(person.homes) > 1 else None
    return {
        "line_id": book.enter("vetting", f"{form}-{place}", person),
        "form_no": form,
        "person_type": "associate" if job is None else "applicant",
        "full_name": name.full,
        "former_surname": person.former_family if clerk.chance(0.9) else "",
        "birth_date": clerk.born(person, "%d %b %Y"),
        "sex": person.sex,
        "staff_no": "" if job is None else job.staff_number,
        **_address(clerk, ("address", "postcode", "moved_in", "moved_out"), person.homes[-1], person.exact),
        **_address(
            clerk,
            ("earlier_address", "earlier_postcode", "earlier_from", "earlier_to"),
            earlier,
            person.exact,
        ),
        "phone": clerk.phone(phone.value, exact=person.exact),
        "phone_since": iso(phone.start),
        "email": person.emails[-1].value if person.exact or clerk.chance(0.5) else "",
    }


def _address(clerk: Clerk, columns: tuple[str, str, str, str], home: Tenancy | None, exact: bool) -> Row:
    if home is None:
        return dict.fromkeys(columns, "")
    place = home.dwelling
    values = (clerk.line(place, exact=exact), place.postcode, iso(home.start), iso(home.end))
    return dict(zip(columns, values, strict=True))
