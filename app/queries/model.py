"""The linkage model in force: its levels, and how many pairs each threshold takes."""

from app.messages import ComparisonModelView, LevelView, ModelView, ThresholdView
from app.wiring import Kith
from ledger.ledger import Session
from resolvers.linkage_model import LinkageModel, TrainedComparison, bits_of

PROBABILITIES = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999)
"""Match probabilities of the threshold table, beside the model's own two."""


def model(kith: Kith) -> ModelView:
    """Return the model in force."""
    with kith.ledger.read() as session:
        found = kith.pipeline.model(session)
        return ModelView(
            model_id=found.id,
            trained_at=found.trained_at or None,
            training_records=found.training_records,
            training_hash=found.training_hash or None,
            prior=found.prior,
            prior_bits=found.prior_bits,
            comparisons=[_comparison(one) for one in found.comparisons],
            thresholds=_thresholds(session, found),
            blocking=[rule.name for rule in found.blocking],
        )


def _thresholds(session: Session, found: LinkageModel) -> list[ThresholdView]:
    names = {found.review: "from here on a person decides", found.join: "from here on joined"}
    levels = sorted({*names, *(p for p in PROBABILITIES if p >= found.review)})
    counts = session.doubts.scored([bits_of(level) for level in levels])
    return [
        ThresholdView(match_probability=level, bits=bits_of(level), pairs=count, meaning=names.get(level))
        for level, count in zip(levels, counts, strict=True)
    ]


def _comparison(one: TrainedComparison) -> ComparisonModelView:
    levels = [
        LevelView(label=level.label, m=level.m, u=level.u, bits=level.weight, terms=level.id in one.terms)
        for level in one.levels
    ]
    return ComparisonModelView(name=one.name, title=one.title, levels=levels)
