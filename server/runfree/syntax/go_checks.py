"""What a Go test checks: the `if got != want { t.Errorf }` idiom, testify, quicktest, gocheck, gomega.

Go has no assertions; a failing branch asserts the opposite of its condition: kinds are read off the negation.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from runfree.syntax.nodes import Source, field, operands, span_of, unparenthesised
from runfree.syntax.tree import Assertion, AssertionKind

FAILING = frozenset({"Error", "Errorf", "Fatal", "Fatalf", "Fail", "FailNow"})
_EXPECTED = re.compile(
    r"(want|expect|exp$|exp[A-Z_.]|golden|(^|\.)(expected|output|out|result)$|^(tt|tc|test|tst|testCase|c|td)\.)",
    re.I,
)
_ACTUAL = re.compile(r"^(got|actual|res|result|have|ret|output|out)\w*", re.I)
_LITERALS = frozenset(
    {
        "int_literal",
        "float_literal",
        "interpreted_string_literal",
        "raw_string_literal",
        "rune_literal",
        "true",
        "false",
        "nil",
        "composite_literal",
    }
)
_SAME = frozenset({"DeepEqual", "Equal", "EqualFold", "EqualFunc", "Same", "Identical"})
_ORDERS = frozenset({"<", "<=", ">", ">="})

# testify and its look-alikes: name -> kind, index of expected, index of actual (counted after `t`).
_TESTIFY: dict[str, tuple[AssertionKind, int, int]] = {
    "Equal": ("equal", 0, 1),
    "EqualValues": ("equal", 0, 1),
    "EqualExportedValues": ("equal", 0, 1),
    "Exactly": ("equal", 0, 1),
    "JSONEq": ("equal", 0, 1),
    "YAMLEq": ("equal", 0, 1),
    "ElementsMatch": ("equal", 0, 1),
    "Same": ("equal", 0, 1),
    "NotEqual": ("not-equal", 0, 1),
    "NotEqualValues": ("not-equal", 0, 1),
    "NotSame": ("not-equal", 0, 1),
    "Nil": ("null", -1, 0),
    "NoError": ("null", -1, 0),
    "NotNil": ("not-null", -1, 0),
    "Error": ("raises", -1, 0),
    "EqualError": ("raises", -1, 0),
    "ErrorContains": ("raises", -1, 0),
    "ErrorIs": ("raises", 1, 0),
    "ErrorAs": ("raises", 1, 0),
    "NotErrorIs": ("not-equal", 1, 0),
    "Panics": ("raises", -1, 0),
    "PanicsWithValue": ("raises", -1, 1),
    "PanicsWithError": ("raises", -1, 1),
    "NotPanics": ("other", -1, 0),
    "True": ("true", -1, 0),
    "False": ("false", -1, 0),
    "Eventually": ("true", -1, 0),
    "Condition": ("true", -1, 0),
    "Empty": ("equal", -1, 0),
    "NotEmpty": ("not-equal", -1, 0),
    "Zero": ("equal", -1, 0),
    "NotZero": ("not-equal", -1, 0),
    "Len": ("equal", 1, 0),
    "Contains": ("contains", 1, 0),
    "NotContains": ("contains", 1, 0),
    "Subset": ("contains", 1, 0),
    "NotSubset": ("contains", 1, 0),
    "Regexp": ("contains", 0, 1),
    "NotRegexp": ("contains", 0, 1),
    "InDelta": ("approx", 0, 1),
    "InDeltaSlice": ("approx", 0, 1),
    "InEpsilon": ("approx", 0, 1),
    "WithinDuration": ("approx", 0, 1),
    "Greater": ("compare", 1, 0),
    "GreaterOrEqual": ("compare", 1, 0),
    "Less": ("compare", 1, 0),
    "LessOrEqual": ("compare", 1, 0),
    "Positive": ("compare", -1, 0),
    "Negative": ("compare", -1, 0),
    "IsType": ("type", 0, 1),
    "Implements": ("type", 0, 1),
    "Fail": ("fail", -1, -1),
    "FailNow": ("fail", -1, -1),
    "FileExists": ("other", -1, 0),
    "NoFileExists": ("other", -1, 0),
    "DirExists": ("other", -1, 0),
    "HTTPStatusCode": ("other", -1, 0),
    "AssertExpectations": ("mock", -1, -1),
    "AssertCalled": ("mock", -1, 0),
    "AssertNotCalled": ("mock", -1, 0),
    "AssertNumberOfCalls": ("mock", 1, 0),
}

# Checkers given as a value: quicktest (`qt.Equals`), gocheck (`Equals`), gomega (`Equal(x)`), by bare name.
_CHECKERS: dict[str, AssertionKind] = {
    "Equals": "equal",
    "Equal": "equal",
    "DeepEquals": "equal",
    "CmpEquals": "equal",
    "JSONEquals": "equal",
    "BeEquivalentTo": "equal",
    "HasLen": "equal",
    "HaveLen": "equal",
    "Not": "not-equal",
    "IsNil": "null",
    "BeNil": "null",
    "Succeed": "null",
    "IsNotNil": "not-null",
    "NotNil": "not-null",
    "IsTrue": "true",
    "BeTrue": "true",
    "IsFalse": "false",
    "BeFalse": "false",
    "ErrorMatches": "raises",
    "ErrorIs": "raises",
    "ErrorAs": "raises",
    "MatchError": "raises",
    "HaveOccurred": "raises",
    "Panics": "raises",
    "PanicMatches": "raises",
    "Panic": "raises",
    "Contains": "contains",
    "ContainSubstring": "contains",
    "ContainElement": "contains",
    "ConsistOf": "equal",
    "Matches": "contains",
    "BeEmpty": "equal",
    "BeNumerically": "compare",
    "FitsTypeOf": "type",
}


class Checks:
    """Recognises the checks of one function.

    Attributes:
        testers: local names known to be a testing.T.
        asserters: receivers known to assert: packages, `assert.New(t)` objects, suites.
        defined: local names -> the calls they were assigned from (`diff := cmp.Diff(want, got)`).
    """

    def __init__(self, source: Source, testers: set[str], asserters: set[str]) -> None:
        self._text = source.text
        self.testers = testers | {"t", "tb"}
        self.asserters = asserters | {"assert", "require"}
        self.defined: dict[str, Node] = {}

    def fails_test(self, call: Node) -> bool:
        """Whether a call is `t.Error`, `t.Fatalf`, ... on a name known to be a testing.T, or on `s.T()`."""
        function = field(call, "function")
        if function is None or function.type != "selector_expression":
            return False
        if self._text(field(function, "field")) not in FAILING:
            return False
        receiver = self._text(field(function, "operand"))
        return receiver in self.testers or receiver.endswith(".T()")

    def failing_call(self, block: Node | None) -> Node | None:
        """The first call directly in a block (not in a nested one) that fails the test."""
        for statement in self._statements(block):
            if statement.type == "expression_statement":
                for expression in operands(statement):
                    if expression.type == "call_expression" and self.fails_test(expression):
                        return expression
        return None

    def negated_condition(self, condition: Node, holds: bool, place: Node) -> list[Assertion]:
        """What is asserted where a test fails if `condition` is false (`holds`) or true (not `holds`)."""
        found: list[Assertion] = []
        stack = [(condition, holds)]
        while stack:
            node, wanted = stack.pop()
            node = unparenthesised(node)
            operator = self._text(field(node, "operator"))
            if node.type == "unary_expression" and operator == "!":
                inner = field(node, "operand")
                if inner is not None:
                    stack.append((inner, not wanted))
                continue
            if node.type == "binary_expression" and operator == ("&&" if wanted else "||"):
                # All of `a && b` must hold; where it fails on `a || b`, neither may.
                stack.extend(
                    (side, wanted) for side in (field(node, "right"), field(node, "left")) if side is not None
                )
                continue
            found.append(self._single(node, operator, wanted, place))
        return found

    def library_call(self, name: str, receiver: str, arguments: list[Node], call: Node) -> Assertion | None:
        """The check made by a call of an assertion library or of a helper named like one; None for others."""
        texts = [self._text(a) for a in arguments]
        takes_t = bool(texts) and (texts[0] in self.testers or texts[0].endswith(".T()"))
        if receiver.split(".")[-1] in {"Require()", "Assert()"} or receiver in self.asserters:
            if takes_t:
                texts = texts[1:]
            entry = _TESTIFY.get(name) or _TESTIFY.get(name.removesuffix("f"))
            if entry:
                return self._from_table(name, entry, texts, call)
        if name in {"Assert", "Check"} and (receiver in self.testers or takes_t):
            rest = texts[1:] if takes_t else texts
            if len(rest) == 1:  # gotest.tools: assert.Assert(t, a == b)
                return Assertion("true", rest[0], "", "", span_of(call))
            if len(rest) >= 2:
                checker, _, inner = rest[1].partition("(")
                kind = _CHECKERS.get(checker.split(".")[-1])
                if kind:
                    expected = rest[2] if len(rest) > 2 else inner.rstrip(")")
                    return Assertion(kind, rest[0], expected, "", span_of(call))
        if name in {"To", "Should", "ToNot", "NotTo", "ShouldNot"} and re.match(
            r"(\w+\.)?(Expect|Ω|Eventually)\(", receiver
        ):
            return self._gomega(name, receiver, texts, call)
        if takes_t and not receiver and re.match(r"(assert|check|require|expect|verify|must)", name, re.I):
            if re.search(r"equal|eq$|same", name, re.I) and len(texts) >= 3:
                return Assertion("equal", texts[1], texts[2], "", span_of(call))
            return Assertion("other", ", ".join(texts[1:]), "", "", span_of(call))
        return None

    def _statements(self, block: Node | None) -> list[Node]:
        """Statements of a block."""
        return [
            s
            for child in operands(block)
            for s in (operands(child) if child.type == "statement_list" else [child])
        ]

    def _single(self, node: Node, operator: str, wanted: bool, place: Node) -> Assertion:
        """The assertion that one condition without && and || must (not) hold."""
        span = span_of(place)
        text = self._text(node)
        left, right = field(node, "left"), field(node, "right")
        if node.type == "binary_expression" and left is not None and right is not None:
            if operator in {"==", "!="}:
                return self._equality(
                    unparenthesised(left), unparenthesised(right), (operator == "==") == wanted, place
                )
            if operator in _ORDERS:
                kind: AssertionKind = "approx" if "Abs(" in text else "compare"
                return Assertion(kind, self._text(left), self._text(right), "", span)
            return Assertion("other", text, "", "", span)
        if node.type == "call_expression":
            function = field(node, "function")
            name = self._text(function).split(".")[-1]
            arguments = operands(field(node, "arguments"))
            texts = [self._text(a) for a in arguments]
            if name in _SAME and len(arguments) >= 2:
                expected, actual = self._sides(arguments[0], arguments[1])
                return Assertion("equal" if wanted else "not-equal", actual, expected, "", span)
            if name in _SAME and len(texts) == 1 and function is not None:
                return Assertion(
                    "equal" if wanted else "not-equal",
                    self._text(field(function, "operand")),
                    texts[0],
                    "",
                    span,
                )
            if name in {"Contains", "HasPrefix", "HasSuffix", "MatchString"} and len(texts) == 2:
                actual, expected = (texts[1], texts[0]) if name == "MatchString" else (texts[0], texts[1])
                return Assertion("contains", actual, expected, "", span)
            if name in {"Is", "As"} and len(texts) == 2:
                return Assertion("raises" if wanted else "not-equal", texts[0], texts[1], "", span)
        return Assertion("true" if wanted else "false", text, "", "", span)

    def _equality(self, left: Node, right: Node, same: bool, place: Node) -> Assertion:
        """The assertion that two expressions must be the same, or must differ."""
        span = span_of(place)
        for side, other in ((left, right), (right, left)):
            text = self._text(other)
            if side.type == "nil":
                looks_like_error = re.search(r"(^|[._])(e|.*err|.*error)$", text, re.I) is not None
                if same:
                    return Assertion("null", text, "nil", "", span)
                call = self.defined.get(text)
                if call is not None and self._text(field(call, "function")) == "recover":
                    return Assertion("raises", "", "panic", "", span)
                return Assertion("raises" if looks_like_error else "not-null", text, "error", "", span)
            source = other if other.type == "call_expression" else self.defined.get(text)
            if self._text(side) in {'""', "``"} and source is not None and same:
                name = self._text(field(source, "function")).split(".")[-1]
                arguments = operands(field(source, "arguments"))
                if name == "Diff" and len(arguments) >= 2:
                    expected, actual = self._sides(arguments[0], arguments[1])
                    return Assertion("equal", actual, expected, "", span)
            if side.type in {"true", "false"}:
                return Assertion("true" if (side.type == "true") == same else "false", text, "", "", span)
        expected, actual = self._sides(right, left)
        if same and re.search(r"\.Error\(\)$", actual):
            return Assertion("raises", actual.removesuffix(".Error()"), "error", expected, span)
        return Assertion("equal" if same else "not-equal", actual, expected, "", span)

    def _sides(self, first: Node, second: Node) -> tuple[str, str]:
        """(expected, actual) of two compared expressions; the first is expected where nothing tells."""
        a, b = self._text(first), self._text(second)
        if self._is_expected(second) > self._is_expected(first):
            return b, a
        return a, b

    def _is_expected(self, node: Node) -> int:
        """How much an expression looks like an expected value."""
        text = self._text(node)
        if node.type in _LITERALS:
            return 3
        if node.type == "unary_expression" and all(c.type in _LITERALS for c in operands(node)):
            return 3
        if _ACTUAL.match(text):
            return 0
        return 2 if _EXPECTED.search(text) else 1

    def _from_table(
        self, name: str, entry: tuple[AssertionKind, int, int], texts: list[str], call: Node
    ) -> Assertion:
        """A testify call as an assertion."""
        kind, expected_at, actual_at = entry
        expected = texts[expected_at] if 0 <= expected_at < len(texts) else ""
        actual = texts[actual_at] if 0 <= actual_at < len(texts) else ""
        message = ""
        base = name.removesuffix("f") if name not in _TESTIFY else name
        if base == "Len":
            actual = f"len({actual})"
        elif base == "Zero":
            expected = "0"
        elif base in {"Error", "EqualError", "ErrorContains"}:
            expected = "error"
            message = texts[1] if base != "Error" and len(texts) > 1 else ""
        elif base.startswith("Panics"):
            expected = "panic"
            message = texts[0] if base != "Panics" and texts else ""
        return Assertion(kind, actual, expected, message, span_of(call))

    def _gomega(self, name: str, receiver: str, texts: list[str], call: Node) -> Assertion | None:
        """`Expect(actual).To(Equal(expected))` as an assertion."""
        actual = receiver.partition("(")[2].removesuffix(")")
        checker, _, inner = (texts[0] if texts else "").partition("(")
        kind = _CHECKERS.get(checker.split(".")[-1], "other")
        if "Not" in name:
            opposite: dict[AssertionKind, AssertionKind] = {
                "equal": "not-equal",
                "null": "not-null",
                "true": "false",
                "false": "true",
                "raises": "null",
            }
            kind = opposite.get(kind, kind)
        return Assertion(kind, actual, inner.removesuffix(")"), "", span_of(call))
