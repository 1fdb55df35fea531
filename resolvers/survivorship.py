"""Survivorship: which of an entity's values its golden record shows first, and from which records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from resolvers.domain import Record, RecordKey, Scalar
from resolvers.features import read_value
from resolvers.normalisation.names import person_name

SINGLE = frozenset({"name", "date_of_birth", "sex", "national_id", "birth_place", "ethnicity"})
"""Attributes of which a person has one at a time: different values, none of them former, are a conflict."""

_VALIDITY = ("valid_from", "valid_to")

Said = tuple[Record, str]
"""A record and the instant at which it was recorded."""


@dataclass(frozen=True, slots=True)
class GoldenValue:
    """One value as its most recent record writes it; `sources` are all that say it, in order of key.

    `valid_from` is the earliest and `valid_to` the latest that they state; None = not stated, or still open.
    """

    parts: Mapping[str, Scalar]
    sources: tuple[RecordKey, ...]
    valid_from: str | None = None
    valid_to: str | None = None


@dataclass(frozen=True, slots=True)
class GoldenRecord:
    """An entity's chosen values; `attributes` keeps all that was said, the value to show first at the head.

    `conflicts` names the attributes of which a person has one but records say several.
    """

    display_name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    date_of_birth: str | None = None
    sex: str | None = None
    staff_numbers: tuple[str, ...] = ()
    attributes: Mapping[str, tuple[GoldenValue, ...]] = field(default_factory=dict)
    conflicts: frozenset[str] = frozenset()


def golden(records: Sequence[Said]) -> GoldenRecord:
    """Return the golden record of an entity's live records; the same for every order of them.

    Values that are one when normalised are one value. First comes what is in force (neither former nor
    ended), then what more records say, then the fuller, then the more recently recorded, then by record key.
    """
    ordered = sorted(records, key=lambda said: said[0].key)
    names = sorted({name for record, _ in ordered for name in record.attributes})
    found = {name: tuple(_ranked(_gather(name, ordered))) for name in names}
    attributes = {name: tuple(group.value for group in groups) for name, groups in found.items()}
    name = person_name(attributes["name"][0].parts) if attributes.get("name") else None
    given, family = (_title(name.given), _title(name.family)) if name else (None, None)
    return GoldenRecord(
        display_name=" ".join(part for part in (given, family) if part) or None,
        given_name=given,
        family_name=family,
        date_of_birth=_first(attributes, "date_of_birth"),
        sex=_first(attributes, "sex"),
        staff_numbers=tuple(str(value.parts["value"]) for value in attributes.get("staff_number", ())),
        attributes=attributes,
        conflicts=frozenset(name for name in names if name in SINGLE and _conflict(found[name])),
    )


@dataclass(slots=True)
class _Group:
    """What records say of one normalised value: (recorded at, record key, parts) each."""

    said: list[tuple[str, RecordKey, Mapping[str, Scalar]]]
    readable: bool

    @property
    def value(self) -> GoldenValue:
        """Return the value as its most recent record writes it."""
        _, _, latest = max(self.said, key=lambda said: (said[0], said[1]))
        starts = [str(parts["valid_from"]) for _, _, parts in self.said if parts.get("valid_from")]
        ends = [str(parts["valid_to"]) for _, _, parts in self.said if parts.get("valid_to")]
        return GoldenValue(
            parts={name: part for name, part in latest.items() if name not in _VALIDITY},
            sources=tuple(sorted({key for _, key, _ in self.said})),
            valid_from=min(starts, default=None),
            valid_to=max(ends) if len(ends) == len(self.said) else None,
        )

    @property
    def past(self) -> bool:
        """Say whether every record calls the value former or ended."""
        return all(parts.get("former") or parts.get("valid_to") for _, _, parts in self.said)


def _gather(attribute: str, records: Sequence[Said]) -> list[_Group]:
    """Return the values of an attribute, those that normalise to one value together."""
    groups: dict[object, _Group] = {}
    for record, recorded_at in records:
        for parts in record.attributes.get(attribute, ()):
            read = read_value(attribute, parts)
            key = (
                read if read is not None else tuple(sorted((part, str(said)) for part, said in parts.items()))
            )
            groups.setdefault(key, _Group([], read is not None)).said.append((recorded_at, record.key, parts))
    return list(groups.values())


def _ranked(groups: Sequence[_Group]) -> Iterator[_Group]:
    def rank(group: _Group) -> tuple[object, ...]:
        latest = max(recorded_at for recorded_at, _, _ in group.said)
        records = {key for _, key, _ in group.said}
        fullest = max(sum(len(str(part)) for part in parts.values()) for _, _, parts in group.said)
        return not group.readable, group.past, -len(records), -fullest, _Descending(latest), min(records)

    yield from sorted(groups, key=rank)


@dataclass(frozen=True, slots=True)
class _Descending:
    text: str

    def __lt__(self, other: "_Descending") -> bool:
        return self.text > other.text


def _conflict(groups: Sequence[_Group]) -> bool:
    return sum(group.readable and not group.past for group in groups) > 1


def _first(attributes: Mapping[str, tuple[GoldenValue, ...]], name: str) -> str | None:
    values = attributes.get(name)
    said = values[0].parts.get("value") if values else None
    return None if said is None else str(said)


def _title(folded: str) -> str | None:
    return " ".join(word.capitalize() for word in folded.split()) or None
