"""Syntax errors in the candidate or in the header it brings."""

from __future__ import annotations

from collections.abc import Iterator

from runfree.canonical import Case
from runfree.sample import Evidence


def syntax_errors(case: Case) -> Iterator[Evidence]:
    """The first line that cannot be parsed, if there is one; a line outside the test is named."""
    if case.error_lines:
        line = case.error_lines[0]
        inside = line - case.candidate_offset in case.candidate.span
        what = "this line" if inside else f"line {line}, outside the test,"
        yield Evidence("syntax-error", f"{what} cannot be parsed", case.test_path, line, weight="fails")
