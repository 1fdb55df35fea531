"""The answer key: who is who, who is tied to whom, and what was planted, recounted from the written files."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from itertools import combinations, pairwise

import polars as pl

from app.ingest.mapping import load_mapping
from app.ingest.reading import read
from app.synthetic.book import Book
from app.synthetic.plants import declared_pairs
from app.synthetic.recount import Duties, Stays
from app.synthetic.rosters.arrangement import PLANTED
from app.synthetic.world import LookAlike, Plant, World
from ledger.event import Event
from resolvers.domain import Record, Scalar
from resolvers.normalisation.accounts import account
from resolvers.normalisation.addresses import address
from resolvers.normalisation.emails import email
from resolvers.normalisation.phones import phone
from resolvers.normalisation.vehicles import vehicle

BLATANT_DOSE = {
    "shared_home": 180,
    "shared_address": 180,
    "shared_identifier": 120,
    "short_path": 120,
    "repeated_co_complaint": 5,
    "linked_lookup": 4,
    "own_case": 3,
    "independence": 3,
    "repeated_interest": 6,
    "voluntary_pair": 20,
    "follower": 20,
    "crew": 20,
    "paid_not_there": 7,
}
"""What a plant meant to be blatant must reach in the written rows to be called so."""

_Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Said:
    """A record that says its person held a thing for a time."""

    uid: str
    record: str
    span: _Span


class Written:
    """What the written files say, read back through the mappings as a load would read them."""

    def __init__(self, book: Book) -> None:
        self._world = book.world
        self._uid = {(source, source_id): uid for source, source_id, uid in book.truth}
        self.holders: dict[str, list[Said]] = defaultdict(list)
        """`address|…`, `phone|…` → who is recorded with it."""
        self.things: dict[str, set[str]] = defaultdict(set)
        """uid → the things recorded of them."""
        self.accused: dict[frozenset[str], list[str]] = defaultdict(list)
        self.decided: dict[tuple[str, str], list[str]] = defaultdict(list)
        """(accused, investigator) → the complaints."""
        self.lookups: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._duties = Duties(book)
        self._stays = Stays(book)
        for system, paths in book.files.items():
            reading = read(paths, load_mapping((files("sources") / f"{system}.yaml").read_text("utf-8")))
            self._records(reading.records)
            if system == "complaints":
                self._complaints(reading.events)
            if system == "access":
                self._lookups(pl.concat(list(reading.segments)))

    def overlap(self, left: str, right: str, kinds: tuple[str, ...]) -> tuple[float, tuple[str, ...]]:
        """Return the longest overlap in days of one thing that both hold, and the records that say so."""
        best, rows = 0, set[str]()
        for thing in self.things[left] & self.things[right]:
            if thing.startswith(kinds):
                for mine, theirs in self._pairs(thing, left, right):
                    days = (min(mine.span[1], theirs.span[1]) - max(mine.span[0], theirs.span[0])).days
                    best = max(best, days)
                    rows |= {f"record:{mine.record}", f"record:{theirs.record}"} if days > 0 else set()
        return float(best), tuple(sorted(rows))

    def along(self, persons: Sequence[str]) -> tuple[float, tuple[str, ...]]:
        """Return the shortest overlap in days along a path, and the records of all; declared ties last."""
        declared = set(declared_pairs(self._world))
        days, rows = float(self._world.days), set[str]()
        for left, right in pairwise(persons):
            if (min(left, right), max(left, right)) not in declared:
                together, said = self.overlap(left, right, ("address", *_NORMALISED))
                days = min(days, together)
                rows.update(said)
        return days, tuple(sorted(rows))

    def rostered(self, plant: Plant) -> tuple[float, tuple[str, ...]]:
        """Return the joint shifts of a plant on rosters, and the rows that say so."""
        return self._duties.recount(plant)

    def untraced(self, uid: str) -> tuple[float, tuple[str, ...]]:
        """Return the extra shifts of a quarter of which no door shows half, and the rows that say so."""
        return self._stays.untraced(uid)

    def _pairs(self, thing: str, left: str, right: str) -> Iterator[tuple[Said, Said]]:
        rows = self.holders[thing]
        yield from (
            (mine, theirs) for mine in rows if mine.uid == left for theirs in rows if theirs.uid == right
        )

    def _records(self, chunks: Iterable[Sequence[tuple[Record, int | None]]]) -> None:
        for chunk in chunks:
            for record, _ in chunk:
                uid = self._uid[record.key.source, record.key.source_id]
                for attribute, values in record.attributes.items():
                    for value in values:
                        thing = _thing(attribute, value)
                        if thing is not None:
                            self.holders[thing].append(Said(uid, str(record.key), self._span(value)))
                            self.things[uid].add(thing)

    def _span(self, value: Mapping[str, Scalar]) -> _Span:
        start, end = value.get("valid_from"), value.get("valid_to")
        return (
            max(date.fromisoformat(str(start)), self._world.start) if start else self._world.start,
            min(date.fromisoformat(str(end)), self._world.end) if end else self._world.end,
        )

    def _complaints(self, chunks: Iterable[Sequence[tuple[Event, int | None]]]) -> None:
        for chunk in chunks:
            for event, _ in chunk:
                parts = {
                    (part.role, self._uid[part.record.source, part.record.source_id])
                    for part in event.participants
                }
                uids = sorted(uid for role, uid in parts if role == "accused")
                for decider in sorted(uid for role, uid in parts if role == "investigator"):
                    for accused in uids:
                        self.decided[accused, decider].append(f"event:{event.key}")
                for place, left in enumerate(uids):
                    for right in uids[place + 1 :]:
                        self.accused[frozenset((left, right))].append(f"event:{event.key}")

    def _lookups(self, frame: pl.DataFrame) -> None:
        blank = frame.filter(pl.col("reference").is_null())
        users = blank.filter(pl.col("role") == "user").select("event_id", user="record_id")
        rows = blank.filter(pl.col("role") == "subject").join(users, on="event_id")
        columns = rows.select("source", "event_id", "user", "record_source", "record_id")
        for source, event_id, user, system, subject in columns.iter_rows():
            pair = self._uid["access", user], self._uid[system, subject]
            self.lookups[pair].append(f"event:{source}|{event_id}")


_NORMALISED: Mapping[str, Callable[[str], str | None]] = {
    "phone": phone,
    "account": account,
    "vehicle": vehicle,
    "email": email,
}


def _thing(attribute: str, value: Mapping[str, Scalar]) -> str | None:
    if attribute == "address":
        key = address(value)
        return None if key is None else f"address|{key.dwelling}"
    said = str(value.get("value", ""))
    if attribute not in _NORMALISED:
        return None
    normal = _NORMALISED[attribute](said)
    return None if normal is None else f"{attribute}|{normal}"


def write(book: Book) -> None:
    """Recount every plant from the written files, name every coincidence, and write the answer key."""
    written = Written(book)
    for plant in book.world.plants:
        _recount(plant, written)
    book.world.lookalikes += _coincidences(book.world, written)
    folder = book.output / "answer_key"
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in _frames(book).items():
        frame.write_parquet(folder / f"{name}.parquet")


def _recount(plant: Plant, written: Written) -> None:
    left, right = plant.persons[0], plant.persons[min(1, len(plant.persons) - 1)]
    if plant.pattern in PLANTED:
        plant.dose, plant.evidence = written.rostered(plant)
    elif plant.pattern == "paid_not_there":
        plant.dose, plant.evidence = written.untraced(left)
    elif plant.pattern in {"shared_home", "shared_address"}:
        plant.dose, plant.evidence = written.overlap(left, right, ("address",))
    elif plant.pattern == "short_path":
        plant.dose, plant.evidence = written.along(plant.persons)
    elif plant.pattern == "shared_identifier":
        plant.dose, plant.evidence = written.overlap(left, right, tuple(_NORMALISED))
    else:
        rows = {
            "repeated_co_complaint": written.accused[frozenset(plant.persons)],
            "linked_lookup": written.lookups[left, right],
            "own_case": written.lookups[left, right],
            "independence": written.decided[left, right],
            "repeated_interest": written.lookups[left, right],
        }[plant.pattern]
        plant.evidence = tuple(sorted(set(rows)))
        plant.dose = float(len(plant.evidence))
    plant.blatant = plant.blatant and plant.dose >= BLATANT_DOSE[plant.pattern]


def _coincidences(world: World, written: Written) -> list[LookAlike]:
    """Return the pairs of staff and anybody who share a thing that nobody planted: mostly a flat left out."""
    known = {frozenset(pair) for pair in declared_pairs(world)}
    known |= {frozenset(pair) for plant in world.plants for pair in combinations(plant.persons, 2)}
    known |= {
        frozenset((left, right))
        for case in world.lookalikes
        for left in case.persons
        for right in case.persons
    }
    found: dict[tuple[str, str, str], str] = {}
    for thing, rows in sorted(written.holders.items()):
        uids = sorted({said.uid for said in rows})
        for left in uids:
            for right in uids:
                if left != right and world.persons[left].job and frozenset((left, right)) not in known:
                    at_home = "shared_address" if world.persons[right].job else "shared_home"
                    pattern = at_home if thing.startswith("address") else "shared_identifier"
                    days, _ = written.overlap(left, right, (thing,))
                    lost = thing.startswith("address||") and any(
                        home.dwelling.flat for uid in (left, right) for home in world.persons[uid].homes
                    )
                    pair = min(left, right), max(left, right)
                    found[(pattern, *pair)] = "flat_lost" if lost else "no_overlap" if days <= 0 else "chance"
    first = len(world.lookalikes) + 1
    return [
        LookAlike(f"A{number:03d}", pattern, explanation, (left, right))
        for number, ((pattern, left, right), explanation) in enumerate(sorted(found.items()), first)
    ]


def _frames(book: Book) -> dict[str, pl.DataFrame]:
    world, texts = book.world, pl.List(pl.String)
    return {
        "entity_truth": pl.DataFrame(
            sorted(book.truth), schema=("source", "source_id", "uid"), orient="row"
        ),
        "relation_truth": pl.DataFrame(
            [(tie.left, tie.right, tie.kind, tie.start, tie.declared) for tie in world.relations],
            schema={"left": pl.String, "right": pl.String, "kind": pl.String, "start": pl.Date,
                    "declared": pl.Date},
            orient="row",
        ),
        "plants": pl.DataFrame(
            [
                (plant.plant_id, plant.pattern, list(plant.persons), plant.dose, plant.blatant, plant.detail,
                 list(plant.evidence))
                for plant in world.plants
            ],
            schema={"plant_id": pl.String, "pattern": pl.String, "persons": texts, "dose": pl.Float64,
                    "blatant": pl.Boolean, "detail": pl.String, "evidence": texts},
            orient="row",
        ),
        "lookalikes": pl.DataFrame(
            [
                (case.lookalike_id, case.resembles_pattern, case.explanation, list(case.persons))
                for case in world.lookalikes
            ],
            schema={"lookalike_id": pl.String, "resembles_pattern": pl.String, "explanation": pl.String,
                    "persons": texts},
            orient="row",
        ),
        "declared_pairs": pl.DataFrame(declared_pairs(world), schema=["left", "right"], orient="row"),
    }  # fmt: skip
