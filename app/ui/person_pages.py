"""Pages of persons: who somebody is and how that is known, why two records are one, and the explorer."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Response

from app.messages import LinkView, NetworkView, NodeView
from app.queries import entities, findings
from app.queries import how as built
from app.queries import why as whys
from app.queries.network import Around, network
from app.queries.timeline import timeline
from app.security.audited import Looking, TheKith, policy
from app.security.roles import Action
from app.ui.page_route import PageRoute
from app.ui.rendering import page
from graph_schema.store import StoreError

router = APIRouter(route_class=PageRoute, include_in_schema=False)

MOST_LINKS = 200
NO_LINKS = (
    "Links are not shown. What the sources say, the records and how this person was built are complete."
)
Text = Annotated[str, Query(max_length=400)]


@router.get("/entities/{entity_id}")
@policy(Action.READ_PERSON)
def person(kith: TheKith, look: Looking, entity_id: str) -> Response:
    """Show a person: golden record, timeline, links (if the graph is up), records, how it was built."""
    view = look.show(entities.entity(kith, entity_id))
    records = look.show(entities.records(kith, entity_id))
    about = look.show(findings.page(kith, findings.Wanted(entity=entity_id)))
    around, outage = None, None
    try:
        around = look.show(network(kith, entity_id, Around(hops=1, max_nodes=MOST_LINKS)))
    except StoreError:
        outage = NO_LINKS
    return page(
        "entity.html",
        here="/explore",
        actor=look.principal.name,
        entity=view,
        source_records=records.items,
        history=timeline(kith, entity_id),
        how=built.how(kith, entity_id),
        network=around,
        links=links_of(entity_id, around) if around else [],
        finding_titles={one.id: one.title for one in about.items},
        outage=outage,
    )


def links_of(entity_id: str, around: NetworkView) -> list[tuple[LinkView, NodeView]]:
    """Return a person's own links with the node at the other end, by type, then that node's name."""
    nodes = {node.id: node for node in around.nodes}
    own = [
        (link, nodes[link.end if link.start == entity_id else link.start])
        for link in around.links
        if entity_id in {link.start, link.end}
    ]
    return sorted(own, key=lambda pair: (pair[0].type, pair[1].display_name, pair[0].id))


@router.get("/why")
@policy(Action.EXPLAIN)
def why(kith: TheKith, look: Looking, left: Text, right: Text) -> Response:
    """Show why two records (`source|source_id`) or persons are, or are not, one: a sentence, then bits."""
    view, objects = whys.why(kith, left, right)
    look.show(view, *objects)
    people = [one for one in objects if one.startswith("e")]
    return page(
        "why.html",
        here="/explore",
        actor=look.principal.name,
        why=view,
        entity_id=people[0] if people else None,
    )


@router.get("/explore")
@policy(Action.SEARCH)
def explore(
    look: Looking,
    entity: Text = "",
    finding: Text = "",
    start: Annotated[str, Query(alias="from", max_length=400)] = "",
    end: Annotated[str, Query(alias="to", max_length=400)] = "",
) -> Response:
    """Show the explorer; whom it shows it asks of the API, where each look is audited."""
    look.show(None)
    return _explorer(look.principal.name, {"entity": entity, "finding": finding, "from": start, "to": end})


@router.post("/explore")
@policy(Action.SEARCH)
def search(look: Looking, q: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Show the explorer with a search typed on another page; posted, so that no address or log has a name."""
    look.show(None)
    return _explorer(look.principal.name, {}, q)


def _explorer(actor: str, start: dict[str, str], q: str = "") -> Response:
    begin = {name: value for name, value in start.items() if value}
    return page("explore.html", here="/explore", actor=actor, q=q, start=begin)
