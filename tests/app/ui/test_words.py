"""The page's words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_messages import FACTS, fact, finding

from app.ui import words
from patterns.finding import OPEN_STATES, Outcome, Severity, State
from patterns.words import counted


def test_every_state_severity_and_outcome_has_a_word() -> None:
    assert set(words.STATES) == {state.value for state in State}
    assert set(words.SEVERITIES) == {severity.value for severity in Severity}
    assert set(words.OUTCOMES) == {outcome.value for outcome in Outcome}
    assert set(words.OPEN) == {state.value for state in OPEN_STATES}
    assert [steps for _, steps in words.SEVERITIES.values()] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"),
        ("2024-05-03", "3 May 2024"),
        ("2024-05", "May 2024"),
        ("2024", "2024"),
        ("2024-05-03T06:00:00Z", "3 May 2024"),
        ("unknown", "unknown"),
        ("2024-13-40", "2024-13-40"),
    ],
)
def test_day(value: str | None, said: str) -> None:
    assert words.day(value) == said


def test_moment_has_the_time_of_an_instant_alone() -> None:
    assert words.moment("2024-05-03T06:00:00Z") == "3 May 2024, 06:00"
    assert words.moment("2024-05-03") == "3 May 2024"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (None, None, "no dates"),
        ("2021-06-01", None, "since 1 Jun 2021"),
        (None, "2021-06-01", "until 1 Jun 2021"),
        ("2021-06-01", "2023-05-20", "1 Jun 2021 – 20 May 2023"),
        ("2021-06-01T08:00:00Z", "2021-06-01T09:00:00Z", "1 Jun 2021"),
    ],
)
def test_span(start: str | None, end: str | None, said: str) -> None:
    assert words.span(start, end) == said


def test_an_event_without_an_end_is_a_moment_and_a_record_goes_on() -> None:
    lookup, home = fact(FACTS[4]), fact(FACTS[1])
    assert words.when(lookup) == "3 Jan 2025, 09:12"
    assert words.when(home) == "since 1 Feb 2022"


@given(st.floats(-60, 60))
def test_bits_always_have_their_sign(value: float) -> None:
    said = words.bits(value)
    assert float(said.replace("−", "-")) == pytest.approx(value, abs=0.0501)
    assert said == "0.0" or said[0] in "+−"


@given(st.floats(0, 1))
def test_a_probability_never_reads_as_certain(value: float) -> None:
    assert words.probability(value) not in {"0", "1", "0.0", "1.0"}


def test_titles() -> None:
    assert words.title("LIVES_AT") == "Lives at"
    assert words.title("date_of_birth") == "Date of birth"
    assert words.title("hr") == "HR"
    assert words.title("access_log") == "Access log"


def test_counts_and_lengths() -> None:
    assert counted(1, "record") == "1 record"
    assert counted(2400, "record") == "2,400 records"
    assert counted(2, "entry", "entries") == "2 entries"
    assert words.months(date(2024, 1, 1), date(2024, 1, 31)) == "30 days"
    assert words.months(date(2022, 2, 1), date(2023, 5, 20)) == "16 months"


def test_what_a_human_must_check_stands_before_what_failed() -> None:
    outcomes = [view.outcome for view in words.first_to_check(finding().explanations)]
    assert outcomes == ["not_checkable", "failed", "failed"]
