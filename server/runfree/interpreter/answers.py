"""What an analysis says: outcome, assertions, focal lines, branch decisions, reasons for what stays unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

NEVER, POSSIBLE, LIKELY, CERTAIN = 0, 1, 2, 3

Outcome = Literal["passes", "fails", "unknown"]
State = Literal["holds", "fails", "unknown"]
Fate = Literal["killed", "survives", "unknown"]


@dataclass(frozen=True, slots=True)
class AssertionAnswer:
    """One check of the test. `line`: 1-based line of the test file; `sentence` says what the code gives where it fails."""

    line: int
    state: State
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class BranchDecision:
    """A branch condition of the focal file that the test reaches: `taken` holds the sides, None among them means unknown."""

    line: int
    condition: str
    taken: frozenset[bool | None]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is unknown: a stable code such as "module:requests", with its place."""

    code: str
    line: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """The result of reading one test to its end.

    Attributes:
        outcome: what the test certainly does, or "unknown".
        likely: what it does if no unknown call raises and no unknown assertion fails, or "unknown".
        sentence: why it fails, "" otherwise.
        assertions: in order of line.
        line_grades: focal line (1-based) to 0 never, 1 possible, 2 likely, 3 certain executed by this test, the
            module's top level included; lines that are no key are not statements the evaluator knows.
        branches: in order of line.
        reasons: why something is unknown, the commonest first.
        raised: exception types that left the test or were expected by it, with their place.
        complete: every path was followed to its end.
        paths: how many executions were tried. steps: nodes evaluated in all.
        loaded: False where the files fail on import.
    """

    outcome: Outcome = "unknown"
    likely: Outcome = "unknown"
    sentence: str = ""
    assertions: tuple[AssertionAnswer, ...] = ()
    line_grades: dict[int, int] = field(default_factory=dict)
    branches: tuple[BranchDecision, ...] = ()
    reasons: tuple[Reason, ...] = ()
    raised: tuple[Reason, ...] = ()
    complete: bool = False
    paths: int = 0
    steps: int = 0
    loaded: bool = True

    @property
    def reason(self) -> Reason | None:
        """The commonest reason for what stays unknown."""
        return self.reasons[0] if self.reasons else None
