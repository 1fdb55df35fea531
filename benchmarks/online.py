"""One record into a large store: processor time to find its candidates, score them and cluster again.

    python benchmarks/online.py [RECORDS]      (100,000 if not said)

The store holds synthetic people; those put are left out of it before, and are mostly of persons it knows.
Then a hub: a telephone number that 1,000 and 100,000 persons share gets one more, which may take at most
twice as long in the large one. Floors: 95 of 100 records within 50 ms of CPU. The exit code is 1 where one is
missed.
"""

import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from itertools import islice
from statistics import median, quantiles

from speed import MAPPING, people

from app.ingest.mapping import load_mapping
from app.ingest.reading import read
from ledger.ledger import Ledger
from ledger.ledgers import open_ledger
from resolvers.blocks import keys_of
from resolvers.domain import Record, RecordKey
from resolvers.features import extract
from resolvers.linkage_model import default_model
from resolvers.resolution import update

PUTS, AT_ONCE = 400, 20_000
FLOOR_MS, FLOOR_HUB = 50.0, 2.0


def fill(ledger: Ledger, records: Iterable[Record]) -> int:
    """Put records with features and postings, not clustered; return how many."""
    model, filled = default_model(), 0
    rows = iter(records)
    while chunk := list(islice(rows, AT_ONCE)):
        features = [extract(record) for record in chunk]
        keys = keys_of(features, model)
        with ledger.write() as session:
            session.records.put_many([(record, None) for record in chunk], "benchmark")
            numbers = session.records.numbers([record.key for record in chunk])
            session.resolution.put_records(
                (numbers[record.key], record.key, found, mine)
                for record, found, mine in zip(chunk, features, keys, strict=True)
            )
        filled += len(chunk)
    return filled


def put_one_by_one(ledger: Ledger, records: Sequence[Record]) -> list[float]:
    """Put records, each in a unit of work; return the CPU milliseconds that resolution took for each."""
    model, spent = default_model(), []
    for record in records:
        with ledger.write() as session:
            session.records.put(record, None, "benchmark")
            number = session.records.numbers([record.key])[record.key]
            start = time.process_time()
            update(session.resolution, model, puts=[(number, record.key, extract(record))])
            spent.append((time.process_time() - start) * 1000)
    return spent


def _holder(at: int) -> Record:
    """Return a person of a number of their own but for one telephone."""
    name = {"given": f"g{_letters(at)}", "family": f"f{_letters(at * 7_919 + 1)}"}
    attributes = {"name": (name,), "staff_number": ({"value": str(1_000_000 + at)},)}
    return Record(RecordKey("hub", str(at)), {**attributes, "phone": ({"value": "0113 496 0999"},)})


def _letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number))


def hub(size: int) -> float:
    """Return the median CPU milliseconds of one more holder of a number that `size` records share."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = open_ledger(f"sqlite:///{folder}")
        fill(ledger, map(_holder, range(size)))
        return median(put_one_by_one(ledger, [_holder(size + at) for at in range(60)])[10:])


def main(arguments: list[str]) -> int:
    """Print the figures; return 1 where a floor is missed."""
    size = int(arguments[0]) if arguments else 100_000
    file, missed = people(size), 0
    if file is None:
        print("skipped: the generator of people is not beside the repository")
    else:
        records = (record for chunk in read([file], load_mapping(MAPPING)).records for record, _ in chunk)
        put = list(islice(records, PUTS))
        with tempfile.TemporaryDirectory() as folder:
            ledger = open_ledger(f"sqlite:///{folder}")
            filled = fill(ledger, records)
            spent = put_one_by_one(ledger, put)[10:]
        p95 = quantiles(spent, n=20)[-1]
        missed += p95 > FLOOR_MS
        print(f"one record into {filled:,}: CPU ms median {median(spent):.1f}, p95 {p95:.1f}", flush=True)
    small, large = hub(1_000), hub(100_000)
    missed += large > FLOOR_HUB * small
    print(f"one more of a shared number: CPU ms {small:.1f} at 1,000, {large:.1f} at 100,000")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
