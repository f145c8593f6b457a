"""The explanation of a test: shown on its name, and by the command behind its lens."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from runfree.lsp.client import Client
from runfree.lsp.drift import Drift
from runfree.lsp.outcome import Outcome
from runfree.lsp.ranges import to_range
from runfree.render.hover import escape, hover_markdown
from runfree.report import TestReport


def hover(
    position: types.Position, outcome: Outcome, lines: Sequence[str], client: Client, *, stale: bool
) -> types.Hover | None:
    """The explanation of the test whose name is at that position, if there is one."""
    if not outcome.settings.hover.enabled:
        return None
    drift = Drift(outcome.lines, lines)
    for test in outcome.report.tests:
        place = to_range(test.name_span, outcome.lines, client.encoding, drift)
        if (
            place.start.line == position.line
            and place.start.character <= position.character <= place.end.character
        ):
            text = explanation(test, outcome, stale=stale)
            kind = types.MarkupKind.Markdown if client.markdown_hover else types.MarkupKind.PlainText
            return types.Hover(types.MarkupContent(kind, text), place)
    return None


def explanation(test: TestReport, outcome: Outcome, *, stale: bool) -> str:
    """Everything known about a test, as markdown."""
    report = outcome.report
    name = test.name.replace("`", "")
    if test.prediction is None or report.language is None:
        reason = test.skipped or report.skipped
        return f"**`{name}`**: not scored. {escape(reason)}" if reason else f"**`{name}`**: predicting …"
    return hover_markdown(
        test.name,
        test.prediction,
        outcome.thresholds,
        report.language,
        model_id=outcome.model_id,
        focal_path=report.focal_path,
        stale=stale,
    )
