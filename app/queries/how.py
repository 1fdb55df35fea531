"""How a person was put together: steps, the weakest link, and the evidence without which it falls apart."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.messages import HowView, MergeStep
from app.queries.identity import live_entity, members
from app.wiring import Kith
from ledger.entry import StoredRecord
from ledger.ledger import Session
from resolvers.domain import Edge
from resolvers.features import Features
from resolvers.linkage_model import LinkageModel
from resolvers.scoring import PairScore, score

MOST_FACTS = 3
"""The largest set of facts tried as the minimal evidence."""
MOST_PAIRS = 2_000


@dataclass(frozen=True, slots=True)
class _Bond:
    """What joins two records: a weight in bits, or a human's word (which outranks every weight)."""

    left: int
    right: int
    weight: float
    judged: bool


def how(kith: Kith, entity_id: str) -> HowView:
    """Return the steps that join the records of a person, strongest first. Raises: Absent, Merged."""
    with kith.ledger.read() as session:
        live_entity(session, entity_id)
        rows = members(session, entity_id)
        model = kith.pipeline.model(session)
        by_number = {row.number: row for row in rows}
        steps = [
            _step(bond, groups, by_number) for bond, groups in _tree(_bonds(session, by_number), by_number)
        ]
        weakest = steps[-1] if steps else None
        facts = _minimal_evidence(session, weakest, by_number, model) if weakest is not None else []
    if weakest is None:
        said = "One record: nothing was joined."
    else:
        said = f"{len(rows)} records in {len(steps)} steps; the weakest link is {_strength(weakest.weight)}."
    return HowView(
        entity_id=entity_id,
        sentence=said,
        steps=steps,
        weakest=weakest,
        minimal_evidence=facts,
        model_id=model.id,
    )


def weakest_link(edges: Iterable[Edge], numbers: Collection[int]) -> float | None:
    """Return the weight of the weakest link that holds records together, None where nothing does.

    Of the edges among `numbers`, those of the strongest spanning tree count.
    """
    among = [edge for edge in edges if edge.left in numbers and edge.right in numbers]
    bonds = [_Bond(edge.left, edge.right, edge.weight, False) for edge in among]
    tree = _tree(sorted(bonds, key=lambda bond: (-bond.weight, bond.left, bond.right)), numbers)
    return tree[-1][0].weight if tree else None


def _bonds(session: Session, rows: Mapping[int, StoredRecord]) -> list[_Bond]:
    """Return what joins the records: the human's word first, then by weight and record keys."""
    bonds = [
        _Bond(edge.left, edge.right, edge.weight, False)
        for edge in session.resolution.edges(rows.keys())
        if edge.left in rows and edge.right in rows
    ]
    weight = {frozenset((bond.left, bond.right)): bond.weight for bond in bonds}
    for left, right, same in session.resolution.judgements(rows.keys()):
        if same and left in rows and right in rows:
            bonds.append(_Bond(left, right, weight.get(frozenset((left, right)), 0.0), True))
    return sorted(
        bonds,
        key=lambda bond: (
            not bond.judged,
            -bond.weight,
            *sorted(rows[end].key for end in (bond.left, bond.right)),
        ),
    )


_Groups = tuple[frozenset[int], frozenset[int]]


def _tree(bonds: Sequence[_Bond], numbers: Iterable[int]) -> list[tuple[_Bond, _Groups]]:
    """Return the bonds of the strongest spanning tree with the groups each joins (Kruskal 1956)."""
    group = {number: frozenset([number]) for number in numbers}
    steps = []
    for bond in bonds:
        left, right = group[bond.left], group[bond.right]
        if left != right:
            steps.append((bond, (left, right)))
            for number in left | right:
                group[number] = left | right
    return steps


def _step(bond: _Bond, groups: _Groups, rows: Mapping[int, StoredRecord]) -> MergeStep:
    left, right = (sorted(str(rows[number].key) for number in group) for group in groups)
    why = "a reviewer said that they are the same" if bond.judged else _strength(bond.weight)
    said = f"{rows[bond.left].key} and {rows[bond.right].key} were joined: {why}."
    return MergeStep(left=left, right=right, weight=bond.weight, sentence=said)


def _strength(weight: float) -> str:
    return f"{weight:+.1f} bits"


def _minimal_evidence(
    session: Session, step: MergeStep, rows: Mapping[int, StoredRecord], model: LinkageModel
) -> list[str]:
    """Return the fewest comparisons without which no pair across the weakest link would be joined.

    Verified by scoring every pair across it without them. Empty where more than `MOST_FACTS` would be needed,
    or a human's word holds the link.
    """
    number = {str(row.key): row.number for row in rows.values()}
    sides = [[number[key] for key in keys] for keys in (step.left, step.right)]
    judged = session.resolution.judgements(sides[0])
    if any(
        same and {left, right} & set(sides[0]) and {left, right} & set(sides[1])
        for left, right, same in judged
    ):
        return []
    features: Mapping[int, Features] = session.resolution.features([*sides[0], *sides[1]])
    pairs = [(left, right) for left in sides[0] for right in sides[1]][:MOST_PAIRS]
    scores = [score(features[left], features[right], model) for left, right in pairs]
    joined = [scored for scored in scores if scored.weight >= model.join_bits]
    names = [part.name for part in model.comparisons]
    for size in range(1, MOST_FACTS + 1):
        enough = [set_ for set_ in combinations(names, size) if _apart(joined, set_, model.join_bits)]
        if enough:
            chosen = max(enough, key=lambda set_: (sum(_bits(joined[0], name) for name in set_), set_))
            title = {part.name: part.title for part in model.comparisons}
            return [title[name] for name in chosen]
    return []


def _apart(joined: Sequence[PairScore], without: Sequence[str], threshold: float) -> bool:
    return bool(joined) and all(
        scored.weight - sum(_bits(scored, name) for name in without) < threshold for scored in joined
    )


def _bits(scored: PairScore, name: str) -> float:
    return sum(part.bits + part.term_frequency_bits for part in scored.comparisons if part.name == name)
