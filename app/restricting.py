"""Restrict records or persons: kept, but neither shown nor used, until the restriction is lifted."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from app import withholding
from app.erasing import MOST_OBJECTS, named
from app.resolving import Touched
from app.wiring import Kith
from ledger.audit import AuditEntry
from ledger.ledger import Session
from ledger.restriction import Restriction

ACTOR = "kith restrict"


def restrict(
    kith: Kith, targets: Sequence[str], reason: str, actor: str = ACTOR, audit: AuditEntry | None = None
) -> Restriction:
    """Withhold records (`source|source_id`) and persons (entity ids) from every answer, pattern and graph.

    One commit withholds them, draws the graph without them, and looks again at whom that concerns. The
    partition stays as it is. `audit` is the look of a request, else the command is written down.
    Raises: NothingToErase (a target is not there), LedgerError (reason).
    """

    def job(session: Session) -> Restriction:
        named(session, targets)  # says which of them is not there, by its place
        records = named(session, [target for target in targets if "|" in target])
        persons = named(session, [target for target in targets if "|" not in target])
        begun = session.restrictions.begin(records, persons, reason, actor)
        numbers, findings = withholding.set_aside(session, begun.id, {*records, *persons})
        _redraw(session, kith, numbers, findings)
        _write_down(
            session, numbers, begun.id, f"restriction: {reason}", audit or _command(actor, "restrict")
        )
        restriction = session.restrictions.get(begun.id)
        assert restriction is not None
        return restriction

    restriction = kith.pipeline.run(job)
    kith.pipeline.follow()
    return restriction


def lift(kith: Kith, id_: str, actor: str = ACTOR, audit: AuditEntry | None = None) -> Restriction:
    """End a restriction: what no other restriction withholds is shown and used again.

    Raises: KeyError when none of this id is in force.
    """

    def job(session: Session) -> Restriction:
        withheld = session.restrictions.rests_on(id_)
        numbers = session.restrictions.lift(id_, actor)
        _redraw(session, kith, numbers, withheld)
        _write_down(session, numbers, id_, "restriction lifted", audit or _command(actor, "lift"))
        restriction = session.restrictions.get(id_)
        assert restriction is not None
        return restriction

    restriction = kith.pipeline.run(job)
    kith.pipeline.follow()
    return restriction


def _redraw(session: Session, kith: Kith, numbers: Collection[int], findings: Collection[str]) -> None:
    """Draw persons, events and findings anew, and look again at whom that concerns."""
    kith.pipeline.effects.follow(session, Touched(moved=set(numbers)), content=numbers, findings=findings)


def _write_down(
    session: Session, numbers: Collection[int], id_: str, purpose: str, audit: AuditEntry
) -> None:
    persons = set(session.identity.entity_of(numbers).values())
    seen = sorted({id_, *persons, *(f"r{number}" for number in numbers)})
    session.audit.append(replace(audit, objects=tuple(seen[:MOST_OBJECTS]), count=len(seen), purpose=purpose))


def _command(actor: str, action: str) -> AuditEntry:
    return AuditEntry(actor, "admin", "restrict", action)
