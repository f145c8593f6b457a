"""Tree-sitter nodes -> text, spans, escapes and error lines: what the Go and Java readers share."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node, Parser

from runfree.errors import RunfreeError
from runfree.syntax.tree import Span

_SIMPLE_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "a": "\a",
    "v": "\v",
    "s": " ",
    "0": "\0",
    "\\": "\\",
    '"': '"',
    "'": "'",
}
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u+[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|.)", re.DOTALL)


# Longer texts than this say nothing more about an argument, a condition or a receiver.
_MAX_TEXT = 2_000


class Source:
    """The bytes of a file, and a budget of text to be copied out of them.

    Nested expressions repeat each other's text (`f(f(f(...)))`), which is quadratic in a hostile file: the
    budget of 100 times the file is never met by written code.
    """

    def __init__(self, text: str) -> None:
        self.data = text.encode("utf-8", "replace")
        self._budget = 100 * len(self.data) + 100_000

    def text(self, node: Node | None, limit: int = _MAX_TEXT) -> str:
        """Source text of a node, cut to `limit` bytes; "" for no node.

        Raises:
            RunfreeError: the budget is spent.
        """
        if node is None:
            return ""
        start, end = node.start_byte, min(node.end_byte, node.start_byte + limit)
        self._budget -= end - start
        if self._budget < 0:
            raise RunfreeError("the code is nested too deeply to be read")
        return self.data[start:end].decode("utf-8", "replace")

    def lines(self, first_byte: int, last_byte: int) -> str:
        """Source text of a byte range, uncut."""
        return self.data[first_byte:last_byte].decode("utf-8", "replace")


def parsed(parser: Parser, data: bytes) -> Node:
    """The root of a file's syntax tree.

    Where much is wrong, tree-sitter's time grows with the square of the size: its steps are counted (it reports every
    hundred or so). Written code needs 1 report in 100 bytes, so 1 in 5 and some for small files are allowed.

    Raises:
        RunfreeError: the limit is reached.
    """
    left = 2_000 + len(data) // 5

    def stop(offset: int, has_error: bool) -> bool:
        nonlocal left
        left -= 1
        return left < 0

    try:
        # Only a parse from a callback can be stopped; its nodes have no text, so what ends well is parsed once more.
        parser.parse(lambda offset, _: data[offset : offset + 32_768], progress_callback=stop)
    except ValueError:
        parser.reset()
        raise RunfreeError("the syntax errors are too many to be read") from None
    return parser.parse(data).root_node


def span_of(first: Node, last: Node | None = None) -> Span:
    """The span of a node, or from the start of `first` to the end of `last`."""
    last = last or first
    return Span(
        first.start_point[0] + 1,
        first.start_point[1],
        last.end_point[0] + 1,
        last.end_point[1],
        first.start_byte,
        last.end_byte,
    )


def line_of(node: Node) -> int:
    """1-based line on which a node starts."""
    return node.start_point[0] + 1


def field(node: Node, name: str) -> Node | None:
    """The child of that field name, or None."""
    return node.child_by_field_name(name)


def operands(node: Node | None) -> list[Node]:
    """Named children without comments."""
    if node is None:
        return []
    return [c for c in node.named_children if not c.type.endswith("comment")]


def descend(node: Node) -> Iterator[Node]:
    """The node and everything below it, in order of place; iterative: deep nesting overflows no stack."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.children))


def error_lines(root: Node) -> tuple[int, ...]:
    """1-based lines of syntax errors and missing tokens, ascending."""
    found: set[int] = set()
    stack = [root] if root.has_error else []
    while stack:
        current = stack.pop()
        if current.is_error or current.is_missing:
            found.add(line_of(current))
        stack.extend(c for c in current.children if c.has_error or c.is_missing)
    return tuple(sorted(found))


def first_comments(siblings: list[Node]) -> dict[int, Node]:
    """Declaration's node id -> the first of the comment lines directly above it; one pass over all siblings."""
    found: dict[int, Node] = {}
    first: Node | None = None  # of the run of comments that reaches down to the current node
    previous: Node | None = None
    for node in siblings:
        touches = previous is not None and previous.end_point[0] + 1 >= node.start_point[0]
        if node.type.endswith("comment"):
            behind_code = (
                first is None and touches and previous and previous.end_point[0] == node.start_point[0]
            )
            if behind_code:
                first = None
            elif first is None or not touches:
                first = node
        else:
            if first is not None and touches:
                found[node.id] = first
            first = None
        previous = node
    return found


def unparenthesised(node: Node) -> Node:
    """The expression inside any number of parentheses."""
    while node.type == "parenthesized_expression" and node.named_children:
        inner = operands(node)
        if not inner:
            break
        node = inner[0]
    return node


def unescape(text: str) -> str:
    r"""The value of a C-like string body (without quotes): \n, \xHH, \uHHHH, octal; unknown escapes stay."""
    if "\\" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        body = match.group(1)
        if body[0] in "xuU" and len(body) > 1:
            code = int(body.lstrip("xuU"), 16)
            return chr(code) if code <= 0x10FFFF else match.group(0)
        if body.isdigit():
            return chr(int(body, 8)) if set(body) <= set("01234567") else match.group(0)
        return _SIMPLE_ESCAPES.get(body, match.group(0))

    return _ESCAPE.sub(value, text)
