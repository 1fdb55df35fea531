"""The page's charts as SVG, drawn here: readable without scripts, printable, and free of style attributes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from app.messages import ComparisonModelView, WhyView
from app.ui import words


def element(name: str, *inside: object, **attributes: object) -> Markup:
    """Return one SVG element, attributes and text escaped; `class_` is class, `a_b` is `a-b`.

    None leaves an attribute out; numbers are written to one decimal.
    """
    tag = escape(name)
    written = Markup("").join(
        Markup(' {}="{}"').format(
            key.rstrip("_").replace("_", "-") if key != "viewBox" else key, _value(value)
        )
        for key, value in attributes.items()
        if value is not None
    )
    body = Markup("").join(escape(part) for part in inside)
    return Markup("<{0}{1}>{2}</{0}>").format(tag, written, body)


def _value(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def drawing(size: tuple[float, float], title: str, shapes: Iterable[Markup], name: str) -> Markup:
    """Return a whole chart: `size` is its grid, `title` what a screen reader says, `name` its class."""
    width, height = size
    return element(
        "svg",
        element("title", title),
        *shapes,
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        class_=f"chart {name}",
        role="img",
        aria_label=title,
    )


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> Markup:
    """Return a line of text; `anchor` is start, middle or end."""
    return element("text", words, x=x, y=y, class_=kind or None, text_anchor=anchor)


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of a waterfall: from the sum before it to the sum after it, in bits."""

    label: str
    note: str
    before: float
    after: float


def steps(why: WhyView) -> list[Step]:
    """Return the bars of one match weight: the starting point, then each comparison that says something.

    What a rare or common value adds stands apart where it shows. The last bar ends at `why.match_weight`, up
    to rounding, unless a human decided.
    """
    bars = [Step("Starting point", "two records at random", 0.0, why.prior_bits)]
    for view in why.comparisons:
        rarity = view.term_frequency_bits
        apart = abs(rarity) >= LEAST_BITS
        named = "rare value" if rarity > 0 else "common value"
        parts = [(view.level, view.bits if apart else view.bits + rarity), (named, rarity if apart else 0.0)]
        for note, change in parts:
            if change:
                before = bars[-1].after
                bars.append(Step(view.title, note, before, before + change))
    return bars


LEAST_BITS = 0.05
"""What reads as 0.0: no bar of its own."""

_LEFT, _RIGHT, _WIDTH, _ROW, _TOP = 220.0, 690.0, 760.0, 30.0, 34.0


def waterfall(why: WhyView) -> Markup:
    """Return a match weight as a waterfall in bits: for to the right, against to the left, with its sign."""
    bars = steps(why)
    numbers = [
        0.0,
        why.review_threshold_bits,
        why.join_threshold_bits,
        why.match_weight,
        *(bar.after for bar in bars),
    ]
    low, high = min(numbers) - 2, max(numbers) + 2

    def x(bits: float) -> float:
        return _LEFT + (bits - low) / (high - low) * (_RIGHT - _LEFT)

    bottom = _TOP + _ROW * len(bars)
    shapes = _zones(x(why.review_threshold_bits), x(why.join_threshold_bits), bottom - _TOP + 40)
    for tick in _ticks(low, high):
        shapes.append(element("line", x1=x(tick), x2=x(tick), y1=_TOP - 6, y2=bottom + 34, class_="grid"))
        shapes.append(
            text(x(tick), bottom + 52, f"{tick:+d}".replace("-", "−") if tick else "0", "minor", "middle")
        )
    for row, bar in enumerate(bars):
        shapes += _step(bar, _TOP + _ROW * row, x)
    shapes += [
        element("line", x1=_LEFT - 200, x2=_WIDTH - 10, y1=bottom + 4, y2=bottom + 4, class_="rule"),
        text(_LEFT - 12, bottom + 24, "Total", "strong", "end"),
        element("circle", cx=x(why.match_weight), cy=bottom + 19, r=6.0, class_="total"),
        text(_RIGHT + 12, bottom + 24, words.bits(why.match_weight), "strong"),
    ]
    title = f"Match weight of {words.bits(why.match_weight)} bits, step by step; the table has the same"
    return drawing((_WIDTH, bottom + 62), title, shapes, "waterfall")


