"""The text store gives back the rows it was given."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resolvers.feature_table import FeatureTable
from resolvers.features import Features, FeatureValue, Values
from resolvers.normalisation.addresses import Address
from resolvers.normalisation.names import Name
from resolvers.text_store import Rows, Texts, packed
from resolvers.words import Words

_TEXT = st.text("ab1 @", min_size=1, max_size=4)
_PART = st.one_of(st.just(""), _TEXT)
_NAME: st.SearchStrategy[FeatureValue] = st.builds(Name, _TEXT, _PART, _PART, _PART)
_ROWS = st.lists(
    st.one_of(st.lists(_TEXT, max_size=3).map(tuple), st.lists(_NAME, max_size=2).map(tuple)),
    min_size=1,
    unique=True,
)


@given(_ROWS)
def test_rows_are_what_was_packed(rows: list[Values]) -> None:
    stored = Rows.of(rows)
    assert list(stored) == rows
    assert [stored[at] for at in range(len(rows))] == rows
    assert stored.at(np.arange(len(rows)).repeat(2)[::-1]) == [row for row in rows for _ in range(2)][::-1]
    assert list(stored.take(np.array([len(rows) - 1, 0]))) == [rows[-1], rows[0]]
    assert stored.counts().tolist() == list(map(len, rows))
    assert len(set(map(packed, rows))) == len(rows)


@given(st.lists(_NAME, min_size=1))
def test_parts_are_those_of_the_values(names: list[FeatureValue]) -> None:
    words = Words(Rows.of([(name,) for name in names]))
    for place in range(4):
        assert [words.texts[code] for code in words.part(place).tolist()] == [name[place] for name in names]
    assert list(words.values()) == names


@given(st.lists(_TEXT, unique=True))
def test_whole_texts_have_codes_of_their_own(texts: list[str]) -> None:
    codes, whole = Words(Rows.of([(text,) for text in texts])).whole()
    assert [whole[code] for code in codes.tolist()] == whole.at(codes) == texts
    assert list(whole) == ["", *texts]
    assert isinstance(whole, Texts)


def test_names_and_addresses_come_back_as_such() -> None:
    name, address = Name("anna", family="bell"), Address(number="1", postcode="LS11AA")
    (record,) = FeatureTable([Features((("address", (address,)), ("name", (name,))))])
    assert record == Features((("address", (address,)), ("name", (name,))))
    kinds = {column: type(values[0]) for column, values in record.columns}
    assert kinds == {"address": Address, "name": Name}
