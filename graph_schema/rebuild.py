"""Make a store equal to a ledger again by a keyed diff: what is unchanged stays as it is."""

from collections.abc import Iterable
from itertools import islice

from graph_schema.nodes import NODE_KIND
from graph_schema.relationships import Patch
from graph_schema.store import GraphStore

CHUNK = 1000
"""Patches applied in one transaction."""


def rebuild(store: GraphStore, patches: Iterable[Patch], sequence: int) -> None:
    """Apply the patches of every owner there is, persons before events, then remove all other owners.

    The store's sequence is 0 until the end, so that a rebuild cut short is seen and done again.
    """
    wanted: set[str] = set()
    rest = iter(patches)
    while chunk := list(islice(rest, CHUNK)):
        wanted.update(patch.owner for patch in chunk)
        store.apply(chunk, 0)
    # Persons last: events and findings that join them go first.
    person = NODE_KIND["Person"].prefix
    gone = sorted(set(store.owners()) - wanted, key=lambda owner: (owner.startswith(person), owner))
    for start in range(0, len(gone), CHUNK):
        store.apply([Patch(owner) for owner in gone[start : start + CHUNK]], 0)
    store.apply([], sequence)
