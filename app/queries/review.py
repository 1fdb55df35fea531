"""The next question for a human: both records, why it is asked, and what the answer changes."""

from collections.abc import Sequence

from app.errors import Problem
from app.messages import FindingMention, JudgementView, MemberView, PersonView, ReviewPair, ReviewView
from app.queries.entities import NO_NAME, display, golden_of, record_view
from app.queries.how import explained
from app.queries.identity import members
from app.queries.review_queue import Kind, Question, place_of, questions
from app.queries.why import of_records
from app.wiring import Kith
from ledger.entry import JudgementEntry, StoredRecord, Verdict
from ledger.ledger import Session
from patterns.finding import OPEN_STATES
from resolvers.explanation import How
from resolvers.linkage_model import LinkageModel

_SAID = {Verdict.SAME: "the same person", Verdict.DIFFERENT: "different people"}


def following(kith: Kith, after: str | None, actor: str) -> ReviewView:
    """Return the next question beyond the cursor `after`, and the cursor that skips it.

    Raises: Problem for a cursor that this did not make.
    """
    try:
        start = None if after is None else place_of(after)
    except ValueError as error:
        raise Problem("malformed", "after: use the cursor that came with the pair before") from error
    with kith.ledger.look() as session:
        model = kith.pipeline.model(session)
        waiting = questions(session, model)
        decided = session.judgements.count_by(actor)
        for position, question in enumerate(waiting, 1):
            if start is None or question.place > start:
                return ReviewView(
                    pair=_pair(session, model, question),
                    next=question.cursor,
                    position=position,
                    waiting=len(waiting),
                    decided=decided,
                )
    return ReviewView(pair=None, waiting=len(waiting), decided=decided)


def _pair(session: Session, model: LinkageModel, question: Question) -> ReviewPair:
    rows = session.records.by_number(_two(session, model, question))
    left, right = sorted(rows.values(), key=lambda row: row.key)
    entity = session.identity.entity_of([left.number, right.number])
    one, other = (_person(session, model, entity[row.number]) for row in (left, right))
    judged = [
        entry
        for entry in session.judgements.of([left.key])
        if {entry.left, entry.right} == {left.key, right.key}
    ]
    history = list(session.judgements.history(judged[0].id)) if judged else []
    return ReviewPair(
        kind=question.kind.value,
        asked_because=_because(session, question, judged),
        if_same=_if_same(one, other, left),
        expected_change=question.change,
        left=str(left.key),
        right=str(right.key),
        why=of_records(session, left, right, model),
        left_record=record_view(left, entity[left.number]),
        right_record=record_view(right, entity[right.number]),
        left_person=one,
        right_person=other,
        history=[_judgement(entry) for entry in reversed(history)],
    )


def _two(session: Session, model: LinkageModel, question: Question) -> tuple[int, int]:
    """Return the two records to ask about: of a large person, one on each side of its weakest link."""
    if question.kind is not Kind.LARGE:
        return question.left, question.right
    rows = members(session, session.identity.entity_of([question.left])[question.left])
    number = {row.key: row.number for row in rows}
    weakest = explained(session, rows, model).weakest
    if weakest is None:
        return question.left, question.right
    return number[weakest.left[0]], number[weakest.right[0]]


def _because(session: Session, question: Question, judged: Sequence[JudgementEntry]) -> str:
    if question.kind is Kind.POSSIBLE:
        if judged and judged[0].verdict is Verdict.UNSURE:
            return "Somebody was not sure of these two; what is known of them has changed since."
        return "The model can neither join these two nor keep them apart."
    if question.kind is Kind.LARGE:
        return "This person has very many records; these two are the ends of its weakest link."
    entry = judged[0]
    said = f"A reviewer said that these are {_SAID[entry.verdict]}"
    if question.kind is Kind.SUSPENDED:
        return (
            f"{said}, but another judgement, which came later, keeps them apart. "
            "Until it is settled they are kept apart: decide this pair again."
        )
    return f"{said}. Strong new evidence speaks against it; the judgement stands until it is decided again."


def _if_same(one: PersonView, other: PersonView, left: StoredRecord) -> str:
    if one.entity_id == other.entity_id:
        return "Nothing moves: the records are of one person now."
    small, large = sorted((one, other), key=lambda person: (person.record_count, person.entity_id))
    moved = "1 record" if small.record_count == 1 else f"{small.record_count} records"
    verb = "joins" if small.record_count == 1 else "join"
    held = "1 record" if large.record_count == 1 else f"{large.record_count} records"
    return f"{moved} of {small.display_name} {verb} {large.display_name} ({held})."


def _person(session: Session, model: LinkageModel, entity_id: str) -> PersonView:
    rows = members(session, entity_id)
    told = explained(session, rows, model)
    found = session.findings.about([entity_id])
    return PersonView(
        entity_id=entity_id,
        display_name=golden_of(session, entity_id).display_name or NO_NAME,
        record_count=len(rows),
        weakest_match_weight=None if told.weakest is None else told.weakest.weight,
        members=[_member(row, told) for row in rows],
        findings=[
            FindingMention(id=row["id"], title=row["title"]) for row in found if row["state"] in OPEN_STATES
        ],
    )


def _member(row: StoredRecord, told: How) -> MemberView:
    names = row.record.attributes.get("name", ()) if row.record is not None else ()
    step = next((step for step in told.steps if row.key in (*step.left, *step.right)), None)
    return MemberView(
        record=str(row.key),
        name=display(names[0]) if names else NO_NAME,
        joined_at=None if step is None else step.weight,
    )


def _judgement(entry: JudgementEntry) -> JudgementView:
    return JudgementView(
        id=entry.id,
        version=entry.version,
        verdict=entry.verdict.value,
        author=entry.author,
        reason=entry.reason,
        at=entry.recorded_at,
        weight=entry.weight,
    )
