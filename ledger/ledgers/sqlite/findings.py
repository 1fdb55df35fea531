"""Findings with their lifecycle, in SQLite. Titles, bodies and reasons stay out of the ledger's entries."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ledger.content import canonical_json
from ledger.ledgers.sqlite.identity import stood_for
from ledger.ledgers.sqlite.transaction import Transaction

Redact = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""What may stay of a finding's snapshot."""

RANKS = {"urgent": 0, "review": 1, "look": 2, "note": 3}
"""How early a severity is shown."""

_SELECT = """
SELECT f.id, f.pattern, f.state, f.severity, f.title, f.body, f.version, c.recorded_at, u.recorded_at, f.said,
  f.certificate
FROM finding f JOIN entry c ON c.sequence = f.created JOIN entry u ON u.sequence = f.updated"""
_PUT = """
INSERT INTO finding (id, pattern, state, severity, rank, title, body, version, created, updated, said)
VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?8, ?8, ?8) ON CONFLICT (id) DO UPDATE SET pattern = excluded.pattern,
  state = excluded.state, severity = excluded.severity, rank = excluded.rank, title = excluded.title,
  body = excluded.body, version = version + 1, updated = excluded.updated,
  said = excluded.said, into_finding = NULL, certificate = NULL"""
_KEEP = """
INSERT INTO finding_version SELECT updated, id, pattern, state, severity, rank, title, body, version, created,
  said, into_finding, certificate, (SELECT json_group_array(json_array(role, entity_id)) FROM (
  SELECT role, entity_id FROM finding_subject WHERE finding = ?1 ORDER BY place))
  FROM finding WHERE id = ?1"""
_CITING = """
SELECT DISTINCT v.id FROM finding_version v, json_each(v.body, '$.evidence') fact, json_each(?) wanted
WHERE (fact.value ->> 'origin', fact.value ->> 'source', fact.value ->> 'source_id')
  = (wanted.value ->> 0, wanted.value ->> 1, wanted.value ->> 2)
UNION SELECT v.id FROM finding_version v, json_each(v.subjects) subject
WHERE subject.value ->> 1 IN (SELECT value FROM json_each(?))"""
_FOLLOW = """
WITH RECURSIVE chain (id) AS (
  VALUES (?) UNION SELECT into_finding FROM finding JOIN chain USING (id) WHERE into_finding IS NOT NULL
) SELECT id FROM finding JOIN chain USING (id) WHERE into_finding IS NULL"""
_REPLIES = """
WITH RECURSIVE stood_for (id) AS (
  VALUES (?) UNION SELECT f.id FROM finding f JOIN stood_for s ON f.into_finding = s.id
)
SELECT e.recorded_at, r.received_on, r.body, r.actor FROM finding_reply r JOIN entry e USING (sequence)
WHERE r.finding IN (SELECT id FROM stood_for) ORDER BY r.sequence"""
_DECIDED = """
SELECT count(DISTINCT h.finding) FROM finding_history h JOIN entry e USING (sequence)
WHERE e.recorded_at >= ? AND h.state IN (SELECT value FROM json_each(?)) AND h.actor <> ?"""
_NAMED = """
SELECT DISTINCT s.entity_id FROM finding f JOIN finding_subject s ON s.finding = f.id
WHERE f.pattern = ? AND f.into_finding IS NULL AND f.state IN (SELECT value FROM json_each(?)) ORDER BY 1"""
_ABOUT = "f.id IN (SELECT finding FROM finding_subject WHERE entity_id IN (SELECT value FROM json_each(?)))"
_TEXT = "(f.title LIKE ? ESCAPE '\\' OR f.body ->> '$.sentence' LIKE ? ESCAPE '\\')"
_ORDER = " ORDER BY f.rank, f.created DESC"


