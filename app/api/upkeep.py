"""Data protection: erase for good, restrict until further notice."""

from contextlib import suppress
from dataclasses import asdict

from fastapi import APIRouter

from app import erasing, restricting
from app.api.documentation import problems
from app.erasing import NothingToErase
from app.errors import Absent, Problem
from app.messages import (
    ErasureRequest,
    ErasuresView,
    ErasureView,
    RestrictionRequest,
    RestrictionsView,
    RestrictionView,
)
from app.security.audited import AuditedRoute, Looking, TheKith, policy
from app.security.roles import Action
from graph_schema.store import StoreError
from ledger.entry import LedgerError
from ledger.erasure import Erasure
from ledger.restriction import Restriction

router = APIRouter(prefix="/v1", tags=["Data protection"], route_class=AuditedRoute)

_READS = problems(401, 403, 404, 429, 503)
_WRITES = problems(400, 401, 403, 404, 413, 415, 422, 429, 503)


@router.post("/erasures", responses=_WRITES)
@policy(Action.ERASE)
def post_erasure(kith: TheKith, look: Looking, request: ErasureRequest) -> ErasureView:
    """Erase records and persons with all that was made of them; their keys and ids answer 410 from then on.

    Nothing is erased when a target is not there. Pushes wait while the bytes are overwritten.
    """
    try:
        certificate = erasing.take_out(kith, request.targets, request.reason, look.actor, look.committing())
    except NothingToErase as error:
        raise _no_target(error) from error
    with suppress(LedgerError, StoreError):  # It is erased; the next retention run overwrites what is left.
        kith.pipeline.settle()
        erasing.finish(kith)
    return _erasure(erasing.certified(kith, certificate))


@router.get("/erasures", responses=_READS)
@policy(Action.ERASE)
def get_erasures(kith: TheKith, look: Looking) -> ErasuresView:
    """Return the certificate of every erasure."""
    with kith.ledger.read() as session:
        return look.show(ErasuresView(items=[_erasure(one) for one in session.erasures.all()]))


@router.get("/erasures/{certificate}", responses=_READS)
@policy(Action.ERASE)
def get_erasure(kith: TheKith, look: Looking, certificate: str) -> ErasureView:
    """Return the certificate that a 410 names."""
    try:
        return look.show(_erasure(erasing.certified(kith, certificate)), certificate)
    except KeyError as error:
        raise Absent from error


@router.post("/restrictions", responses=_WRITES)
@policy(Action.RESTRICT)
def post_restriction(kith: TheKith, look: Looking, request: RestrictionRequest) -> RestrictionView:
    """Keep records and persons, but neither show nor use them: they answer 404 until it is lifted.

    Pushes of them are taken as before, and who is who stays as it is. A person's restriction holds for
    records that come to it later.
    """
    try:
        begun = restricting.restrict(kith, request.targets, request.reason, look.actor, look.committing())
    except NothingToErase as error:
        raise _no_target(error) from error
    return _restriction(begun)


@router.get("/restrictions", responses=_READS)
@policy(Action.RESTRICT)
def get_restrictions(kith: TheKith, look: Looking) -> RestrictionsView:
    """Return every restriction, lifted ones too."""
    with kith.ledger.read() as session:
        return look.show(RestrictionsView(items=[_restriction(one) for one in session.restrictions.all()]))


@router.post("/restrictions/{restriction_id}/lift", responses=_READS)
@policy(Action.RESTRICT)
def post_lift(kith: TheKith, look: Looking, restriction_id: str) -> RestrictionView:
    """End a restriction: what no other one withholds is shown and used again."""
    try:
        return _restriction(restricting.lift(kith, restriction_id, look.actor, look.committing()))
    except KeyError as error:
        raise Absent from error


def _no_target(error: NothingToErase) -> Problem:
    return Problem("invalid", f"{error}; nothing was done")


def _erasure(one: Erasure) -> ErasureView:
    names = ("certificate", "sequence", "recorded_at", "actor", "reason", "finished")
    return ErasureView(counts=dict(one.counts), **{name: getattr(one, name) for name in names})


def _restriction(one: Restriction) -> RestrictionView:
    return RestrictionView(**asdict(one))
