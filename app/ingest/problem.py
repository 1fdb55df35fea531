"""What can be wrong with input: problems of a field, refused rows, and the errors of ingestion."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field: a code to count by, what is wrong and what to do; never the value."""

    field: str
    code: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row for quarantine: where it stands, why it was refused, and its fields so that nothing is lost.

    `line` counts from 1 as an editor does (Parquet: row number). `fields` are personal data: kept out of
    `repr`, they belong in the quarantine table alone. `section` is `record` or `events[n]`.
    """

    source: str
    file: str
    line: int
    section: str
    problems: tuple[Problem, ...]
    fields: Mapping[str, str] = field(repr=False)

    def quarantined(self) -> Mapping[str, object]:
        """Return the row as the ledger's quarantine keeps it."""
        first = self.problems[0]
        return {
            "source": self.source,
            "line": self.line,
            "field": first.field,
            "code": first.code,
            "message": f"{self.file} line {self.line}, " + "; ".join(map(str, self.problems)),
            "payload": json.dumps(dict(self.fields), ensure_ascii=False, sort_keys=True),
        }


DUPLICATE = Problem(
    "id", "duplicate_key", "the key came before in these files", "give each row its own id or version"
)
NOBODY = Problem("participants", "no_participant", "the event names no record", "fill in who took part")


class IngestError(Exception):
    """Input that cannot be taken; the message has the remedy and no personal value."""


class MappingError(IngestError):
    """A mapping that is wrong in itself."""


class FileError(IngestError):
    """A file that cannot be read as a whole, or does not fit its mapping."""


class BadInput(IngestError):
    """One pushed record or event is refused; `problems` name the fields."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems
