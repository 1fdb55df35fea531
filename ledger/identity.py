"""Who keeps which id when clusters change: the rule, free of any store."""

import base64
import binascii
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass


def entity_id(number: int) -> str:
    """Return the id of the entity whose creation has this ledger sequence: `e` and 8 letters of base32.

    Each creation is an entry of its own, so its sequence alone names it.
    """
    return "e" + base64.b32encode(number.to_bytes(5, "big")).decode().lower()


def entity_number(text: str) -> int | None:
    """Return the creation sequence that an entity id stands for, None if it is no entity id."""
    if len(text) != 9 or text[0] != "e" or not text.islower():
        return None
    try:
        return int.from_bytes(base64.b32decode(text[1:].upper()), "big")
    except binascii.Error:
        return None


@dataclass(frozen=True, slots=True)
class Succession:
    """What becomes of entities: who heirs which cluster, who yields to whom, who is empty.

    `kept` are (entity, its records from now on), also when they are the same as before; `founded` are
    clusters without an heir; `merged` are (entity, heir it yields to); all ascending.
    """

    kept: tuple[tuple[int, tuple[int, ...]], ...]
    founded: tuple[tuple[int, ...], ...]
    merged: tuple[tuple[int, int], ...]
    emptied: tuple[int, ...]


def succeed(
    entities: Mapping[int, Collection[int]], clusters: Iterable[Iterable[int]], gone: Collection[int]
) -> Succession:
    """Decide who keeps its id. `entities` are the records of each entity that clusters or `gone` touch.

    An entity goes where its oldest remaining record (smallest number) goes; of several that meet in one
    cluster the oldest (smallest creation sequence) keeps its id. Records of a touched entity that no cluster
    names stay together. Raises: ValueError when a record is in two clusters, or in one and gone.
    """
    left = frozenset(gone)
    parts = [tuple(sorted(set(cluster))) for cluster in clusters]
    place = {number: index for index, part in enumerate(parts) for number in part}
    if len(place) != sum(map(len, parts)) or not left.isdisjoint(place):
        raise ValueError("clusters: a record may be in one cluster only, and not in one while it is gone")
    claims: defaultdict[int, list[int]] = defaultdict(list)
    emptied = []
    for entity in sorted(entities):
        staying = sorted(set(entities[entity]) - left)
        unnamed = tuple(number for number in staying if number not in place)
        if unnamed:
            place.update(dict.fromkeys(unnamed, len(parts)))
            parts.append(unnamed)
        if staying:
            claims[place[staying[0]]].append(entity)
        else:
            emptied.append(entity)
    return Succession(
        kept=tuple(sorted((heirs[0], parts[index]) for index, heirs in claims.items())),
        founded=tuple(sorted(part for index, part in enumerate(parts) if part and index not in claims)),
        merged=tuple(sorted((entity, heirs[0]) for heirs in claims.values() for entity in heirs[1:])),
        emptied=tuple(emptied),
    )
