"""Rows to records and events: good rows go on, bad ones are refused with line, field and remedy."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.ingest import DryRun, FileError, Reading, dry_run, load_mapping, read
from app.ingest.problem import Rejected
from ledger.event import Event
from resolvers.domain import Record
from resolvers.feature_table import FeatureTable
from resolvers.features import extract

HR = """
mapping: 1
source: {value: hr}
id: staff_no
version: version
placeholders: [UNKNOWN, n/a]
record:
  name: {columns: {given: first, family: last}}
  date_of_birth: {columns: born, format: "%d/%m/%Y"}
  email: [mail, home_mail]
  collar_number: {columns: {value: collar, scope: {value: force}}}
extras:
  badge: {columns: badge, type: identifier, separator: ";"}
ignore: [cluster]
"""
HEADER = "staff_no,version,first,last,born,mail,home_mail,collar,badge,cluster"


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Reading]:
    def _load(mapping: str, /, **files: str) -> Reading:
        paths = []
        for name, text in files.items():
            paths.append(tmp_path / f"{name}.csv")
            paths[-1].write_text(text, encoding="utf-8")
        return read(paths, load_mapping(mapping))

    return _load


def records(reading: Reading) -> list[tuple[Record, int | None]]:
    return [item for chunk in reading.records for item in chunk]


def events(reading: Reading) -> list[Event]:
    return [event for chunk in reading.events for event, _ in chunk]


def test_a_row_becomes_a_record_blanks_and_placeholders_absent(load: Callable[..., Reading]) -> None:
    reading = load(HR, hr=f"{HEADER}\n7,3, Ann ,O'Hara,03/05/1984,a@x,a@x,N/A,12; 15;,9\n")
    ((record, version),) = records(reading)
    assert (record.key.source, record.key.source_id, version) == ("hr", "7", 3)
    assert record.attributes == {
        "name": ({"given": "Ann", "family": "O'Hara"},),
        "date_of_birth": ({"value": "1984-05-03"},),
        "email": ({"value": "a@x"},),
        "extras": (
            {"name": "badge", "type": "identifier", "value": "12"},
            {"name": "badge", "type": "identifier", "value": "15"},
        ),
    }
    assert (reading.rejected, reading.warnings, reading.rows) == ([], [], 1)


BAD = [
    ("7,x,A,B,,,,,,", "version", "wrong_type"),
    ("7,0,A,B,,,,,,", "version", "wrong_type"),
    ("7,1,A,B,31/02/1984,,,,,", "date_of_birth", "impossible_date"),
    ("7,1,A,B,05/03/84,,,,,", "date_of_birth", "impossible_date"),
    ("7,1,A,B,May,,,,,", "date_of_birth", "wrong_format"),
    (",1,A,B,,,,,,", "staff_no", "absent"),
    ("7,1,,,,UNKNOWN,,,,", "row", "empty_record"),
    ("7,1,A\u202e,B,,,,,,", "name.given", "forbidden_character"),
    ("7,1,A\x07,B,,,,,,", "name.given", "forbidden_character"),
    (f"7,1,{'A' * 1001},B,,,,,,", "name.given", "too_long"),
    ("7,1,A,B,,,,,", "row", "malformed"),
]


@pytest.mark.parametrize(("row", "field", "code"), BAD)
def test_a_bad_row_is_refused_and_the_good_ones_go_on(
    load: Callable[..., Reading], row: str, field: str, code: str
) -> None:
    reading = load(HR, hr=f"{HEADER}\n1,1,Good,Row,,,,,,\n{row}\n2,1,Good,Too,,,,,,\n")
    assert [record.key.source_id for record, _ in records(reading)] == ["1", "2"]
    (refused,) = reading.rejected
    assert (refused.source, refused.file, refused.line) == ("hr", "hr.csv", 3)
    assert [(problem.field, problem.code) for problem in refused.problems] == [(field, code)]
    assert all(problem.remedy for problem in refused.problems)


def test_a_refused_row_keeps_its_fields_for_repair_and_shows_them_to_nobody(
    load: Callable[..., Reading],
) -> None:
    reading = load(HR, hr=f"{HEADER}\n7,1,Zebedee,Quux,31/02/1984,,,,,\n")
    records(reading)
    (refused,) = reading.rejected
    row = refused.quarantined()
    assert "Zebedee" in str(row["payload"])
    shown = {name: value for name, value in row.items() if name != "payload"}
    for value in ("Zebedee", "Quux", "31/02/1984"):
        assert value not in repr(refused)
        assert value not in repr(shown)
    assert shown["line"] == 2
    assert (shown["field"], shown["code"], shown["source"]) == ("date_of_birth", "impossible_date", "hr")


def test_the_second_of_a_key_is_refused_across_files_and_another_version_is_not(
    load: Callable[..., Reading],
) -> None:
    one = f"{HEADER}\n1,1,A,B,,,,,,\n1,1,C,D,,,,,,\n1,2,A,B,,,,,,\n"
    reading = load(HR, one=one, two=f"{HEADER}\n1,2,E,F,,,,,,\n")
    assert [version for _, version in records(reading)] == [1, 2]
    assert [(row.file, row.line, row.problems[0].code) for row in reading.rejected] == [
        ("one.csv", 3, "duplicate_key"),
        ("two.csv", 2, "duplicate_key"),
    ]


def test_an_absent_column_refuses_the_file_and_an_unmapped_one_is_a_warning(
    load: Callable[..., Reading],
) -> None:
    with pytest.raises(FileError, match=r"hr\.csv: lacks the mapped columns badge, version"):
        load(HR, hr=HEADER.replace("badge,", "").replace("version,", "") + "\n")
    reading = load(HR, hr=f"{HEADER},shoe_size,hat\n1,1,A,B,,,,,,,9,7\n")
    assert reading.warnings == ["hr.csv: columns that are not mapped: hat, shoe_size"]


def test_a_lenient_date_keeps_its_year_and_is_counted(load: Callable[..., Reading]) -> None:
    born = "{columns: b, format: '%Y%m%d', lenient: true}"
    text = f"mapping: 1\nsource: {{file_stem: true}}\nrecord:\n  date_of_birth: {born}\n"
    reading = load(text, old="b\n19371357\n19370229\n19370228\nxx\n")
    assert [record.attributes["date_of_birth"][0]["value"] for record, _ in records(reading)] == [
        "1937",
        "1937",
        "1937-02-28",
    ]
    assert reading.warnings == ["old.csv: date_of_birth: 3 impossible dates kept only their year"]
    assert [record.key.source_id for record, _ in records(load(text, old="b\n1990\n"))] == ["1"]


def test_a_file_whose_stem_names_no_source_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "my file.csv"
    path.write_text("m\na@x\n", encoding="utf-8")
    with pytest.raises(FileError, match="its stem cannot name a source"):
        read([path], load_mapping("mapping: 1\nsource: {file_stem: true}\nrecord: {email: m}\n"))


def test_files_of_other_names_than_the_mapping_reads_are_refused(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,name\n1,Ada\n")
    (tmp_path / "staff.csv").write_text("id,name\n1,Ada\n")
    mapping = load_mapping(
        "mapping: 1\nsource: {value: hr}\nfile: staff*.csv\nid: id\nrecord: {email: name}\n"
    )
    with pytest.raises(FileError, match=r"reads none of these files, only staff\*\.csv"):
        read([tmp_path / "people.csv"], mapping)
    both = read([tmp_path / "people.csv", tmp_path / "staff.csv"], mapping)
    assert both.warnings == ["people.csv: no section of the mapping reads it"]


def test_rows_that_split_into_nothing_are_empty(load: Callable[..., Reading]) -> None:
    reading = load(
        "mapping: 1\nsource: {value: s}\nid: i\nrecord:\n  email: {columns: m, separator: ';'}\n",
        x="i,m\n1,\n2, ; ;\n",
    )
    assert records(reading) == []
    assert [row.problems[0].code for row in reading.rejected] == ["empty_record", "empty_record"]


def test_where_reads_a_value_only_of_the_rows_it_names(load: Callable[..., Reading]) -> None:
    text = (
        "mapping: 1\nsource: {column: s}\nid: i\nrecord:\n  email: m\n"
        "  age_at: {columns: {age: a, date: {value: '2016-03'}}, where: {s: [old, older]}}\n"
    )
    reading = load(text, x="s,i,m,a\nold,1,e,50\nnew,2,e,50\n|,3,e,\n")
    assert [("age_at" in record.attributes) for record, _ in records(reading)] == [True, False]
    assert [row.problems[0].code for row in reading.rejected] == ["wrong_source"]


EVENTS = """
mapping: 1
source: {value: psd}
timezone: Europe/London
events:
  - kind: {column: kind}
    file: "events.*"
    id: ref
    start: {columns: {date: day, time: from}, format: "%d/%m/%Y"}
    end: {columns: {date: day, time: to}, format: "%d/%m/%Y"}
    place: {type: {value: station}, id: place}
    attributes: {category: category}
    participants:
      - {file: "named.*", event: ref, source: {column: system}, id: person, role: {column: role}}
