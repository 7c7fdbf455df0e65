"""What a gate asks and what it answers, in our own words.

Belongs here: the request (`Batch`, `Check`) and the answer (`CheckResult`) of a gate, as plain data that can
cross a process border. Does not belong here: Great Expectations, which takes seconds to import.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Severity = Literal["stop", "warn"]


@dataclass(frozen=True)
class Check:
    """One thing that must be true of a batch.

    `expectation` is the class name of a Great Expectations expectation, `arguments` its arguments;
    `meaning` says what the check protects and what to do when it fails.
    """

    name: str
    expectation: str
    arguments: dict[str, Any]
    meaning: str
    severity: Severity = "stop"


@dataclass(frozen=True)
class Batch:
    """The rows that a set of checks looks at: a query on the database, known under a table's name."""

    table: str
    query: str
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class CheckResult:
    """The answer to one check: how many rows break it, and up to five of them."""

    gate: str
    table: str
    check: str
    severity: Severity
    passed: bool
    offending_rows: int
    meaning: str
    examples: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The result as plain data."""
        return asdict(self)

    @property
    def stops(self) -> bool:
        """True when this result must end the night."""
        return not self.passed and self.severity == "stop"

    @property
    def in_words(self) -> str:
        """What was found, on one line for a log: the table, the check, how many rows, and the first of them."""
        rows = f"{self.offending_rows} row{'' if self.offending_rows == 1 else 's'}"
        return f"{self.table}: {self.check} ({rows}{f', such as {self.examples[0]}' if self.examples else ''})"
