"""Each copy of the truth damaged in turn: doctor names it, and the command it prints mends it."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import polars as pl
import pytest
from running_kith import CUSTODY, DEXTER, ROSALIND

from app.cli.console import application, guarded
from app.doctor import examine
from app.ingest.canonical import parse_event, parse_record
from app.messages import CopyRow
from app.settings import Settings
from app.wiring import Kith, open_kith
from patterns.frames import SEGMENT_SCHEMA


def fill(kith: Kith) -> None:
    """Put two persons, an event and a segment of look-ups into an empty ledger."""
    for source, id_, said in (("hr", "1", ROSALIND), ("vetting", "1", ROSALIND), ("custody", "N1", DEXTER)):
        kith.pipeline.put_record(*parse_record(source, id_, {"attributes": dict(said)}), "test")
    kith.pipeline.put_event(*parse_event("custody", "D1", CUSTODY), "test")
    row = {"source": "access", "event_id": "L1", "version": 1, "kind": "look_up", "role": "user"}
    row |= {"record_source": "hr", "record_id": "1"}
    frame = pl.DataFrame([{**dict.fromkeys(SEGMENT_SCHEMA), **row}], schema=SEGMENT_SCHEMA)
    kith.pipeline.run(lambda session: session.segments.append(frame, "test"))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a filled data folder with a backup beside it."""
    monkeypatch.chdir(tmp_path)
    with_kith(tmp_path / "data", fill)
    assert command("kith backup copy --data data") == 0
    return Path("data")


def with_kith(data: Path, work: Callable[[Kith], Any]) -> Any:
    kith = open_kith(Settings(data=data))
    try:
        return work(kith)
    finally:
        kith.close()


def command(line: str) -> int:
    """Run a command line as it was printed; return its exit status."""
    words = shlex.split(line)
    assert words[0] == "kith"
    with pytest.raises(SystemExit) as stopped:
        guarded(lambda: application(words[1:]))
    return int(stopped.value.code or 0)


def unsound(data: Path) -> list[CopyRow]:
    return [row for row in with_kith(data, examine) if not row.sound]


def sql(statement: str) -> Callable[[Path], None]:
    """Return a damage done by a statement on the ledger's file, its guards taken off first."""

    def damage(data: Path) -> None:
        connection = apsw.Connection(str(data / "kith.db"))
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement)
        assert connection.changes() > 0
        connection.close()

    return damage


def lose_a_segment(data: Path) -> None:
    (segment,) = data.glob("*/*.parquet")
    segment.unlink()


def spoil_a_segment(data: Path) -> None:
    (segment,) = data.glob("*/*.parquet")
    segment.write_bytes(segment.read_bytes()[:-1] + b"x")


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "a record's content changed": (
        sql("UPDATE record_payload SET body = replace(body, 'Rosalind', 'Rosalinde')"),
        "ledger",
    ),
    "an entry changed": (sql("UPDATE entry SET detail = '{}' WHERE sequence = 1"), "ledger"),
    "a record in another person": (
        sql("UPDATE membership SET entity = (SELECT max(entity) FROM membership) WHERE record = 1"),
        "persons",
    ),
    "features of another": (
        sql("UPDATE feature SET body = (SELECT body FROM feature WHERE number = 3) WHERE number = 1"),
        "persons",
    ),
    "a link lost": (sql("DELETE FROM graph_links WHERE type = 'LIVES_AT'"), "embedded graph"),
    "a node renamed": (
        sql("UPDATE graph_nodes SET properties = replace(properties, 'Rosalind', 'Rosa')"),
        "embedded graph",
    ),
    "a posting lost": (sql("DELETE FROM posting WHERE number = 1"), "persons"),
    "a posting too many": (sql("INSERT INTO posting VALUES (1, 1)"), "persons"),
    "a block miscounted": (sql("UPDATE block SET size = size + 1"), "persons"),
    "search words lost": (sql("DELETE FROM graph_words WHERE word = 'rosalind'"), "embedded graph"),
    "a search word too many": (
        sql("INSERT INTO graph_words SELECT 'rosa', id FROM graph_nodes LIMIT 1"),
        "embedded graph",
    ),
    "a segment lost": (lose_a_segment, "frames"),
    "a segment spoilt": (spoil_a_segment, "frames"),
    "changes that wait for nobody": (sql("INSERT INTO outbox (owner, gone) VALUES ('e1', 0)"), "outbox"),
}


def test_a_sound_folder_is_found_sound(data: Path) -> None:
    rows = with_kith(data, examine)
    assert [row.copy_of for row in rows] == ["ledger", "persons", "embedded graph", "frames", "outbox"]
    assert [row for row in rows if not row.sound] == []
    assert rows[3].counts == {"segments": 1, "rows": 1}
    assert command("kith doctor --data data") == 0


@pytest.mark.parametrize("name", DAMAGE)
def test_doctor_names_the_copy_and_its_command_mends_it(
    data: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    damage, copy_of = DAMAGE[name]
    damage(data)
    found = unsound(data)
    assert copy_of in [row.copy_of for row in found], found
    first = found[0]
    assert first.problem
    assert command("kith doctor --data data") == 1
    printed = capfd.readouterr().out
    assert str(first.repair) in printed
    assert command(str(first.repair).replace("BACKUP", "copy")) == 0
    assert unsound(data) == []
