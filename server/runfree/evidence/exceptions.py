"""Tests that expect an error which the focal code, as far as the test reaches it, never raises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runfree.canonical import Case
from runfree.evidence.fact import fact
from runfree.evidence.reach import reached_functions
from runfree.sample import Evidence
from runfree.syntax.tree import Assertion, Function

# Raised by the language itself, at places that no `raise` shows.
_IMPLICIT: Final = frozenset(
    {
        *(
            "TypeError",
            "AttributeError",
            "IndexError",
            "KeyError",
            "LookupError",
            "ZeroDivisionError",
            "NameError",
        ),
        *(
            "OverflowError",
            "ArithmeticError",
            "RecursionError",
            "AssertionError",
            "StopIteration",
            "Exception",
        ),
        *("BaseException", "UnboundLocalError", "UnicodeError", "UnicodeDecodeError", "UnicodeEncodeError"),
        *(
            "MemoryError",
            "ImportError",
            "ModuleNotFoundError",
            "StopAsyncIteration",
            "GeneratorExit",
            "Throwable",
        ),
        *("NullPointerException", "ArithmeticException", "IndexOutOfBoundsException", "ClassCastException"),
        *("ArrayIndexOutOfBoundsException", "StringIndexOutOfBoundsException", "NegativeArraySizeException"),
        *("StackOverflowError", "OutOfMemoryError", "RuntimeException", "Error", "NumberFormatException"),
        *("ArrayStoreException", "ConcurrentModificationException", "UnsupportedOperationException"),
    }
)
# Builtins that raise nothing but the implicit errors when given what tests give them.
_HARMLESS: Final = frozenset(
    {
        *(
            "len",
            "str",
            "repr",
            "isinstance",
            "issubclass",
            "print",
            "sorted",
            "list",
            "dict",
            "set",
            "tuple",
        ),
        *("enumerate", "zip", "reversed", "abs", "any", "all", "bool", "type", "super", "hasattr", "format"),
        *("append", "extend", "items", "keys", "values", "get", "lower", "upper", "strip", "startswith"),
        *("endswith", "replace", "copy", "add", "sum", "filter", "map", "frozenset", "id", "iter"),
        *("equals", "length", "size", "isEmpty", "contains", "toString", "println", "put", "hashCode"),
    }
)

# Expected errors looked at in one candidate.
_MAX_EXPECTED: Final = 20
# A test that makes the error itself, by a mock or a function that it hands over.
_THROWS: Final = re.compile(r"(?i)\bthrow\b|\braise\b|side_effect|thenThrow|doThrow|\bmock|patch|spy\(")


def errors_never_raised(case: Case) -> Iterator[Evidence]:
    """Expected errors that nothing within reach of the candidate raises, and messages that none of them has."""
    if case.language == "go" or case.candidate.has_error:
        return
    expected = [assertion for assertion in case.candidate.assertions if assertion.kind == "raises"]
    for assertion in expected[:_MAX_EXPECTED]:
        names = [name for name in re.findall(r"[A-Za-z_]\w*", assertion.expected) if name != "class"]
        name = names[-1] if len(names) == 1 or "." in assertion.expected else ""
        if not name or "(" in assertion.expected:
            continue
        yield from _judge(case, assertion, name)


def _judge(case: Case, assertion: Assertion, name: str) -> Iterator[Evidence]:
    if name in _IMPLICIT or not _only_focal(case, assertion) or _THROWS.search(case.candidate.text):
        return
    reached = reached_functions(case, [case.candidate])
    if not reached or not _is_closed(case, reached, name):
        return
    raised = [r for f in case.focal.functions for r in f.raises if _last(r.type) == name]
    if not raised:
        message = f"expects `{name}`, which nothing it reaches in the focal file raises"
        yield fact(case, "error-never-raised", message, "fails", assertion.span)
        return
    messages = [r.message for f in reached for r in f.raises if _last(r.type) == name]
    if case.language != "python" or not assertion.message or not messages or not all(messages):
        return
    if not any(_matches(assertion.message, message) for message in messages):
        message = f"expects `{name}` with a message that none of those in the focal file matches"
        yield fact(case, "message-never-used", message, "fails", assertion.span)


def _only_focal(case: Case, assertion: Assertion) -> bool:
    """Whether the code that is expected to fail calls the focal file and nothing else that could fail."""
    at = assertion.span.start_line
    blocks = [
        b.body for b in case.candidate.branches if b.kind == "with" and b.line <= at <= b.body.start_line
    ]
    own = _own_names(case)
    calls = [
        call
        for call in case.candidate.calls
        if call.span != assertion.span
        and (
            assertion.span.start_byte <= call.span.start_byte < assertion.span.end_byte
            or any(block.start_byte <= call.span.start_byte < block.end_byte for block in blocks)
        )
    ]
    named = any(call.name in own for call in calls)
    named = named or any(name in own for name in re.findall(r"\w+", assertion.actual))
    return named and all(call.name in own or call.name in _HARMLESS for call in calls)


def _own_names(case: Case) -> set[str]:
    return {f.name for f in case.focal.functions} | {c.name for c in case.focal.classes}


def _is_closed(case: Case, reached: list[Function], name: str) -> bool:
    """Whether the error could come from nowhere else: no reached function calls what the focal file does not show."""
    own = _own_names(case)
    bases = {_last(base) for cls in case.focal.classes for base in cls.bases}
    foreign = {item.binds for item in case.focal.imports}
    children = {c.name for c in case.focal.classes if name in {_last(base) for base in c.bases}}
    if children or name in bases:
        return False
    if re.search(r"(?m)^\s*raise\s*$|\braise \w+\s*$|\bthrow \w+;", case.focal.text):
        return False  # raises again what it caught or was given
    for function in reached:
        if function.decorators and case.language == "python":
            return False
        if function.is_abstract or any(
            c.bases for c in case.focal.classes if c.qualified_name == function.owner
        ):
            return False  # what is inherited or left to subclasses does not show
        if any(not _last(r.type)[:1].isupper() for r in function.raises):
            return False  # `throw make()`, `raise error`: what that is does not show
        for call in function.calls:
            root = re.split(r"\W", call.receiver, maxsplit=1)[0]
            if root in foreign or (root[:1].isupper() and root not in own):
                return False
            if (
                call.name not in own
                and call.name not in _HARMLESS
                and not call.name.endswith(("Error", "Exception"))
            ):
                return False
    return True


def _matches(pattern: str, message: str) -> bool:
    """Whether an expected message may match; patterns with quantifiers or groups are not run: they can take for ever."""
    if re.search(r"[*+?{}()\[\]|\\]", pattern.replace("\\.", "")):
        return True
    return re.search(pattern, message) is not None


def _last(name: str) -> str:
    return name.split("(")[0].split(".")[-1].strip()
