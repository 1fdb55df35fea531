"""How strongly one shared thing links two people, in bits.

With probability ρ two records truly coincide, and the coincidence is N/(n-1) times likelier for associates
than for strangers, of whom a place of n people holds about h that belong together. Otherwise it says
nothing, so a poor source cannot push a link below zero.
"""

import re
from dataclasses import dataclass
from math import exp, inf, log2

from patterns.interval import Interval, Overlap, occupancy, overlap

POPULATION = 1_000_000
"""People at risk of sharing by chance: the public of the area served, not the records that happen to be
loaded, so that a load about other people changes no score."""

RELIABILITY = {
    "payroll": 0.99,
    "hr": 0.97,
    "vetting": 0.97,
    "personnel": 0.97,
    "custody": 0.80,
    "stops": 0.80,
    "stop": 0.80,
    "complaints": 0.80,
    "intelligence": 0.60,
}
"""How often a source's statement holds, by a word of its name."""

OTHER_RELIABILITY = 0.80


@dataclass(frozen=True, slots=True)
class Sharing:
    """How a kind of thing is shared.

    `household` people of a group of holders belong together (h); `ramp` days of overlap make the link certain
    (τ₁); after a gap it decays over `decay` days (τ₂).
    """

    household: float
    ramp: float
    decay: float


SHARING = {
    "Address": Sharing(2.4, 90, 120),
    "Phone": Sharing(1.2, 14, 30),
    "Email": Sharing(1.1, 14, 30),
    "Account": Sharing(1.3, 0, 120),
    "Vehicle": Sharing(1.8, 14, 120),
}


@dataclass(frozen=True, slots=True)
class Holding:
    """One statement that a person held a thing: when, and by which sources."""

    interval: Interval
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkScore:
    """The score of one link and its parts; `overlap` is that of the two statements that scored best."""

    bits: float
    reliability: float
    overlap: Overlap
    occupancy: int


def reliability(source: str) -> float:
    """Return how often a statement of the source holds, by the words of its name."""
    words = re.split(r"[^a-z]+", source.lower())
    return next((RELIABILITY[word] for word in words if word in RELIABILITY), OTHER_RELIABILITY)


def link_bits(
    label: str, trust: float, shared: Overlap, people: int, population: float = POPULATION
) -> float:
    """Return the bits of one link; `trust` is both reliabilities multiplied, `people` are those present.

    Source: the conductance idea of Koren, North & Volinsky 2006 (KDD), with occupancy for degree.
    """
    kind = SHARING[label]
    others = max(people, 2) - 1
    rho = trust * _touch(kind, shared)
    return log2(1 + rho * population / others * min(1.0, kind.household / others))


def link_score(
    label: str,
    left: tuple[Holding, ...],
    right: tuple[Holding, ...],
    everyone: tuple[tuple[Holding, ...], ...],
) -> LinkScore:
    """Return the best score over the statements on both sides; `everyone` are the statements of each holder.

    Statements of one source are one origin: the best pair counts, never their sum.
    """
    best: LinkScore | None = None
    for one in left:
        for other in right:
            shared = overlap(one.interval, other.interval)
            people = occupancy(([h.interval for h in holdings] for holdings in everyone), shared)
            trust = _trust(one) * _trust(other)
            score = LinkScore(link_bits(label, trust, shared, people), trust, shared, people)
            if best is None or _rank(score) > _rank(best):
                best = score
    if best is None:
        raise ValueError("a link needs at least one statement on each side")
    return best


def _touch(kind: Sharing, shared: Overlap) -> float:
    if shared.gap > 0:
        return 0.25 * exp(-shared.gap / kind.decay)
    if shared.days is None:
        return 0.5
    if kind.ramp == 0 or shared.days == inf:
        return 1.0
    return 0.5 + 0.5 * min(1.0, shared.days / kind.ramp)


def _trust(holding: Holding) -> float:
    return max((reliability(key.split("|", 1)[0]) for key in holding.sources), default=OTHER_RELIABILITY)


def _rank(score: LinkScore) -> tuple[float, float, float]:
    days = score.overlap.days
    return (score.bits, -1.0 if days is None else days, -score.overlap.start)
