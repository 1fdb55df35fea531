"""Restricting processing: what is kept but neither shown nor used until the restriction is lifted."""

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

REASONS = ("accuracy", "unlawful", "claims", "objection", "order")
"""Why processing is restricted; a fixed list, so that nobody writes down what is being withheld.

Source: UK GDPR Article 18(1)(a) to (d), and an order of a court or the regulator.
"""


@dataclass(frozen=True, slots=True)
class Restriction:
    """One restriction; `records` is how many records it withholds now, 0 once it is lifted."""

    id: str
    sequence: int
    recorded_at: str
    actor: str
    reason: str
    records: int
    lifted_at: str | None = None
    lifted_by: str | None = None


class Restrictions(Protocol):
    """What is withheld. A record may be under several restrictions: it is shown once all are lifted.

    A restriction of a person holds for every record that resolution puts with one of its records, then or
    later. The partition never depends on any of it.
    """

    def begin(
        self, records: Collection[int], persons: Collection[int], reason: str, actor: str
    ) -> Restriction:
        """Withhold records, and whole persons by their records. Raises: LedgerError (unknown reason)."""

    def lift(self, id_: str, actor: str) -> Sequence[int]:
        """End a restriction; return the records it withheld, ascending.

        Raises: KeyError when there is none of this id in force.
        """

    def rests_on(self, id_: str) -> Sequence[str]:
        """Return the findings that a restriction withholds, sorted."""

    def extend(self) -> Mapping[str, Collection[int]]:
        """Let restrictions of persons reach the records these have now.

        Returns, for each restriction that this changed, the records it reached for the first time or no
        longer reaches.
        """

    def set_aside(self, id_: str, finding_ids: Collection[str]) -> None:
        """Withhold findings too: they rest on what a restriction withholds."""

    def clear(self, finding_ids: Collection[str]) -> None:
        """Show these findings again: a pattern has said them anew, without what is withheld."""

    def withheld(self, numbers: Collection[int]) -> frozenset[int]:
        """Return those of these records that are withheld."""

    def findings_withheld(self, finding_ids: Collection[str]) -> frozenset[str]:
        """Return those of these findings that are withheld."""

    def since(self, sequence: int) -> bool:
        """Return whether any restriction began after a ledger sequence."""

    def of(self, numbers: Collection[int]) -> Sequence[str]:
        """Return the restrictions that withhold one of these records, oldest first."""

    def get(self, id_: str) -> Restriction | None: ...
    def all(self) -> Sequence[Restriction]:
        """Return every restriction, lifted ones too, oldest first."""


def restriction_id(sequence: int) -> str:
    """Return the id of the restriction that this entry began."""
    return "k" + base64.b32encode(sequence.to_bytes(5, "big")).decode().lower()
