"""What was known at a past sequence: views of a connection of its own that stand before the tables.

Every facet then reads as it always does, and answers with the past.
"""

import hashlib
from typing import Any

import apsw

from ledger.content import record_of
from ledger.ledgers.sqlite.shown import hold_back_participants, shown
from resolvers.domain import RecordKey
from resolvers.features import extract

_VERSION = """
SELECT t.number, t.source, t.source_id,
  coalesce(e.detail ->> '$.version', 0) AS version,
  e.sequence, t.first_sequence, p.body IS NOT NULL AS live, said_hash(p.body) AS content_hash,
  t.certificate{more}
FROM main.{table} t
LEFT JOIN main.{table}_payload p ON p.sequence = (SELECT max(q.sequence) FROM main.{table}_payload q
  WHERE q.number = t.number AND q.sequence <= {at})
JOIN main.entry e ON e.sequence = coalesce(p.sequence, t.first_sequence)
WHERE t.first_sequence <= {at}"""
_FINDING_COLUMNS = (
    "id, pattern, state, severity, rank, title, body, version, created, sequence AS updated, said,"
    " into_finding, certificate"
)
_VIEWS = {
    "entry": "SELECT * FROM main.entry WHERE sequence <= {at}",
    "membership": """
SELECT record, entity FROM main.belonging WHERE since <= {at} AND (until IS NULL OR until > {at})""",
    "entity": """
SELECT number, ended IS NULL OR ended > {at} AS live,
  CASE WHEN ended <= {at} THEN into_entity END AS into_entity, ended, certificate
  FROM main.entity WHERE number <= {at}""",
    "judgement": """
SELECT sequence, id, left_record, right_record, verdict, version, author, reason, weight, NOT EXISTS (
  SELECT 1 FROM main.judgement higher WHERE higher.left_record = j.left_record
  AND higher.right_record = j.right_record AND higher.version > j.version AND higher.sequence <= {at})
  AS in_force, CASE WHEN reopened <= {at} THEN reopened END AS reopened
FROM main.judgement j WHERE sequence <= {at}""",
    "feature": """
SELECT m.record AS number, said_features(p.body) AS body, x'' AS keys FROM main.belonging m
JOIN main.record_payload p ON p.sequence = (SELECT max(q.sequence) FROM main.record_payload q
  WHERE q.number = m.record AND q.sequence <= {at})
WHERE m.since <= {at} AND (m.until IS NULL OR m.until > {at}) AND p.body IS NOT NULL""",
    "finding": f"""
SELECT {_FINDING_COLUMNS} FROM main.finding_version v WHERE sequence = (
  SELECT max(w.sequence) FROM main.finding_version w WHERE w.id = v.id AND w.sequence <= {{at}})""",
    "finding_subject": """
SELECT v.id AS finding, s.key AS place, s.value ->> 0 AS role, s.value ->> 1 AS entity_id
FROM main.finding_version v, json_each(v.subjects) s WHERE sequence = (
  SELECT max(w.sequence) FROM main.finding_version w WHERE w.id = v.id AND w.sequence <= {at})""",
    "finding_history": "SELECT * FROM main.finding_history WHERE sequence <= {at}",
    "finding_reply": "SELECT * FROM main.finding_reply WHERE sequence <= {at}",
    "model": "SELECT * FROM main.model WHERE sequence <= {at}",
}


def look_back(connection: apsw.Connection, at: int, *, whole: bool) -> None:
    """Make a reading connection, used for nothing else, answer as of the end of a commit.

    Unless it is to be the `whole` of what was known, what is withheld now is left out.
    """
    connection.create_scalar_function("said_hash", _hash, 1, deterministic=True)
    connection.create_scalar_function("said_features", _features, 1, deterministic=True)
    views = dict(_VIEWS)
    for table, more in (("record", ""), ("event", ", t.bulk")):
        views[table] = _VERSION.replace("{table}", table).replace("{more}", more)
    for name, view in views.items():
        select = view.format(at=int(at))
        connection.execute(f"CREATE TEMP VIEW {name} AS {select if whole else shown(name, select, at)}")
    if not whole:
        hold_back_participants(connection)


def _hash(*body: Any) -> bytes:
    return b"" if body[0] is None else hashlib.sha256(body[0].encode()).digest()


def _features(*body: Any) -> str:
    return extract(record_of(RecordKey("", ""), body[0])).to_json()
