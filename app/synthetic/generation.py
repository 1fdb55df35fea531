"""Generate a synthetic force: source systems as files, and the answer key apart from them."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from app.synthetic import answer_key
from app.synthetic.book import Book
from app.synthetic.go_betweens import plant_paths
from app.synthetic.lookalikes import stage_all
from app.synthetic.plants import Planter, plant_all
from app.synthetic.population import populate
from app.synthetic.systems import (
    access,
    badge,
    complaints,
    crime,
    custody,
    finance,
    hr,
    payroll,
    roster,
    vehicles,
    vetting,
)
from app.synthetic.world import World

SYSTEMS = {
    "hr": hr.write,
    "roster": roster.write,
    "badge": badge.write,
    "vetting": vetting.write,
    "payroll": payroll.write,
    "custody": custody.write,
    "crime": crime.write,
    "complaints": complaints.write,
    "vehicles": vehicles.write,
    "finance": finance.write,
    "access": access.write,
}
"""Source systems in writing order: events name records of the systems before them."""

END = date(2026, 7, 1)
"""The day after the last one in the data, whatever the clock says."""

LEAST_STAFF = 500


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written; `files` by system, in reading order."""

    output: Path
    files: dict[str, tuple[Path, ...]]
    staff: int
    related: int
    records: int
    plants: int
    lookalikes: int


def generate(
    output: Path,
    staff: int = 2000,
    related: int | None = None,
    years: float = 1.5,
    seed: int = 7,
    *,
    plants: bool = True,
    lookalikes: int | None = None,
) -> Summary:
    """Write a force of `staff` and `related` persons (None = five for each) over `years`, a folder a system.

    `lookalikes` is how often each kind of look-alike is there (None = by size: 6 at 2,000 staff, 40 from
    13,000 on). The answer key lies in `answer_key` and is for scoring only. `plants=False` gives the innocent
    twin: a force with the look-alikes and nothing to find. The same arguments give the same bytes.
    Raises: ValueError for fewer than 500 staff, 3 related persons for each of them, or a quarter of a year.
    """
    related = 5 * staff if related is None else related
    if staff < LEAST_STAFF or related < 3 * staff or years < 0.25:
        raise ValueError(
            "a force has at least 500 staff, 3 related persons for each, and a quarter of a year"
        )
    stations = tuple(f"ST{number:02d}" for number in range(1, max(3, round(staff / 250)) + 1))
    world = World(seed, END - timedelta(days=round(years * 365.25)), END, stations)
    population = populate(world, staff, related)
    count = min(24, staff // 50)
    if plants:
        plant_all(population, count)
        plant_paths(Planter(population), count)
    by_size = max(1, count // 4, min(40, staff // 330))
    staged = by_size if lookalikes is None else lookalikes
    stage_all(Planter(population), staged)
    world.absences = (count if plants else 0, staged)
    roster.post_staff(world, plants=plants)
    book = Book(world, population.words, output)
    for write in SYSTEMS.values():
        write(book)
    answer_key.write(book)
    return Summary(
        output=output,
        files={system: tuple(book.files[system]) for system in SYSTEMS},
        staff=sum(1 for _ in world.staff()),
        related=sum(1 for _ in world.related()),
        records=len(book.truth),
        plants=len(world.plants),
        lookalikes=len(world.lookalikes),
    )
