"""Keeps an unfinished line in one Go or Java function from hiding the functions after it, by blanking lines out.

An open brace or quote makes the parser read on to the end of the file. Functions start where the layout says so (Go:
at the margin; Java: at the indentation of their class's members), so each can be tried alone, and of one that does
not parse the fewest lines are blanked that make it parse. Blanked text keeps its length: places stay true.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tree_sitter import Node, Parser

from runfree.errors import RunfreeError
from runfree.syntax.nodes import error_lines, parsed

_DECLARATIONS = frozenset(
    {
        "function_declaration",
        "method_declaration",
        "constructor_declaration",
        "class_declaration",
        "type_declaration",
    }
)
_BODIES = frozenset({"block", "constructor_body", "statement_list"})
# Parses of one broken function, and broken functions in one file: a broken file must not cost seconds.
_MOST_TRIES = 80
_MOST_BROKEN = 6
_MOST_CHUNK = 40_000
# Larger files are read as they are. Tree-sitter takes up to 8 microseconds a byte where much is wrong, so the bytes
# parsed in all are limited too: to a multiple of the file's size, with a floor for small files.
_MOST_BYTES = 200_000
_MOST_WORK = 4
_LEAST_WORK = 300_000
# How much of a line is searched for a type's header.
_HEADER = 400
_GO_START = re.compile(rb"(?:func|type|var|const|import|package)\b")
_JAVA_START = re.compile(rb"([ \t]+)[@\w<]")
_JAVA_TYPE = re.compile(rb"\b(?:class|interface|enum|record)\s+\w+[^;{]*\{")
_ANNOTATION = re.compile(rb"[ \t]*@[\w.]+[ \t]*(?:\([^()]*\))?[ \t\r]*$")

_Lines = list[bytes]
_Range = tuple[int, int]
_Cutter = Callable[[_Lines, int, int], list[_Range]]


def repaired(parser: Parser, data: bytes, root: Node, cut: _Cutter) -> tuple[Node, frozenset[int]]:
    """The tree to read, and the 1-based lines blanked for it: the given tree and none where that shows no more.

    `cut` gives the line ranges (0-based, end exclusive) of the declarations in a range of lines.
    """
    if not root.has_error or len(data) > _MOST_BYTES:
        return root, frozenset()
    lines = data.split(b"\n")
    trial = _Trial(parser, max(_LEAST_WORK, _MOST_WORK * len(data)))
    blanked: set[int] = set()
    for start, end in trial.broken(lines, cut):
        blanked.update(start + i for i in trial.fewest(lines[start:end]))
    text = b"\n".join(b" " * len(line) if i in blanked else line for i, line in enumerate(lines))
    try:
        better = parsed(parser, text)
    except RunfreeError:
        return root, frozenset()
    if _declared(better) <= _declared(root):
        return root, frozenset()
    return better, frozenset(i + 1 for i in blanked if lines[i].strip())


def go_declarations(lines: _Lines, start: int, end: int) -> list[_Range]:
    """Top-level declarations of a Go file: they start at the margin."""
    return _ranges([i for i in range(start, end) if _GO_START.match(lines[i])], end)


def java_members(lines: _Lines, start: int, end: int) -> list[_Range]:
    """Members of the type whose header comes first in a range, told by the indentation of its first member."""
    header = next((i for i in range(start, end) if _JAVA_TYPE.search(lines[i][:_HEADER])), None)
    if header is None:
        return []
    indent = None
    starts: list[int] = []
    for i in range(header + 1, end):
        match = _JAVA_START.match(lines[i])
        if match is None:
            if indent and lines[i].startswith(b"}"):
                end = i  # the type's own closing brace
                break
            continue
        indent = indent or match.group(1)
        if match.group(1) == indent and not (starts and _ANNOTATION.match(lines[i - 1])):
            starts.append(i)
    # A nested type's own closing brace stands further left than its members, and is none of theirs.
    while indent and end - 1 > header and _closes_above(lines[end - 1], indent):
        end -= 1
    return _ranges(starts, max(end, starts[-1] + 1)) if starts else []


def _closes_above(line: bytes, indent: bytes) -> bool:
    """Whether a line is a closing brace further left than an indentation, or blank."""
    text = line.strip()
    return not text or (text == b"}" and len(line.rstrip()) <= len(indent))


def _ranges(starts: list[int], end: int) -> list[_Range]:
    return list(zip(starts, [*starts[1:], end], strict=True)) if starts else []


class _Trial:
    """Parses stretches of a file until its budget of bytes is spent; then nothing parses any more."""

    def __init__(self, parser: Parser, budget: int) -> None:
        self._parser = parser
        self._budget = budget

    def broken(self, lines: _Lines, cut: _Cutter) -> Iterator[_Range]:
        """The smallest declarations that do not parse by themselves."""
        found = 0
        todo = cut(lines, 0, len(lines))
        while todo and found < _MOST_BROKEN and self._budget > 0:
            start, end = todo.pop()
            if self._parses(lines[start:end]):
                continue
            header = b"\n".join(line[:_HEADER] for line in lines[start : start + 4])
            inner = cut(lines, start, end) if _JAVA_TYPE.search(header) else []
            if inner and inner != [(start, end)]:
                todo.extend(inner)
            else:
                found += 1
                yield start, end

    def fewest(self, lines: _Lines) -> list[int]:
        """Indices of the lines to blank: one where that is enough, else the fewest at the end, else all."""
        size = len(lines)
        if sum(map(len, lines)) > _MOST_CHUNK:
            return list(range(size))
        errors = self._errors(b"\n".join(lines))
        suspects = [i for line in errors for i in (line - 1, line - 2) if 0 < i < size]
        order = list(dict.fromkeys([*suspects, *range(size - 1, 0, -1)]))[:_MOST_TRIES]
        for i in order:
            if lines[i].strip() and self._parses([*lines[:i], b"", *lines[i + 1 :]]):
                return [i]
        closing = next((i for i in range(size - 1, 0, -1) if lines[i].strip() == b"}"), size)
        for first in range(closing - 1, max(0, closing - _MOST_TRIES), -1):
            if self._parses(lines[:first] + lines[closing:]):
                return list(range(first, closing))
        return list(range(size))

    def _parses(self, lines: _Lines) -> bool:
        text = b"\n".join(lines)
        self._budget -= len(text)
        return self._budget > 0 and not self._errors(text)

    def _errors(self, text: bytes) -> tuple[int, ...]:
        """Lines with errors; the first one where there are too many to be read."""
        try:
            return error_lines(parsed(self._parser, text))
        except RunfreeError:
            self._budget = 0
            return (1,)


def _declared(root: Node) -> int:
    """How many declarations a tree shows; what stands inside a function's body is none."""
    count, stack = 0, [root]
    while stack:
        node = stack.pop()
        count += node.type in _DECLARATIONS
        if node.type not in _BODIES:
            stack.extend(node.named_children)
    return count
