"""What a Java test checks: JUnit 3/4/5, TestNG, Hamcrest, AssertJ, Truth and Mockito calls as assertions."""

from __future__ import annotations

import re

from tree_sitter import Node

from runfree.syntax.nodes import Source, field, operands, span_of
from runfree.syntax.tree import Assertion, AssertionKind, Span

_RECEIVERS = frozenset(
    {"", "this", "Assert", "Assertions", "TestCase", "MatcherAssert", "Truth", "AssertJUnit"}
)
_PAIRS: dict[str, AssertionKind] = {
    "assertEquals": "equal",
    "assertSame": "equal",
    "assertArrayEquals": "equal",
    "assertIterableEquals": "equal",
    "assertLinesMatch": "equal",
    "assertEqualsNoOrder": "equal",
    "assertNotEquals": "not-equal",
    "assertNotSame": "not-equal",
}
_SINGLES: dict[str, AssertionKind] = {
    "assertTrue": "true",
    "assertFalse": "false",
    "assertNull": "null",
    "assertNotNull": "not-null",
}
_CHAIN: dict[str, AssertionKind] = {
    "isEqualTo": "equal",
    "isSameAs": "equal",
    "isSameInstanceAs": "equal",
    "isEqualByComparingTo": "equal",
    "isEqualToIgnoringCase": "equal",
    "isEqualToComparingFieldByField": "equal",
    "containsExactly": "equal",
    "containsExactlyInAnyOrder": "equal",
    "containsExactlyElementsIn": "equal",
    "containsOnly": "equal",
    "hasSameElementsAs": "equal",
    "hasSize": "equal",
    "hasLength": "equal",
    "hasToString": "equal",
    "hasValue": "equal",
    "isZero": "equal",
    "isEmpty": "equal",
    "isNotEqualTo": "not-equal",
    "isNotSameAs": "not-equal",
    "isNotEmpty": "not-equal",
    "isNotZero": "not-equal",
    "isTrue": "true",
    "isPresent": "true",
    "isNotPresent": "false",
    "isFalse": "false",
    "isNull": "null",
    "isNotNull": "not-null",
    "contains": "contains",
    "containsKey": "contains",
    "containsKeys": "contains",
    "containsEntry": "contains",
    "containsValue": "contains",
    "containsSequence": "contains",
    "containsAll": "contains",
    "doesNotContain": "contains",
    "startsWith": "contains",
    "endsWith": "contains",
    "matches": "contains",
    "isIn": "contains",
    "isInstanceOf": "type",
    "isExactlyInstanceOf": "type",
    "isCloseTo": "approx",
    "isWithin": "approx",
    "isGreaterThan": "compare",
    "isGreaterThanOrEqualTo": "compare",
    "isLessThan": "compare",
    "isLessThanOrEqualTo": "compare",
    "isAtLeast": "compare",
    "isAtMost": "compare",
    "isBetween": "compare",
    "isPositive": "compare",
    "isNegative": "compare",
    "isAfter": "compare",
    "isBefore": "compare",
    "satisfies": "other",
    "allMatch": "other",
    "anyMatch": "other",
    "noneMatch": "other",
    "doesNotThrowAnyException": "other",
}
_MATCHERS: dict[str, AssertionKind] = {
    "is": "equal",
    "equalTo": "equal",
    "sameInstance": "equal",
    "contains": "equal",
    "containsInAnyOrder": "equal",
    "arrayContaining": "equal",
    "hasSize": "equal",
    "hasLength": "equal",
    "hasToString": "equal",
    "empty": "equal",
    "emptyString": "equal",
    "not": "not-equal",
    "nullValue": "null",
    "notNullValue": "not-null",
    "hasItem": "contains",
    "hasItems": "contains",
    "hasKey": "contains",
    "hasEntry": "contains",
    "hasValue": "contains",
    "containsString": "contains",
    "startsWith": "contains",
    "endsWith": "contains",
    "matchesPattern": "contains",
    "instanceOf": "type",
    "isA": "type",
    "any": "type",
    "closeTo": "approx",
    "greaterThan": "compare",
    "greaterThanOrEqualTo": "compare",
    "lessThan": "compare",
    "lessThanOrEqualTo": "compare",
}
_THROWN_ROOTS = re.compile(
    r"^(assertThatThrownBy|thenThrownBy|assertThatExceptionOfType|assertThat(\w*Exception))$"
)
_ROOTS = frozenset({"assertThat", "then", "that", "assertThatCode", "assertThatObject", "expectThat"})


