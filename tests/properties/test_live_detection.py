"""What is found after each write is what a run over everybody would find: nothing is left for the night."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from builders import event, hasty_ledger, key, record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from neo4j_server import wipe

from app import unit_of_work
from app.settings import Settings
from app.wiring import Kith, open_kith
from ledger.entry import NewJudgement, Verdict
from patterns.pattern import Scope
from resolvers.errors import ConflictingJudgement

NAMES = (
    "Abel Harrow",
    "Brina Quill",
    "Corwin Tansy",
    "Delphine Oakes",
    "Egbert Moss",
    "Fenella Pryce",
    "Gideon Vane",
)
HOMES = ("1 Elm Row", "2 Elm Row", "Flat 1, 9 Mill Lane", "Flat 2, 9 Mill Lane", "9 Mill Lane")
SPANS = ({}, {"valid_from": "2020-01-01"}, {"valid_from": "2020-01-01", "valid_to": "2021-01-01"})
Write = Callable[[Kith], object]


@contextmanager
def small_kith(neo4j_url: str | None = None) -> Iterator[Kith]:
    with tempfile.TemporaryDirectory() as folder:
        hasty_ledger(Path(folder) / "kith").close()
        kith = open_kith(Settings(data=Path(folder) / "kith", neo4j_url=neo4j_url))
        yield kith
        kith.close()


def left_over(kith: Kith) -> list[str]:
    """Return the findings that a run over everybody still changes."""
    return kith.pipeline.detect(kith.graph, kith.pipeline.effects.live, Scope())


def person(number: int, home: str | None, phone: int | None, span: dict[str, str]) -> Write:
    """Push a person, of the staff where the number is even, with a home and a phone."""
    source = "custody" if number % 2 else "hr"
    said = record(f"{source}|{number}", NAMES[number], date_of_birth=f"19{60 + 4 * number}-03-0{number + 1}")
    attributes = dict(said.attributes)
    if number % 2 == 0:
        attributes["staff_number"] = ({"value": f"S{number}41"},)
        attributes["unit"] = ({"value": f"Team {number % 4}", **span},)
    if home is not None:
        attributes["address"] = ({"line": home, "postcode": "ZZ9 7AB", **span},)
    if phone is not None:
        attributes["phone"] = ({"value": f"07700 90041{phone}", **span},)
    return lambda kith: kith.pipeline.put_record(replace(said, attributes=attributes), None, "t")


def moved_before(number: int) -> Write:
    """Push a person who lived in the first home from 2018, and in the second one from 2019."""
    said = record(f"custody|{number}", NAMES[number], date_of_birth=f"19{60 + 4 * number}-03-0{number + 1}")
    homes = [("1 Elm Row", "2018-01-01"), ("2 Elm Row", "2019-01-01")]
    at = tuple({"line": line, "postcode": "ZZ9 7AB", "valid_from": since} for line, since in homes)
    attributes = {**said.attributes, "address": at}
    return lambda kith: kith.pipeline.put_record(replace(said, attributes=attributes), None, "t")


def happened(number: int, kind: str, persons: Sequence[int], role: str) -> Write:
    parts = [f"{'custody' if one % 2 else 'hr'}|{one} {role}" for one in sorted(set(persons))]
    if kind == "look_up":
        parts = [f"hr|{2 * (persons[0] // 2)} user", *parts]
    said = event(f"log|{kind}{number}", *parts, kind=kind, start=f"2023-0{number + 1}-01T00:00:00Z")
    return lambda kith: kith.pipeline.put_event(said, None, "t")


def allocated(number: int, accused: int, decider: int) -> Write:
    parts = [
        f"hr|{2 * (accused // 2)} accused",
        f"hr|{2 * (decider // 2)} investigator",
        "custody|1 complainant",
    ]
    said = event(f"log|complaint{number}", *parts, kind="complaint", start=f"2023-0{number + 1}-01T00:00:00Z")
    return lambda kith: kith.pipeline.put_event(said, None, "t")


def looked_up(number: int, user: int, subject: int) -> Write:
    source = "custody" if subject % 2 else "hr"
    parts = (f"hr|{2 * (user // 2)} user", f"{source}|{subject} subject")
    said = event(f"log|seen{number}", *parts, kind="look_up", start=f"2023-05-0{number + 1}T01:00:00Z")
    return lambda kith: kith.pipeline.put_event(said, None, "t")


def gone(number: int) -> Write:
    def delete(kith: Kith) -> None:
        with suppress(KeyError):
            kith.pipeline.delete_record(key(f"{'custody' if number % 2 else 'hr'}|{number}"), None, "t")

    return delete


def same(left: int, right: int, one: bool) -> Write:
    def judge(kith: Kith) -> None:
        keys = [key(f"{'custody' if number % 2 else 'hr'}|{number}") for number in (left, right)]
        with kith.ledger.read() as session:
            if left == right or len(session.records.numbers(keys)) < 2:
                return
        with suppress(ConflictingJudgement):
            kith.pipeline.judge(
                NewJudgement(*keys, Verdict.SAME if one else Verdict.DIFFERENT, "t", "A tester says so.")
            )

    return judge


NUMBERS = st.integers(0, len(NAMES) - 1)


def of(most: int) -> st.SearchStrategy[list[int]]:
    return st.lists(NUMBERS, min_size=(most + 1) // 2, max_size=most)


PHONES = st.none() | st.integers(0, 1)
WRITES = st.one_of(
    st.builds(person, NUMBERS, st.sampled_from((None, *HOMES)), PHONES, st.sampled_from(SPANS)),
    st.builds(happened, st.integers(0, 3), st.just("custody"), of(1), st.just("detained")),
    st.builds(happened, st.integers(0, 5), st.just("complaint"), of(4), st.just("accused")),
    st.builds(happened, st.integers(0, 3), st.just("look_up"), of(1), st.just("subject")),
    st.builds(allocated, st.integers(0, 5), NUMBERS, NUMBERS),
    st.builds(looked_up, st.integers(0, 7), st.integers(0, 1), NUMBERS),
    st.builds(gone, NUMBERS),
    st.builds(same, NUMBERS, NUMBERS, st.booleans()),
)


@given(st.lists(WRITES, min_size=4, max_size=24))
@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_live_is_population_on_what_changed(writes: list[Write]) -> None:
    with small_kith() as kith:
        for write in writes:
            write(kith)
        assert left_over(kith) == []


CASES: dict[str, tuple[list[Write], Write]] = {
    "the fifth holder makes a phone a switchboard": (
        [person(n, None, 1, SPANS[1]) for n in range(4)] + [happened(0, "custody", [1], "detained")],
        person(4, None, 1, SPANS[1]),
    ),
    "the fifth holder leaves": (
        [person(n, None, 1, SPANS[1]) for n in range(5)] + [happened(0, "custody", [1], "detained")],
        person(4, None, None, {}),
    ),
    "a second flat becomes known in the building": (
        [person(n, "9 Mill Lane", None, SPANS[1]) for n in (0, 1)]
        + [happened(0, "custody", [1], "detained"), person(2, "Flat 1, 9 Mill Lane", None, {})],
        person(3, "Flat 2, 9 Mill Lane", None, {}),
    ),
    "a resident turns out to have left before": (
        [person(n, "1 Elm Row", None, SPANS[1]) for n in (0, 1)]
        + [happened(0, "custody", [1], "detained")]
        + [person(3, "1 Elm Row", None, {"valid_from": "2018-01-01"})],
        moved_before(3),
    ),
    "two of the accused turn out to be one": (
        [person(n, None, None, {}) for n in range(7)]
        + [happened(n, "complaint", [0, 2, 4, 6], "accused") for n in range(3)],
        same(4, 6, True),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("broken", [False, True], ids=["live", "twin"])
def test_third_parties_are_looked_at_too(name: str, broken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin looks at those alone whom a write is about, and leaves the others to a run over all."""
    before, write = CASES[name]
    if broken:
        monkeypatch.setattr(unit_of_work, "concerned", lambda *_: set())
    with small_kith() as kith:
        for one in before:
            one(kith)
        assert broken or left_over(kith) == []
        write(kith)
        assert (left_over(kith) != []) == broken


@pytest.mark.neo4j
@pytest.mark.parametrize("name", CASES)
def test_whoever_drains_the_outbox_looks_at_third_parties_too(name: str, neo4j_url: str) -> None:
    wipe(neo4j_url)
    before, write = CASES[name]
    with small_kith(neo4j_url) as kith:
        for one in [*before, write]:
            one(kith)
        assert kith.pipeline.settle()
        assert left_over(kith) == []
