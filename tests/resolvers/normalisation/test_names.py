"""Names as they are written: what is a title, a suffix or a particle in one place is a name in another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.normalisation.names import Name, person_name


@pytest.mark.parametrize(
    ("full", "name"),
    [
        ("James Lord", Name("james", "", "lord")),
        ("Lord Smith", Name("", "", "smith")),
        ("Lord James Smith", Name("james", "", "smith")),
        ("Mr Lord", Name("", "", "lord")),
        ("LORD, James", Name("james", "", "lord")),
        ("Byron, Lord", Name("", "", "byron")),
        ("PC John Constable", Name("john", "", "constable")),
        ("Sergeant, Ann Officer", Name("ann", "officer", "sergeant")),
        ("DI Ann Smith", Name("ann", "", "smith")),
        ("Paolo Di Stefano", Name("paolo", "", "di stefano")),
        ("Peter Senior", Name("peter", "", "senior")),
        ("Peter Smith Senior", Name("peter", "", "smith", "1")),
        ("Peter Smith, Junior", Name("peter", "", "smith", "2")),
        ("Smith PC", Name("", "", "smith")),
        ("PC", None),
    ],
)
def test_a_full_name(full: str, name: Name | None) -> None:
    assert person_name({"full": full}) == name


@pytest.mark.parametrize(
    ("given", "family", "name"),
    [
        ("Di", "Jones", Name("di", "", "jones")),
        ("Lord", "Byron", Name("", "", "byron")),
        ("PC", "Smith", Name("", "", "smith")),
        ("Dr John", "Sergeant", Name("john", "", "sergeant")),
        ("A", "Smith Junior", Name("a", "", "smith", "2")),
    ],
)
def test_a_name_in_parts(given: str, family: str, name: Name) -> None:
    assert person_name({"given": given, "family": family}) == name


@given(st.sampled_from(["Lord", "Constable", "Sergeant", "Dame", "Senior", "Junior", "Miss", "Officer"]))
def test_a_family_name_is_read_the_same_however_it_is_written(family: str) -> None:
    names = (f"James {family}", f"{family}, James", f"Mr James {family}")
    assert {person_name({"full": full}) for full in names} == {
        person_name({"given": "James", "family": family})
    }
