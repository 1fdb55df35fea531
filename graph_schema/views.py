"""What the projection reads: resolved things as plain values, so that the graph need not know the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from resolvers.domain import Attributes, RecordKey, Scalar


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One live record of a person. `first_seen`/`last_seen` are instants, None = not known."""

    number: int
    key: RecordKey
    attributes: Attributes
    first_seen: str | None = None
    last_seen: str | None = None


@dataclass(frozen=True, slots=True)
class PersonView:
    """An entity with its records and its golden values, None where none was chosen."""

    entity_id: str
    founding_record: int
    records: tuple[RecordRow, ...]
    display_name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    date_of_birth: str | None = None
    sex: str | None = None
    staff_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParticipantView:
    """A record in a role; `entity_id` None = no person record of this key is live (yet)."""

    entity_id: str | None
    role: str
    record: RecordKey


@dataclass(frozen=True, slots=True)
class EventView:
    """An event with its participants resolved; `start`/`end` are instants, None = unknown / open."""

    number: int
    source: str
    event_id: str
    kind: str
    start: str | None
    end: str | None
    participants: tuple[ParticipantView, ...]
    place: Mapping[str, Scalar] = field(default_factory=dict)
    attributes: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding as it stands. `subjects` are (role, entity id), `about` ids of other nodes it is about."""

    id: str
    title: str
    pattern: str
    severity: str
    state: str
    subjects: tuple[tuple[str, str], ...]
    about: tuple[str, ...] = ()
    first_seen: str | None = None
