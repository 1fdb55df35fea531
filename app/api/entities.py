"""Persons: who they are, how they were put together, and what lies around and between them."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from app.api.catching_up import Follows, after
from app.api.documentation import problems
from app.api.moments import BOTH, AtTime, KnownAt
from app.messages import (
    EntityView,
    HowView,
    NetworkView,
    PathsView,
    RecordsView,
    SearchRequest,
    SearchView,
    TimelineView,
    WhyView,
)
from app.queries import entities, search, why
from app.queries.how import how
from app.queries.network import MOST_HOPS, MOST_NODES, USUAL_NODES, Around, network
from app.queries.paths import Way, paths
from app.queries.timeline import timeline
from app.security.audited import AuditedRoute, Looking, TheKith, policy
from app.security.roles import Action

router = APIRouter(prefix="/v1", tags=["Persons"], route_class=AuditedRoute)

_LOOKED_UP = problems(400, 401, 403, 404, 422, 429, 503)
_ENTITY = {308: {"description": "Merged into another: Location names it"}, **_LOOKED_UP, **problems(410)}
LEDGER, GRAPH, FINDINGS = ([after(what)] for what in (Follows.LEDGER, Follows.GRAPH, Follows.FINDINGS))

Ids = Annotated[list[str], Query(max_length=100)]


@router.get("/entities/{entity_id}", dependencies=FINDINGS, responses=_ENTITY)
@policy(Action.READ_PERSON, at=BOTH)
def get_entity(kith: TheKith, look: Looking, entity_id: str, when: AtTime) -> EntityView:
    """Return a person: the golden record, each value with the records that say so, and its findings."""
    return look.show(entities.entity(kith, entity_id, when))


@router.get("/entities/{entity_id}/records", dependencies=LEDGER, responses=_ENTITY)
@policy(Action.READ_PERSON, at=BOTH)
def get_records(kith: TheKith, look: Looking, entity_id: str, when: AtTime) -> RecordsView:
    """Return the source records of a person, by record key."""
    return look.show(entities.records(kith, entity_id, when))


@router.get("/entities/{entity_id}/how", dependencies=LEDGER, responses=_ENTITY)
@policy(Action.EXPLAIN)
def get_how(kith: TheKith, look: Looking, entity_id: str) -> HowView:
    """Return how a person was put together from records: steps, and the weakest link."""
    return look.show(how(kith, entity_id))


@router.get("/entities/{entity_id}/timeline", dependencies=LEDGER, responses=_ENTITY)
@policy(Action.READ_PERSON)
def get_timeline(kith: TheKith, look: Looking, entity_id: str) -> TimelineView:
    """Return what is known of a person over time."""
    return look.show(timeline(kith, entity_id))


@router.get("/entities/{entity_id}/network", dependencies=GRAPH, responses=_ENTITY)
@policy(Action.READ_PERSON)
def get_network(
    kith: TheKith,
    look: Looking,
    entity_id: str,
    hops: Annotated[int, Query(ge=1, le=MOST_HOPS)] = 1,
    max_nodes: Annotated[int, Query(ge=1, le=MOST_NODES)] = USUAL_NODES,
    type: Annotated[Ids | None, Query(description="Relationship types; none = all")] = None,
    at: Annotated[date | None, Query(description="Links that hold then")] = None,
) -> NetworkView:
    """Return what lies within some hops of a person (or of any other node); a cap says what it cut."""
    return look.show(network(kith, entity_id, Around(hops, max_nodes, type, at.isoformat() if at else None)))


@router.get("/paths", dependencies=GRAPH, responses=_LOOKED_UP)
@policy(Action.READ_PERSON)
def get_paths(
    kith: TheKith,
    look: Looking,
    start: Annotated[str, Query(alias="from")],
    end: Annotated[str, Query(alias="to")],
    max_hops: Annotated[int, Query(ge=1, le=6)] = 6,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
    avoid: Ids = [],  # noqa: B006 - FastAPI copies defaults
    require: Ids = [],  # noqa: B006
    time_consistent: bool = False,
    rank: Literal["hops", "bits"] = "hops",
) -> PathsView:
    """Return the shortest paths between two persons, each read as sentences.

    `avoid` names nodes or kinds not to pass, `require` nodes to pass; `time_consistent` keeps paths whose
    links all held at one time; `rank=bits` puts first the path whose weakest step says most.
    """
    way = Way(max_hops, limit, avoid, require, time_consistent, rank == "bits")
    return look.show(paths(kith, start, end, way))


@router.get("/why", dependencies=LEDGER, responses={**_LOOKED_UP, **problems(410)})
@policy(Action.EXPLAIN, at=("known_at",))
def get_why(kith: TheKith, look: Looking, left: str, right: str, known_at: KnownAt = None) -> WhyView:
    """Return why two records (`source|source_id`) or persons are the same, or not: a sentence, then bits."""
    view, objects = why.why(kith, left, right, known_at)
    return look.show(view, *objects)


@router.post("/search", dependencies=GRAPH, responses=_LOOKED_UP)
@policy(Action.SEARCH)
def post_search(kith: TheKith, look: Looking, request: SearchRequest) -> SearchView:
    """Find persons by what is known of them; each hit says why, and no hit shows how the input was read."""
    return look.show(search.search(kith, request))
