"""Whether the ledger is sound: the file, the audit chain, what was said, and the counts that are kept."""

import hmac
from collections.abc import Iterator

from ledger.ledgers.sqlite.audit import SqliteAudit
from ledger.ledgers.sqlite.resolution import SqliteResolution
from ledger.ledgers.sqlite.segments import SqliteSegments
from ledger.ledgers.sqlite.transaction import Transaction

_SAID = {
    "a live record without its content": """
SELECT count(*) FROM record r LEFT JOIN record_payload p USING (sequence)
WHERE r.live = 1 AND p.body IS NULL""",
    "a live event without its content": """
SELECT count(*) FROM event v LEFT JOIN event_payload p USING (sequence)
WHERE v.live = 1 AND p.body IS NULL""",
    "a deleted record that still has an entity": """
SELECT count(*) FROM membership JOIN record ON number = record WHERE live = 0""",
    "a resolved record without an entity": """
SELECT count(*) FROM feature LEFT JOIN membership ON record = number WHERE record IS NULL""",
    "a live entity without records": """
SELECT count(*) FROM entity WHERE live = 1 AND number NOT IN (SELECT entity FROM membership)""",
    "a merged or emptied entity with records": """
SELECT count(*) FROM membership JOIN entity ON number = entity WHERE live = 0""",
    "a source whose records are miscounted": """
SELECT count(*) FROM source s WHERE records !=
  (SELECT count(*) FROM record r WHERE r.source = s.name AND live)""",
    "a source whose events are miscounted": """
SELECT count(*) FROM source s WHERE events !=
  (SELECT count(*) FROM event v WHERE v.source = s.name AND live)""",
    "a record whose history of entities does not end where it is": """
SELECT count(*) FROM (SELECT record, entity FROM belonging WHERE until IS NULL EXCEPT SELECT * FROM membership
  UNION ALL SELECT * FROM (SELECT * FROM membership EXCEPT
  SELECT record, entity FROM belonging WHERE until IS NULL))""",
    "an erased record or event with content": """
SELECT (SELECT count(*) FROM record JOIN record_payload USING (number) WHERE certificate IS NOT NULL)
  + (SELECT count(*) FROM event JOIN event_payload USING (number) WHERE certificate IS NOT NULL)""",
    "a gap in the sequence": "SELECT coalesce(max(sequence), 0) - count(*) FROM entry",
}
_MADE = {
    "deleted records that still have features": """
SELECT count(*) FROM feature JOIN record USING (number) WHERE live = 0""",
    "blocking keys whose size is miscounted": """
SELECT count(*) FROM (SELECT key, count(*) AS size FROM posting GROUP BY key) p
  FULL JOIN block b ON b.key = p.key WHERE b.size IS NOT p.size""",
}
_REMEDY = "restore the data folder from a backup"


def problems(transaction: Transaction) -> Iterator[str]:
    """Yield one sentence a problem; values are never named."""
    for (message,) in transaction.connection.execute("PRAGMA integrity_check"):
        if message != "ok":
            yield f"file: {message}; {_REMEDY}"
    position = SqliteAudit(transaction).verify()
    if position is not None:
        yield f"audit: the chain breaks at position {position}; {_REMEDY} and find out who changed it"
    for name, sql in _SAID.items():
        count = transaction.value(sql)
        if count:
            yield f"ledger: {name} ({count}); {_REMEDY}"
    for name, sql in _MADE.items():
        count = transaction.value(sql)
        if count:
            yield f"persons: {name} ({count}); make them again"
    if SqliteResolution(transaction).misposted():
        yield "persons: records are not found under their blocking keys and identifiers; make them again"
    yield from _changed_contents(transaction, "record", "p.sequence")
    yield from _changed_contents(transaction, "event", "coalesce(p.redacted, p.sequence)")
    yield from SqliteSegments(transaction).problems()


def _changed_contents(transaction: Transaction, table: str, recorded: str) -> Iterator[str]:
    """Yield the entries whose content is not the one that was recorded (last, where it was redacted)."""
    sql = (
        f"SELECT p.sequence, p.body, e.detail ->> '$.content' FROM {table}_payload p"
        f" JOIN entry e ON e.sequence = {recorded} WHERE p.body IS NOT NULL ORDER BY p.sequence"
    )
    for sequence, body, kept in transaction.connection.execute(sql):
        if kept is None or not hmac.compare_digest(
            hmac.digest(transaction.secret, body.encode(), "sha256").hex(), kept
        ):
            yield f"ledger: the content of entry {sequence} was changed after it was recorded; {_REMEDY}"
