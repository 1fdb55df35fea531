"""Files as they come: what is read, where each row stands, and files that cannot be read."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ingest.files import Chunk, flatten, open_file
from app.ingest.problem import FileError


def read(path: Path, *wanted: str, size: int = 100) -> list[Chunk]:
    return list(open_file(path).chunks(wanted, size))


def written(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_csv_rows_have_the_line_they_begin_on(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", 'id, note\n1,"two\nlines"\n\n2,x\n3,a,b\n4,y\n')
    (chunk,) = read(path, "note")
    assert chunk.frame["note"].to_list() == ["two\nlines", "x", "y"]
    assert chunk.lines == [2, 5, 7]
    assert chunk.rows == [1, 2, 4]
    ((line, problem, _),) = chunk.malformed
    assert (line, problem.code) == (6, "malformed")
    assert problem.problem == "the row has 3 fields, the header 2"


def test_csv_is_read_in_chunks_and_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "\ufeffid\n1\n2\n3\n")
    chunks = read(path, "id", size=2)
    assert [chunk.frame["id"].to_list() for chunk in chunks] == [["1", "2"], ["3"]]
    assert [chunk.rows for chunk in chunks] == [[1, 2], [3]]


def test_json_lines_are_flat_text_and_bad_lines_are_malformed(tmp_path: Path) -> None:
    lines = [
        '{"id": 1, "name": {"first": "A"}, "ok": true, "big": 2.0}',
        "{",
        '{"id": 1, "id": 2}',
        "",
        '{"id": [1]}',
    ]
    (chunk,) = read(written(tmp_path, "a.jsonl", "\n".join(lines)), "id", "name.first", "ok", "big")
    assert chunk.frame.rows() == [("1", "A", "true", "2")]
    assert [line for line, _, _ in chunk.malformed] == [2, 3, 5]


def test_parquet_columns_are_their_canonical_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame(
        {
            "whole": [12.0, 1.5, None],
            "day": [date(2020, 2, 29)] * 3,
            "at": [datetime(2020, 1, 1, 12, 30, tzinfo=UTC)] * 3,
            "naive": [datetime(2020, 1, 1, 12, 30)] * 3,
            "flag": [True, False, None],
            "many": [[1], [2], [3]],
        }
    ).write_parquet(path)
    (chunk,) = read(path, "whole", "day", "at", "naive", "flag")
    assert chunk.frame.row(0) == (
        "12",
        "2020-02-29",
        "2020-01-01T12:30:00+00:00",
        "2020-01-01T12:30:00",
        "true",
    )
    assert chunk.frame["whole"].to_list() == ["12", "1.5", None]
    with pytest.raises(FileError, match=r"a\.parquet: column many holds lists"):
        read(path, "many")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", r"a\.csv: the file is empty; export it again"),
        ("a.xlsx", b"PK", r"a\.xlsx: files are read as \.csv"),
        ("a.csv", "id\nx\ny\nM\u00fcller\n".encode("latin-1"), r"a\.csv: line 4 is not UTF-8"),
        ("a.csv", b"id\nx\0y\n", r"a\.csv: line 2 is not UTF-8"),
        ("a.jsonl", "\ud83d".encode("utf-8", "surrogatepass"), "line 1 is not UTF-8"),
        ("a.csv", b'id,n\n1,"never\n2,x\n', r"a quoted field never ends"),
        ("a.csv", b"id,id\n1,2\n", "the header names id twice"),
        ("a.parquet", b"PAR1 cut", "is no complete Parquet file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_before_any_row(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(FileError, match=message):
        open_file(written(tmp_path, name, content))


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"id": list(range(1000))}).write_parquet(path)
    assert read(path, "id", size=2000)[0].frame.height == 1000
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FileError, match="copy it again"):
        open_file(path)


def test_an_absent_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no such file"):
        open_file(tmp_path / "none.csv")


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8), min_size=1
    )
)
def test_any_text_comes_back_from_csv_and_json_lines(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    """What a CSV writer writes is what is read; the reader adds and loses no row."""
    import csv

    folder = tmp_path_factory.mktemp("files")
    with (folder / "a.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["id", "text"], *(["1", text] for text in texts)])
    (folder / "a.jsonl").write_text(
        "".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8", newline=""
    )
    assert [text for chunk in read(folder / "a.csv", "text") for text in chunk.frame["text"]] == texts
    assert [text for chunk in read(folder / "a.jsonl", "text") for text in chunk.frame["text"]] == texts


def test_flatten_refuses_what_is_no_scalar() -> None:
    assert flatten({"a": {"b": 1}, "c": None}) == {"a.b": "1"}
    for wrong in ([], "x", {"a": [1]}, {"a": float("nan")}, {"a": float("inf")}):
        with pytest.raises(ValueError):
            flatten(wrong)


def test_hostile_text_is_one_bad_row_and_the_others_go_on(tmp_path: Path) -> None:
    lines = [
        '{"id": "1", "n": "\\ud800"}',
        '{"\\ud800": "2"}',
        "[" * 50_000,
        '{"id": "4", "n": NaN}',
        '{"id": "5"}',
    ]
    (chunk,) = read(written(tmp_path, "a.jsonl", "\n".join(lines)), "id")
    assert chunk.frame["id"].to_list() == ["5"]
    assert [line for line, _, _ in chunk.malformed] == [1, 2, 3, 4]
    (chunk,) = read(written(tmp_path, "b.csv", f"id,n\n1,{'x' * 200_000}\n2,y\n"), "id", "n")
    assert chunk.frame["id"].to_list() == ["1", "2"]