"""
NAMED = """ref,system,person,role
C1,hr,1,Accused
C1,hr,1,accused
C1,crime,9,victim
C2,hr,2,accused
C9,hr,3,accused
"""


def test_events_are_joined_with_their_participants(load: Callable[..., Reading]) -> None:
    rows = (
        "ref,kind,day,from,to,place,category\n"
        "C1,Complaint,03/05/2024,22:00,06:00,ST1,\n"
        "C2,stop,04/01/2024,,,,x\n"
    )
    reading = load(EVENTS, events=rows, named=NAMED)
    first, second = events(reading)
    assert (first.kind, first.start, first.end) == (
        "complaint",
        "2024-05-03T21:00:00Z",
        "2024-05-04T05:00:00Z",
    )
    assert [(str(part.record), part.role) for part in first.participants] == [
        ("hr|1", "accused"),
        ("crime|9", "victim"),
    ]
    assert (first.place, first.attributes) == ({"type": "station", "id": "ST1"}, {})
    assert (second.start, second.end) == ("2024-01-04T00:00:00Z", None)
    assert second.attributes == {"category": "x"}
    assert reading.warnings == [
        "events[1]: participants of 1 events were left out; no row of the event was kept"
    ]


def test_an_event_that_nobody_is_in_is_refused(load: Callable[..., Reading]) -> None:
    rows = "ref,kind,day,from,to,place,category\nC7,stop,04/01/2024,,,,\n"
    reading = load(EVENTS, events=rows, named=NAMED)
    assert events(reading) == []
    assert [problem.code for problem in reading.rejected[0].problems] == ["no_participant"]


TIMES = """
mapping: 1
source: {value: r}
timezone: Europe/London
events:
  - kind: stop
    id: i
    start: s
    participants: [{id: p, role: stopped}]
