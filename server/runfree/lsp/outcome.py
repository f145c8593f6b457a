"""What is known about one open test file: the last good report, and what it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from runfree.config import Settings
from runfree.positions import split_lines
from runfree.render.thresholds import Thresholds
from runfree.report import FileReport, TestReport
from runfree.syntax.tree import Span


@dataclass(frozen=True)
class Outcome:
    """A finished report.

    Attributes:
        report: what is said; its places count in `report.text`.
        version: the editor's version of the text it was made from.
        places: paths as the report shows them -> files of this machine.
        settings_file: the project's settings file, existing or not; None where there is no project.
        depends_on: files whose change calls for a new report: the focal file, context, settings files.
        complete: False where the text did not parse cleanly, so that tests can be missing from the report.
        quiet: there is nothing to score and nothing amiss (no new tests, a file to be ignored): nothing is shown.
        fresh: tests whose prediction is new already, while those of the others are still to come.
        texts: a hash of each test's text, to tell which tests an edit changed.
        test_spans: the names' places of all tests of the file, those that are not scored included.
        heads: the lines on which a comment speaks of a test: from the one above its head to its name.
    """

    report: FileReport
    version: int
    settings: Settings = field(default_factory=Settings)
    thresholds: Thresholds = field(default_factory=Thresholds)
    model_id: str = ""
    focal: Path | None = None
    settings_file: Path | None = None
    places: Mapping[str, Path] = field(default_factory=dict)
    depends_on: frozenset[Path] = frozenset()
    complete: bool = True
    quiet: bool = False
    fresh: frozenset[str] = frozenset()
    texts: Mapping[str, int] = field(default_factory=dict)
    test_spans: Mapping[str, Span] = field(default_factory=dict)
    heads: Mapping[str, range] = field(default_factory=dict)

    @cached_property
    def lines(self) -> Sequence[str]:
        """The lines that the report's places count in."""
        return split_lines(self.report.text)

    def test(self, name: str) -> TestReport | None:
        """The test of that qualified name."""
        return next((test for test in self.report.tests if test.name == name), None)
