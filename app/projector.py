"""From the ledger to the graph: what each owner (person, event, finding) contributes, as patches."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from graph_schema.projection import project_event, project_finding, project_person
from graph_schema.relationships import Patch
from graph_schema.store import GraphStore
from graph_schema.views import EventView, FindingView, ParticipantView, PersonView, RecordRow
from ledger.entry import StoredEvent, StoredRecord
from ledger.event import Event
from ledger.ledger import Session
from patterns.detection import from_body
from patterns.finding import OPEN_STATES, Finding, State
from resolvers.domain import RecordKey
from resolvers.survivorship import GoldenRecord, golden

OWNERS_AT_ONCE = 2_000

_SHOWN = {*OPEN_STATES, State.ESCALATED}


class Projector:
    """Build patches from a ledger session. The kind of an owner shows in the first letter of its id."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def patches(self, session: Session, owners: Iterable[str]) -> list[Patch]:
        """Return a patch for each owner as it is now: persons, events, findings, then the gone."""
        wanted = dict.fromkeys(owners)
        persons = self._persons(session, [owner for owner in wanted if owner.startswith("e")])
        events = self._events(session, [owner for owner in wanted if owner.startswith("x")])
        findings = self._findings(session, [owner for owner in wanted if owner.startswith("f")])
        patches = [*persons, *events, *findings]
        return [patch for patch in patches if patch.nodes] + [patch for patch in patches if not patch.nodes]

    def patches_for(self, graph: GraphStore, session: Session, owners: Iterable[str]) -> list[Patch]:
        """Return `patches`, after those of persons they link to that the graph, which lags, has not got."""
        patches = self.patches(session, owners)
        given = {patch.owner for patch in patches}
        joined = {end for patch in patches for link in patch.links for end in (link.start, link.end)}
        persons = {end for end in joined - given if end.startswith("e")}
        return [*self._persons(session, sorted(persons - graph.get(persons).keys())), *patches]

    def everything(self, session: Session) -> Iterator[Patch]:
        """Yield the patch of every owner there is: persons, then events, then findings."""
        owners = every_owner(session)
        while some := list(islice(owners, OWNERS_AT_ONCE)):
            yield from self.patches(session, some)

    def _persons(self, session: Session, entity_ids: Sequence[str]) -> list[Patch]:
        members = session.identity.members(entity_ids)
        stored = session.records.by_number([number for numbers in members.values() for number in numbers])
        withheld = session.restrictions.withheld(stored)
        patches = []
        for entity_id in entity_ids:
            rows = [stored[number] for number in members.get(entity_id, ()) if number not in withheld]
            said = [(row.record, row.recorded_at) for row in rows if row.record is not None]
            if not said:
                patches.append(Patch(entity_id))
                continue
            patches.append(project_person(_person_view(entity_id, rows, golden(said)), self._secret))
        return patches

    def _events(self, session: Session, owners: Sequence[str]) -> list[Patch]:
        stored = session.events.by_number([int(owner[1:]) for owner in owners])
        keys = {
            participant.record
            for row in stored.values()
            if row.event is not None
            for participant in row.event.participants
        }
        entity = entities_of(session, keys)
        withheld = withheld_among(session, keys)
        patches = []
        for owner in owners:
            row = stored.get(int(owner[1:]))
            event = None if row is None or row.event is None else shown_of(row.event, withheld)
            if row is None or event is None:
                patches.append(Patch(owner))
            else:
                patches.append(project_event(_event_view(row, event, entity), self._secret))
        return patches

    def _findings(self, session: Session, owners: Sequence[str]) -> list[Patch]:
        withheld = session.restrictions.findings_withheld(owners)
        patches = []
        for owner in owners:
            row = session.findings.get(owner)
            redirected = session.findings.follow(owner) != owner
            if row is None or redirected or row["state"] not in _SHOWN or owner in withheld:
                patches.append(Patch(owner))
                continue
            subjects = tuple(
                (role, live)
                for role, entity_id in row["subjects"]
                if (live := session.identity.follow(entity_id)) is not None
            )
            view = FindingView(
                id=owner,
                title=row["title"],
                pattern=row["pattern"],
                severity=row["severity"],
                state=row["state"],
                subjects=subjects,
                about=_things(from_body(row["body"])),
                first_seen=row["created_at"],
            )
            patches.append(project_finding(view))
        return patches


def withheld_among(session: Session, keys: Iterable[RecordKey]) -> frozenset[RecordKey]:
    """Return those of these record keys whose records are withheld."""
    number = session.records.numbers(list(keys))
    withheld = session.restrictions.withheld(number.values())
    return frozenset(key for key, its in number.items() if its in withheld)


def shown_of(event: Event, withheld: Collection[RecordKey]) -> Event | None:
    """Return an event without the participants that are withheld; None when it names nobody else."""
    left = tuple(part for part in event.participants if part.record not in withheld)
    if len(left) == len(event.participants):
        return event
    return replace(event, participants=left) if left else None


def every_owner(session: Session) -> Iterator[str]:
    """Yield the id of every owner of a part of the graph: persons, then events, then findings."""
    yield from every_entity(session)
    number = 0
    while rows := session.events.live(number):
        yield from (f"x{row.number}" for row in rows)
        number = rows[-1].number
    cursor: str | None = None
    while True:
        page, cursor = session.findings.page({}, cursor, 1000)
        yield from (row["id"] for row in page)
        if cursor is None:
            return


def every_entity(session: Session) -> Iterator[str]:
    """Yield the id of every live entity, sorted."""
    after = ""
    while ids := session.identity.entities(after):
        yield from ids
        after = ids[-1]


def entities_of(session: Session, keys: Iterable[RecordKey]) -> dict[RecordKey, str]:
    """Return the entity of each record key that is live; unknown and deleted records are left out."""
    numbers = session.records.numbers(list(keys))
    entity = session.identity.entity_of(list(numbers.values()))
    return {key: entity[number] for key, number in numbers.items() if number in entity}


def _person_view(entity_id: str, rows: Sequence[StoredRecord], best: GoldenRecord) -> PersonView:
    return PersonView(
        entity_id=entity_id,
        founding_record=rows[0].number,
        records=tuple(
            RecordRow(row.number, row.key, row.record.attributes, row.first_recorded_at, row.recorded_at)
            for row in rows
            if row.record is not None
        ),
        display_name=best.display_name,
        given_name=best.given_name,
        family_name=best.family_name,
        date_of_birth=best.date_of_birth,
        sex=best.sex,
        staff_numbers=tuple(best.staff_numbers),
    )


def _event_view(row: StoredEvent, event: Event, entity: Mapping[RecordKey, str]) -> EventView:
    return EventView(
        number=row.number,
        source=event.key.source,
        event_id=event.key.event_id,
        kind=event.kind,
        start=event.start,
        end=event.end,
        participants=tuple(
            ParticipantView(entity.get(part.record), part.role, part.record) for part in event.participants
        ),
        place=event.place,
        attributes=event.attributes,
    )


def _things(finding: Finding) -> tuple[str, ...]:
    """Return the nodes, other than persons, that make the finding's pattern."""
    ids = {row.node_id for row in finding.evidence if row.node_id is not None and row.weight == "makes"}
    return tuple(sorted(ids - {subject.entity_id for subject in finding.subjects}))
