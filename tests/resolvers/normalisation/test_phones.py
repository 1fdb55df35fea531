"""A British number written plainly is read as the library reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.normalisation.phones import any_phone, phone

_SPACED = st.lists(st.sampled_from(("", "", " ", "-")), min_size=10, max_size=10)


@given(
    st.sampled_from(("0", "+44", "+44 ", "0044", "+440", "(0)", "")),
    st.text("0123456789", min_size=9, max_size=11),
    _SPACED,
)
def test_plain_numbers_are_read_as_all_are(start: str, digits: str, spaces: list[str]) -> None:
    written = start + "".join(digit + space for digit, space in zip(digits, [*spaces, ""], strict=False))
    said = any_phone(written)
    assert phone(written) == (None if said is None or len(set(said[-6:])) == 1 else said)


@pytest.mark.parametrize("written", ["07700 900123", "+44 7700 900123", "+447700900123", "0044 7700-900-123"])
def test_one_number_however_it_is_written(written: str) -> None:
    assert phone(written) == "+447700900123"
