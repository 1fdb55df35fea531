"""What may be shown: views of a reading connection, before the tables, that leave out what is withheld.

Every facet then reads as it always does, as if the withheld records were not there.
"""

import json
from typing import Any

import apsw

_WITHHELD = "(SELECT record FROM main.restricted_record)"
_CONDITIONS = {
    "record": f"number NOT IN {_WITHHELD}",
    "membership": f"record NOT IN {_WITHHELD}",
    "judgement": f"left_record NOT IN {_WITHHELD} AND right_record NOT IN {_WITHHELD}",
    "finding": "id NOT IN (SELECT finding FROM main.restricted_finding WHERE coalesce(cleared > {at}, TRUE))",
}
_ENTITY = f"""
SELECT number, live AND (
  number NOT IN (SELECT entity FROM main.belonging WHERE record IN {_WITHHELD})
  OR EXISTS (SELECT 1 FROM membership m WHERE m.entity = number)) AS live, into_entity, ended, certificate
FROM ({{select}})"""
"""A person is not there when all that was known of it is withheld."""
_LAST = 2**62


def shown(name: str, select: str, at: int = _LAST) -> str:
    """Return what a view selects, less what is withheld; `at` is the sequence that it looks back to."""
    if name == "entity":
        return _ENTITY.format(select=select)
    condition = _CONDITIONS.get(name)
    return select if condition is None else f"SELECT * FROM ({select}) WHERE {condition.format(at=at)}"


def withholds(connection: apsw.Connection) -> bool:
    """Return whether anything is withheld in this snapshot."""
    return connection.execute("SELECT 1 FROM restricted_record LIMIT 1").get is not None


def hold_back_participants(connection: apsw.Connection) -> None:
    """Make a reading connection show events without the records that are withheld from it.

    An event that names nobody else is not there.
    """
    rows = connection.execute(
        f"SELECT source, source_id FROM main.record WHERE number IN {_WITHHELD}"
    ).fetchall()
    keys = frozenset(rows)

    def body(*text: Any) -> str | None:
        event = None if text[0] is None else json.loads(text[0])
        if event is None:
            return None
        left = [one for one in event["participants"] if (one["source"], one["source_id"]) not in keys]
        if len(left) == len(event["participants"]):
            return str(text[0])
        return json.dumps({**event, "participants": left}, ensure_ascii=False) if left else None

    connection.create_scalar_function("shown_body", body, 1)
    connection.execute(
        "CREATE TEMP VIEW event_payload AS SELECT sequence, number, shown_body(body) AS body, redacted"
        " FROM main.event_payload"
    )


def hold_back(connection: apsw.Connection) -> None:
    """Make a reading connection, used for nothing else, leave out what is withheld now."""
    for name in ("membership", "record", "judgement", "finding", "entity"):
        connection.execute(f"CREATE TEMP VIEW {name} AS {shown(name, f'SELECT * FROM main.{name}')}")
    hold_back_participants(connection)
