"""The findings of a `check` as GitHub workflow commands, which become annotations on a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runfree.config import Severity
from runfree.positions import split_lines
from runfree.render.diagnostics import TITLES
from runfree.render.json import columns
from runfree.report import FileReport

_COMMANDS: dict[Severity, str] = {
    "error": "error",
    "warning": "warning",
    "information": "notice",
    "hint": "notice",
}


def workflow_commands(reports: Sequence[FileReport]) -> Iterator[str]:
    """One line a finding, in order of files and tests."""
    for report in reports:
        lines = split_lines(report.text)
        for found in report.diagnostics:
            if found.severity not in _COMMANDS:
                continue
            start, end = columns(found, lines)
            span = found.span
            values = {"file": report.path, "line": span.start_line, "endLine": span.end_line}
            if span.start_line == span.end_line:  # columns are understood within one line only
                values |= {"col": start, "endColumn": end}
            values["title"] = f"{found.code} {TITLES[found.code]}"
            properties = ",".join(f"{key}={_property(str(value))}" for key, value in values.items())
            yield f"::{_COMMANDS[found.severity]} {properties}::{_data(found.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
