"""Places of a report, in lines and bytes, as the editor's ranges."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from runfree.lsp.drift import Drift
from runfree.positions import Encoding, to_units
from runfree.syntax.tree import Span


def to_range(span: Span, lines: Sequence[str], encoding: Encoding, drift: Drift | None = None) -> types.Range:
    """The range of a span; `lines` are those the span counts in, `drift` leads to the lines of today."""
    start = _position(span.start_line, span.start_column, lines, encoding, drift)
    end = _position(span.end_line, span.end_column, lines, encoding, drift)
    return types.Range(start, max(start, end, key=lambda place: (place.line, place.character)))


def line_range(line: int, lines: Sequence[str], encoding: Encoding) -> types.Range:
    """The text of a 1-based line, without its indent."""
    content = lines[line - 1].rstrip("\r\n") if 0 < line <= len(lines) else ""
    indent = len(content) - len(content.lstrip())
    width = len(content.encode("utf-8", "surrogatepass"))
    return to_range(Span(line, len(content[:indent].encode()), line, width), lines, encoding)


def _position(
    line: int, column: int, lines: Sequence[str], encoding: Encoding, drift: Drift | None
) -> types.Position:
    index = max(line - 1, 0)
    text = lines[index].rstrip("\r\n") if index < len(lines) else ""
    return types.Position(drift.now(index) if drift else index, to_units(text, column, encoding))