class SqliteFindings:
    """The facet `Findings`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def put(self, row: Mapping[str, Any], subjects: Sequence[tuple[str, str]], actor: str) -> int:
        """Insert or replace a finding; one that says nothing new is not written again.

        One that another stood for stands for itself again.
        Returns the sequence of its last change. Raises: ValueError for a severity without a rank.
        """
        if row["severity"] not in RANKS:
            raise ValueError(f"severity: must be one of {', '.join(RANKS)}")
        before = self.get(row["id"])
        body = canonical_json(row["body"])
        said = (row["pattern"], row["state"], row["severity"], row["title"], json.loads(body), list(subjects))
        standing = self.follow(row["id"]) == row["id"]
        if before is not None and standing and said == tuple(before[name] for name in _SAID):
            last: int = self._tx.value("SELECT updated FROM finding WHERE id = ?", row["id"])
            return last
        previous = None if before is None else before["state"]
        sequence = self._enter("finding.put", row["id"], actor, previous, row["state"])
        self._tx.run(
            _PUT,
            *(row["id"], row["pattern"], row["state"], row["severity"], RANKS[row["severity"]], row["title"]),
            *(body, sequence),
        )
        self._tx.run("DELETE FROM finding_subject WHERE finding = ?", row["id"])
        self._tx.run_many(
            "INSERT INTO finding_subject (finding, place, role, entity_id) VALUES (?, ?, ?, ?)",
            [(row["id"], place, role, entity_id) for place, (role, entity_id) in enumerate(subjects)],
        )
        if previous != row["state"]:
            self._remember(sequence, row["id"], (row["state"], previous), actor, "")
        self._tx.run(_KEEP, row["id"])
        return sequence

    def move(self, finding_id: str, state: str, actor: str, reason: str) -> int:
        """Change its state with a reason. Raises: KeyError if unknown."""
        previous = self._tx.value("SELECT state FROM finding WHERE id = ?", finding_id)
        if previous is None:
            raise KeyError(finding_id)
        sequence = self._enter("finding.move", finding_id, actor, previous, state)
        self._tx.run(
            "UPDATE finding SET state = ?, version = version + 1, updated = ? WHERE id = ?",
            *(state, sequence, finding_id),
        )
        self._remember(sequence, finding_id, (state, previous), actor, reason)
        self._tx.run(_KEEP, finding_id)
        return sequence

    def reply(self, finding_id: str, text: str, received_on: str, actor: str) -> int:
        """Keep what a subject answered. Raises: KeyError if unknown."""
        if self._tx.one("SELECT 1 FROM finding WHERE id = ?", finding_id) is None:
            raise KeyError(finding_id)
        sequence = self._tx.append("finding.reply", finding_id, actor, {})
        self._tx.run(
            "INSERT INTO finding_reply VALUES (?, ?, ?, ?, ?)", sequence, finding_id, received_on, text, actor
        )
        self._tx.run(
            "UPDATE finding SET version = version + 1, updated = ? WHERE id = ?", sequence, finding_id
        )
        self._tx.run(_KEEP, finding_id)
        return sequence

    def replies(self, finding_id: str) -> Sequence[Mapping[str, Any]]:
        """Return each reply to a finding or to one it stands for, oldest first."""
        rows = self._tx.rows(_REPLIES, finding_id)
        return [dict(zip(("at", "received_on", "text", "actor"), row, strict=True)) for row in rows]

    def decided(self, since: str, states: Collection[str], job: str) -> int:
        """Return how many findings anybody but `job` has moved to one of these states since an instant."""
        number: int = self._tx.value(_DECIDED, since, json.dumps(sorted(states)), job)
        return number

    def named(self, pattern: str, states: Collection[str]) -> Sequence[str]:
        """Return the entity ids that findings of a pattern in these states are about, sorted."""
        return [id_ for (id_,) in self._tx.rows(_NAMED, pattern, json.dumps(sorted(states)))]

    def get(self, finding_id: str) -> Mapping[str, Any] | None:
        """Return a finding with its subjects and the history of its states."""
        found = self._rows(f"{_SELECT} WHERE f.id = ?", finding_id)
        return found[0] if found else None

    def about(
        self, entity_ids: Collection[str], patterns: Collection[str] | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """Return the findings about these entities and those merged into them, in the order of `page`."""
        sql = f"{_SELECT} WHERE f.into_finding IS NULL AND {_ABOUT}"
        values = [json.dumps(stood_for(self._tx, entity_ids))]
        if patterns is not None:
            sql += " AND f.pattern IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(sorted(patterns)))
        return self._rows(sql + _ORDER, *values)

    def page(
        self, filters: Mapping[str, str], after: str | None, limit: int
    ) -> tuple[Sequence[Mapping[str, Any]], str | None]:
        """Return rows by severity then newest, and the next cursor (None at the end)."""
        sql, values = self._where(filters)
        if after is not None:
            rank, created = _cursor(after)
            sql += " AND (f.rank > ?  OR (f.rank = ? AND f.created < ?))"
            values += [rank, rank, created]
        keys = self._tx.rows(
            f"SELECT f.rank, f.created, f.id FROM finding f {sql}{_ORDER} LIMIT ?", *values, limit + 1
        )
        ids = [id_ for _, _, id_ in keys[:limit]]
        rows = self._rows(
            f"{_SELECT} WHERE f.id IN (SELECT value FROM json_each(?)){_ORDER}", json.dumps(ids)
        )
        more = f"{keys[limit - 1][0]}.{keys[limit - 1][1]}" if len(keys) > limit else None
        return rows, more

    def count(self, filters: Mapping[str, str]) -> int:
        """Return how many findings pass the filters."""
        sql, values = self._where(filters)
        number: int = self._tx.value(f"SELECT count(*) FROM finding f {sql}", *values)
        return number

    def redirect(self, finding_id: str, into: str, actor: str) -> None:
        """Let one finding stand for another from now on. Raises: KeyError, ValueError (a ring)."""
        if self.get(finding_id) is None or self.get(into) is None:
            raise KeyError(finding_id)
        if self.follow(into) == finding_id:
            raise ValueError("redirect: the other finding already leads to this one")
        sequence = self._tx.append("finding.redirect", finding_id, actor, {"into": into})
        self._tx.run(
            "UPDATE finding SET into_finding = ?, version = version + 1, updated = ? WHERE id = ?",
            *(into, sequence, finding_id),
        )
        self._tx.run(_KEEP, finding_id)

    def follow(self, finding_id: str) -> str | None:
        """Return the id a finding's id stands for now, None if unknown."""
        id_: str | None = self._tx.value(_FOLLOW, finding_id)
        return id_

    def citing(self, facts: Collection[tuple[str, str, str]], entity_ids: Collection[str]) -> Sequence[str]:
        """Return the findings that rest, or once rested, on (origin, source, id) facts or are about these."""
        subjects = json.dumps(stood_for(self._tx, entity_ids))
        return sorted(id_ for (id_,) in self._tx.rows(_CITING, json.dumps(sorted(facts)), subjects))

    def redact(self, finding_ids: Collection[str], certificate: str, redacted: Redact) -> None:
        """Put in the place of each snapshot of these findings, former ones included, what may stay of it.

        States stay; reasons and replies, which humans wrote in their own words, do not.
        """
        for id_ in sorted(finding_ids):
            for table, key in (("finding", "id"), ("finding_version", "sequence")):
                for at, body in self._tx.rows(f"SELECT {key}, body FROM {table} WHERE id = ?", id_):
                    left = redacted(json.loads(body))
                    self._tx.run(
                        f"UPDATE {table} SET title = ?, body = ?, certificate = ? WHERE {key} = ?",
                        *(left["title"], canonical_json(left), certificate, at),
                    )
            self._tx.run("UPDATE finding_history SET reason = '' WHERE finding = ?", id_)
            self._tx.run("DELETE FROM finding_reply WHERE finding = ?", id_)
            self._tx.run("DELETE FROM restricted_finding WHERE finding = ?", id_)

    def _enter(self, kind: str, finding_id: str, actor: str, previous: str | None, state: str) -> int:
        return self._tx.append(kind, finding_id, actor, {"from": previous, "to": state})

    def _remember(
        self, sequence: int, finding_id: str, states: tuple[str, str | None], actor: str, reason: str
    ) -> None:
        self._tx.run(
            "INSERT INTO finding_history VALUES (?, ?, ?, ?, ?, ?)",
            sequence,
            finding_id,
            *states,
            actor,
            reason,
        )

    def _where(self, filters: Mapping[str, str]) -> tuple[str, list[Any]]:
        """Return the WHERE of filters. Raises: ValueError for a filter that does not exist."""
        sql, values = "WHERE f.into_finding IS NULL", list[Any]()
        for name, value in sorted(filters.items()):
            if name in ("state", "severity", "pattern"):
                sql += f" AND f.{name} = ?"
                values.append(value)
            elif name == "entity":
                sql += f" AND {_ABOUT}"
                values.append(json.dumps(stood_for(self._tx, [value])))
            elif name == "text":
                like = "%" + value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
                sql += f" AND {_TEXT}"
                values += [like, like]
            else:
                raise ValueError("filter: must be one of state, severity, pattern, entity, text")
        return sql, values

    def _rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        found = self._tx.rows(sql, *values)
        ids = json.dumps([row[0] for row in found])
        among = "finding IN (SELECT value FROM json_each(?))"
        subjects: dict[str, list[tuple[str, str]]] = {row[0]: [] for row in found}
        sql = f"SELECT finding, role, entity_id FROM finding_subject WHERE {among} ORDER BY finding, place"
        for finding, role, entity_id in self._tx.rows(sql, ids):
            subjects[finding].append((role, entity_id))
        history: dict[str, list[dict[str, Any]]] = {row[0]: [] for row in found}
        sql = (
            "SELECT h.finding, h.sequence, e.recorded_at, h.previous, h.state, h.actor, h.reason"
            f" FROM finding_history h JOIN entry e USING (sequence) WHERE {among} ORDER BY h.sequence"
        )
        for finding, *step in self._tx.rows(sql, ids):
            history[finding].append(dict(zip(_STEP, step, strict=True)))
        return [_finding(row, subjects[row[0]], history[row[0]]) for row in found]


_SAID = ("pattern", "state", "severity", "title", "body", "subjects")
_STEP = ("sequence", "at", "from", "to", "actor", "reason")


def _finding(
    row: tuple[Any, ...], subjects: list[tuple[str, str]], history: list[dict[str, Any]]
) -> dict[str, Any]:
    id_, pattern, state, severity, title, body, version, created_at, updated_at, said, certificate = row
    return {
        "id": id_,
        "pattern": pattern,
        "state": state,
        "severity": severity,
        "title": title,
        "body": json.loads(body),
        "subjects": subjects,
        "version": version,
        "created_at": created_at,
        "updated_at": updated_at,
        "said": said,
        "history": history,
        "certificate": certificate,
    }


def _cursor(after: str) -> tuple[int, int]:
    """Read a cursor. Raises: ValueError when `page` did not make it."""
    rank, _, created = after.partition(".")
    if not (rank.isdecimal() and created.isdecimal()):
        raise ValueError("cursor: use the one that came with the page before")
    return int(rank), int(created)
