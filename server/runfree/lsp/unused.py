"""Suppression comments that silence nothing, shown as hints so that they do not outlive their reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lsprotocol import types

from runfree.lsp.client import Client
from runfree.lsp.outcome import Outcome
from runfree.lsp.ranges import line_range
from runfree.render.diagnostics import documentation_url, firing
from runfree.report import TestReport
from runfree.suppression import EVERYTHING, Suppression, find_suppressions

UNUSED = "RF000"
SOURCE = "runfree"


def unused_suppressions(outcome: Outcome, client: Client) -> Iterator[types.Diagnostic]:
    """A hint for each suppression comment that silences nothing.

    Only where that is certain: every test that the comment speaks of is scored now.
    """
    report = outcome.report
    if report.language is None or not outcome.complete:
        return
    for item in find_suppressions(report.language, report.text):
        names = [name for name, lines in outcome.heads.items() if item.whole_file or item.line in lines]
        tests = [outcome.test(name) for name in names]
        covered = [test for test in tests if test is not None and test.prediction is not None]
        if not covered or len(covered) < len(tests) or _used(item, covered, outcome):
            continue
        yield types.Diagnostic(
            range=line_range(item.line, outcome.lines, client.encoding),
            message="This suppression silences nothing: no such finding here.",
            severity=types.DiagnosticSeverity.Hint,
            code=UNUSED,
            code_description=types.CodeDescription(documentation_url(UNUSED))
            if client.code_description
            else None,
            source=SOURCE,
            tags=[types.DiagnosticTag.Unnecessary] if client.tags else None,
        )


def _used(item: Suppression, tests: Iterable[TestReport], outcome: Outcome) -> bool:
    language = outcome.report.language
    assert language is not None
    for test in tests:
        code = firing(test.prediction, outcome.thresholds, language) if test.prediction else None
        if code is not None and (code in item.codes or EVERYTHING in item.codes):
            return True
    return False
