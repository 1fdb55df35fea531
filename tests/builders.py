"""Few words to make a fixture: a record, an event, their keys, a ledger that does not wait for the disk."""

from pathlib import Path

from ledger.event import Event, EventKey, Participant
from ledger.ledger import Ledger
from ledger.ledgers.sqlite import SqliteLedger
from resolvers.domain import Record, RecordKey

GIVEN = ("Ann", "Boris", "Chidi", "Dolores", "Edmund", "Farah", "Gwen", "Hiroshi", "Ines", "Jakub", "Kwame")
FAMILY = ("Abbott", "Brzeski", "Castellan", "Dunmore", "Everitt", "Fitzhugh", "Grimaldi")


def key(text: str) -> RecordKey:
    """Return the record key written as `source|source_id`."""
    source, _, source_id = text.partition("|")
    return RecordKey(source, source_id)


def record(text: str, name: str = "Ann Example", **values: str) -> Record:
    """Return a record: `record("hr|1", "Ann Example", email="a@example.org")`."""
    said = {attribute: ({"value": value},) for attribute, value in values.items()}
    return Record(key(text), {"name": ({"full": name},), **said})


def stranger(number: int) -> Record:
    """Return record `hr|number` of somebody who is like nobody else in name, birth and number (0 to 76)."""
    name = f"{GIVEN[number % len(GIVEN)]} {FAMILY[number * 5 % len(FAMILY)]}"
    born = f"{1930 + number}-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
    return record(f"hr|{number}", name, staff_number=f"{number * 7919 % 100_003:06d}", date_of_birth=born)


def event(text: str, *participants: str, kind: str = "complaint", **times: str) -> Event:
    """Return an event: `event("psd|C1", "hr|1 accused", start="2024-01-01T00:00:00Z")`."""
    source, _, event_id = text.partition("|")
    parts = (participant.rpartition(" ") for participant in participants)
    return Event(
        key=EventKey(source, event_id),
        kind=kind,
        start=times.get("start"),
        end=times.get("end"),
        participants=tuple(Participant(key(name), role) for name, _, role in parts),
    )


def hasty_ledger(folder: Path) -> Ledger:
    """Open a ledger that does not wait for the disk: for tests of rules, never of durability."""
    ledger = SqliteLedger(folder)
    with ledger.write() as session:
        connection = session.connection
    connection.pragma("synchronous", "OFF")
    return ledger
