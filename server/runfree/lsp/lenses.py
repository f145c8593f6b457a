"""The code lens above each scored test, from the last good report, wherever the test is by now."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from runfree.lsp.drift import Drift
from runfree.lsp.outcome import Outcome
from runfree.lsp.ranges import line_range, to_range
from runfree.positions import Encoding
from runfree.render.lens import lens_text, scoring_text, skipped_text
from runfree.report import TestReport

EXPLAIN = "runfree.explain"


def lenses(
    uri: str,
    outcome: Outcome,
    lines: Sequence[str],
    encoding: Encoding,
    *,
    stale: bool,
    unsaved: bool = False,
) -> list[types.CodeLens]:
    """One lens a test.

    Args:
        outcome: the last good one; its tests are looked for in `lines`.
        lines: the text of now.
        stale: a newer report is on its way. unsaved: one will be, once the text is saved.
    """
    report, settings = outcome.report, outcome.settings
    if not settings.lens.enabled:
        return []
    drift = Drift(outcome.lines, lines)
    result = []
    if outcome.quiet and not report.tests:
        return []
    if report.skipped and not any(test.prediction for test in report.tests):
        title = skipped_text(report.skipped, settings.lens.style)
        name = report.tests[0].name if report.tests else ""
        place = (
            to_range(report.tests[0].name_span, outcome.lines, encoding, drift)
            if report.tests
            else line_range(1, lines, encoding)
        )
        return [types.CodeLens(place, types.Command(title, EXPLAIN, arguments=[uri, name]))]
    for test in report.tests:
        title = _title(test, outcome, stale and test.name not in outcome.fresh, unsaved)
        if title:
            place = to_range(test.name_span, outcome.lines, encoding, drift)
            result.append(types.CodeLens(place, types.Command(title, EXPLAIN, arguments=[uri, test.name])))
    return result


def _title(test: TestReport, outcome: Outcome, stale: bool, unsaved: bool) -> str:
    style = outcome.settings.lens.style
    language = outcome.report.language
    if test.prediction is not None and language is not None:
        return lens_text(test.prediction, outcome.thresholds, language, style, stale=stale, unsaved=unsaved)
    if test.skipped:
        return skipped_text(test.skipped, style)
    return scoring_text()
