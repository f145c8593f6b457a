"""The flow of `check`, shared with the language server: an examined test file becomes a report."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from runfree.anchoring import anchored, case_key, placed
from runfree.cache import PredictionCache
from runfree.canonical import Case, file_cases
from runfree.errors import RunfreeError
from runfree.render.diagnostics import diagnose, focal_not_found
from runfree.render.thresholds import Thresholds
from runfree.report import Diagnostic, FileReport, TestReport
from runfree.sample import Prediction
from runfree.suppression import suppressed_codes
from runfree.syntax.tree import Function
from runfree.workspace.project import TestFile

logger = logging.getLogger("runfree")

NO_FOCAL = "focal file not found"


class FileScorer(Protocol):
    """What `check` needs of a `Scorer`."""

    @property
    def model_id(self) -> str:
        """Part of every cache key."""

    @property
    def thresholds(self) -> Mapping[str, Mapping[str, float]]:
        """Diagnostic code -> language -> probability."""

    def score_cases(self, cases: Sequence[Case]) -> list[Prediction]:
        """One prediction a case."""


def plan(known: TestFile, show: Callable[[Path], str]) -> FileReport:
    """The report before scoring: its tests have neither a prediction nor (unless one is known) a skip reason.

    Args:
        show: a path as the surface shows it.
    """
    focal = known.focal.path
    settings = known.configuration.settings
    report = FileReport(
        show(known.path),
        known.language,
        show(focal) if focal else "",
        skipped=known.skipped,
        notes=known.notes,
        text=known.text,
    )
    if known.skipped or known.source is None:
        return report
    reason = "" if focal else NO_FOCAL
    limit = settings.limits.max_tests
    too_many = f"more than {limit:,} tests to score in this file (limits.max_tests)"
    tests: list[TestReport] = []
    for index, test in enumerate(known.tests):
        silenced = suppressed_codes(known.suppressions, test)
        skipped = reason or (too_many if index >= limit else "")
        found: tuple[Diagnostic, ...] = ()
        if not focal and not tests:
            found = focal_not_found(test, known.focal.reason, settings.severities, silenced)
        tests.append(TestReport(test.qualified_name, test.name_span, None, found, skipped, silenced))
    skipped_file = f"{NO_FOCAL}. {known.focal.reason}" if not focal else ""
    return replace(report, tests=tuple(tests), skipped=skipped_file)


def places(known: TestFile) -> dict[str, Path]:
    """Paths as evidence carries them -> files of this machine."""
    paths = [known.path, *(path for path, _ in known.context)]
    if known.focal.path:
        paths.append(known.focal.path)
    return {known.relative(path): path for path in paths}


def score(
    known: TestFile,
    scorer: FileScorer,
    cache: PredictionCache | None,
    show: Callable[[Path], str],
    before_each: Callable[[], None] = lambda: None,
) -> FileReport:
    """The finished report of a test file.

    Args:
        before_each: called before each test is scored; what it raises ends the scoring.
    """
    report = plan(known, show)
    waiting = {test.name for test in report.tests if not test.skipped}
    if not waiting or known.source is None or known.language is None:
        return report
    thresholds = effective_thresholds(known, scorer)
    severities = known.configuration.settings.severities
    functions = {test.qualified_name: test for test in known.tests}
    predictions: dict[str, Prediction] = {}
    problems: dict[str, str] = {}
    for case in cases_of(known, waiting):
        name = case.candidate.qualified_name
        before_each()
        try:
            predictions[name] = _predict(case, scorer, cache)
        except RunfreeError as error:
            problems[name] = str(error)
        except Exception as error:  # one test's trouble is not the others'
            logger.error("could not score %s in %s", name, known.path, exc_info=error)
            problems[name] = f"an error of runfree's own ({type(error).__name__}): see its log"

    def finished(test: TestReport) -> TestReport:
        prediction = predictions.get(test.name)
        if prediction is None:
            return replace(test, skipped=test.skipped or problems.get(test.name, "it could not be read"))
        assert known.source is not None
        assert known.language is not None
        function: Function = functions[test.name]
        found = diagnose(
            function, prediction, known.source, known.language, thresholds, severities, test.suppressed
        )
        return replace(test, prediction=prediction, diagnostics=found)

    return replace(report, tests=tuple(finished(test) for test in report.tests))


def effective_thresholds(known: TestFile, scorer: FileScorer) -> Thresholds:
    """The model's thresholds with the settings' own on top."""
    return Thresholds(scorer.thresholds).overridden(known.configuration.settings.thresholds)


def cases_of(known: TestFile, wanted: set[str]) -> list[Case]:
    """The cases of the wanted tests; existing tests are all others, or, among new tests, those above.

    Raises:
        RunfreeError: a text is too large to be read.
    """
    if known.language is None or known.focal.path is None:
        return []
    cases = file_cases(
        known.language,
        known.focal_text,
        known.text,
        [name for name in known.names if name in wanted],
        everything=known.everything,
        focal_path=known.relative(known.focal.path),
        test_path=known.relative(known.path),
        context=tuple((known.relative(path), text) for path, text in known.context),
    )
    if known.everything:
        return cases
    below = set(known.names) - wanted  # new as well, but not asked for: never existing for a test above it
    return [
        replace(
            case,
            existing=tuple(
                test
                for test in case.existing
                if test.qualified_name not in below or test.span.start_byte < case.candidate.span.start_byte
            ),
        )
        for case in cases
    ]


def _predict(case: Case, scorer: FileScorer, cache: PredictionCache | None) -> Prediction:
    if cache is None:
        return scorer.score_cases([case])[0]
    key = case_key(case, scorer.model_id)
    stored = cache.get(key)
    if stored is not None:
        return placed(stored, case)
    prediction = scorer.score_cases([case])[0]
    cache.put(key, anchored(prediction, case))
    return prediction
