"""The ledger in one SQLite file (WAL, full sync), safe for many threads and processes."""

from ledger.ledgers.sqlite.ledger import SqliteLedger

__all__ = ["SqliteLedger"]
