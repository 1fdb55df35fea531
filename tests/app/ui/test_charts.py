"""The waterfall and the bars."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_messages import why

from app.messages import ComparisonModelView, ComparisonView, LevelView
from app.ui import charts, words


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_the_bars_of_a_waterfall_end_at_the_weight() -> None:
    bars = charts.steps(why())
    assert bars[0].after == why().prior_bits
    assert all(one.after == other.before for one, other in pairwise(bars))
    assert bars[-1].after == pytest.approx(why().match_weight)


def test_each_step_stands_with_its_signed_bits() -> None:
    texts = [element.text for element in drawn(charts.waterfall(why())).iter("text")]
    for view in why().comparisons:
        assert (view.title in texts) == bool(view.bits)
        assert words.bits(view.bits) in texts or not view.bits
    assert words.bits(why().match_weight) in texts


@given(
    st.lists(st.floats(-30, 30), min_size=0, max_size=20),
    st.floats(-40, 0),
    st.floats(0, 30),
)
def test_a_waterfall_stays_inside_its_drawing(bits: list[float], prior: float, threshold: float) -> None:
    comparisons = [
        ComparisonView(name=f"c{n}", title=f"C{n}", level="exact", bits=one) for n, one in enumerate(bits)
    ]
    view = why(
        comparisons=comparisons,
        prior_bits=prior,
        match_weight=prior + sum(bits),
        join_threshold_bits=threshold,
    )
    root = drawn(charts.waterfall(view))
    width, height = (float(part) for part in root.attrib["viewBox"].split()[2:])
    for rect in root.iter("rect"):
        x, y, wide, high = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        assert min(x, y, wide, high) >= 0
        assert x + wide <= width + 0.2
        assert y + high <= height + 0.2


def test_a_chart_has_a_name_and_no_style() -> None:
    for svg in (charts.waterfall(why()), charts.bars([("urgent", 3), ("note", 0)])):
        root = drawn(svg)
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"]
        assert not re.search(r"\sstyle=|<style", svg)


def test_bars_say_their_numbers_and_the_tallest_is_the_most() -> None:
    root = drawn(charts.bars([("urgent", 3), ("look", 12), ("note", 0)]))
    heights = [float(rect.attrib["height"]) for rect in root.iter("rect")]
    assert heights[1] == max(heights)
    assert heights[2] == min(heights) > 0
    assert root.attrib["aria-label"] == "Urgent 3, Look 12, Note 0"


def test_text_is_escaped() -> None:
    view = why(comparisons=[ComparisonView(name="x", title="<b>&", level='"', bits=1.0)])
    assert "<b>" not in charts.waterfall(view)
    assert "<b>&" in [element.text for element in drawn(charts.waterfall(view)).iter("text")]


def test_the_shares_of_a_comparison_are_bars_of_their_length_with_their_bits() -> None:
    levels = [
        LevelView(label="same <name>", m=0.9, u=0.01, bits=6.5, terms=True),
        LevelView(label="different", m=0.1, u=0.99, bits=-3.3, terms=False),
    ]
    root = drawn(charts.shares(ComparisonModelView(name="name", title="Name", levels=levels)))
    widths = [float(bar.attrib["width"]) for bar in root.iter("rect")]
    assert [round(width / max(widths), 2) for width in widths] == [0.91, 0.01, 0.1, 1.0]
    texts = [element.text for element in root.iter("text")]
    assert {"same <name>", "different", "+6.5", "−3.3"} <= set(texts)
