"""Lanes over time as SVG: who had what when, and when that was together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from markupsafe import Markup

from app.messages import EvidenceView, FindingView, TimelineView
from app.ui import words
from app.ui.charts import drawing, element, text
from app.ui.kinds import look


@dataclass(frozen=True, slots=True)
class Bar:
    """One fact over [start, end): None = unknown start, open end.

    `owner` is the person it is about, `thing` what they had; `weight` (makes, supports, context) gives its
    colour, else the `kind` of node does. An open bar is known to hold until `known`.
    """

    lane: str
    start: date | None
    end: date | None
    said: str
    weight: str | None = None
    owner: str | None = None
    thing: str | None = None
    kind: str = "Event"
    known: date | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """A time in which at least two owners had one thing."""

    start: date
    end: date


def parse_day(value: str | None) -> date | None:
    """Return the day of an ISO date, month, year or instant; None for None."""
    if value is None:
        return None
    parts = [int(part) for part in value[:10].split("-")]
    year, month, day = [*parts, 1, 1][:3]
    return date(year, month, day)


def finding_bars(finding: FindingView) -> list[Bar]:
    """Return a bar for each dated fact of a finding, in evidence order; a lane is a person and a source."""
    names = {subject.entity_id: subject.name for subject in finding.subjects}
    return [_bar(fact, names) for fact in finding.evidence if fact.valid_from or fact.valid_to]


def _bar(fact: EvidenceView, names: dict[str, str]) -> Bar:
    who = names.get(fact.entity_id or "", "")
    lane = " · ".join(part for part in (who, words.title(fact.source)) if part)
    start, end = parse_day(fact.valid_from), parse_day(fact.valid_to)
    if fact.origin == "event" and end is None:
        end = start
    return Bar(
        *(lane, start, end, fact.sentence, fact.weight),
        owner=fact.entity_id if who else None,
        thing=fact.node_id,
        known=parse_day(fact.recorded_at) if end is None else None,
    )


def entity_bars(timeline: TimelineView, known: str) -> list[Bar]:
    """Return a bar for each item of a person's timeline; open ones hold at least to `known`, an instant."""
    bars = []
    for item in timeline.items:
        start, end = parse_day(item.start), parse_day(item.end)
        if start or end:
            held = parse_day(known) if end is None else None
            bars.append(
                Bar(item.lane, start, end, item.label, kind=_KIND.get(item.kind, "Event"), known=held)
            )
    return bars


_KIND = {
    "address": "Address",
    "phone": "Phone",
    "email": "Email",
    "account": "Account",
    "vehicle": "Vehicle",
    "employer": "Organisation",
    "unit": "Organisation",
    "rank": "Organisation",
}
"""Attribute → the kind of node whose colour it has; the rest are events."""


def together(bars: Iterable[Bar]) -> list[Together]:
    """Return the times in which two owners or more had one thing, merged, by start.

    Bars of a day or less, and bars without a known start, count for nothing: they prove no overlap.
    """
    spans = [
        (bar.start, bar.end or date.max, bar.owner, bar.thing)
        for bar in bars
        if bar.owner and bar.thing and bar.start and (bar.end or date.max) > bar.start + timedelta(days=1)
    ]
    edges = sorted({edge for start, end, _, _ in spans for edge in (start, end)})
    found: list[Together] = []
    for start, end in pairwise(edges):
        holdings = {(owner, thing) for begun, over, owner, thing in spans if begun <= start and over >= end}
        if len(holdings) == len({thing for _, thing in holdings}):
            continue
        if found and found[-1].end == start:
            found[-1] = Together(found[-1].start, end)
        else:
            found.append(Together(start, end))
    return found


_LEFT, _WIDTH, _ROW, _TOP = 210.0, 820.0, 28.0, 34.0


