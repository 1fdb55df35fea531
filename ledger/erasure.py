"""What an erasure leaves behind: keyed hashes to know an erased key by, and a certificate."""

import base64
import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ledger.content import canonical_json
from resolvers.domain import RecordKey

REASONS = ("request", "retention", "unlawful", "order", "mistake", "restore")
"""Why something was erased; a fixed list, so that nobody writes down again what is being erased."""

PREFIX = "erased:"

Token = tuple[str, str, str]
"""`record` or `event`, source, and what stands for the id."""

Ended = tuple[str, str, str]
"""Source (or `*`), kind, instant: events of these that ended before it."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure. `counts` says how many of what went; it names nobody.

    `purged_at` None = the bytes are still to be overwritten in the data folder's files, `graph_at` None = in
    the files of another server's graph.
    """

    certificate: str
    sequence: int
    recorded_at: str
    actor: str
    reason: str
    counts: Mapping[str, int] = field(default_factory=dict)
    purged_at: str | None = None
    graph_at: str | None = None

    @property
    def finished(self) -> bool:
        """Return whether no file that Kith knows of holds the bytes any longer."""
        return self.purged_at is not None and self.graph_at is not None


class Erasures(Protocol):
    """What was taken out for good. `begin` one, erase under its certificate, then `certify` what went."""

    def begin(self, reason: str, actor: str) -> str:
        """Write the entry of an erasure, return its certificate id. Raises: LedgerError (unknown reason)."""

    def erase_records(self, certificate: str, numbers: Collection[int]) -> Mapping[str, int]:
        """Erase records that resolution no longer knows, with what was said of them; return how many of each.

        The key answers Erased from now on; a push of it is refused, and it takes part in no event.
        """

    def erase_events(self, certificate: str, numbers: Collection[int]) -> Mapping[str, int]: ...
    def redact_events(
        self, certificate: str, keys: Collection[tuple[str, str]], kept: Collection[int], actor: str
    ) -> int:
        """Take these records out of every version of the events `kept`; return how many that changed."""

    def mentioning(self, keys: Collection[RecordKey]) -> tuple[Sequence[int], Sequence[int]]:
        """Return the events that name only these records, and those that others share; ascending."""

    def certify(self, certificate: str, counts: Mapping[str, int], *, graph: bool) -> None:
        """Write down what went; `graph` = another server's graph holds bytes of it still."""

    def finish(self, certificates: Collection[str], *, graph: bool) -> None:
        """Write down that the bytes are overwritten, in the data folder or in the graph's server."""

    def since(self, sequence: int) -> bool:
        """Return whether anything was erased after a ledger sequence."""

    def get(self, certificate: str) -> Erasure | None: ...
    def all(self) -> Sequence[Erasure]: ...
    def erase_rows(self, certificate: str, ended: Collection[Ended]) -> int:
        """Take out of segments the rows of events that ended; return how many."""

    def mentioned(self, key: RecordKey, actor: str) -> int | None:
        """Return the number of a record that never came but that events name, given to it now; else None."""

    def tokens(self) -> Sequence[Token]:
        """Return what stands for each key that was erased, sorted."""

    def recall(
        self, tokens: Collection[Token], actor: str
    ) -> tuple[Sequence[int], Sequence[int], Sequence[Token]]:
        """Return the records and events that stand here and were erased elsewhere, and the keys not here."""

    def forbid(self, certificate: str, tokens: Collection[Token]) -> None:
        """Refuse from now on keys that were erased elsewhere and never came here."""


def certificate_id(sequence: int) -> str:
    """Return the id of the certificate of the erasure that this entry is."""
    return "c" + base64.b32encode(sequence.to_bytes(5, "big")).decode().lower()


def erased_id(key: bytes, table: str, source: str, source_id: str) -> str:
    """Return what stands for an erased id of a source: its keyed hash, which tells nobody the id."""
    text = canonical_json([table, source, source_id])
    return PREFIX + hmac.digest(key, text.encode(), "sha256").hex()
