"""Which questions wait for a human: what a human's word left open first, then by expected change."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ledger.entry import DoubtfulLink, PlacedJudgement, Verdict
from ledger.ledger import Session
from patterns.finding import OPEN_STATES
from resolvers.doubt import expected_change
from resolvers.linkage_model import LinkageModel

Persons = frozenset[str]


class Kind(StrEnum):
    """Why a question is asked, in the order in which questions come."""

    SUSPENDED = "suspended"
    REOPENED = "reopened"
    LARGE = "large"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Question:
    """A pair of live records (numbers) to decide; `change` is the expected change of a possible match.

    Of a large person it is any two of its records: the pair to ask about is chosen when it is shown.
    """

    kind: Kind
    left: int
    right: int
    change: float = 0.0

    @property
    def place(self) -> tuple[int, float, int, int]:
        """Return where it stands in the queue, the same whatever else waits."""
        return list(Kind).index(self.kind), -self.change, self.left, self.right

    @property
    def cursor(self) -> str:
        """Return its place as text."""
        return "_".join(repr(part) for part in self.place)


def place_of(cursor: str) -> tuple[int, float, int, int]:
    """Return the place that a cursor names. Raises: ValueError."""
    kind, change, left, right = cursor.split("_")
    return int(kind), float(change), int(left), int(right)


def questions(session: Session, model: LinkageModel) -> list[Question]:
    """Return every question that waits, the first to be asked first.

    A possible match is the strongest pair of two persons, at or above the review threshold, unless a
    cannot-link parts them, or somebody was not sure of them and neither records nor weight have changed.
    Effect = records of the smaller person + open findings about both: what the answer can change.
    """
    placed = session.judgements.placed()
    decided = [_decided(one) for one in placed]
    return sorted(
        [
            *(one for one in decided if one is not None),
            *_large(session, model),
            *_possible(session, model, placed),
        ],
        key=lambda question: question.place,
    )


def _decided(one: PlacedJudgement) -> Question | None:
    """Return the question that a judgement in force leaves open, if it does."""
    if one.suspended:
        return Question(Kind.SUSPENDED, one.left_number, one.right_number)
    if one.entry.verdict.binds and one.entry.reopened is not None:
        return Question(Kind.REOPENED, one.left_number, one.right_number)
    return None


def _large(session: Session, model: LinkageModel) -> Iterator[Question]:
    """Yield a question for each person of so many records that its weakest link asks for a look."""
    members = session.identity.members(session.doubts.large(model.review_cluster))
    for numbers in members.values():
        yield Question(Kind.LARGE, numbers[0], numbers[1])


def _possible(session: Session, model: LinkageModel, placed: Sequence[PlacedJudgement]) -> Iterator[Question]:
    apart = {_persons(one) for one in placed if one.entry.verdict is Verdict.DIFFERENT or one.suspended}
    links = [link for link in session.doubts.links(model.review_bits) if _persons(link) not in apart]
    links = _without_unsure(session, links, [one for one in placed if one.entry.verdict is Verdict.UNSURE])
    persons = {person for link in links for person in _persons(link)}
    sizes = session.doubts.sizes(persons)
    findings = session.doubts.findings(persons, [state.value for state in OPEN_STATES])
    for link in links:
        both = sorted(_persons(link))
        effect = min(sizes[person] for person in both) + sum(findings.get(person, 0) for person in both)
        yield Question(Kind.POSSIBLE, link.left, link.right, expected_change(link.weight, effect))


def _without_unsure(
    session: Session, links: Sequence[DoubtfulLink], unsure: Collection[PlacedJudgement]
) -> list[DoubtfulLink]:
    """Leave out links between persons of whom somebody was not sure, unless something has changed."""
    said = {_persons(one): one for one in unsure}
    asked = [link for link in links if _persons(link) in said]
    rows = session.records.by_number({number for link in asked for number in (link.left, link.right)})

    def settled(link: DoubtfulLink) -> bool:
        one = said.get(_persons(link))
        if one is None:
            return False
        pair = {link.left, link.right}
        changed = any(rows[number].sequence > one.entry.sequence for number in pair)
        same_pair = pair == {one.left_number, one.right_number}
        return not changed and (not same_pair or one.entry.weight == link.weight)

    return [link for link in links if not settled(link)]


def _persons(one: DoubtfulLink | PlacedJudgement) -> Persons:
    return frozenset((one.left_entity, one.right_entity))
