"""Screens hold back only what the comparison itself calls different."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.comparison import Comparison, Grade, all_comparisons
from resolvers.features import FeatureValue
from resolvers.normalisation.addresses import Address
from resolvers.normalisation.names import Name
from resolvers.screens import SCREENS, Unlike

_WORD = st.one_of(
    st.sampled_from(("anna", "annie", "bob", "robert", "j", "jon", "bell", "bel", "marsh", "bellmarsh")),
    st.text("abej", min_size=1, max_size=9),
)
_SEVERAL = st.lists(_WORD, max_size=2).map(" ".join)
_TOWN = st.sampled_from(("", "leeds", "leed", "york"))
_POSTCODE = st.sampled_from(("", "LS11AA", "LS11AB", "LS21AA", "YO17HH", "S11AA"))
_VALUES: dict[str, st.SearchStrategy[FeatureValue]] = {
    "given_name": st.builds(Name, _SEVERAL, _SEVERAL, _SEVERAL),
    "family_name": st.builds(Name, _SEVERAL, _SEVERAL, _SEVERAL),
    "address": st.builds(
        Address,
        number=st.sampled_from(("", "1", "12", "14a")),
        street=st.one_of(st.just(""), _WORD.map("{} road".format)),
        town=_TOWN,
        postcode=_POSTCODE,
        uprn=st.sampled_from(("", "", "1", "2")),
    ),
    "email": st.builds("{}@{}".format, _WORD, st.sampled_from(("a.org", "b.com"))),
    "identifier": st.text("128AB", min_size=1, max_size=9),
    "phone": st.text("128", min_size=5, max_size=9).map("+44{}".format),
}


def _wrong(
    unlike: Unlike, comparison: Comparison, left: Sequence[FeatureValue], right: Sequence[FeatureValue]
) -> list[tuple[FeatureValue, FeatureValue]]:
    """Return the pairs that a screen holds back and the comparison would not call different."""
    different = next(at for at, level in enumerate(comparison.levels) if level.id == "different")
    pairs = zip(left, right, unlike(left, right), strict=True)
    return [(a, b) for a, b, held in pairs if held and comparison.grade((a,), (b,)) != Grade(different)]


def test_each_screen_has_its_values() -> None:
    assert SCREENS.keys() == _VALUES.keys() <= all_comparisons().keys()


@pytest.mark.parametrize("name", sorted(SCREENS))
@settings(max_examples=60)
@given(data=st.data())
def test_what_is_held_back_is_different(name: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(_VALUES[name], min_size=2, max_size=12))
    first, second = np.triu_indices(len(values))
    left, right = ([values[at] for at in side.tolist()] for side in (first, second))
    assert _wrong(SCREENS[name].unlike, all_comparisons()[name], left, right) == []


_APART: dict[str, tuple[FeatureValue, FeatureValue]] = {
    "given_name": (Name("zoe", "", "marsh"), Name("bob", "", "bell")),
    "family_name": (Name("zoe", "", "marsh"), Name("bob", "", "bell")),
    "address": (Address(street="high road", postcode="LS11AA"), Address(street="cul", postcode="YO17HH")),
    "email": ("zoe@a.org", "marsh.k@b.com"),
    "identifier": ("12345678", "87654321"),
    "phone": ("+44113496", "+44770090"),
}


@pytest.mark.parametrize("name", sorted(SCREENS))
def test_a_screen_holds_something_back(name: str) -> None:
    left, right = _APART[name]
    assert SCREENS[name].unlike([left], [right]).tolist() == [True]


@pytest.mark.parametrize("name", sorted(SCREENS))
def test_a_screen_that_holds_everything_back_is_found_out(name: str) -> None:
    value = _APART[name][0]
    everything: Unlike = lambda left, right: np.ones(len(left), np.bool_)  # noqa: E731
    assert _wrong(everything, all_comparisons()[name], [value], [value]) == [(value, value)]
