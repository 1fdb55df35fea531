"""Features: a record, normalised into columns that blocking keys and comparisons read."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from resolvers.domain import Record, Scalar
from resolvers.normalisation import dates, emails, identifiers, names, phones, texts
from resolvers.normalisation.accounts import account
from resolvers.normalisation.addresses import parse_address
from resolvers.normalisation.vehicles import vehicle

FeatureValue = str | tuple[str, ...]
"""One normalised value: a word, or the parts of a name or an address."""

Values = tuple[FeatureValue, ...]
"""All values of one column of a record, sorted; empty where nothing was said."""

Parts = Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class Features:
    """A record, normalised: (column, values) sorted by column; a column without a value is left out."""

    columns: tuple[tuple[str, Values], ...]
    _by_name: dict[str, Values] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", dict(self.columns))

    def column(self, name: str) -> Values:
        """Return the values of a column, empty where the record says nothing of it."""
        return self._by_name.get(name, ())

    def to_json(self) -> str:
        """Return a canonical JSON text: equal features give equal text."""
        return json.dumps(dict(self.columns), ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> "Features":
        """Return the features that `to_json` wrote."""
        columns = json.loads(text)
        return Features(
            tuple(
                (column, tuple(tuple(value) if isinstance(value, list) else value for value in values))
                for column, values in sorted(columns.items())
            )
        )


def extract(record: Record) -> Features:
    """Return the features of a record; placeholders and what cannot be read are absent.

    Attributes that say nothing of who somebody is (`relation`) are left aside. The source and the
    id of the record are not features.
    """
    columns: dict[str, set[FeatureValue]] = {}
    for attribute, said in record.attributes.items():
        for parts in said:
            read = read_value(attribute, parts)
            if read is not None:
                columns.setdefault(read[0], set()).add(read[1])
    return Features(tuple((column, sorted_values(columns[column])) for column in sorted(columns)))


def sorted_values(values: Iterable[FeatureValue]) -> Values:
    """Return values as a column has them: each once, sorted."""
    return tuple(sorted(set(values), key=_order))


def _order(value: FeatureValue) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def read_value(attribute: str, parts: Parts) -> tuple[str, FeatureValue] | None:
    """Return (column, normalised value) of one value of an attribute; `None` for what is absent."""
    if attribute == "extras":
        column, value = _extra(parts)
    elif attribute in _COLUMNS:
        column, read = _COLUMNS[attribute]
        value = read(parts)
    else:
        return None
    return None if value is None else (column, value)


def _extra(parts: Parts) -> tuple[str, FeatureValue | None]:
    """Read a typed extra into the column `type:name`."""
    kind = str(parts.get("type", ""))
    read = _EXTRAS.get(kind)
    value = parts.get("value")
    return f"{kind}:{parts.get('name', '')}", None if read is None or value is None else read(value)


def _number(value: object) -> str | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return format(number, "g") if abs(number) < 1e15 else None


def _sex(value: object) -> str | None:
    first = (texts.words(value) or "")[:1]
    return {"f": "f", "w": "f", "m": "m"}.get(first)


def _one(read: Callable[[object], str | None]) -> Callable[[Parts], FeatureValue | None]:
    """Read a one-part attribute."""
    return lambda parts: None if parts.get("value") is None else read(parts["value"])


def _collar_number(parts: Parts) -> FeatureValue | None:
    number = identifiers.collar_number(parts.get("value", ""), parts.get("scope", ""))
    if number is None:
        return None
    valid = (dates.partial_date(parts.get(end, "")) or "" for end in ("valid_from", "valid_to"))
    return (number, *valid)


_TextReader = Callable[[object], str | None]

_COLUMNS: Mapping[str, tuple[str, Callable[[Parts], FeatureValue | None]]] = {
    "name": ("name", names.person_name),
    "date_of_birth": ("birth", _one(dates.partial_date)),
    "age_at": ("birth", lambda parts: dates.birth_years(parts.get("age", ""), parts.get("date", ""))),
    "sex": ("sex", _one(_sex)),
    "national_id": ("national_id", _one(identifiers.national_id)),
    "staff_number": ("staff_number", _one(identifiers.identifier)),
    "warrant_number": ("warrant_number", _one(identifiers.identifier)),
    "collar_number": ("collar_number", _collar_number),
    "email": ("email", _one(cast(_TextReader, emails.email))),
    "phone": ("phone", _one(cast(_TextReader, phones.phone))),
    "vehicle": ("vehicle", _one(cast(_TextReader, vehicle))),
    "account": ("account", _one(cast(_TextReader, account))),
    "address": ("address", parse_address),
    **{
        attribute: (attribute, _one(texts.words))
        for attribute in ("employer", "rank", "unit", "birth_place", "occupation", "ethnicity")
    },
}

_EXTRAS: Mapping[str, Callable[[object], str | None]] = {
    "identifier": identifiers.identifier,
    "date": dates.partial_date,
    "number": _number,
    "category": texts.words,
    "text": texts.words,
}
