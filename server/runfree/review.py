"""A test file and a scorer become a report: which tests are scored, what is known already, what is said of each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from runfree.anchoring import Anchors
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
    """What a review needs of a `Scorer`."""

    @property
    def model_id(self) -> str:
        """Part of every cache key."""

    @property
    def thresholds(self) -> Mapping[str, Mapping[str, float]]:
        """Diagnostic code -> language -> probability."""

    def score_cases(self, cases: Sequence[Case]) -> list[Prediction]:
        """One prediction a case."""


class StoppedError(Exception):
    """Nobody wants the result any more."""


def draft(file: TestFile, shown_path: str = "", shown_focal: str = "") -> FileReport:
    """The report before anything is scored: its tests without predictions, or the reasons why there will be none.

    Args:
        shown_path, shown_focal: how the surface shows the two paths; "" shows the test file's as it is, the focal
            file's from the project's root.
    """
    focal = file.focal.path
    report = FileReport(
        path=shown_path or str(file.path),
        language=file.language,
        focal_path=(shown_focal or file.relative(focal)) if focal else "",
        skipped=file.skipped,
        notes=file.notes,
        text=file.text,
    )
    if file.skipped or file.source is None:
        return report
    settings = file.configuration.settings
    most = settings.limits.max_tests
    too_many = f"only the first {most:,} tests of a file are scored (limits.max_tests)"
    tests: list[TestReport] = []
    for index, test in enumerate(file.tests):
        silenced = suppressed_codes(file.suppressions, test)
        skipped = NO_FOCAL if focal is None else (too_many if index >= most else "")
        found: tuple[Diagnostic, ...] = ()
        if focal is None and index == 0:  # RF010 once a file is enough
            found = focal_not_found(test, file.focal.reason, settings.severities, silenced)
        tests.append(TestReport(test.qualified_name, test.name_span, None, found, skipped, silenced))
    reason = f"{NO_FOCAL}. {file.focal.reason}".rstrip(" .") if focal is None else ""
    return replace(report, tests=tuple(tests), skipped=reason)


def review(
    file: TestFile,
    scorer: FileScorer,
    cache: PredictionCache | None = None,
    *,
    shown_path: str = "",
    shown_focal: str = "",
    stopped: Callable[[], bool] = lambda: False,
    first: Collection[str] = (),
    found: Callable[[str, Prediction], None] = lambda name, prediction: None,
) -> FileReport:
    """The report of a test file: what the cache knows is taken from it, the rest is scored and kept there.

    Args:
        first: names of tests to be scored before the others. found: told each prediction as soon as it is there.

    Raises:
        StoppedError: `stopped` said so between two tests.
    """
    report = draft(file, shown_path, shown_focal)
    wanted = {test.name for test in report.tests if not test.skipped}
    if report.skipped or not wanted:
        return report
    predictions: dict[str, Prediction] = {}
    problems: dict[str, str] = {}
    try:
        cases = cases_of(file, wanted)
    except RunfreeError as error:
        return replace(report, skipped=str(error))
    anchors: Anchors | None = None
    for case in sorted(cases, key=lambda case: case.candidate.qualified_name not in first):
        anchors = anchors or Anchors(case.suite)  # one suite for all of them
        if stopped():
            raise StoppedError
        name = case.candidate.qualified_name
        try:
            predictions[name] = _predict(case, scorer, cache, anchors)
            found(name, predictions[name])
        except RunfreeError as error:
            problems[name] = str(error)
        except Exception as error:  # one test's trouble is not the others'
            logger.error("could not score %s in %s", name, file.path, exc_info=error)
            problems[name] = f"an error of runfree's own ({type(error).__name__}): its log says more"
    thresholds = thresholds_of(file, scorer)
    functions = {test.qualified_name: test for test in file.tests}
    tests = tuple(
        _finished(test, functions[test.name], file, thresholds, predictions, problems)
        for test in report.tests
    )
    return replace(report, tests=tests)


def thresholds_of(file: TestFile, scorer: FileScorer) -> Thresholds:
    """The model's thresholds with the settings' own on top."""
    return Thresholds(scorer.thresholds).overridden(file.configuration.settings.thresholds)


def cases_of(file: TestFile, wanted: set[str]) -> list[Case]:
    """The cases of the wanted tests; existing tests are all others, or, among new tests, those above.

    Raises:
        RunfreeError: a text is too large to be read.
    """
    if file.language is None or file.focal.path is None:
        return []
    cases = file_cases(
        file.language,
        file.focal_text,
        file.text,
        [name for name in file.names if name in wanted],
        everything=file.everything,
        focal_path=file.relative(file.focal.path),
        test_path=file.relative(file.path),
        context=tuple((file.relative(path), text) for path, text in file.context),
    )
    unasked = set(file.names) - wanted
    if file.everything or not unasked:
        return cases
    return [_without(case, unasked) for case in cases]


def _without(case: Case, unasked: set[str]) -> Case:
    """The case without the new tests below its candidate that nobody asked about: they do not count either."""
    start = case.candidate.span.start_byte
    existing = (t for t in case.existing if t.qualified_name not in unasked or t.span.start_byte < start)
    return replace(case, existing=tuple(existing))


def _finished(
    test: TestReport,
    function: Function,
    file: TestFile,
    thresholds: Thresholds,
    predictions: Mapping[str, Prediction],
    problems: Mapping[str, str],
) -> TestReport:
    prediction = predictions.get(test.name)
    if prediction is None or file.source is None or file.language is None:
        return replace(test, skipped=test.skipped or problems.get(test.name, "the test could not be read"))
    severities = file.configuration.settings.severities
    found = diagnose(
        function, prediction, file.source, file.language, thresholds, severities, test.suppressed
    )
    return replace(test, prediction=prediction, diagnostics=found)


def _predict(case: Case, scorer: FileScorer, cache: PredictionCache | None, anchors: Anchors) -> Prediction:
    if cache is None:
        return scorer.score_cases([case])[0]
    anchor = anchors.of(case, scorer.model_id)
    stored = cache.get(anchor.key)
    if stored is not None:
        return anchor.placed(stored)
    prediction = scorer.score_cases([case])[0]
    cache.put(anchor.key, anchor.stored(prediction))
    return prediction
