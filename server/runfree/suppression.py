"""Comments that silence diagnostics: `# runfree: ignore[RF002]`, `# runfree: ignore-file` (`//` in Java and Go)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runfree.positions import split_lines
from runfree.sample import Language
from runfree.syntax.tree import Function

EVERYTHING = "*"

_DIRECTIVE = r"\s*runfree:\s*ignore(?P<file>-file)?\b(?!-)\s*(?:\[(?P<codes>[^\]\n]{0,200})\])?"
_COMMENT: dict[Language, re.Pattern[str]] = {
    "python": re.compile("#" + _DIRECTIVE),
    "java": re.compile("//" + _DIRECTIVE),
    "go": re.compile("//" + _DIRECTIVE),
}


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: its 1-based line, the codes it silences ("*": all), and whether it counts for the whole file."""

    line: int
    codes: frozenset[str]
    whole_file: bool


def find_suppressions(language: Language, text: str) -> tuple[Suppression, ...]:
    """All suppression comments of a file, in order of line.

    Text in string literals that looks like one counts too: telling them apart is not worth a second parse.
    """
    if "runfree:" not in text:
        return ()
    found = []
    for number, line in enumerate(split_lines(text), 1):
        match = _COMMENT[language].search(line)
        if match:
            codes = {code.strip().upper() for code in (match["codes"] or "").split(",") if code.strip()}
            found.append(Suppression(number, frozenset(codes or {EVERYTHING}), match["file"] is not None))
    return tuple(found)


def suppressed_codes(suppressions: tuple[Suppression, ...], test: Function) -> frozenset[str]:
    """The codes silenced for a test: by the file, or on its head (decorators to `def` line) or the line above."""
    codes: set[str] = set()
    first, last = test.span.start_line - 1, test.name_span.start_line
    for item in suppressions:
        if item.whole_file or first <= item.line <= last:
            codes |= item.codes
    return frozenset(codes)


def ignore_comment(language: Language, code: str) -> str:
    """The comment that silences a code on a test's line, as the quick fix writes it."""
    return f"{'#' if language == 'python' else '//'} runfree: ignore[{code}]"


def ignore_file_comment(language: Language, code: str = "") -> str:
    """The comment that silences a code (or all of them) in a file."""
    return f"{'#' if language == 'python' else '//'} runfree: ignore-file{f'[{code}]' if code else ''}"
