"""Rewrites of the order of things: tests, imports, functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from runfree.errors import RunfreeError
from runfree.sample import Language
from runfree.syntax.parse import parse
from runfree.syntax.tree import Function, SourceFile


def _file(language: Language, text: str) -> SourceFile | None:
    try:
        file = parse(language, text)
    except RunfreeError:
        return None
    return None if file.error_lines else file


def _swapped(text: str, runs: Sequence[Sequence[Function]]) -> str | None:
    """The text with the functions of each run in the opposite order, each in the place of another."""
    data = text.encode()
    edits: list[tuple[int, int, bytes]] = []
    for run in runs:
        spans = [(f.span.start_byte, f.span.end_byte) for f in run]
        texts = [data[start:end] for start, end in spans]
        edits += [(*span, new) for span, new in zip(spans, reversed(texts), strict=True)]
    if not edits:
        return None
    for start, end, new in sorted(edits, reverse=True):
        data = data[:start] + new + data[end:]
    changed = data.decode()
    return changed if changed != text else None


def _alone_on_lines(text: str, function: Function) -> bool:
    """Whether nothing else stands on the function's first and last line."""
    lines = text.split("\n")
    first, last = lines[function.span.start_line - 1], lines[function.span.end_line - 1]
    before = first.encode()[: function.span.start_column]
    return not before.strip() and not last.encode()[function.span.end_column :].strip()


def tests(language: Language, text: str) -> str | None:
    """The tests of each class (or of the file) in the opposite order."""
    file = _file(language, text)
    if file is None or len({t.qualified_name for t in file.tests}) < len(file.tests):
        return None
    runs: dict[str, list[Function]] = {}
    for test in file.tests:
        if _alone_on_lines(text, test):
            runs.setdefault(test.owner, []).append(test)
    return _swapped(text, [run for run in runs.values() if len(run) > 1])


def functions(language: Language, text: str) -> str | None:
    """Neighbouring functions in the opposite order.

    In Python only those between which nothing stands, undecorated and without defaults: their place does not matter
    when the file is loaded.
    """
    file = _file(language, text)
    if file is None:
        return None
    if language != "python":
        by_owner: dict[str, list[Function]] = {}
        for function in file.functions:
            if _alone_on_lines(text, function) and function.name != "init":
                by_owner.setdefault("" if language == "go" else function.owner, []).append(function)
        return _swapped(text, [run for run in by_owner.values() if len(run) > 1])
    lines = text.split("\n")
    runs: list[list[Function]] = []
    for function in file.functions:
        movable = (
            not function.decorators
            and not any(p.optional for p in function.parameters)
            and _alone_on_lines(text, function)
        )
        last = runs[-1][-1] if runs and runs[-1] else None
        between = lines[last.span.end_line : function.span.start_line - 1] if last else ["x"]
        if not movable:
            runs.append([])
        elif last and last.owner == function.owner and not any(line.strip() for line in between):
            runs[-1].append(function)
        else:
            runs.append([function])
    return _swapped(text, [r for r in runs if len(r) > 1 and len({f.qualified_name for f in r}) == len(r)])


def imports(language: Language, text: str) -> str | None:
    """Neighbouring imports of one line each in the opposite order."""
    file = _file(language, text)
    if file is None:
        return None
    inside = {line for f in file.functions for line in range(f.span.start_line, f.span.end_line + 1)}
    lines = text.split("\n")
    single = sorted(
        {
            i.span.start_line
            for i in file.imports
            if i.span.start_line == i.span.end_line
            and i.span.start_line not in inside
            and i.module != "__future__"
            and _whole(language, lines[i.span.start_line - 1])
        }
    )
    out = list(lines)
    for _, group in groupby(enumerate(single), key=lambda pair: pair[1] - pair[0]):
        run = [line for _, line in group]
        for line, other in zip(run, reversed(run), strict=True):
            out[line - 1] = lines[other - 1]
    return "\n".join(out) if out != lines else None


def _whole(language: Language, line: str) -> bool:
    """Whether a line is one whole import."""
    if language == "go":
        return bool(re.fullmatch(r'\s+(?:[\w.]+\s+)?"[^"]+"\s*', line))
    if language == "java":
        return bool(re.fullmatch(r"\s*import\s[^;]+;\s*", line))
    return bool(re.fullmatch(r"(?:import|from)\s[^\\;()]*", line))
