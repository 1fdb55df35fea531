"""Segments: the file is there before the commit, and what did not commit is not there."""

from pathlib import Path

import polars as pl
import pytest

from ledger.ledger import Ledger
from ledger.ledgers.sqlite.segments import rows_hash

FRAME = pl.DataFrame(
    {"source": ["roster", "roster", "duty"], "event_id": ["1", "2", "3"], "role": ["a", None, "b"]}
)


def test_a_segment_reads_back_as_written(ledger: Ledger) -> None:
    with ledger.write() as session:
        sequence = session.segments.append(FRAME, "t")
    with ledger.read() as session:
        (path,) = session.segments.paths()
        assert pl.read_parquet(path).equals(FRAME)
        assert session.segments.rows() == 3
        assert [entry.sequence for entry in session.entries(0, 9, ["segment"])] == [sequence]
        assert {row["source"]: row["rows"] for row in session.sources.freshness()} == {"duty": 1, "roster": 2}


def test_the_same_rows_in_another_order_are_not_written_again(ledger: Ledger) -> None:
    with ledger.write() as session:
        session.segments.append(FRAME, "t")
        assert session.segments.append(FRAME.reverse().select("role", "source", "event_id"), "t") is None
        assert session.segments.append(FRAME.head(2), "t") is not None
        assert len(session.segments.paths()) == 2


def test_the_hash_knows_rows_from_one_another() -> None:
    assert rows_hash(FRAME) != rows_hash(FRAME.vstack(FRAME.head(1)))
    assert rows_hash(FRAME) != rows_hash(FRAME.with_columns(pl.lit("").alias("role")))


def test_what_is_rolled_back_leaves_no_segment(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.write() as session:
        with pytest.raises(RuntimeError), session.savepoint():
            raise RuntimeError(session.segments.append(FRAME, "t"))
        assert session.segments.paths() == []
    (orphan,) = (tmp_path / "data" / "segments").iterdir()
    with ledger.read() as session:
        assert session.segments.paths() == []
    other = FRAME.head(1)
    with ledger.write() as session:
        session.segments.append(other, "t")
        assert session.segments.paths() == [str(orphan)]
        assert pl.read_parquet(orphan).equals(other)


@pytest.mark.parametrize("rows", [0, 10_001])
def test_a_frame_of_no_size_is_refused(ledger: Ledger, rows: int) -> None:
    with ledger.write() as session, pytest.raises(ValueError, match="1 to 10000"):
        session.segments.append(pl.DataFrame({"n": range(rows)}), "t")


def test_check_names_a_missing_and_a_damaged_file(ledger: Ledger) -> None:
    with ledger.write() as session:
        first = session.segments.append(FRAME, "t")
        second = session.segments.append(FRAME.head(1), "t")
        paths = [Path(path) for path in session.segments.paths()]
    whole = [path.read_bytes() for path in paths]
    paths[0].unlink()
    paths[1].write_bytes(whole[1][:-1] + b"x")
    assert [problem.split(";")[0] for problem in ledger.check()] == [
        f"segment {first}: file missing",
        f"segment {second}: file damaged",
    ]
    for path, content in zip(paths, whole, strict=True):
        path.write_bytes(content)
