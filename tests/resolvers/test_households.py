"""People of one household are not one person: the shipped model keeps them apart."""

import pytest
from builders import record

from resolvers.features import extract
from resolvers.linkage_model import default_model
from resolvers.scoring import score

MODEL = default_model()
HOME = {"phone": "0113 496 0123"}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(("Anna Bell", "1980-03-26"), ("Clare Bell", "1980-03-26"), id="twins with one phone"),
        pytest.param(
            ("John Bell", "1951-07-02"), ("John Bell", "1980-03-26"), id="father and son with one phone"
        ),
        pytest.param(("Anna Bell", "1980-03-26"), ("Mark Bell", "1978-11-09"), id="a couple with one phone"),
        pytest.param(("Anna Bell", "1980-03-26"), ("Ravi Desai", "1978-11-09"), id="a station's phone"),
    ],
)
def test_a_shared_phone_joins_no_two_people(left: tuple[str, str], right: tuple[str, str]) -> None:
    ours, theirs = (
        extract(record(f"hr|{name}", name, date_of_birth=born, **HOME)) for name, born in (left, right)
    )
    assert score(ours, theirs, MODEL).weight < MODEL.join_bits


def test_one_person_with_one_phone_is_joined() -> None:
    ours, theirs = (
        extract(record(f"{source}|1", "Anna Bell", date_of_birth="1980-03-26", **HOME))
        for source in ("hr", "roster")
    )
    assert score(ours, theirs, MODEL).weight >= MODEL.join_bits
