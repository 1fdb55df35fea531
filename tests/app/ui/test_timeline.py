"""Lanes over time, and when it was together."""

from datetime import date, timedelta
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from page_messages import DEAN, RACHEL, finding, history

from app.ui import timeline
from app.ui.timeline import Bar, Together

DAY = date(2022, 1, 1)


def bar(owner: str, thing: str, start: int | None, end: int | None) -> Bar:
    day = [None if at is None else DAY + timedelta(days=at) for at in (start, end)]
    return Bar(owner, day[0], day[1], "said", "makes", owner, thing)


def test_a_finding_is_together_where_both_had_the_same_thing() -> None:
    spans = timeline.together(timeline.finding_bars(finding()))
    assert spans == [
        Together(date(2022, 2, 1), date(2023, 5, 20)),
        Together(date(2025, 1, 3), date.max),
    ]


def test_different_things_are_not_together() -> None:
    assert timeline.together([bar(RACHEL, "a1", 0, 100), bar(DEAN, "p1", 0, 100)]) == []


def test_one_owner_named_by_two_sources_is_not_together() -> None:
    assert timeline.together([bar(RACHEL, "a1", 0, 100), bar(RACHEL, "a1", 50, 150)]) == []


def test_half_open_spans_that_touch_are_not_together() -> None:
    assert timeline.together([bar(RACHEL, "a1", 0, 100), bar(DEAN, "a1", 100, 200)]) == []


def test_an_unknown_start_proves_nothing() -> None:
    assert timeline.together([bar(RACHEL, "a1", None, 100), bar(DEAN, "a1", 0, 50)]) == []


starts = st.one_of(st.none(), st.integers(0, 400))
bars = st.lists(
    st.builds(
        lambda owner, thing, start, length: bar(
            owner, thing, start, None if length is None else (start or 0) + length
        ),
        st.sampled_from("abc"),
        st.sampled_from("xy"),
        starts,
        st.one_of(st.none(), st.integers(0, 300)),
    ),
    max_size=8,
)


@given(bars)
def test_a_day_is_together_exactly_when_two_owners_hold_one_thing_on_it(given_bars: list[Bar]) -> None:
    spans = timeline.together(given_bars)
    for offset in range(0, 720, 7):
        day = DAY + timedelta(days=offset)
        holders: dict[str | None, set[str | None]] = {}
        for one in given_bars:
            end = one.end or date.max
            if one.start and one.start <= day < end and end > one.start + timedelta(days=1):
                holders.setdefault(one.thing, set()).add(one.owner)
        expected = any(len(owners) > 1 for owners in holders.values())
        assert any(span.start <= day < span.end for span in spans) == expected


@given(bars)
def test_every_bar_is_drawn_inside_the_drawing(given_bars: list[Bar]) -> None:
    svg = timeline.lanes(given_bars, "title", overlap=True)
    if not svg:
        assert not [one for one in given_bars if one.start or one.end]
        return
    root = ElementTree.fromstring(svg)
    width, height = (float(part) for part in root.attrib["viewBox"].split()[2:])
    drawn = [rect for rect in root.iter("rect") if rect.attrib["class"].startswith("bar")]
    assert len(drawn) == len(given_bars)
    for rect in drawn:
        assert 0 <= float(rect.attrib["x"]) <= width
        assert float(rect.attrib["x"]) + float(rect.attrib["width"]) <= width
        assert float(rect.attrib["y"]) + float(rect.attrib["height"]) <= height


def test_lanes_are_named_and_a_person_s_bars_have_the_colour_of_their_kind() -> None:
    given_bars = timeline.entity_bars(history(), "2026-11-22T02:00:00Z")
    root = ElementTree.fromstring(timeline.lanes(given_bars, "title"))
    texts = [element.text for element in root.iter("text")]
    assert {"address", "phone", "complaint"} <= set(texts)
    fills = {rect.attrib.get("fill") for rect in root.iter("rect")}
    assert {"#009E73", "#E69F00", "#999999"} <= fills


def test_partial_dates_begin_their_month_or_year() -> None:
    assert timeline.parse_day("2022") == date(2022, 1, 1)
    assert timeline.parse_day("2022-05") == date(2022, 5, 1)
    assert timeline.parse_day("2022-05-03T06:00:00Z") == date(2022, 5, 3)
    assert timeline.parse_day(None) is None
