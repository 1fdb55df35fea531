"""How much of a duty is shown: the union of what shows somebody, minute for minute; a sum must fail."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns.attendance import read_attendance
from patterns.frames import SEGMENT_SCHEMA, Frames

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
PERSONS = pl.DataFrame(
    {"record_source": ["hr"] * 2, "record_id": ["1", "2"], "entity_id": ["e1", "e2"]},
)
SPAN = st.tuples(st.integers(-300, 700), st.integers(1, 400))
Span = tuple[int, int]
"""First minute after noon, and length."""


def row(id_: str, kind: str, record: str, span: tuple[int, int | None], **said: object) -> dict[str, object]:
    start = NOON + timedelta(minutes=span[0])
    end = None if span[1] is None else start + timedelta(minutes=span[1])
    return {
        **dict.fromkeys(SEGMENT_SCHEMA),
        "source": "test",
        "event_id": id_,
        "version": 1,
        "kind": kind,
        "start": start,
        "end": end,
        "record_source": "hr",
        "record_id": record,
        "role": "worker",
        "duty_date": NOON.date(),
        **said,
    }


def frames(rows: Sequence[dict[str, object]]) -> Frames:
    return Frames([], pl.DataFrame(rows, schema=SEGMENT_SCHEMA, orient="row"), PERSONS)


def untraced(*rows: dict[str, object]) -> list[int]:
    return read_attendance(frames(rows)).duties["untraced"].to_list()


def shift(record: str = "1", span: Span = (0, 480), basis: str = "overtime") -> dict[str, object]:
    return row(f"s{record}{span}{basis}", "shift", record, span, basis=basis, place_id="ST1")


@given(st.lists(SPAN, max_size=6), st.lists(SPAN, max_size=3), SPAN)
def test_shown_is_the_union_of_ones_own_traces(mine: list[Span], others: list[Span], duty: Span) -> None:
    traces = [row(f"a{at}", "presence", "1", span) for at, span in enumerate(mine)]
    traces += [row(f"b{at}", "presence", "2", span) for at, span in enumerate(others)]
    minutes = {minute for start, length in mine for minute in range(start, start + length)}
    assert untraced(shift(span=duty), *traces) == [len(set(range(duty[0], sum(duty))) - minutes)]


def test_a_sum_instead_of_the_union_would_show_more_than_there_was() -> None:
    """The broken twin: a door and a radio over the same half would clear the whole shift."""
    door, radio = (row(name, "presence", "1", (0, 240)) for name in ("door", "radio"))
    assert untraced(shift(), door, radio) == [240]
    assert 480 - sum(240 for _ in (door, radio)) == 0


def test_a_look_up_shows_its_user_for_a_while_and_nobody_else() -> None:
    roles = {"1": "user", "2": "subject"}
    look = [row("u", "look_up", record, (100, None), role=role) for record, role in roles.items()]
    read = read_attendance(frames([shift("1"), shift("2"), *look]), around=20)
    shown = dict(zip(read.duties["person"], 480 - read.duties["untraced"], strict=True))
    assert {read.persons[code]: minutes for code, minutes in shown.items()} == {"e1": 40, "e2": 0}


def test_a_stay_without_an_end_shows_no_more_than_a_moment() -> None:
    assert untraced(shift(), row("open", "presence", "1", (60, None))) == [480 - 60]


@pytest.mark.parametrize("basis", ["leave", "sick", "training", "swap_out"])
def test_what_was_not_worked_is_no_duty(basis: str) -> None:
    assert untraced(shift(basis=basis)) == []


def test_which_duties_are_read() -> None:
    rows = [shift(), shift(basis="planned"), shift("2", (0, 1500)), row("x", "shift", "1", (0, None))]
    read = read_attendance(frames(rows)).duties
    assert sorted(read["claim"]) == [False, True]
    assert read_attendance(frames(rows), end="2024-03-01").duties.is_empty()
    assert read_attendance(frames(rows), start="2024-03-01").duties.height == 2
    assert read_attendance(frames(rows), sources={"hr"}).duties.is_empty()
