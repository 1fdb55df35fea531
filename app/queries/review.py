"""Possible matches that wait for a human: the next one, with both records and why."""

from collections.abc import Iterator

from app.errors import Problem
from app.messages import ReviewPair, ReviewView
from app.queries.entities import record_view
from app.queries.why import of_records
from app.wiring import Kith
from ledger.ledger import Session
from resolvers.domain import Edge
from resolvers.linkage_model import LinkageModel

RECORDS_AT_ONCE = 2_000


def following(kith: Kith, after: str | None) -> ReviewView:
    """Return the next possible match above the cursor `after`, and the cursor that skips it.

    A possible match weighs between the model's thresholds, is of two persons and was not judged.
    Raises: Problem for a cursor that this did not make.
    """
    start = _cursor(after)
    with kith.ledger.read() as session:
        model = kith.pipeline.model(session)
        for edge in _possible(session, model, start):
            rows = session.records.by_number([edge.left, edge.right])
            left, right = sorted(rows.values(), key=lambda row: row.key)
            entity = session.identity.entity_of([edge.left, edge.right])
            pair = ReviewPair(
                left=str(left.key),
                right=str(right.key),
                why=of_records(session, left, right, model),
                left_record=record_view(left, entity.get(left.number)),
                right_record=record_view(right, entity.get(right.number)),
            )
            return ReviewView(pair=pair, next=f"{edge.left}.{edge.right}")
    return ReviewView(pair=None)


def _possible(session: Session, model: LinkageModel, start: tuple[int, int]) -> Iterator[Edge]:
    """Yield possible matches above (left, right), ascending."""
    after = max(start[0] - 1, 0)
    while rows := session.records.live(after, RECORDS_AT_ONCE):
        numbers = {row.number for row in rows}
        doubtful = sorted(
            (edge.left, edge.right, edge)
            for edge in session.resolution.edges(numbers)
            if edge.left in numbers
            and model.review_bits <= edge.weight < model.join_bits
            and (edge.left, edge.right) > start
        )
        judged = (
            {(left, right) for left, right, _ in session.resolution.judgements(numbers)}
            if doubtful
            else set()
        )
        entity = session.identity.entity_of([end for left, right, _ in doubtful for end in (left, right)])
        for left, right, edge in doubtful:
            if (left, right) not in judged and (right, left) not in judged and entity[left] != entity[right]:
                yield edge
        after = rows[-1].number


def _cursor(after: str | None) -> tuple[int, int]:
    if after is None:
        return (0, 0)
    left, _, right = after.partition(".")
    if not (left.isdecimal() and right.isdecimal()):
        raise Problem("malformed", "after: use the cursor that came with the pair before")
    return int(left), int(right)
