"""Screens say only what the comparison itself says."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.comparison import Comparison, Grade, all_comparisons
from resolvers.features import FeatureValue
from resolvers.normalisation.addresses import Address
from resolvers.normalisation.names import Name
from resolvers.screens import SCREENS, UNSURE, Screen
from resolvers.text_store import Rows
from resolvers.words import Words

_WORD = st.one_of(
    st.sampled_from(("anna", "annie", "bob", "robert", "j", "jon", "bell", "bel", "marsh", "bellmarsh")),
    st.text("abej", min_size=1, max_size=9),
)
_SEVERAL = st.lists(_WORD, max_size=2).map(" ".join)
_NAME = st.builds(Name, _SEVERAL, _SEVERAL, _SEVERAL, st.sampled_from(("", "", "1", "2")))
_TOWN = st.sampled_from(("", "leeds", "leed", "york"))
_POSTCODE = st.sampled_from(("", "LS11AA", "LS11AB", "LS21AA", "YO17HH", "S11AA", "1234", "12345"))
_VALUES: dict[str, st.SearchStrategy[FeatureValue]] = {
    **dict.fromkeys(("given_name", "family_name", "middle_name", "name_suffix"), _NAME),
    "address": st.builds(
        Address,
        flat=st.sampled_from(("", "", "2")),
        number=st.sampled_from(("", "1", "12", "14a")),
        street=st.one_of(
            st.just(""), st.sampled_from(("high road", "hihg road")), _WORD.map("{} road".format)
        ),
        town=_TOWN,
        postcode=_POSTCODE,
        country=st.just(""),
        uprn=st.sampled_from(("", "", "", "1", "2")),
    ),
    "birth_date": st.one_of(
        st.dates(date(1950, 1, 1), date(1990, 12, 31)).map(str),
        st.sampled_from(("1960-01-01", "1975-01-01", "1961-02-03", "1961-03-02", "1960-12-30")),
        st.sampled_from(("1960", "1960-01", "1960/1961", "1971/1972")),
    ),
    "email": st.builds("{}@{}".format, _WORD, st.sampled_from(("a.org", "b.com"))),
    "identifier": st.text("128AB", min_size=1, max_size=9),
    "phone": st.text("128", min_size=5, max_size=9).map("+44{}".format),
}


def _words(values: Sequence[FeatureValue]) -> Words:
    return Words(Rows.of([(value,) for value in values]))


def _wrong(screen: Screen, comparison: Comparison, values: Sequence[FeatureValue]) -> list[object]:
    """Return the pairs of values of which a screen is sure, but the comparison says something else."""
    left, right = np.triu_indices(len(values))
    wrong: list[object] = []
    for a, b in ((left, right), (right, left)):
        for i, j, level in zip(a.tolist(), b.tolist(), screen.levels(a, b).tolist(), strict=True):
            codes = screen.which.get(level)
            seen = Grade(None if level < 0 else level, None if codes is None else screen.terms[codes[i]])
            if level != UNSURE and comparison.grade((values[i],), (values[j],)) != seen:
                wrong.append((values[i], values[j], seen))
    return wrong


def test_each_screen_has_its_values() -> None:
    assert SCREENS.keys() == _VALUES.keys() <= all_comparisons().keys()


@pytest.mark.parametrize("name", sorted(SCREENS))
@settings(max_examples=60)
@given(data=st.data())
def test_what_a_screen_is_sure_of_the_comparison_says(name: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(_VALUES[name], min_size=2, max_size=12, unique=True))
    screen = SCREENS[name](_words(values))
    assert _wrong(screen, all_comparisons()[name], values) == []
    for at, value in enumerate(values):
        terms = {(level, screen.terms[codes[at]]) for level, codes in screen.which.items() if codes[at]}
        assert terms == set(all_comparisons()[name].terms((value,)))


_APART: dict[str, tuple[FeatureValue, FeatureValue]] = {
    **dict.fromkeys(
        ("given_name", "family_name", "middle_name", "name_suffix"),
        (Name("zoe", "ann", "marsh"), Name("bob", "eve", "bell")),
    ),
    "address": (Address(street="high road", postcode="LS11AA"), Address(street="cul", postcode="YO17HH")),
    "birth_date": ("1961-02-03", "1987-12-24"),
    "email": ("zoe@a.org", "marsh.k@b.com"),
    "identifier": ("12345678", "87654321"),
    "phone": ("+44113496", "+44770090"),
}


@pytest.mark.parametrize("name", sorted(SCREENS))
def test_a_screen_is_sure_of_those_far_apart(name: str) -> None:
    levels = SCREENS[name](_words(_APART[name])).levels(np.array([0, 1]), np.array([1, 0]))
    assert UNSURE not in levels.tolist()


@pytest.mark.parametrize("name", sorted(SCREENS))
def test_a_screen_that_is_sure_of_everything_is_found_out(name: str) -> None:
    value = _APART[name][0]._replace(suffix="1") if name == "name_suffix" else _APART[name][0]
    last = len(all_comparisons()[name].levels) - 1
    everything: Callable[..., object] = lambda left, right: np.full(len(left), last)  # noqa: E731
    broken = replace(SCREENS[name](_words([value])), levels=everything)
    assert _wrong(broken, all_comparisons()[name], [value]) != []
