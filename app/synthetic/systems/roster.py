"""The duty roster: workers, and every shift they were planned for, took over, worked extra or missed."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from app.synthetic.book import Book
from app.synthetic.clerk import Rates
from app.synthetic.world import Job, Person

EARLY, LATE, NIGHT, DAY, OFF = 0, 1, 2, 3, -1
_HOURS = (("07:00", "16:00"), ("15:00", "00:00"), ("22:00", "07:00"), ("08:00", "16:00"))
_RESPONSE = np.array([EARLY, EARLY, LATE, LATE, NIGHT, NIGHT, OFF, OFF, OFF, OFF], dtype=np.int8)
_NEIGHBOURHOOD = np.array([EARLY, EARLY, LATE, LATE, OFF, OFF, OFF, OFF], dtype=np.int8)
PLANNED, OVERTIME, SWAP_IN, SWAP_OUT, LEAVE, SICK, TRAINING = range(7)
_BASES = ("planned", "overtime", "swap_in", "swap_out", "leave", "sick", "training")

_Grid = npt.NDArray[np.int8]
_Staff = list[tuple[Person, Job]]


@dataclass(slots=True)
class _Rota:
    """Who does what on which day: band (OFF = nothing) and basis of each person (row) and day (column)."""

    band: _Grid
    basis: _Grid


def write(book: Book) -> None:
    """Write workers.csv and shifts.parquet."""
    clerk = book.clerk("roster", Rates(typo=0.015, short_form=0.08, middle_missing=0.6))
    staff = list(book.world.staff())
    rows = [
        {
            "worker_id": book.enter("roster", f"W{number:05d}", person),
            "worker_name": clerk.name(person).filed,
            "staff_ref": job.staff_number if clerk.chance(0.96) else "",
            "collar": job.collar_number,
            "base": job.station,
            "team": job.team,
            "role": job.duty_role,
        }
        for number, (person, job) in enumerate(staff, 1)
    ]
    book.write_csv("roster", "workers", rows)
    rng = np.random.default_rng([book.world.seed, 11])
    rota = _planned(staff, book.world.days)
    _absences(rota, rng)
    _swaps(rota, staff, rng)
    _overtime(rota, staff, rng)
    _together(rota, staff, book, rng)
    book.write_parquet("roster", "shifts", _frame(rota, staff, book))


def _planned(staff: _Staff, days: int) -> _Rota:
    band = np.full((len(staff), days), OFF, dtype=np.int8)
    calendar = np.arange(days)
    for place, (_, job) in enumerate(staff):
        team = job.team.split("-")[1]
        if team in "ABCDE":
            band[place] = _RESPONSE[(calendar + "ABCDE".index(team) * 2) % 10]
        elif team == "CUST":
            band[place] = _RESPONSE[(calendar + place % 5 * 2) % 10]
        elif team == "CID":
            band[place] = np.where(calendar % 7 < 5, DAY, OFF)
        else:
            band[place] = _NEIGHBOURHOOD[(calendar + (0 if team == "N1" else 4)) % 8]
    return _Rota(band, np.zeros_like(band))


def _absences(rota: _Rota, rng: np.random.Generator) -> None:
    """Turn spells of planned days into leave, sickness and training."""
    staff, days = rota.band.shape
    for basis, spells_a_year, longest in ((LEAVE, 4.5, 14), (SICK, 1.6, 5), (TRAINING, 1.0, 4)):
        for place, count in enumerate(rng.poisson(spells_a_year * days / 365, staff)):
            for start, length in zip(
                rng.integers(0, days, count), rng.integers(1, longest, count), strict=True
            ):
                spell = rota.basis[place, start : start + length]
                spell[rota.band[place, start : start + length] != OFF] = basis


def _swaps(rota: _Rota, staff: _Staff, rng: np.random.Generator) -> None:
    """Let a colleague of the station who is off take over a shift, some three times a person and year."""
    days = rota.band.shape[1]
    stations = np.array([job.station for _, job in staff])
    for place in rng.integers(0, len(staff), len(staff) * 3 * days // 365 // 2):
        day = int(rng.integers(0, days))
        if rota.band[place, day] == OFF or rota.basis[place, day] != PLANNED:
            continue
        free = np.flatnonzero((stations == stations[place]) & (rota.band[:, day] == OFF))
        if len(free):
            other = int(rng.choice(free))
            rota.band[other, day], rota.basis[other, day] = rota.band[place, day], SWAP_IN
            rota.basis[place, day] = SWAP_OUT


def _overtime(rota: _Rota, staff: _Staff, rng: np.random.Generator) -> None:
    """Let each person work extra on days off, where the station needs it: 16 a year on average, unevenly."""
    people, days = rota.band.shape
    stations = {name: place for place, name in enumerate(sorted({job.station for _, job in staff}))}
    demand = rng.gamma(1.2, 1.0, (len(stations), days)) + 0.05
    demand[:, np.arange(days) % 7 >= 5] *= 1.6
    wanted = np.minimum(rng.gamma(0.8, 20 * days / 365, people), 80 * days / 365).astype(int)
    for place, (person, job) in enumerate(staff):
        off = np.flatnonzero(rota.band[place] == OFF)
        if person.taken:
            wanted[place] = min(wanted[place], 6)
        keys = -np.log(rng.random(len(off))) / demand[stations[job.station], off]
        chosen = off[np.argsort(keys, kind="stable")[: wanted[place]]]
        rota.band[place, chosen] = rng.choice(3, len(chosen), p=(0.3, 0.4, 0.3)).astype(np.int8)
        rota.basis[place, chosen] = OVERTIME


def _together(rota: _Rota, staff: _Staff, book: Book, rng: np.random.Generator) -> None:
    """Let the planted pairs take overtime on the same days and bands, as far as both are off."""
    places = {person.uid: place for place, (person, _) in enumerate(staff)}
    for left, right, times in book.world.pairs:
        pair = [places[left], places[right]]
        off = np.flatnonzero((rota.band[pair] == OFF).all(axis=0))
        for day in np.sort(rng.permutation(off)[:times]):
            rota.band[pair, day] = rng.integers(0, 3)
            rota.basis[pair, day] = OVERTIME


def _frame(rota: _Rota, staff: _Staff, book: Book) -> pl.DataFrame:
    days, people = np.nonzero(rota.band.T != OFF)
    band, basis = rota.band[people, days], rota.basis[people, days]
    jobs = [job for _, job in staff]
    workers = [book.id_of("roster", person) for person, _ in staff]
    start = pl.Series([book.world.start + timedelta(days=number) for number in range(book.world.days)])
    return pl.DataFrame(
        {
            "shift_id": pl.Series(np.arange(1, len(days) + 1)).cast(pl.String).str.zfill(8),
            "worker_id": pl.Series(workers)[people],
            "duty_date": start[days],
            "starts": pl.Series([hours[0] for hours in _HOURS])[band],
            "ends": pl.Series([hours[1] for hours in _HOURS])[band],
            "basis": pl.Series(_BASES)[basis],
            "station": pl.Series([job.station for job in jobs])[people],
            "team": pl.Series([job.team for job in jobs])[people],
            "duty_role": pl.Series([job.duty_role for job in jobs])[people],
        }
    )