def _zones(review: float, join: float, height: float) -> list[Markup]:
    """Return the three zones: kept apart, left to a human, joined; the middle one is named where it fits."""
    shapes = [
        element("rect", x=_LEFT, y=_TOP - 6, width=review - _LEFT, height=height, class_="zone-different"),
        element("rect", x=join, y=_TOP - 6, width=_RIGHT - join, height=height, class_="zone-same"),
        text(_LEFT, _TOP - 12, "different people", "minor"),
        text(_RIGHT, _TOP - 12, "same person", "minor", "end"),
    ]
    middle = (review + join) / 2
    if _LEFT + 140 < middle < _RIGHT - 120:
        shapes.append(text(middle, _TOP - 12, "a person decides", "minor", "middle"))
    return shapes


def _step(bar: Step, y: float, x: Callable[[float], float]) -> list[Markup]:
    change = bar.after - bar.before
    start, end = sorted((x(bar.before), x(bar.after)))
    kind = "none" if abs(change) < LEAST_BITS else "for" if change > 0 else "against"
    return [
        text(_LEFT - 12, y + 12, bar.label, "", "end"),
        text(_LEFT - 12, y + 23, bar.note, "minor", "end"),
        element("rect", x=start, y=y + 4, width=max(end - start, 2.0), height=18.0, rx=2, class_=kind),
        element("line", x1=x(bar.after), x2=x(bar.after), y1=y + 22, y2=y + 34, class_="join"),
        text(_RIGHT + 12, y + 18, words.bits(change), kind),
    ]


def _ticks(low: float, high: float) -> list[int]:
    gap = 5 if high - low <= 32 else 10 if high - low <= 80 else 20
    first = int(low // gap + 1) * gap
    return list(range(first, int(high) + 1, gap))


_HALF, _BAR, _MIDDLE = 160.0, 22.0, 525.0


def shares(view: ComparisonModelView) -> Markup:
    """Return the levels of a comparison as pairs of bars: their share among matches to the left, m, and among
    non-matches to the right, u; what the level says, in bits, at the end."""
    shapes = [
        text(_MIDDLE - 6, 12, "among matches", "minor", "end"),
        text(_MIDDLE + 6, 12, "among others", "minor"),
    ]
    for row, level in enumerate(view.levels):
        y = 20 + _BAR * row
        kind = "none" if abs(level.bits) < LEAST_BITS else "for" if level.bits > 0 else "against"
        m, u = max(_HALF * level.m, 1.0), max(_HALF * level.u, 1.0)
        shapes += [
            text(_MIDDLE - _HALF - 12, y + 13, level.label, "", "end"),
            element("rect", x=_MIDDLE - m, y=y + 2, width=m, height=16.0, class_="for"),
            element("rect", x=_MIDDLE, y=y + 2, width=u, height=16.0, class_="against"),
            text(_RIGHT + 12, y + 14, words.bits(level.bits), kind),
        ]
    bottom = 22 + _BAR * len(view.levels)
    shapes.append(element("line", x1=_MIDDLE, x2=_MIDDLE, y1=16, y2=bottom, class_="rule"))
    title = (
        f"{view.title}: how often each level occurs among matches and among others; the table has the same"
    )
    return drawing((_WIDTH, bottom + 4), title, shapes, "waterfall")


def bars(counts: list[tuple[str, int]]) -> Markup:
    """Return named counts as bars side by side, in their order; what they are is said beside them."""
    most = max((number for _, number in counts), default=0) or 1
    wide = 120.0 / max(len(counts), 1)
    shapes = [
        element(
            "rect",
            element("title", f"{words.title(name)}: {number}"),
            x=wide * place,
            y=60 - max(58.0 * number / most, 1.5),
            width=wide - 6,
            height=max(58.0 * number / most, 1.5),
            rx=2,
            class_=f"bar {name}",
        )
        for place, (name, number) in enumerate(counts)
    ]
    said = ", ".join(f"{words.title(name)} {number}" for name, number in counts)
    return drawing((120, 61), said, shapes, "bars")
