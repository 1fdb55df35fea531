"""How a person was put together: steps, the weakest link, and the evidence without which it falls apart."""

from app.messages import HowView, MergeStep
from app.queries.identity import live_entity, members
from app.wiring import Kith
from ledger.entry import StoredRecord
from ledger.ledger import Session
from resolvers import explanation
from resolvers.linkage_model import LinkageModel


def how(kith: Kith, entity_id: str) -> HowView:
    """Return the steps that joined the records of a person, in order. Raises: Absent, Merged."""
    with kith.ledger.look() as session:
        live_entity(session, entity_id)
        told = explained(session, members(session, entity_id), kith.pipeline.model(session), evidence=True)
    return HowView(
        entity_id=entity_id,
        sentence=told.sentence,
        steps=[_step(step) for step in told.steps],
        weakest=None if told.weakest is None else _step(told.weakest),
        minimal_evidence=list(told.minimal_evidence),
        model_id=told.model_id,
    )


def explained(
    session: Session, rows: list[StoredRecord], model: LinkageModel, *, evidence: bool = False
) -> explanation.How:
    """Return how these records of one person came together; the minimal evidence only if asked for."""
    key = {row.number: row.key for row in rows}
    features = session.resolution.features(key)
    judged = [
        (key[left], key[right], same)
        for left, right, same in session.resolution.judgements(key)
        if left in key and right in key
    ]
    records = {key[number]: values for number, values in features.items()}
    return explanation.how(records, judged, model, evidence=evidence)


def _step(step: explanation.Step) -> MergeStep:
    left, right = ([str(key) for key in side] for side in (step.left, step.right))
    return MergeStep(left=left, right=right, weight=step.weight, sentence=step.sentence)
