"""The access log of the person systems: its users, and whose record each of them opened, for which task."""

from datetime import datetime, time, timedelta
from random import Random

import polars as pl

from app.synthetic.book import Book
from app.synthetic.clerk import Rates
from app.synthetic.world import LookUpWish

_A_YEAR = 25
"""Look-ups a user and year."""

_Line = tuple[datetime, str, str, str, str, str | None]
_COLUMNS = ("at", "user_id", "subject_system", "subject_id", "purpose", "task_ref")
_PURPOSES = ("investigation", "incident", "custody", "intelligence")


def write(book: Book) -> None:
    """Write users.csv and look_ups.parquet."""
    clerk = book.clerk("access", Rates(typo=0.01, short_form=0.05))
    users = []
    for number, (person, job) in enumerate(book.world.staff(), 1):
        name = clerk.name(person)
        users.append(
            {
                "user_id": book.enter("access", f"u{number:05d}", person),
                "display_name": f"{name.given} {name.family}",
                "staff_no": job.staff_number if clerk.chance(0.97) or person.exact else "",
                "mail": f"{job.staff_number.lower()}@force.police.example",
            }
        )
    book.write_csv("access", "users", users)
    wishes = [*book.world.lookups, *_everyday(book, clerk.rng)]
    lines = (_line(book, clerk.rng, wish) for wish in wishes)
    rows = sorted((line for line in lines if line is not None), key=lambda line: line[:4])
    frame = pl.DataFrame(rows, schema=_COLUMNS, orient="row")
    frame = frame.with_columns(pl.col("at").dt.replace_time_zone("UTC"))
    book.write_parquet("access", "look_ups", frame.with_row_index("log_no", 1))


def _line(book: Book, rng: Random, wish: LookUpWish) -> _Line | None:
    """Return one line of the log (UTC), None where the person has no record in custody or crime."""
    user = book.of("access", wish.user)
    system = "custody" if book.of("custody", wish.subject) else "crime"
    subject = book.any_of(system, wish.subject, rng)
    if user is None or subject is None:
        return None
    any_day = book.world.start + timedelta(days=rng.randrange(book.world.days))
    at = datetime.combine(wish.day or any_day, time(rng.randrange(24), rng.randrange(60), rng.randrange(60)))
    task = f"T{rng.randrange(10**6):06d}" if wish.task else None
    return at, user, system, subject, rng.choice(_PURPOSES), task


def _everyday(book: Book, rng: Random) -> list[LookUpWish]:
    """Return look-ups of every day, eight in a hundred without a task.

    None opens the record of somebody's household or of the other side of a plant.
    """
    users = [person.uid for person, _ in book.world.staff()]
    subjects = [
        person.uid
        for person in book.world.related()
        if not person.taken
        and not book.of("vetting", person.uid)
        and (person.nominal or book.of("crime", person.uid))
    ]
    return [
        LookUpWish(rng.choice(users), rng.choice(subjects), task=rng.random() < 0.92)
        for _ in range(len(users) * _A_YEAR * book.world.days // 365)
    ]
