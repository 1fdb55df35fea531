"""The facets of the ledger contract about review: what humans decided, and what may wait for them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from ledger.entry import DoubtfulLink, JudgementEntry, JudgementResult, NewJudgement, PlacedJudgement
from resolvers.domain import RecordKey


class Judgements(Protocol):
    """What humans said of pairs of records, versioned by pair: the highest version is in force."""

    def put(self, new: NewJudgement) -> JudgementResult:
        """Record a judgement.

        Without a version it becomes the next one; both records must be known (KeyError), and it is refused
        where it contradicts the closure of the others: resolvers.errors.ConflictingJudgement names the chain.
        With a version it may come before its records and is kept whatever the others say (clustering lets
        cannot-link win); a lower version than that in force is stale.
        Raises: VersionConflict for the same version with another verdict, reason or author.
        """

    def get(self, judgement_id: str) -> JudgementEntry | None:
        """Return the judgement in force of an id, None if unknown."""

    def history(self, judgement_id: str) -> Sequence[JudgementEntry]:
        """Return every version of a judgement, lowest first."""

    def of(self, keys: Collection[RecordKey]) -> Sequence[JudgementEntry]:
        """Return the judgements in force about any of these records, oldest first."""

    def all(self) -> Sequence[JudgementEntry]:
        """Return every judgement in force, oldest first."""

    def placed(self) -> Sequence[PlacedJudgement]:
        """Return the judgements in force between live records with the persons they are of, oldest first."""

    def count_by(self, author: str) -> int:
        """Return how many judgements an author has given, those not in force included."""

    def reopen(self, judgement_id: str, weight: float, actor: str) -> int:
        """Note, as an entry, that the pair's weight now speaks against the judgement in force."""


class Doubts(Protocol):
    """What possible matches there are, and how much hangs on the persons they join."""

    def links(self, least: float) -> Sequence[DoubtfulLink]:
        """Return the strongest scored pair, of at least so many bits, of each two persons; ascending."""

    def scored(self, bits: Sequence[float]) -> Sequence[int]:
        """Return how many scored pairs of live records have at least each of these weights."""

    def sizes(self, entity_ids: Collection[str]) -> Mapping[str, int]:
        """Return how many live records each of these persons has."""

    def large(self, most: int) -> Sequence[str]:
        """Return the persons of more live records than that, not judged since their records changed.

        In order of creation. Any judgement of two of its records counts, "not sure" too.
        """

    def findings(self, entity_ids: Collection[str], states: Collection[str]) -> Mapping[str, int]:
        """Return how many findings in these states name each of these persons; none where it is left out."""
