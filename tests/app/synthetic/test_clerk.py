"""Clerks err at their rates, and never where they must be exact."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.synthetic.clerk import Clerk, Rates, held_on
from app.synthetic.population import Vocabulary
from app.synthetic.world import Dwelling, Holding, Person
from resolvers.normalisation.addresses import address
from resolvers.normalisation.phones import phone

WORDS = Vocabulary()
ANN = Person("P1", "Elizabeth", "Jane", "Stephenson", "Moss", "F", date(1984, 3, 5), "QQ000000A")
NEVER = Rates(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def test_a_clerk_that_never_errs_writes_the_truth() -> None:
    clerk = Clerk(7, "hr", WORDS, NEVER)
    for _ in range(50):
        assert clerk.born(ANN) == "1984-03-05"
        assert clerk.name(ANN).family == "Stephenson"


def test_errors_come_at_their_rate() -> None:
    clerk = Clerk(7, "crime", WORDS, Rates(birth_missing=0.2))
    blank = sum(clerk.born(ANN) == "" for _ in range(2000))
    assert 320 < blank < 480


@given(st.integers(0, 10_000))
def test_exact_homes_and_phones_mean_the_same_however_they_are_written(seed: int) -> None:
    clerk = Clerk(seed, "hr", WORDS, Rates())
    home = Dwelling("3", "14", "Alder Gardens", "Northway", "ZX1 2AB")
    line = clerk.line(home, exact=True)
    parts = clerk.dwelling(home, exact=True)
    as_line = address({"line": line, "postcode": home.postcode})
    as_parts = address(
        {"flat": parts.flat, "number": parts.number, "street": parts.street, "postcode": home.postcode}
    )
    assert as_line is not None
    assert as_parts is not None
    assert as_line.dwelling == as_parts.dwelling
    assert phone(clerk.phone("07400123456", exact=True)) == "+447400123456"


@given(st.integers(0, 1000), st.text("abcdefghijkl", min_size=4, max_size=12))
def test_a_mistyped_word_is_one_key_away(seed: int, word: str) -> None:
    typed = Clerk(seed, "x", WORDS, NEVER).mistyped(word)
    assert abs(len(typed) - len(word)) <= 1
    assert typed[0] == word[0]


@pytest.mark.parametrize(
    ("day", "value"), [(date(2023, 6, 1), "old"), (date(2024, 1, 1), "new"), (date(2020, 1, 1), "new")]
)
def test_what_is_held_on_a_day(day: date, value: str) -> None:
    holdings = [Holding("old", date(2022, 1, 1), date(2024, 1, 1)), Holding("new", date(2024, 1, 1))]
    found = held_on(holdings, day)
    assert found is not None
    assert found.value == value
