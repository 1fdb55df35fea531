"""How long what a source says is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

RECORD = "record"
"""The kind of person records; every other kind is one of events."""

ANY = "*"
"""Stands for every source."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a source says is erased after `days`: a record since it was last said, an event since it ended."""

    source: str
    kind: str
    days: int


class Retention(Protocol):
    """The rules, and what is older than they allow."""

    def put(self, rule: Rule, actor: str) -> None:
        """Set a rule, in the place of the one for the same source and kind."""

    def drop(self, source: str, kind: str, actor: str) -> None:
        """Take a rule back. Raises: KeyError."""

    def all(self) -> Sequence[Rule]:
        """Return the rules, by source and kind."""

    def due(self, now: str) -> tuple[Sequence[int], Sequence[int]]:
        """Return the records and the events that a rule no longer lets stay, ascending.

        The age of a record counts from when it was last said, that of an event from its end (its start, or
        when it was said, where it has none).
        """

    def due_rows(self, now: str) -> Sequence[tuple[str, str, str]]:
        """Return (source, kind, instant): rows of segments of these that ended before it may not stay."""
