"""The reports of a `check` for a terminal: one table a file, readable in 100 columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from runfree.config import Code, Severity
from runfree.render.plain import printable
from runfree.render.sentences import BEYOND, percent, sentence, top_sentence, verdict
from runfree.render.thresholds import Thresholds
from runfree.report import FileReport, TestReport

# No green: it would look like a test that was run and passed.
_STYLES: dict[Severity, str] = {
    "error": "bold red",
    "warning": "bold yellow",
    "information": "bold cyan",
    "hint": "cyan",
    "off": "",
}


_HEADS: dict[Code, str] = {
    "RF001": "likely fails",
    "RF002": "likely redundant",
    "RF003": "checks little of the new code it runs",
}


def print_reports(console: Console, reports: Sequence[FileReport], thresholds: Thresholds) -> None:
    """Draws all reports, the notes once each, and the sum."""
    shown = [report for report in reports if report.tests or not _uneventful(report)]
    for report in shown:
        console.print(_file(report, thresholds))
        console.print()
    for note in dict.fromkeys(note for report in reports for note in report.notes):
        console.print(Text(f"note: {printable(note)}", style="dim"))
    quiet = Counter(report.skipped for report in reports if not report.tests and _uneventful(report))
    for reason, count in quiet.items():
        console.print(Text(f"{_count(count, 'file')} not scored: {printable(reason)}.", style="dim"))
    console.print(Text(summary(reports)))
    if any(test.prediction for report in reports for test in report.tests):
        console.print(Text(f"Predicted, nothing was run. {BEYOND}", style="dim"))


def summary(reports: Iterable[FileReport]) -> str:
    """How many tests were predicted, and how many findings of which severity there are."""
    reports = list(reports)
    if not reports:
        return "No test files were found: nothing was predicted."
    scored = [report for report in reports if any(test.prediction for test in report.tests)]
    count = sum(test.prediction is not None for report in reports for test in report.tests)
    found = Counter(d.severity for report in reports for d in report.diagnostics)
    parts = [f"{number} {severity}" for severity in _STYLES if (number := found[severity])]
    findings = f"{_count(found.total(), 'finding')} ({', '.join(parts)})" if parts else "no findings"
    return f"{_count(count, 'test')} predicted in {_count(len(scored), 'file')}: {findings}."


def _uneventful(report: FileReport) -> bool:
    """Whether a file is left out for a reason that needs no attention (and no line of its own)."""
    return report.skipped.startswith("no new tests") or report.skipped == "it holds no tests"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _file(report: FileReport, thresholds: Thresholds) -> RenderableType:
    head = Text(printable(report.path), style="bold")
    parts: list[RenderableType] = [head]
    if report.focal_path:
        parts.append(Text(f"  exercises {printable(report.focal_path)}", style="dim"))
    if report.skipped:
        parts.append(Text(f"  not scored: {printable(sentence(report.skipped))}", style="yellow"))
    scored = [test for test in report.tests if test.prediction is not None]
    if scored:
        parts.append(_table(report, scored, thresholds))
    skipped = Counter(test.skipped for test in report.tests if test.prediction is None and test.skipped)
    for reason, count in skipped.items():
        if not report.skipped:
            parts.append(Text(f"  {_count(count, 'test')} not scored: {printable(reason)}", style="yellow"))
    for diagnostic in report.diagnostics:
        if diagnostic.code == "RF010":
            style = _STYLES[diagnostic.severity]
            parts.append(Text(f"  RF010 {diagnostic.severity}", style=style))
    return Group(*parts)


def _table(report: FileReport, tests: Sequence[TestReport], thresholds: Thresholds) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 1), expand=False, header_style="dim")
    table.add_column("line", justify="right", no_wrap=True)
    table.add_column("test", overflow="fold", max_width=40)
    table.add_column("passes", justify="right", no_wrap=True)
    table.add_column("new cov", justify="right", no_wrap=True)
    table.add_column("new kills", justify="right", no_wrap=True)
    table.add_column("predicted", overflow="fold", min_width=20)
    for test in tests:
        prediction = test.prediction
        assert prediction is not None
        assert report.language is not None
        style = _STYLES[test.diagnostics[0].severity] if test.diagnostics else ""
        fails = bool(test.diagnostics) and test.diagnostics[0].code == "RF001"
        table.add_row(
            str(test.name_span.start_line),
            Text(printable(test.name)),
            Text(percent(prediction.passes), style=style if fails else ""),
            percent(prediction.coverage_gain),
            percent(prediction.mutation_gain),
            _why(test, thresholds, report),
        )
    return table


def _why(test: TestReport, thresholds: Thresholds, report: FileReport) -> Text:
    """The finding's code, or the verdict, with the strongest reason."""
    assert test.prediction is not None
    assert report.language is not None
    reason = sentence(printable(top_sentence(test.prediction, thresholds, report.language)))
    text = Text()
    if test.diagnostics:
        found = test.diagnostics[0]
        text.append(f"{found.code} {_HEADS.get(found.code, '')}", style=_STYLES[found.severity])
    else:
        text.append(verdict(test.prediction, thresholds, report.language), style="dim")
    text.append(" (unsure)" if test.prediction.unsure else "", style="dim")
    text.append(f". {reason}" if reason else "", style="not dim" if test.diagnostics else "dim")
    return text
