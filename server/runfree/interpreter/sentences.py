"""Sentences for the developer: what an assertion expects and what the code gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runfree.interpreter import ir
from runfree.interpreter.budget import Stop
from runfree.interpreter.values import MISSING, Thrown, Value

if TYPE_CHECKING:
    from runfree.interpreter.python_evaluator import PythonEvaluator

MAX_SHOWN = 60


def shorten(text: str, limit: int = MAX_SHOWN) -> str:
    """A text on one line, cut in the middle where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 15] + " ... " + text[-10:]


def source(node: ir.Node, text: bytes) -> str:
    """The source text of a node, in short."""
    return shorten(text[node.pos : node.end].decode(errors="replace"))


def unequal(wanted: str, actual: str, got: str, where: str) -> str:
    """What an equality expects and what the code gives; a bare name (`actual`: its source text) *is* a value."""
    return f"expects {wanted}, but {actual} {'is' if actual.isidentifier() else 'gives'} {got}{where}"


def show(ev: PythonEvaluator, value: Value) -> str:
    """A value as the language shows it, "" where it has no known text."""
    try:
        shown = ev.show(value)
    except (Thrown, Stop):
        return ""
    return shorten(shown) if isinstance(shown, str) else ""


def comparison_sentence(ev: PythonEvaluator, node: ir.Assert, values: list[Value], text: bytes) -> str:
    """`expects 41, but total([30, 10], tax=5) gives 42 (cart.py:18)` of a failing assertion."""
    left, right, place = values
    where = f" ({place[0].rsplit('/', 1)[-1]}:{place[1]})" if place else ""
    test = node.test
    if not isinstance(test, ir.Compare) or right is MISSING:
        return f"{source(test, text)} is not true{where}"
    op, right_node = test.rest[0]
    expected, actual, actual_node = right, left, test.left
    if isinstance(test.left, ir.Const) and not isinstance(right_node, ir.Const):
        expected, actual, actual_node = left, right, right_node
    wanted, got = show(ev, expected), show(ev, actual)
    if op == "==" and wanted and got:
        return unequal(wanted, source(actual_node, text), got, where)
    if op == "is" and got:
        return f"expects {wanted or 'another object'}, but {source(actual_node, text)} is {got}{where}"
    return (
        f"{source(test, text)} is not true"
        + (f": the left side is {show(ev, left)}" if show(ev, left) else "")
        + where
    )
