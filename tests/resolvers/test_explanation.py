"""Explanations: the bits add up, what is not a match says why, minimal evidence is what the engine needs."""

from dataclasses import replace
from itertools import combinations

from builders import record
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.blocking import blocking_keys
from resolvers.domain import Record, RecordKey
from resolvers.explanation import how, why
from resolvers.features import Features, extract
from resolvers.linkage_model import LinkageModel, default_model
from resolvers.memory_state import MemoryState
from resolvers.resolution import redo, update

MODEL = default_model()
NAMES = ("Delphine Oakhanger", "Daphne Oakhanger", "D Oakhangar", "Delphine Quarry", "Mark Oakhanger")
RECORD = st.fixed_dictionaries(
    {"name": st.sampled_from(NAMES)},
    optional={
        "date_of_birth": st.sampled_from(["1975-05-16", "1975-05-15", "1975-06-16", "1988-01-09"]),
        "staff_number": st.sampled_from(["48213", "48231"]),
        "phone": st.sampled_from(["07700 900418", "07700 900555"]),
        "email": st.sampled_from(["d.oakhanger@example.org", "m.oakhanger@example.org"]),
    },
)


def said(place: int, values: dict[str, str]) -> Record:
    return record(f"hr|{place}", **values)


def engine(records: dict[RecordKey, Features], model: LinkageModel) -> set[tuple[RecordKey, ...]]:
    """Return the clusters that the whole engine makes: blocking, scoring and clustering."""
    state, key_of = MemoryState(), dict(enumerate(records, 1))
    changes = update(state, model, puts=[(number, key, records[key]) for number, key in key_of.items()])
    while state.redo_length():
        changes += redo(state, model, 100)
    cluster_of = {number: (number,) for number in key_of}
    for change in changes:
        cluster_of.update({number: members for members in change.clusters for number in members})
    return {tuple(key_of[number] for number in members) for members in cluster_of.values()}


@settings(max_examples=50)
@given(RECORD, RECORD)
def test_the_bits_add_up_and_the_thresholds_decide(one: dict[str, str], other: dict[str, str]) -> None:
    left, right = extract(said(1, one)), extract(said(2, other))
    told = why(left, right, MODEL)
    parts = sum(part.bits + part.term_frequency_bits for part in told.score.comparisons)
    assert told.score.weight == told.score.prior_bits + parts
    assert told.distance_bits == told.score.weight - MODEL.join_bits
    assert told.joined == (bool(told.shared) and told.distance_bits >= 0)
    together = {
        len(cluster) for cluster in engine({said(1, one).key: left, said(2, other).key: right}, MODEL)
    }
    assert told.joined == (together == {2})
    if not told.shared:
        assert told.sentence.startswith("Not compared")
    elif not told.joined and told.score.weight < MODEL.review_bits:
        assert told.sentence.startswith("Not the same person")
    assert f"{told.score.weight:+.1f} bits" in told.sentence


@settings(max_examples=50)
@given(RECORD, RECORD)
def test_rules_are_shared_missed_or_generic_and_why_is_symmetric(
    one: dict[str, str], other: dict[str, str]
) -> None:
    left, right = extract(said(1, one)), extract(said(2, other))
    told = why(left, right, MODEL)
    assert not set(told.shared) & set(told.missed)
    assert told.generic == ()
    assert (told.shared, told.missed, told.sentence) == (
        (back := why(right, left, MODEL)).shared,
        back.missed,
        back.sentence,
    )
    common = set(blocking_keys(left, MODEL)) & set(blocking_keys(right, MODEL))
    crowded = why(left, right, MODEL, common)
    assert (crowded.shared, crowded.generic, crowded.missed) == ((), told.shared, told.missed)
    assert not crowded.joined
    assert crowded.sentence.startswith("Not compared")


@settings(max_examples=50)
@given(RECORD, RECORD)
def test_what_carries_a_pair_is_what_it_falls_without(one: dict[str, str], other: dict[str, str]) -> None:
    left, right = extract(said(1, one)), extract(said(2, other))
    told = why(left, right, MODEL)
    if told.carried_by is None:
        return
    (strongest,) = (part for part in told.score.comparisons if told.carried_by.startswith(f"{part.title} "))
    without = replace(MODEL, comparisons=tuple(c for c in MODEL.comparisons if c.name != strongest.name))
    weight = why(left, right, without).score.weight
    assert any(weight < threshold <= told.score.weight for threshold in (MODEL.review_bits, MODEL.join_bits))


@settings(max_examples=25)
@given(st.lists(RECORD, min_size=2, max_size=5))
def test_without_its_minimal_evidence_the_engine_does_not_make_the_person(rows: list[dict[str, str]]) -> None:
    records = {(one := said(place, row)).key: extract(one) for place, row in enumerate(rows)}
    for members in engine(records, MODEL):
        person = {key: records[key] for key in members}
        told = how(person, (), MODEL)
        if len(members) == 1:
            assert (told.steps, told.minimal_evidence) == ((), ())
            continue
        assert len(told.steps) == len(members) - 1
        assert told.weakest is not None
        assert told.weakest.weight == min(step.weight or 0.0 for step in told.steps)
        names = [one.name for one in MODEL.comparisons if one.title in told.minimal_evidence]
        assert len(names) == len(told.minimal_evidence) > 0
        assert len(engine(person, without(names))) > 1
        for fewer in combinations(names, len(names) - 1):
            again = how(person, (), without(fewer), evidence=False)
            assert len(again.steps) == len(members) - 1


def without(names: tuple[str, ...] | list[str]) -> LinkageModel:
    return replace(MODEL, comparisons=tuple(one for one in MODEL.comparisons if one.name not in names))


def test_a_humans_word_is_a_step_without_a_weight_and_no_evidence() -> None:
    one, other = record("hr|1", "Delphine Oakhanger"), record("hr|2", "Zed Okoro")
    records = {one.key: extract(one), other.key: extract(other)}
    told = how(records, [(one.key, other.key, True)], MODEL)
    assert [step.weight for step in told.steps] == [None]
    assert (told.weakest, told.minimal_evidence) == (None, ())
    assert "human" in told.sentence


def test_evidence_of_a_large_person_cannot_be_made_smaller() -> None:
    said_by = [
        record(f"hr|{place:03}", "Delphine Oakhanger", date_of_birth="1975-05-16", staff_number="48213")
        for place in range(30)
    ]
    records = {one.key: extract(one) for one in said_by}
    told = how(records, (), MODEL)
    names = [one.name for one in MODEL.comparisons if one.title in told.minimal_evidence]
    assert names
    assert how(records, (), without(names), evidence=False).steps == ()
    for fewer in combinations(names, len(names) - 1):
        assert len(how(records, (), without(fewer), evidence=False).steps) == 29