class Checks:
    """Recognises checks; `junit4` and `testng` say which argument order the file's imports mean."""

    def __init__(self, source: Source, junit4: bool, testng: bool) -> None:
        self._text = source.text
        self._junit4 = junit4
        self._testng = testng
        self._seen: set[int] = set()  # ids of links that an outer call of their chain accounts for
        self._plain: set[int] = set()  # ids of links of chains that check nothing

    def consume(self, call: Node) -> None:
        """Says that something else already accounts for a call."""
        self._seen.add(call.id)

    def of_call(self, call: Node, name: str, receiver: str, arguments: list[Node]) -> list[Assertion]:
        """The checks a call makes, with those of the chain it ends."""
        if call.id in self._seen:
            return []
        span = span_of(call)
        texts = [self._text(a) for a in arguments]
        last = receiver.rpartition(".")[2]
        chained = field(call, "object")
        if chained is not None and chained.type == "method_invocation" and call.id not in self._plain:
            found = self._chain(call, span)
            if found is not None:
                return found
        if last in _RECEIVERS or not receiver:
            single = self._static(name, arguments, texts, span)
            if single is not None:
                return [single]
        if name in {"verifyNoMoreInteractions", "verifyZeroInteractions", "verifyNoInteractions"}:
            return [Assertion("mock", ", ".join(texts), "", "", span)]
        if name == "expect" and len(texts) == 1 and texts[0].endswith(".class"):  # ExpectedException rule
            return [Assertion("raises", "", texts[0].removesuffix(".class"), "", span)]
        if name == "expectMessage" and texts:
            return [Assertion("raises", "", "", texts[0], span)]
        return []

    def _static(self, name: str, arguments: list[Node], texts: list[str], span: Span) -> Assertion | None:
        """assertEquals(...) and its siblings."""
        if name in _PAIRS and len(texts) >= 2:
            first = 1 if len(texts) > 2 and self._is_message(arguments[0]) else 0
            expected, actual = texts[first], texts[first + 1]
            if self._testng:
                expected, actual = actual, expected
            kind = _PAIRS[name]
            rest = arguments[first + 2 :]
            if kind == "equal" and rest and rest[0].type == "decimal_floating_point_literal":
                kind = "approx"
            return Assertion(kind, actual, expected, "", span)
        if name in _SINGLES and texts:
            at = 1 if self._junit4 and len(texts) > 1 and not self._testng else 0
            return Assertion(_SINGLES[name], texts[at], "", "", span)
        if name in {"assertThrows", "assertThrowsExactly", "expectThrows"} and len(texts) >= 2:
            at = next((i for i, t in enumerate(texts) if t.endswith(".class")), 0)
            actual = texts[at + 1] if at + 1 < len(texts) else ""
            return Assertion("raises", actual, texts[at].removesuffix(".class"), "", span)
        if name == "assertInstanceOf" and len(texts) >= 2:
            return Assertion("type", texts[1], texts[0].removesuffix(".class"), "", span)
        if name == "assertThat" and len(texts) >= 2:
            return self._hamcrest(arguments[-1], texts[-2], span)
        if name == "fail":
            return Assertion("fail", "", "", texts[0] if texts else "", span)
        if name == "assertAll" or name in _ROOTS:
            return None  # its lambdas are read on their own; a bare assertThat(x) checks nothing
        if re.match(r"assert[A-Z]", name):
            return Assertion("other", ", ".join(texts), "", "", span)
        return None

    def _is_message(self, argument: Node) -> bool:
        """Whether a first argument is JUnit 4's message: a string literal or a concatenation that starts with one."""
        if not self._junit4:
            return False
        while argument.type == "binary_expression":
            left = field(argument, "left")
            if left is None:
                break
            argument = left
        return argument.type == "string_literal" or self._text(argument).startswith("String.format(")

    def _hamcrest(self, matcher: Node, actual: str, span: Span) -> Assertion:
        """assertThat(actual, matcher)."""
        negated = False
        for _ in range(4):  # is(not(nullValue()))
            if matcher.type != "method_invocation":
                break
            name = self._text(field(matcher, "name"))
            inner = operands(field(matcher, "arguments"))
            if (
                name in {"is", "not", "describedAs", "equalTo"}
                and inner
                and inner[-1].type == "method_invocation"
            ):
                nested = self._text(field(inner[-1], "name"))
                if nested in _MATCHERS:
                    negated ^= name == "not"
                    matcher = inner[-1]
                    continue
            kind = _MATCHERS.get(name, "other")
            texts = [self._text(a) for a in inner]
            expected = ", ".join(texts)
            if kind == "equal" and name in {"is", "equalTo"} and texts in (["true"], ["false"]):
                kind = "true" if (texts == ["true"]) != negated else "false"
                return Assertion(kind, actual, "", "", span)
            if name in {"hasSize", "hasLength"}:
                actual += ".size()" if name == "hasSize" else ".length()"
            return Assertion(
                _negate(kind) if negated else kind, actual, expected.removesuffix(".class"), "", span
            )
        return Assertion("other", actual, self._text(matcher), "", span)

    def _chain(self, call: Node, span: Span) -> list[Assertion] | None:
        """assertThat(actual).isEqualTo(expected)..., verify(mock).method(...); None where the chain is neither."""
        links: list[tuple[str, list[Node], Node]] = []
        node: Node | None = call
        while node is not None and node.type == "method_invocation":
            links.append((self._text(field(node, "name")), operands(field(node, "arguments")), node))
            node = field(node, "object")
        links.reverse()
        names = [name for name, _, _ in links]
        start = next((i for i, n in enumerate(names) if n in _ROOTS or _THROWN_ROOTS.match(n)), None)
        if start is None:
            if "verify" in names[:-1] and names.index("verify") == len(names) - 2:
                self._seen.update(n.id for _, _, n in links)
                mock, *mode = [self._text(a) for a in links[-2][1]] or [""]
                arguments = ", ".join(self._text(a) for a in links[-1][1])
                return [Assertion("mock", f"{mock}.{names[-1]}({arguments})", "".join(mode), "", span)]
            self._plain.update(n.id for _, _, n in links[2:])  # verify(mock).method() may still start one
            return None
        self._seen.update(n.id for _, _, n in links)
        root, arguments_of_root, _ = links[start]
        subject = self._text(arguments_of_root[0]) if arguments_of_root else ""
        rest = [(name, [self._text(a) for a in arguments]) for name, arguments, _ in links[start + 1 :]]
        exception = _THROWN_ROOTS.match(root)
        if exception or (root == "assertThatCode" and "doesNotThrowAnyException" not in names):
            return [_thrown(exception.group(2) if exception else None, root, subject, rest, span)]
        found = []
        for name, texts in rest:
            kind = _CHAIN.get(name)
            if kind is None:
                continue
            actual = f"{subject}.size()" if name == "hasSize" else subject
            expected = "0" if name == "isZero" else ", ".join(texts)
            found.append(Assertion(kind, actual, expected.removesuffix(".class"), "", span))
        return found


def _thrown(
    named: str | None, root: str, subject: str, rest: list[tuple[str, list[str]]], span: Span
) -> Assertion:
    """An AssertJ chain about an exception as one assertion."""
    expected, message, actual = named or "", "", subject
    if root == "assertThatExceptionOfType":
        expected, actual = subject.removesuffix(".class"), ""
    for name, texts in rest:
        first = texts[0] if texts else ""
        if name in {"isInstanceOf", "isExactlyInstanceOf"}:
            expected = first.removesuffix(".class")
        elif name.startswith(("hasMessage", "withMessage")):
            message = first
        elif name == "isThrownBy":
            actual = first
    return Assertion("raises", actual, expected, message, span)


def _negate(kind: AssertionKind) -> AssertionKind:
    """The kind of the opposite check, where there is one."""
    opposite: dict[AssertionKind, AssertionKind] = {
        "equal": "not-equal",
        "not-equal": "equal",
        "null": "not-null",
        "not-null": "null",
    }
    return opposite.get(kind, kind)
