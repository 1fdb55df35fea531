"""Check patches against the declaration, and bring what passes to one canonical form."""

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime

from graph_schema.nodes import KIND_OF_LABEL, NODE_KIND, Node, PropertyValue, kind_of_id
from graph_schema.relationships import HOLDING_TYPES, RELATIONSHIP_TYPE, RELATIONSHIP_TYPES, Link, Patch
from graph_schema.store import StoreError, UnknownName

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_INT64 = 2**63

STORE_KEPT = frozenset({"holder_count", "display_band"})
"""Properties that the store keeps itself; what a patch says of them is ignored."""


def conform(patch: Patch) -> Patch:
    """Return the patch with labels and property values in canonical form.

    Labels: the kind, then extra labels in declared order. A number is a float, a list a tuple of texts.
    Raises: StoreError naming the label, type or property that the declaration does not allow.
    """
    return Patch(
        patch.owner,
        tuple(conform_node(node) for node in patch.nodes),
        tuple(_conform_link(link, patch.owner) for link in patch.links),
    )


def conform_node(node: Node) -> Node:
    """Return one node in canonical form; see `conform`."""
    kind = NODE_KIND.get(node.labels[0]) if node.labels else None
    if kind is None:
        raise StoreError(f"label {node.labels[:1]} is not a declared kind of node (graph_schema/nodes.py)")
    if kind_of_id(node.id) is not kind:
        raise StoreError(f"a {kind.label} node has an id that does not start with {kind.prefix!r}")
    extra = set(node.labels[1:])
    if not extra.issubset(kind.extra_labels):
        raise StoreError(f"{kind.label} may not carry {sorted(extra)}: declare them as extra_labels")
    labels = (kind.label, *(label for label in kind.extra_labels if label in extra))
    return Node(node.id, labels, _conform_properties(kind.label, kind.properties, node.properties))


def _conform_link(link: Link, owner: str) -> Link:
    declared = RELATIONSHIP_TYPE.get(link.type)
    if declared is None:
        raise StoreError(f"type {link.type!r} is not declared (graph_schema/relationships.py)")
    for end, allowed in ((link.start, declared.starts), (link.end, declared.ends)):
        kind = kind_of_id(end)
        if kind is None or kind.label not in allowed:
            raise StoreError(f"{link.type} may not join {kind.label if kind else 'what is no node id'}")
    if link.type in HOLDING_TYPES and link.start != owner:
        raise StoreError(f"a {link.type} link belongs to the patch of the person it starts from")
    return Link(
        link.id,
        link.type,
        link.start,
        link.end,
        _conform_properties(link.type, declared.properties, link.properties),
    )


def _conform_properties(
    where: str, declared: Mapping[str, str], given: Mapping[str, PropertyValue]
) -> dict[str, PropertyValue]:
    canonical: dict[str, PropertyValue] = {}
    for name in sorted(given):
        if name in STORE_KEPT:
            continue
        type_ = declared.get(name)
        if type_ is None:
            raise StoreError(f"{where}.{name} is not a declared property")
        try:
            canonical[name] = _CANONICAL[type_](given[name])
        except (TypeError, ValueError):
            raise StoreError(f"{where}.{name} is not a valid {type_}") from None
    return canonical


def _text(value: object) -> str:
    if type(value) is not str:
        raise TypeError
    return value


def _integer(value: object) -> int:
    if type(value) is not int or not -_INT64 <= value < _INT64:
        raise TypeError
    return value


def _number(value: object) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):  # type: ignore[arg-type]
        raise TypeError
    return float(value)  # type: ignore[arg-type]


def _boolean(value: object) -> bool:
    if type(value) is not bool:
        raise TypeError
    return value


def _date(value: object) -> str:
    text = _text(value)
    if _DATE.fullmatch(text) is None:
        raise ValueError
    date.fromisoformat(text)
    return text


def _instant(value: object) -> str:
    text = _text(value)
    if _INSTANT.fullmatch(text) is None:
        raise ValueError
    datetime.fromisoformat(text)
    return text


def _date_or_instant(value: object) -> str:
    return _instant(value) if len(_text(value)) > 10 else _date(value)


def _texts(value: object) -> tuple[str, ...]:
    if type(value) not in (tuple, list):
        raise TypeError
    return tuple(_text(item) for item in value)  # type: ignore[attr-defined]


_CANONICAL: Mapping[str, Callable[[object], PropertyValue]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "instant": _instant,
    "date_or_instant": _date_or_instant,
    "texts": _texts,
}


def known_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the labels sorted. Raises: UnknownName for one that no kind declares."""
    wanted = tuple(sorted(set(labels)))
    unknown = [label for label in wanted if label not in KIND_OF_LABEL]
    if unknown:
        raise UnknownName(f"no node has this label; there are: {', '.join(sorted(KIND_OF_LABEL))}")
    return wanted


def known_types(types: Collection[str] | None, *, technical: bool = False) -> tuple[str, ...]:
    """Return the relationship types sorted; None = all, technical ones only if asked.

    Raises: UnknownName for one that is not declared.
    """
    if types is None:
        return tuple(sorted(kind.type for kind in RELATIONSHIP_TYPES if technical or not kind.technical))
    unknown = sorted(set(types) - set(RELATIONSHIP_TYPE))
    if unknown:
        raise UnknownName(f"no link has this type; there are: {', '.join(sorted(RELATIONSHIP_TYPE))}")
    return tuple(sorted(type_ for type_ in set(types) if technical or not RELATIONSHIP_TYPE[type_].technical))
