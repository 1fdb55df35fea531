"""The facet of findings: what patterns found, what humans decided on it, and each state it went through."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol


class Findings(Protocol):
    """Findings with their lifecycle; `body` is the frozen snapshot (JSON-able mapping)."""

    def put(self, row: Mapping[str, Any], subjects: Sequence[tuple[str, str]], actor: str) -> int:
        """Insert or replace a finding {id, pattern, state, severity, title, body} about (role, entity id)s.

        One that says nothing new is not written again; one that another stood for stands for itself again.
        The sequence of its last change is returned.
        """

    def move(self, finding_id: str, state: str, actor: str, reason: str) -> int:
        """Change its state with a reason; the history keeps both. Raises KeyError if unknown."""

    def reply(self, finding_id: str, text: str, received_on: str, actor: str) -> int:
        """Keep what a subject answered, with the ISO date it came; the finding has changed then.

        Raises: KeyError if unknown.
        """

    def replies(self, finding_id: str) -> Sequence[Mapping[str, Any]]:
        """Return {at, received_on, text, actor} of its replies and of those it stands for, oldest first."""

    def decided(self, since: str, states: Collection[str], job: str) -> int:
        """Return how many findings anybody but `job` has moved to one of these states since an instant."""

    def named(self, pattern: str, states: Collection[str]) -> Sequence[str]:
        """Return the entity ids that findings of a pattern in these states are about, each once, sorted."""

    def get(self, finding_id: str) -> Mapping[str, Any] | None:
        """Return a finding, None if unknown.

        {id, pattern, state, severity, title, body, subjects, version, created_at, updated_at, said, history};
        `said` is the sequence at which its body was last written;

        `history` are its states, oldest first: {sequence, at, from, to, actor, reason}.
        """

    def about(
        self, entity_ids: Collection[str], patterns: Collection[str] | None = None
    ) -> Sequence[Mapping[str, Any]]: ...
    def page(
        self, filters: Mapping[str, str], after: str | None, limit: int
    ) -> tuple[Sequence[Mapping[str, Any]], str | None]:
        """Return rows by severity (urgent first) then newest, and the next cursor (None at the end).

        Filters: state, severity, pattern, entity, text. Raises: ValueError for others, or a foreign cursor.
        """

    def count(self, filters: Mapping[str, str]) -> int: ...
    def redirect(self, finding_id: str, into: str, actor: str) -> None: ...
    def citing(self, facts: Collection[tuple[str, str, str]], entity_ids: Collection[str]) -> Sequence[str]:
        """Return the findings that rest, or once rested, on (origin, source, id) facts or are about these."""

    def redact(
        self,
        finding_ids: Collection[str],
        certificate: str,
        redacted: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    ) -> None:
        """Put in the place of every snapshot of these findings what may stay of it.

        Reasons and replies go, states stay. Until it is put again, a finding then has a `certificate`.
        """

    def follow(self, finding_id: str) -> str | None: ...