def lanes(bars: Sequence[Bar], title: str, overlap: bool = False) -> Markup:
    """Return bars in their lanes over a shared axis of years; nothing without bars.

    With `overlap`, times in which it is together are shaded and named. The axis ends at the last day
    named: an open bar runs to its edge, with an arrow.
    """
    days = [day for bar in bars for day in (bar.start, bar.end, bar.known) if day]
    if not days:
        return Markup("")
    low, high = min(days), max(days)
    margin = max((high - low) // 25, timedelta(days=20))
    axis = _Axis(low - margin, high + margin)
    names = list(dict.fromkeys(bar.lane for bar in bars))
    rows = {name: _TOP + _ROW * place for place, name in enumerate(names)}
    bottom = _TOP + _ROW * len(names)
    shapes = axis.grid(bottom)
    shared = together(bars) if overlap else []
    for span in shared:
        start, end = axis.x(span.start), axis.x(span.end)
        shapes.append(
            element("rect", x=start, y=_TOP - 4, width=end - start, height=bottom - _TOP + 4, class_="shared")
        )
    for name, y in rows.items():
        shapes.append(text(_LEFT - 12, y + 15, _short(name), "", "end"))
    shapes += [shape for bar in bars for shape in axis.draw(bar, rows[bar.lane])]
    shapes += [axis.name(span, high, bottom + 16) for span in shared]
    return drawing((_WIDTH, bottom + (26 if shared else 8)), title, shapes, "timeline")


def _short(name: str) -> str:
    return name if len(name) <= 32 else name[:31] + "…"


@dataclass(frozen=True, slots=True)
class _Axis:
    low: date
    high: date

    def x(self, day: date) -> float:
        """Return where a day stands, kept inside the axis."""
        part = (day - self.low) / (self.high - self.low)
        return _LEFT + min(max(part, 0.0), 1.0) * (_WIDTH - _LEFT - 14)

    def name(self, span: Together, high: date, y: float) -> Markup:
        """Return how long a time together was, under its middle, or from a near right edge."""
        said = f"together, {words.months(span.start, min(span.end, high))}"
        middle = (self.x(span.start) + self.x(span.end)) / 2
        if span.end > high:
            said += " so far"
        if middle > _WIDTH - 80:
            return text(_WIDTH - 4, y, said, "shared-word", "end")
        return text(middle, y, said, "shared-word", "middle")

    def grid(self, bottom: float) -> list[Markup]:
        """Return the lines of the years, or of the months where less than two years are shown."""
        shapes = []
        for day, name in self._ticks():
            if self.x(day) > _WIDTH - 40:
                continue
            shapes.append(
                element("line", x1=self.x(day), x2=self.x(day), y1=_TOP - 8, y2=bottom, class_="grid")
            )
            shapes.append(text(self.x(day) + 3, _TOP - 14, name, "minor"))
        return shapes

    def _ticks(self) -> list[tuple[date, str]]:
        years = self.high.year - self.low.year
        if years >= 2:
            step = years // 10 + 1
            return [
                (date(year, 1, 1), str(year)) for year in range(self.low.year + 1, self.high.year + 1, step)
            ]
        months = [(self.low.year + n // 12, n % 12 + 1) for n in range(self.low.month, self.low.month + 36)]
        days = [date(year, month, 1) for year, month in months if date(year, month, 1) < self.high]
        step = len(days) // 9 + 1
        return [(day, words.day(f"{day:%Y-%m}")) for day in days[::step]]

    def draw(self, bar: Bar, y: float) -> list[Markup]:
        """Return one bar; a point for a day or so, `?` at an unknown start, an arrow at an open end."""
        said = element("title", f"{bar.said} ({words.span(_iso(bar.start), _iso(bar.end))})")
        start = self.x(bar.start or self.low)
        end = self.x(bar.end or self.high)
        kind = f"bar {bar.weight or ''}".strip()
        fill = None if bar.weight else look(bar.kind).colour
        if bar.start and bar.end and end - start < 6:
            return [
                element(
                    "rect", said, x=start - 3, y=y + 2, width=6.0, height=18.0, rx=2, class_=kind, fill=fill
                )
            ]
        shapes = [
            element(
                "rect", said, x=start, y=y + 3, width=end - start, height=16.0, rx=2, class_=kind, fill=fill
            )
        ]
        if bar.end is None:
            shapes.append(element("path", d=f"M{end:.1f} {y:.0f}l9 11l-9 11z", class_=kind, fill=fill))
        if bar.start is None:
            shapes.append(text(start + 4, y + 15, "?", "unknown"))
        return shapes


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
