"""What became of a pattern's findings: how often they led on, how many they name, and the week's work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from patterns.finding import State

DECIDED = (State.INNOCENT, State.WRONG_DATA, State.ESCALATED)
"""States in which a human has answered the question; not reviewed is no answer."""

COMMON = 100
"""A rule that names one in so many of the staff, or more, is as likely to show a rule of work as a person."""

LEAST_NAMED = 5
"""Fewer members of staff are no sign of anything systemic."""

_Z = 1.96


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Findings of one pattern by state, the members of staff they name, and the staff there is."""

    states: Mapping[State, int]
    named: int
    staff: int

    @property
    def decided(self) -> int:
        return sum(self.states.get(state, 0) for state in DECIDED)

    @property
    def precision(self) -> float | None:
        """Return the share of decided findings that were escalated, None before the first decision."""
        return self.states.get(State.ESCALATED, 0) / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the 95 % interval of the precision. Source: Wilson 1927, doi:10.2307/2276774."""
        share, number = self.precision, self.decided
        if share is None:
            return None
        centre = (share + _Z**2 / (2 * number)) / (1 + _Z**2 / number)
        half = _Z * sqrt(share * (1 - share) / number + _Z**2 / (4 * number**2)) / (1 + _Z**2 / number)
        return max(0.0, centre - half), min(1.0, centre + half)

    @property
    def one_in(self) -> int | None:
        """Return n where the pattern names one in n of the staff, None where it names nobody."""
        return round(self.staff / self.named) if self.named else None

    @property
    def hint(self) -> str | None:
        """Return a question about the rule itself where it names too many to be about persons."""
        if self.one_in is None or self.named < LEAST_NAMED or self.one_in > COMMON:
            return None
        return (
            f"This rule names 1 in {self.one_in} of the staff. Before anybody is asked, ask what makes it so "
            "common: a rota, a way of working, a load that went wrong."
        )


@dataclass(frozen=True, slots=True)
class Week:
    """How many findings a week can be looked at, and how many of them have been decided in it."""

    budget: int
    decided: int

    @property
    def left(self) -> int:
        """Return how many more are put before people this week; the others wait, none is dropped."""
        return max(0, self.budget - self.decided)


def week_start(instant: str) -> str:
    """Return the instant at which the week of an instant began: Monday, midnight UTC."""
    moment = datetime.fromisoformat(instant)
    monday = (moment - timedelta(days=moment.weekday())).date()
    return f"{monday.isoformat()}T00:00:00Z"
