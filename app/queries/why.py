"""Why two records or persons are, or are not, the same: the sentence, then the bits."""

from collections.abc import Sequence
from itertools import product

from app.errors import Absent, Problem
from app.messages import ComparisonView, WhyView
from app.queries.entities import HIDDEN
from app.queries.identity import current_entity, members, stored_record
from app.queries.moment import knowing
from app.wiring import Kith
from ledger.entry import JudgementEntry, StoredRecord, Verdict
from ledger.ledger import Session
from resolvers import explanation
from resolvers.features import Features
from resolvers.linkage_model import LinkageModel, TrainedComparison
from resolvers.scoring import ComparisonScore, score

MOST_PAIRS = 10_000
"""Pairs scored to find the strongest one between two persons."""

_LINKS = {
    Verdict.SAME: "must-link",
    Verdict.DIFFERENT: "cannot-link",
    Verdict.UNSURE: "not sure",
    Verdict.WITHDRAWN: None,
}


def why(kith: Kith, left: str, right: str, known_at: str | None = None) -> tuple[WhyView, list[str]]:
    """Return why two records (`source|source_id`) or entities are one person or not, and the ids concerned.

    Between persons, the pair of their records that says most for a match is shown.
    Raises: Absent, Erased; Problem when both are the same record or person, or the moment is none.
    """
    with knowing(kith, known_at) as session:
        rows = [_records(session, side) for side in (left, right)]
        if {row.number for row in rows[0]} & {row.number for row in rows[1]}:
            raise Problem(
                "invalid", "left and right are the same; name two records of a person to see why it is one"
            )
        model = kith.pipeline.model(session)
        one, other = _strongest(session, rows[0], rows[1], model)
        view = of_records(session, one, other, model)
        numbers = [one.number, other.number]
        objects = [f"r{number}" for number in numbers]
        objects += session.identity.entity_of(numbers).values()
    return view, objects


def of_records(session: Session, left: StoredRecord, right: StoredRecord, model: LinkageModel) -> WhyView:
    """Return why two live records are, or are not, of one person."""
    numbers = [left.number, right.number]
    features = session.resolution.features(numbers)
    entities = session.identity.entity_of(numbers)
    one, other = (features[number] for number in numbers)
    told = explanation.why(one, other, model, _generic(session, numbers, model))
    judged = _judgement(session, left, right)
    same = entities.get(left.number) == entities.get(right.number)
    return WhyView(
        left=str(left.key),
        right=str(right.key),
        sentence=sentence(told, same=same, judged=judged),
        same_entity=same,
        match_weight=told.score.weight,
        match_probability=told.score.probability,
        prior_bits=told.score.prior_bits,
        join_threshold_bits=told.join_bits,
        review_threshold_bits=model.review_bits,
        distance_bits=told.distance_bits,
        judgement=None if judged is None else _LINKS[judged.verdict],
        comparisons=[_comparison(part, model, one, other) for part in told.score.comparisons],
        shared_blocking=list(told.shared),
        missed_blocking=list(told.missed),
        generic_blocking=list(told.generic),
        model_id=told.model_id,
        carried_by=told.carried_by,
    )


def _generic(session: Session, numbers: Sequence[int], model: LinkageModel) -> frozenset[int]:
    """Return the keys of both records that too many live records have."""
    mine, theirs = (frozenset(keys) for keys in session.resolution.blocking_keys(numbers).values())
    sizes = session.resolution.block_sizes(mine & theirs)
    return frozenset(key for key, size in sizes.items() if size > model.max_block)


def sentence(told: explanation.Why, *, same: bool, judged: JudgementEntry | None) -> str:
    """Return the answer as a sentence: what the two records say, unless something else decided."""
    verdict = "The same person" if same else "Not the same person"
    if judged is not None and judged.verdict is (Verdict.SAME if same else Verdict.DIFFERENT):
        said = "are the same" if same else "are different"
        return f"{verdict}: a reviewer said that these records {said}. By themselves: {told.sentence}"
    if same and not told.joined:
        return f"{verdict}, through other records of this person. By themselves: {told.sentence}"
    if told.joined and not same:
        return f"{verdict}: other records or a judgement keep them apart. By themselves: {told.sentence}"
    return told.sentence if told.shared else f"{verdict}. {told.sentence}"


def _records(session: Session, text: str) -> list[StoredRecord]:
    if "|" in text:
        return [stored_record(session, text)]
    rows = members(session, current_entity(session, text))
    if not rows:
        raise Absent
    return rows


def _strongest(
    session: Session, left: Sequence[StoredRecord], right: Sequence[StoredRecord], model: LinkageModel
) -> tuple[StoredRecord, StoredRecord]:
    """Return the pair with the highest weight, ties by record key; of very many, among the first."""
    if len(left) * len(right) == 1:
        return left[0], right[0]
    features = session.resolution.features([row.number for row in (*left, *right)])
    pairs = list(product(left, right))[:MOST_PAIRS]
    return max(
        pairs, key=lambda pair: score(features[pair[0].number], features[pair[1].number], model).weight
    )


def _judgement(session: Session, left: StoredRecord, right: StoredRecord) -> JudgementEntry | None:
    pair = {left.key, right.key}
    return next((one for one in session.judgements.of([left.key]) if {one.left, one.right} == pair), None)


def _comparison(
    part: ComparisonScore, model: LinkageModel, left: Features, right: Features
) -> ComparisonView:
    trained = next(trained for trained in model.comparisons if trained.name == part.name)
    return ComparisonView(
        name=part.name,
        title=part.title,
        level=part.label,
        bits=part.bits,
        term_frequency_bits=part.term_frequency_bits,
        left=_said(left, trained),
        right=_said(right, trained),
        note=part.note,
    )


_PART_OF_NAME = {"given_name": 0, "middle_name": 1, "family_name": 2, "name_suffix": 3}
"""Which part of a name a comparison is about; it may look at the others too."""


def _said(features: Features, trained: TrainedComparison) -> str | None:
    """Return what a record says in the column a comparison is about, None where it says nothing."""
    column = trained.columns[0]
    if column in HIDDEN:
        return None
    place = _PART_OF_NAME.get(trained.comparison)
    texts = [
        value
        if isinstance(value, str)
        else value[place]
        if place is not None
        else " ".join(filter(None, value))
        for value in features.column(column)
    ]
    return ", ".join(dict.fromkeys(filter(None, texts))) or None
