"""A test file and a scorer become a report: which tests are scored, what is known already, what is said of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from runfree.cache import PredictionCache, content_key
from runfree.canonical import Case, file_cases
from runfree.errors import RunfreeError
from runfree.render.diagnostics import diagnose, focal_not_found
from runfree.render.thresholds import Thresholds
from runfree.report import FileReport, TestReport
from runfree.sample import Prediction
from runfree.scorer import Scorer
from runfree.suppression import suppressed_codes
from runfree.syntax.tree import Function
from runfree.workspace.project import TestFile


class StoppedError(Exception):
    """Nobody wants the result any more."""


def draft(file: TestFile, shown_path: str = "") -> FileReport:
    """The report before anything is scored: its tests without predictions, or the reasons why there will be none.

    Args:
        shown_path: how the surface shows the test file's path; "" shows it as it is.
    """
    report = FileReport(
        path=shown_path or str(file.path),
        language=file.language,
        focal_path=file.relative(file.focal.path) if file.focal.path else "",
        skipped=file.skipped,
        notes=file.notes,
        text=file.text,
    )
    if file.skipped or file.source is None:
        return report
    tests = [_unscored(test, file) for test in file.tests]
    if file.focal.path is None:
        reason = f"focal file not found. {file.focal.reason}".rstrip(" .")
        return replace(report, tests=_without_focal(file, tests), skipped=reason)
    most = file.configuration.settings.limits.max_tests
    if len(tests) > most:
        reason = f"only the first {most:,} tests of a file are scored (limits.max_tests)"
        tests[most:] = [replace(test, skipped=reason) for test in tests[most:]]
    return replace(report, tests=tuple(tests))


def review(
    file: TestFile,
    scorer: Scorer,
    cache: PredictionCache | None = None,
    *,
    shown_path: str = "",
    stopped: Callable[[], bool] = lambda: False,
) -> FileReport:
    """The report of a test file: what the cache knows is taken from it, the rest is scored and kept there.

    Raises:
        StoppedError: `stopped` said so between two tests.
    """
    report = draft(file, shown_path)
    wanted = [test.name for test in report.tests if not test.skipped]
    if report.skipped or not wanted or file.source is None or file.language is None:
        return report
    try:
        predictions = _predictions(file, wanted, scorer, cache, stopped)
    except RunfreeError as error:
        return replace(report, skipped=str(error))
    thresholds = thresholds_of(file, scorer)
    functions = {test.qualified_name: test for test in file.tests}
    tests = []
    for test in report.tests:
        prediction = predictions.get(test.name)
        if prediction is None:
            skipped = test.skipped or "the test could not be read"
            tests.append(replace(test, skipped=skipped))
            continue
        found = diagnose(
            functions[test.name],
            prediction,
            file.source,
            file.language,
            thresholds,
            file.configuration.settings.severities,
            test.suppressed,
        )
        tests.append(replace(test, prediction=prediction, diagnostics=found))
    return replace(report, tests=tuple(tests))


def thresholds_of(file: TestFile, scorer: Scorer) -> Thresholds:
    """The model's thresholds with the settings' own on top."""
    return Thresholds(scorer.thresholds).overridden(file.configuration.settings.thresholds)


def _predictions(
    file: TestFile,
    names: list[str],
    scorer: Scorer,
    cache: PredictionCache | None,
    stopped: Callable[[], bool],
) -> Mapping[str, Prediction]:
    assert file.source is not None
    assert file.language is not None
    cases = file_cases(
        file.language,
        file.focal_text,
        file.text,
        names,
        everything=file.everything,
        focal_path=file.relative(file.focal.path) if file.focal.path else "",
        test_path=file.relative(file.path),
        context=tuple((file.relative(path), text) for path, text in file.context),
    )
    surroundings = _surroundings(file)
    found: dict[str, Prediction] = {}
    for case in cases:
        if stopped():
            raise StoppedError
        key = _key(case, surroundings, scorer.model_id)
        prediction = cache.get(key) if cache is not None else None
        if prediction is None:
            prediction = scorer.score_cases([case])[0]
            if cache is not None:
                cache.put(key, prediction)
        found[case.candidate.qualified_name] = prediction
    return found


def _key(case: Case, surroundings: str, model_id: str) -> bytes:
    """Everything that a prediction depends on; the lines of the tests too, because its evidence names them."""
    tests = [case.candidate, *case.existing]
    texts = [part for test in tests for part in (str(test.span.start_line), test.qualified_name, test.text)]
    context = [part for item in case.context for part in item]
    places = (case.focal_path, case.test_path, repr(case.error_lines))
    return content_key(
        model_id, case.language, *places, case.focal.text, surroundings, str(len(tests)), *texts, *context
    )


def _surroundings(file: TestFile) -> str:
    """The text of a test file without its tests: imports, fixtures, helpers."""
    assert file.source is not None
    lines = file.text.split("\n")
    inside = {
        line for test in file.source.tests for line in range(test.span.start_line, test.span.end_line + 1)
    }
    return "\n".join(line for number, line in enumerate(lines, 1) if number not in inside and line.strip())


def _unscored(test: Function, file: TestFile) -> TestReport:
    suppressed = suppressed_codes(file.suppressions, test)
    return TestReport(test.qualified_name, test.name_span, None, suppressed=suppressed)


def _without_focal(file: TestFile, tests: list[TestReport]) -> tuple[TestReport, ...]:
    """The tests with RF010 at the first: once a file is enough."""
    if not tests:
        return ()
    first = tests[0]
    severities = file.configuration.settings.severities
    found = focal_not_found(file.tests[0], file.focal.reason, severities, first.suppressed)
    return (replace(first, diagnostics=found), *tests[1:])
