"""Reads the checks of Python tests: assert statements by shape, pytest, unittest, mock and numpy."""

from __future__ import annotations

import re
from collections.abc import Callable

from tree_sitter import Node

from runfree.syntax.tree import Assertion, AssertionKind, Call, Span

Text = Callable[[Node], str]

_STRING = re.compile(r"""^[rRuUbB]{0,2}("{3}|'{3}|"|')(.*)\1$""", re.DOTALL)
_LITERALS = frozenset(
    {"string", "integer", "float", "true", "false", "none", "list", "dictionary", "tuple", "set"}
)
_LITERALS |= {"concatenated_string", "unary_operator"}

# unittest.TestCase's methods: kind, index of what is looked at, index of what is expected (-1: none).
_UNITTEST: dict[str, tuple[AssertionKind, int, int]] = {
    "assertEqual": ("equal", 0, 1),
    "assertEquals": ("equal", 0, 1),
    "assertNotEqual": ("not-equal", 0, 1),
    "assertTrue": ("true", 0, -1),
    "assertFalse": ("false", 0, -1),
    "assertIs": ("equal", 0, 1),
    "assertIsNot": ("not-equal", 0, 1),
    "assertIsNone": ("null", 0, -1),
    "assertIsNotNone": ("not-null", 0, -1),
    "assertIn": ("contains", 1, 0),
    "assertNotIn": ("contains", 1, 0),
    "assertIsInstance": ("type", 0, 1),
    "assertNotIsInstance": ("type", 0, 1),
    "assertAlmostEqual": ("approx", 0, 1),
    "assertNotAlmostEqual": ("approx", 0, 1),
    "assertGreater": ("compare", 0, 1),
    "assertGreaterEqual": ("compare", 0, 1),
    "assertLess": ("compare", 0, 1),
    "assertLessEqual": ("compare", 0, 1),
    "assertRegex": ("contains", 0, 1),
    "assertNotRegex": ("contains", 0, 1),
    "assertCountEqual": ("equal", 0, 1),
    "assertMultiLineEqual": ("equal", 0, 1),
    "assertSequenceEqual": ("equal", 0, 1),
    "assertListEqual": ("equal", 0, 1),
    "assertTupleEqual": ("equal", 0, 1),
    "assertSetEqual": ("equal", 0, 1),
    "assertDictEqual": ("equal", 0, 1),
    "assert_equal": ("equal", 0, 1),
    "assert_array_equal": ("equal", 0, 1),
    "assert_frame_equal": ("equal", 0, 1),
    "assert_series_equal": ("equal", 0, 1),
    "assert_allclose": ("approx", 0, 1),
    "assert_almost_equal": ("approx", 0, 1),
    "assert_array_almost_equal": ("approx", 0, 1),
    "assert_called": ("mock", -1, -1),
    "assert_called_once": ("mock", -1, -1),
    "assert_called_with": ("mock", -1, 0),
    "assert_called_once_with": ("mock", -1, 0),
    "assert_any_call": ("mock", -1, 0),
    "assert_has_calls": ("mock", -1, 0),
    "assert_not_called": ("mock", -1, -1),
    "assert_awaited": ("mock", -1, -1),
    "assert_awaited_once": ("mock", -1, -1),
    "assert_awaited_with": ("mock", -1, 0),
    "assert_awaited_once_with": ("mock", -1, 0),
    "assert_not_awaited": ("mock", -1, -1),
}
_RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex", "assertRaisesRegexp", "assert_raises"})
_WARNS = frozenset({"warns", "assertWarns", "assertWarnsRegex", "deprecated_call", "assertLogs"})
_FAILS = frozenset({"fail"})


def unquoted(text: str) -> str:
    """The value of a plain string literal's source text, "" for anything else."""
    match = _STRING.match(text)
    return match.group(2) if match else ""


def read_call_assertion(call: Call) -> Assertion | None:
    """The check that a call makes, None where it makes none."""
    name = call.name
    arguments = [a for a in call.arguments if not _keyword(a, call.keywords)]
    if name in _RAISES and (call.receiver in ("pytest", "") or name != "raises"):
        return Assertion(
            "raises", _actual_of_raises(arguments), _first(arguments), _message(call, arguments), call.span
        )
    if name in _WARNS:
        return Assertion("other", "", _first(arguments), _message(call, arguments), call.span)
    if name in _FAILS and call.receiver in ("pytest", "self"):
        return Assertion("fail", "", "", unquoted(_first(arguments)), call.span)
    known = _UNITTEST.get(name)
    if known is None:
        if name.startswith(("assert_", "assert")) and name != "assert":
            return Assertion("other", _first(arguments), "", "", call.span)
        return None
    kind, actual, expected = known
    if kind == "mock":
        return Assertion(
            kind, call.receiver, ", ".join(call.arguments) if expected >= 0 else "", "", call.span
        )
    left = arguments[actual] if actual < len(arguments) else ""
    right = arguments[expected] if 0 <= expected < len(arguments) else ""
    if kind == "equal" and _is_literal_text(left) and not _is_literal_text(right):
        left, right = right, left
    return Assertion(kind, left, right, "", call.span)


