"""Keeps a syntax error in one declaration from hiding the others: blanks out the text that does not parse."""

from __future__ import annotations

import re
from itertools import pairwise

from tree_sitter import Node, Parser

# Where a top-level declaration starts; a definition keeps the decorators above it.
_START = re.compile(rb"^(?:@|(?:async[ \t]+)?def[ \t]|class[ \t]|import[ \t]|from[ \t])", re.MULTILINE)
_DEFINITION = re.compile(rb"^(?:(?:async[ \t]+)?def[ \t]+\w|class[ \t]+\w)", re.MULTILINE)
_DEFINITIONS = frozenset({"function_definition", "class_definition", "decorated_definition"})


def recover(parser: Parser, data: bytes, root: Node) -> tuple[bytes, Node, tuple[int, ...]]:
    """The text to read instead of `data`: same length and lines, with what hides other declarations blanked out.

    Returns it with its tree, and the 1-based lines that were blanked; all as they were where nothing is hidden.
    """
    wanted = len(_DEFINITION.findall(data))
    if not root.has_error or _definitions(root) >= wanted:
        return data, root, ()
    best = root
    lines: tuple[int, ...] = ()
    text = data
    for whole in (False, True):
        blanked, cut = _blank(parser, data, definitions_too=whole)
        tree = parser.parse(blanked).root_node
        if _definitions(tree) > _definitions(best):
            text, best, lines = blanked, tree, cut
        if _definitions(best) >= wanted:
            break
    return text, best, lines


def _definitions(root: Node) -> int:
    return sum(child.type in _DEFINITIONS for child in root.named_children)


def _blank(parser: Parser, data: bytes, *, definitions_too: bool) -> tuple[bytes, tuple[int, ...]]:
    """Blanks the declarations that do not parse by themselves; of definitions, from the first bad line on."""
    starts = [match.start() for match in _START.finditer(data)]
    bounds = [0, *(at for at in starts if at and not _continues(data, at)), len(data)]
    out = bytearray(data)
    lines: list[int] = []
    line = 1
    for start, end in pairwise(bounds):
        chunk = data[start:end]
        tree = parser.parse(chunk).root_node
        if tree.has_error:
            first = 0
            if _DEFINITION.search(chunk):
                first = _first_error_row(tree) if definitions_too else -1
            if first >= 0:
                cut = start + sum(len(part) + 1 for part in chunk.split(b"\n")[:first])
                out[cut:end] = re.sub(rb"[^\n]", b" ", data[cut:end])
                lines.append(line + first)
        line += chunk.count(b"\n")
    return bytes(out), tuple(lines)


def _continues(data: bytes, at: int) -> bool:
    """Whether the line before is a decorator, so that what starts here belongs to it."""
    previous = data.rfind(b"\n", 0, at - 1) + 1
    return data[previous : previous + 1] == b"@"


def _first_error_row(root: Node) -> int:
    node = root
    while True:
        inner = next((c for c in node.children if c.type == "ERROR" or c.is_missing or c.has_error), None)
        if inner is None or inner.type == "ERROR" or inner.is_missing:
            return (inner or node).start_point[0]
        node = inner


def only_method(text: str, name: str) -> str:
    """The text with everything blanked but its imports and the Java or Go method `name`, on their own lines.

    For a file so broken that its parser sees no method at all; gives the text back where it has no such method.
    """
    lines = text.split("\n")
    header = re.compile(rf"(?:\bfunc|\bvoid|[\w>\]])\s+{re.escape(name)}\s*\(")
    first = next((i for i, line in enumerate(lines) if name and header.search(line)), -1)
    if first < 0:
        return text
    last, depth = first, 0
    for last in range(first, len(lines)):
        depth += lines[last].count("{") - lines[last].count("}")
        if depth <= 0 and "{" in "".join(lines[first : last + 1]):
            break
    while first and lines[first - 1].lstrip().startswith("@"):
        first -= 1
    kept = range(first, last + 1)
    return "\n".join(
        line if i in kept or line.startswith(("import ", "package ")) else "" for i, line in enumerate(lines)
    )
