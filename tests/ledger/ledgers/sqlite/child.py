"""A process that writes to a ledger and says on standard output what it was promised: `ack <record number>`.

It says `open` first and then waits for a line on standard input, so that several can start at once.

Run as `child.py FOLDER SOURCE COUNT MODE`. Modes: `sound`, and the broken twins `early` (answers before
the commit), `normal` (commits without waiting for the disk), `cached` (keeps the audit head between
transactions).
"""

import os
import sys
import time
from pathlib import Path

from ledger.audit import AuditEntry
from ledger.chain import START, audit_text, link, seal
from ledger.ledger import Session
from ledger.ledgers.sqlite import SqliteLedger
from ledger.secret import derive, load_secret
from resolvers.domain import Record, RecordKey

GROUP = 10
PAUSE = 0.002


def say(number: int) -> None:
    os.write(1, f"ack {number}\n".encode())


def put(session: Session, source: str, number: int) -> None:
    said = Record(RecordKey(source, str(number)), {"name": ({"full": f"Person {number}"},)})
    session.records.put(said, 1, source)
    session.audit.append(AuditEntry(source, "pusher", "push", "PUT", (str(number),), 1))


def write_early(ledger: SqliteLedger, source: str, count: int) -> None:
    """The twin that answers each push as soon as it is in the transaction."""
    for first in range(0, count, GROUP):
        with ledger.write() as session:
            for number in range(first, first + GROUP):
                put(session, source, number)
                say(number)
                time.sleep(PAUSE)


class CachedHead:
    """The twin that remembers the end of the audit chain instead of reading it under the lock."""

    def __init__(self, folder: Path) -> None:
        self.key = derive(load_secret(folder, create=False), "audit")
        self.head: tuple[int, bytes] | None = None

    def append(self, session: Session, entry: AuditEntry) -> None:
        sql = "SELECT position, mac FROM audit ORDER BY position DESC LIMIT 1"
        before = self.head or session.connection.execute(sql).fetchone() or (0, START)
        position, text, at = before[0] + 1, audit_text(entry), "2026-01-01T00:00:00.000Z"
        mac = link(self.key, before[1], position, at, text)
        row = (position, at, text, mac)
        session.connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?)", row)
        head = (1, position, seal(self.key, position, mac))
        session.connection.execute("INSERT OR REPLACE INTO audit_head VALUES (?, ?, ?)", head)
        self.head = (position, mac)


def main(folder: Path, source: str, count: int, mode: str) -> None:
    ledger = SqliteLedger(folder, wait=30)
    os.write(1, b"open\n")
    sys.stdin.readline()
    if mode == "early":
        write_early(ledger, source, count)
        return
    if mode == "normal":
        with ledger.write() as session:
            connection = session.connection
        connection.pragma("synchronous", "NORMAL")
    cached = CachedHead(folder) if mode == "cached" else None
    for number in range(count):
        with ledger.write() as session:
            if cached is None:
                put(session, source, number)
            else:
                cached.append(session, AuditEntry(source, "pusher", "push", "PUT"))
        say(number)
        time.sleep(PAUSE)
    ledger.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
