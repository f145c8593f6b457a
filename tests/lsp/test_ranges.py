"""Spans as the editor's ranges."""

import pytest
from lsprotocol import types

from runfree.lsp.drift import Drift
from runfree.lsp.ranges import line_range, to_range
from runfree.positions import split_lines
from runfree.syntax.tree import Span

LINES = split_lines("é😋 = 1\r\n  two\r\nthree")


def numbers(found):
    return found.start.line, found.start.character, found.end.line, found.end.character


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", 6), ("utf-16", 3), ("utf-32", 2)])
def test_columns_are_in_the_editor_s_units(encoding, end):
    assert numbers(to_range(Span(1, 0, 1, 6), LINES, encoding)) == (0, 0, 0, end)


def test_places_outside_the_text_stay_inside_a_line():
    assert numbers(to_range(Span(3, 1, 3, 99), LINES, "utf-16")) == (2, 1, 2, 5)
    assert numbers(to_range(Span(9, 4, 9, 5), LINES, "utf-16")) == (8, 0, 8, 0)
    assert numbers(to_range(Span(0, 0, 0, 0), LINES, "utf-16")) == (0, 0, 0, 0)


def test_a_line_without_its_indent():
    assert numbers(line_range(2, LINES, "utf-16")) == (1, 2, 1, 5)
    assert numbers(line_range(7, LINES, "utf-16")) == (6, 0, 6, 0)


def test_drift_moves_lines():
    drift = Drift(LINES, ["new\n", *LINES])
    assert to_range(Span(2, 2, 2, 5), LINES, "utf-16", drift).start == types.Position(2, 2)