def read_assert(text: Text, node: Node, span: Span) -> Assertion | None:
    """The check of one assert statement, None where it is not yet written."""
    parts = [child for child in node.named_children if child.type != "comment"]
    if not parts:
        return None
    message = text(parts[1]) if len(parts) > 1 else ""
    test = parts[0]
    negated = False
    for _ in range(20):
        if test.type == "parenthesized_expression" and test.named_child_count == 1:
            test = test.named_children[0]
        elif test.type == "not_operator" and test.named_child_count == 1:
            negated = not negated
            test = test.named_children[0]
        else:
            break
    if test.type == "comparison_operator":
        return _comparison(text, test, message, span, negated)
    if test.type == "false" and not negated:
        return Assertion("fail", "", "", message, span)
    if test.type == "call":
        function = test.child_by_field_name("function")
        arguments = test.child_by_field_name("arguments")
        name = text(function) if function is not None else ""
        texts = [text(child) for child in arguments.named_children] if arguments is not None else []
        if name in ("isinstance", "issubclass") and len(texts) == 2:
            return Assertion("type", texts[0], texts[1], message, span)
        if name.split(".")[-1] in ("isclose", "allclose") and len(texts) >= 2:
            return Assertion("approx", texts[0], texts[1], message, span)
    return Assertion("false" if negated else "true", text(test), "", message, span)


def _comparison(text: Text, test: Node, message: str, span: Span, negated: bool) -> Assertion:
    operands = [child for child in test.named_children if child.type != "comment"]
    operators = [child.type for child in test.children if not child.is_named]
    if len(operands) != 2:
        return Assertion("compare", text(test), "", message, span)
    left, right = operands
    operator = " ".join(operators).replace("isnot", "is not")
    if operator in ("==", "is") and left.type in _LITERALS and right.type not in _LITERALS:
        left, right = right, left
    kind: AssertionKind
    if operator in ("in", "not in"):
        return Assertion("contains", text(right), text(left), message, span)
    if operator in ("is", "is not") and right.type in ("none", "true", "false"):
        positive = (operator == "is") != negated
        kind = "null" if right.type == "none" else "true" if right.type == "true" else "false"
        opposite: dict[str, AssertionKind] = {"null": "not-null", "true": "false", "false": "true"}
        return Assertion(kind if positive else opposite[kind], text(left), text(right), message, span)
    if operator in ("==", "is", "!=", "is not"):
        positive = (operator in ("==", "is")) != negated
        kind = "equal" if positive else "not-equal"
        if _is_approx(text(left)) or _is_approx(text(right)):
            kind = "approx"
        return Assertion(kind, text(left), text(right), message, span)
    return Assertion("compare", text(left), f"{operator} {text(right)}", message, span)


def _is_approx(text: str) -> bool:
    return text.startswith(("pytest.approx(", "approx("))


def _keyword(argument: str, keywords: tuple[str, ...]) -> bool:
    return any(argument.startswith(key) and argument[len(key) :].lstrip().startswith("=") for key in keywords)


def _first(arguments: list[str]) -> str:
    return arguments[0] if arguments else ""


def _actual_of_raises(arguments: list[str]) -> str:
    # The old form: pytest.raises(Error, function, *args) / assertRaises(Error, function, *args).
    return ", ".join(arguments[1:]) if len(arguments) > 1 else ""


def _message(call: Call, arguments: list[str]) -> str:
    for argument in call.arguments:
        if argument.startswith("match") and argument[5:].lstrip().startswith("="):
            return unquoted(argument.split("=", 1)[1].strip())
    if call.name.endswith(("Regex", "Regexp")) and len(arguments) > 1:
        return unquoted(arguments[1])
    return ""


def _is_literal_text(text: str) -> bool:
    return bool(text) and (text[0] in "\"'[{0123456789" or text in ("True", "False", "None"))
