"""The duty roster: workers, and every shift they were planned for, took over, worked extra or missed."""

from datetime import timedelta

import numpy as np
import polars as pl

from app.synthetic.attendance import CALL_OUT, COURT, choose_absences
from app.synthetic.book import Book
from app.synthetic.clerk import Rates
from app.synthetic.population import TEAMS
from app.synthetic.rosters.arrangement import COUPLE, CREW, FOLLOWER, LIFT_SHARE, PLANTED, Arrangement
from app.synthetic.rosters.force import choose, post, simulate
from app.synthetic.rosters.sheet import shifts
from app.synthetic.rosters.workforce import Posts
from app.synthetic.world import Duties, LookAlike, Person, Plant, Relation, World

_BLATANT = 15
"""Joint shifts a year from which what is arranged is meant to be blatant."""
_TIES = {COUPLE: "partner", LIFT_SHARE: "lift_share"}


def post_staff(world: World, *, plants: bool) -> None:
    """Post the staff, arrange shifts among those nothing else is planted on, and note what was arranged."""
    staff, team = list(world.staff()), {name: at for at, (name, _) in enumerate(TEAMS)}
    given = Posts(
        station=np.array([world.stations.index(job.station) for _, job in staff]),
        team=np.array([team[job.team.split("-")[1]] for _, job in staff]),
        settled=np.array([person.taken for person, _ in staff]),
    )
    workforce = post(world.start, world.days, world.stations, given, world.seed)
    tied = {uid for tie in world.relations for uid in (tie.left, tie.right)}
    free = [at for at, (person, _) in enumerate(staff) if not person.taken and person.uid not in tied]
    arranged = choose(workforce, np.array(free), world.seed, plants=plants)
    for arrangement in arranged:
        people = tuple(staff[at][0] for at in arrangement.people)
        for person in people:
            person.taken = True
        _note(world, arrangement, people)
    world.duties = Duties(workforce, tuple(arranged))


def _note(world: World, arrangement: Arrangement, people: tuple[Person, ...]) -> None:
    uids = tuple(person.uid for person in people)
    asked = f"{arrangement.asked:.0f} shifts a year"
    if arrangement.kind in PLANTED:
        detail = {FOLLOWER: f"{asked} onto the other's duty", CREW: f"{asked} of four"}
        blatant = arrangement.asked >= _BLATANT
        said = detail.get(arrangement.kind, f"{asked} together")
        number = len(world.plants) + 1
        world.plants.append(Plant(f"L{number:03d}", arrangement.kind, uids, blatant, said))
        return
    since = world.start - timedelta(days=100)
    world.relations.append(
        Relation(uids[0], uids[1], _TIES[arrangement.kind], since, since + timedelta(days=30))
    )
    number = len(world.lookalikes) + 1
    world.lookalikes.append(LookAlike(f"A{number:03d}", "voluntary_pair", arrangement.kind, uids))


def write(book: Book) -> None:
    """Write workers.csv and shifts.parquet. Raises: ValueError before the staff are posted."""
    world = book.world
    if world.duties is None:
        raise ValueError("the staff are not posted yet: call post_staff first")
    force = simulate(world.duties.workforce, world.duties.arrangements, world.seed)
    world.attendance = choose_absences(world, force.workforce, *world.absences)
    clerk = book.clerk("roster", Rates(typo=0.015, short_form=0.08, middle_missing=0.6))
    rows = [
        {
            "worker_id": book.enter("roster", f"W{number:05d}", person),
            "worker_name": clerk.name(person).filed,
            "staff_ref": job.staff_number if clerk.chance(0.96) or person.exact else "",
            "collar": job.collar_number,
            "base": job.station,
            "team": job.team,
            "role": job.duty_role,
        }
        for number, (person, job) in enumerate(world.staff(), 1)
    ]
    book.write_csv("roster", "workers", rows)
    frames = shifts(force.workforce, [row["worker_id"] for row in rows])
    book.write_frames("roster", "shifts", (_as_coded(book, frame) for frame in frames))


def _as_coded(book: Book, shifts: pl.DataFrame) -> pl.DataFrame:
    """Return shifts with days in court coded as such, and call-outs as short as they are paid."""
    world = book.world
    assert world.attendance is not None
    workers = [book.id_of("roster", person) for person, _ in world.staff()]
    said = [
        (workers[at], world.start + timedelta(days=day), kind)
        for (at, day), kind in sorted(world.attendance.duties.items())
        if kind in {COURT, CALL_OUT}
    ]
    coded = pl.DataFrame(
        said, schema={"worker_id": pl.String, "duty_date": pl.Date, "special": pl.String}, orient="row"
    )
    rows = shifts.join(coded, on=["worker_id", "duty_date"], how="left", maintain_order="left")
    short = pl.col("starts").str.to_time("%H:%M")
    later = pl.lit(0).cast(pl.Date).dt.combine(short).dt.offset_by("4h").dt.strftime("%H:%M")
    return rows.with_columns(
        duty_role=pl.when(pl.col("special") == COURT).then(pl.lit("court")).otherwise("duty_role"),
        ends=pl.when(pl.col("special") == CALL_OUT).then(later).otherwise("ends"),
    ).drop("special")
