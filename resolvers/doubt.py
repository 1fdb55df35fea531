"""Doubt about a pair: how much a human's answer would change, and when evidence speaks against an old one."""

from math import log2

from resolvers.linkage_model import LinkageModel, probability_of

STRONG_BITS = 10.0
"""What a weight must have moved against a judgement to put it before a human again: odds of a thousand."""


def uncertainty(weight: float) -> float:
    """Return how open the question is: the entropy (bits, 0 to 1) of the match probability of a weight."""
    p = probability_of(weight)
    return 0.0 if p in (0.0, 1.0) else -p * log2(p) - (1.0 - p) * log2(1.0 - p)


def expected_change(weight: float, effect: int) -> float:
    """Return by how much a human's answer is expected to change things: effect × uncertainty."""
    return effect * uncertainty(weight)


def speaks_against(same: bool, then: float | None, now: float, model: LinkageModel) -> bool:
    """Say whether the weight of a pair now contradicts a judgement made at the weight `then`.

    It does where the model alone would say the opposite, and by `STRONG_BITS` more than when the human
    looked: what the human overruled already is nothing new. `then` None (a record was not live) counts as the
    join threshold.
    """
    before = model.join_bits if then is None else then
    if same:
        return now < model.review_bits and now <= before - STRONG_BITS
    return now >= model.join_bits and now >= before + STRONG_BITS