"""


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("2024-07-01T10:00", "2024-07-01T09:00:00Z", "2024-07-01T09:00:01Z"),
        ("2024-07-01 10:00:30", "2024-07-01T09:00:30Z", "2024-07-01T09:00:31Z"),
        ("2024-07-01T10:00:00.9", "2024-07-01T09:00:00Z", "2024-07-01T09:00:01Z"),
        ("2024-07-01T10:00Z", "2024-07-01T10:00:00Z", "2024-07-01T10:00:01Z"),
        ("2024-07-01T10:00:00-05:00", "2024-07-01T15:00:00Z", "2024-07-01T15:00:01Z"),
        ("2024-07-01", "2024-06-30T23:00:00Z", "2024-07-01T23:00:00Z"),
        # The hour that comes twice is the earlier one; the day the clocks change has 25 hours.
        ("2024-10-27T01:30", "2024-10-27T00:30:00Z", "2024-10-27T00:30:01Z"),
        ("2024-10-27", "2024-10-26T23:00:00Z", "2024-10-28T00:00:00Z"),
        # The hour that the clocks jump over is read with the offset before the jump.
        ("2024-03-31T01:30", "2024-03-31T01:30:00Z", "2024-03-31T01:30:01Z"),
    ],
)
def test_times_are_stored_as_utc(load: Callable[..., Reading], said: str, start: str, end: str) -> None:
    (event,) = events(load(TIMES, t=f"i,s,p\n1,{said},7\n"))
    assert (event.start, event.end) == (start, end)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("2024-02-30T10:00", "impossible_date"),
        ("2024-01-01T25:00", "impossible_date"),
        ("noon", "wrong_format"),
    ],
)
def test_a_time_that_is_none_is_refused(load: Callable[..., Reading], said: str, code: str) -> None:
    reading = load(TIMES, t=f"i,s,p\n1,{said},7\n")
    assert events(reading) == []
    assert [(problem.field, problem.code) for problem in reading.rejected[0].problems] == [("start", code)]


def test_an_end_before_its_start_is_refused(load: Callable[..., Reading]) -> None:
    text = TIMES.replace("    start: s\n", "    start: s\n    end: e\n")
    reading = load(text, t="i,s,e,p\n1,2024-01-02,2024-01-01,7\n2,2024-01-02,,7\n")
    assert [(event.key.event_id, event.end) for event in events(reading)] == [("2", None)]
    assert reading.rejected[0].problems[0].code == "end_before_start"


def test_a_dry_run_counts_and_shows_no_value(tmp_path: Path) -> None:
    path = tmp_path / "hr.csv"
    path.write_text(f"{HEADER}\n1,1,Zebedee,Quux,,,,,,\n2,1,Zebedee,Quux,31/02/1984,,,,,\n", encoding="utf-8")
    report = dry_run([path], load_mapping(HR))
    assert isinstance(report, DryRun)
    assert (report.rows, report.records, report.rejected) == (2, 1, 1)
    assert report.problems == (("record date_of_birth: impossible_date", 1),)
    assert report.examples == ("hr.csv line 3: date_of_birth: is no date of the calendar; correct the date",)
    assert "Zebedee" not in repr(report)


def test_no_file_at_all_is_refused() -> None:
    with pytest.raises(FileError, match="no files are given"):
        read([], load_mapping(HR))


def test_renaming_columns_and_source_changes_nothing_but_the_key(load: Callable[..., Reading]) -> None:
    body = "\n7,3,Ann,O'Hara,03/05/1984,a@x,b@x,44,12;15,9\n"
    ((plain, _),) = records(load(HR, hr=HEADER + body))
    renamed, header = HR.replace("{value: hr}", "{value: other}"), HEADER
    for name in ("staff_no", "first", "last", "born", "home_mail", "collar"):
        renamed, header = renamed.replace(name, f"c_{name}"), header.replace(name, f"c_{name}")
    renamed = renamed.replace("c_collar_number", "collar_number")
    ((other, _),) = records(load(renamed, other=header + body))
    assert other.attributes == plain.attributes
    assert (other.key.source, other.key.source_id) == ("other", "7")


def test_features_in_columns_are_those_of_the_records(load: Callable[..., Reading]) -> None:
    rows = [
        "7,3, Ann ,O'Hara,03/05/1984,b@x.org,a@x.org,N/A,12; 15;,9",
        "8,1,Bob,Bell,31/02/1984,,,PC 7,,9",
        "9,1,,,,,,,,9",
        "7,3,Ann,Hara,,,,,,9",
        "10,1,Bo,,,c@x.org,c@x.org,44,007,9",
        "11,1,,,04/06/1990,none,,,0000,9",
    ]
    reading, other = (load(HR, hr="\n".join((HEADER, *rows))) for _ in range(2))
    keys, table = [], FeatureTable()
    for found, columns in reading.features:
        keys += found
        table.extend_columns(len(found), columns)
    said = [record for record, _ in records(other)]
    assert keys == [record.key for record in said]
    assert list(table) == [extract(record) for record in said]
    assert [_refusal(row) for row in reading.rejected] == [_refusal(row) for row in other.rejected]
    assert len(reading.rejected) == 3


def _refusal(rejected: Rejected) -> tuple[object, ...]:
    return rejected.line, rejected.problems
