"""A test file without some of its tests, as text: the rest must still load as it did."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from runfree.syntax.tree import Function, SourceFile


@lru_cache(maxsize=64)
def _places(suite: SourceFile) -> tuple[tuple[int, int, str], ...]:
    """Line ranges (1-based, inclusive) and qualified names of the tests of a suite, in order of place."""
    return tuple(sorted((t.span.start_line, t.span.end_line, t.qualified_name) for t in suite.tests))


def _remaining(
    suite: SourceFile, keep: Callable[[int, int, str], bool]
) -> tuple[list[str], list[tuple[int, int]]]:
    """The lines that stay, and the ranges (1-based, inclusive) that were cut."""
    lines = suite.text.split("\n")
    kept: list[str] = []
    cut: list[tuple[int, int]] = []
    position = 0
    for start, end, name in _places(suite):
        if keep(start, end, name) or start - 1 < position:
            continue
        kept.extend(lines[position : start - 1])
        cut.append((start, end))
        position = end
    return [*kept, *lines[position:]], cut


def alone(suite: SourceFile, test: Function) -> tuple[str, int]:
    """The test file without its other tests, and what to add to a line of it inside the test to get the suite's line.

    Two edits of another test so leave a test's text, and what was computed for it, as it was.
    """
    kept, cut = _remaining(
        suite, lambda start, end, _: start <= test.span.start_line and end >= test.span.end_line
    )
    removed_before = sum(end - start + 1 for start, end in cut if end < test.span.start_line)
    if suite.language == "go":
        kept = _without_idle_imports(suite, kept, "")
    return "\n".join(kept), removed_before


def without_tests(suite: SourceFile, keep: frozenset[str], candidate: str) -> str:
    """The test file with only the tests named in `keep`, and the imports that they or the candidate's text use."""
    kept, _ = _remaining(suite, lambda start, end, name: name in keep)
    if suite.language == "go":
        kept = _without_idle_imports(suite, kept, candidate)
    return "\n".join(kept)


def _qualifiers(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\b(\w+)\s*\.", text))


def _without_idle_imports(suite: SourceFile, kept: list[str], more: str) -> list[str]:
    """The kept lines with imports blanked that only the removed tests used: left in, the file would not compile."""
    idle = _qualifiers(suite.text) - _qualifiers("\n".join(kept)) - _qualifiers(more)
    blank = {i.span.start_line - 1 for i in suite.imports if i.binds in idle}
    # Imports stand above every test, so their line numbers are those of the whole file.
    return ["" if number in blank else line for number, line in enumerate(kept)]
