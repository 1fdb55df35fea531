"""Canonical content: equal meaning, equal text."""

import math

import pytest
from builders import event, key
from hypothesis import given
from hypothesis import strategies as st

from ledger.content import content_hash, event_of, event_text, record_of, record_text
from ledger.event import Event, Participant
from resolvers.domain import Record

_SCALARS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)
_PARTS = st.dictionaries(st.sampled_from(["full", "value", "line", "valid_from"]), _SCALARS, max_size=3)
_ATTRIBUTES = st.dictionaries(
    st.sampled_from(["name", "email", "address"]), st.lists(_PARTS, max_size=3).map(tuple), max_size=3
)


@given(_ATTRIBUTES)
def test_a_record_reads_back_as_it_was_said(attributes: dict[str, tuple[dict[str, object], ...]]) -> None:
    record = Record(key("hr|1"), attributes)  # type: ignore[arg-type]
    text = record_text(record)
    assert record_of(record.key, text) == record
    assert record_text(record_of(record.key, text)) == text


@given(_ATTRIBUTES)
def test_the_order_of_keys_says_nothing(attributes: dict[str, tuple[dict[str, object], ...]]) -> None:
    turned = {
        name: tuple(dict(reversed(parts.items())) for parts in values)
        for name, values in reversed(attributes.items())
    }
    texts = {record_text(Record(key("hr|1"), said)) for said in (attributes, turned)}  # type: ignore[arg-type]
    assert len(texts) == 1


def test_the_order_of_values_is_content() -> None:
    one, other = {"value": "a"}, {"value": "b"}
    texts = {record_text(Record(key("hr|1"), {"email": values})) for values in ((one, other), (other, one))}
    assert len(texts) == 2


def test_a_whole_float_is_an_integer_and_true_is_not_one() -> None:
    texts = [record_text(Record(key("hr|1"), {"x": ({"value": value},)})) for value in (7, 7.0, 7.5, True, 1)]
    assert texts[0] == texts[1]
    assert len(set(texts)) == 4


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_lacks_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        record_text(Record(key("hr|1"), {"x": ({"value": value},)}))


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        content_hash(record_text(Record(key("hr|1"), {"x": ({"value": "\ud800"},)})))


def test_the_order_of_participants_says_nothing() -> None:
    one = event("psd|1", "hr|1 accused", "hr|2 witness", start="2024-01-01T00:00:00Z")
    other = Event(one.key, one.kind, one.start, one.end, one.participants[::-1])
    assert event_text(one) == event_text(other)
    assert event_of(one.key, event_text(other)) == one


def test_an_event_reads_back_as_it_was_said() -> None:
    said = Event(
        event("psd|1").key,
        "stop",
        None,
        "2024-01-01T00:00:00Z",
        (Participant(key("hr|1"), "officer"), Participant(key("x|a|b"), "subject")),
        {"type": "address", "id": "A1"},
        {"reason": "traffic", "count": 2},
    )
    assert event_of(said.key, event_text(said)) == said
