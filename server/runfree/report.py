"""What is said about a test file and its tests: the result of scoring, before it is drawn on any surface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from runfree.config import Code, Severity
from runfree.sample import Language, Prediction
from runfree.syntax.tree import Span


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains a diagnostic: `path` as in the evidence ("" means the test file itself)."""

    message: str
    path: str
    line: int
    column: int = 0
    end_column: int = 0


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding, free of any protocol. `span`: 1-based lines, 0-based UTF-8 byte columns, in the test file.

    `tags`: "unnecessary" where the test is likely redundant. `test`: qualified name of the test it is about.
    """

    code: Code
    severity: Severity
    message: str
    span: Span
    test: str
    related: tuple[Related, ...] = ()
    tags: tuple[Literal["unnecessary"], ...] = ()


@dataclass(frozen=True, slots=True)
class TestReport:
    """One test: its prediction, or the reason why it was skipped.

    `suppressed`: codes silenced by a comment ("*": all of them).
    """

    __test__ = False  # not a test class for pytest

    name: str
    name_span: Span
    prediction: Prediction | None
    diagnostics: tuple[Diagnostic, ...] = ()
    skipped: str = ""
    suppressed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FileReport:
    """One test file. `path` and `focal_path` are as the surface shows them; places count in `text`.

    `skipped` is the reason in plain words why nothing (or not everything) could be scored, "" otherwise.
    `shown_paths`: paths as evidence carries them -> as the surface shows them, where these differ.
    """

    path: str
    language: Language | None
    focal_path: str = ""
    tests: tuple[TestReport, ...] = ()
    skipped: str = ""
    notes: tuple[str, ...] = ()
    text: str = ""
    shown_paths: tuple[tuple[str, str], ...] = ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All findings of the file, in order of its tests."""
        return tuple(d for test in self.tests for d in test.diagnostics)
